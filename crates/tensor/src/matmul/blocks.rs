//! From one product to blocks for the micro-kernel: packing, cache blocking, thin matrices.
//!
//! Blocking over k stores the unfinished chains in c and continues them from there, which keeps the bits. The loops are those of
//! Goto and van de Geijn, *Anatomy of high-performance matrix multiplication* (2008), section 4.

use super::kernel::block;
use super::view::{Start, View};
use crate::Float;
use crate::path::Job;
use crate::scratch;
use crate::simd::{Kernel, Simd};

/// Steps of k between two visits of the output: a packed panel of b (KC × 32 `f32` = 32 KB) stays in the first-level cache.
const KC: usize = 256;
/// Rows of a whose packed block (MC × KC `f32` = 240 KB) stays in the second-level cache.
const MC: usize = 240;
/// Columns of b packed at a time (KC × NC `f32` = 2 MB, third level).
const NC: usize = 2048;

/// One product on one thread as a [`Kernel`].
pub struct Serial<'a, F>(pub &'a View<F>);

impl<F: Float> Kernel<F> for Serial<'_, F> {
    #[inline(always)]
    unsafe fn run<S: Simd<E = F>>(self) {
        // SAFETY: the view's pointers are the caller's promise.
        unsafe { serial::<S>(self.0) }
    }
}

/// Chooses how to go about a product.
///
/// # Safety
/// The view's pointers must be valid for its sizes, and the processor must have S's instructions.
#[inline(always)]
unsafe fn serial<S: Simd>(v: &View<S::E>) {
    unsafe {
        if v.b_col == 1 && v.n <= S::VECTORS * S::LANES && v.m <= S::ROWS && v.k <= KC {
            if v.m > 0 && v.n > 0 {
                block::<S>(v.m, v.n, v);
            }
        } else {
            S::enter(General::<S>(v))
        }
    }
}

struct General<'a, S: Simd>(&'a View<S::E>);

impl<S: Simd> Job for General<'_, S> {
    type Out = ();
    #[inline(always)]
    fn run(self) {
        let v = self.0;
        // SAFETY: as for `Serial`.
        unsafe {
            if v.m == 0 || v.n == 0 {
            } else if swap_pays::<S>(v) {
                swapped::<S>(*v);
            } else if const { S::Half::LANES < S::LANES } && v.n <= S::Half::LANES && v.b_col == 1 {
                S::Half::enter(General::<S::Half>(v));
            } else {
                blocked::<S>(*v);
            }
        }
    }
}

/// Whether cᵀ = op(b)ᵀ·op(a)ᵀ fills the lanes better: where a lies transposed, its rows can take the place of b's columns.
fn swap_pays<S: Simd>(v: &View<S::E>) -> bool {
    let swapped = v.n * v.m.div_ceil(S::LANES);
    let straight = v.m * v.n.div_ceil(S::LANES);
    v.a_row == 1 && v.k >= 8 && 2 * swapped < straight
}

/// Computes cᵀ in scratch memory and transposes it into c.
unsafe fn swapped<S: Simd>(v: View<S::E>) {
    scratch::with(scratch::Slot::Output, v.n * v.m, |t: *mut S::E| unsafe {
        match v.start {
            Start::Zero => {}
            Start::Row(row) => {
                for j in 0..v.n {
                    for i in 0..v.m {
                        *t.add(j * v.m + i) = *row.add(j);
                    }
                }
            }
            Start::Output => transpose(v.m, v.n, v.c, v.c_row, t, v.m),
        }
        let start = if matches!(v.start, Start::Zero) { Start::Zero } else { Start::Output };
        let (a, b) = (v.b, v.a);
        let (a_row, a_col, b_row, b_col) = (v.b_col, v.b_row, v.a_col, v.a_row);
        blocked::<S>(View { m: v.n, n: v.m, k: v.k, a, a_row, a_col, b, b_row, b_col, c: t, c_row: v.m, start });
        transpose(v.n, v.m, t, v.m, v.c, v.c_row);
    });
}

/// `to[j][i] = from[i][j]` for `rows` × `columns` of `from`.
unsafe fn transpose<E: Copy>(rows: usize, columns: usize, from: *const E, from_row: usize, to: *mut E, to_row: usize) {
    for i in 0..rows {
        for j in 0..columns {
            unsafe { *to.add(j * to_row + i) = *from.add(i * from_row + j) };
        }
    }
}

/// The cache-blocked loops.
#[inline(always)]
unsafe fn blocked<S: Simd>(v: View<S::E>) {
    let width = S::VECTORS * S::LANES;
    let pack_b = v.b_col != 1 || (v.n > width && v.m >= 4 * S::ROWS && v.k * v.n >= 1 << 16);
    let pack_a = v.n >= 8 * width && v.k * v.m >= 1 << 14;
    unsafe {
        if !pack_b && v.k * width <= 1 << 16 {
            return panels::<S>(v, v.b, v.b_row, width, None);
        }
        for j in (0..v.n).step_by(NC) {
            let columns = NC.min(v.n - j);
            for k in (0..v.k.max(1)).step_by(KC) {
                let steps = KC.min(v.k - k);
                let part = v.part(0, v.m, j, columns).steps(k, steps);
                if !pack_b {
                    rows::<S>(part, part.b, part.b_row, width, pack_a);
                    continue;
                }
                scratch::with(scratch::Slot::B, steps * columns, |packed: *mut S::E| {
                    for p in (0..columns).step_by(width) {
                        let panel = part.part(0, 0, p, width.min(columns - p));
                        pack(steps, panel.n, panel.b, part.b_row, part.b_col, packed.add(p * steps));
                    }
                    rows::<S>(part, packed, 0, steps * width, pack_a);
                });
            }
        }
    }
}

/// `to[k][j] = b[k][j]`, `columns` ≤ one panel.
#[inline(always)]
unsafe fn pack<E: Copy>(steps: usize, columns: usize, b: *const E, b_row: usize, b_col: usize, to: *mut E) {
    unsafe {
        if b_col == 1 {
            for k in 0..steps {
                std::ptr::copy_nonoverlapping(b.add(k * b_row), to.add(k * columns), columns);
            }
        } else {
            for j in 0..columns {
                for k in 0..steps {
                    *to.add(k * columns + j) = *b.add(k * b_row + j * b_col);
                }
            }
        }
    }
}

/// Blocks of rows, packed where several panels use them.
#[inline(always)]
unsafe fn rows<S: Simd>(v: View<S::E>, b: *const S::E, b_row: usize, panel: usize, pack_a: bool) {
    for i in (0..v.m).step_by(MC) {
        unsafe {
            let part = v.part(i, MC.min(v.m - i), 0, v.n);
            if pack_a {
                scratch::with(scratch::Slot::A, part.m * v.k, |packed: *mut S::E| {
                    for_blocks::<S>(part.m, |i, rows| {
                        let to = packed.add(i * v.k);
                        for r in 0..rows {
                            for k in 0..v.k {
                                *to.add(k * rows + r) = *part.a.add((i + r) * v.a_row + k * v.a_col);
                            }
                        }
                    });
                    panels::<S>(part, b, b_row, panel, Some(packed));
                });
            } else {
                panels::<S>(part, b, b_row, panel, None);
            }
        }
    }
}

/// Splits `m` rows into blocks of nearly equal height, at most S::ROWS: `f(first row, rows)`.
#[inline(always)]
fn for_blocks<S: Simd>(m: usize, mut f: impl FnMut(usize, usize)) {
    let blocks = m.div_ceil(S::ROWS);
    let (rows, larger) = (m / blocks, m % blocks);
    let mut i = 0;
    for block in 0..blocks {
        let rows = rows + usize::from(block < larger);
        f(i, rows);
        i += rows;
    }
}

/// Every panel of columns, every block of rows. `b_row` 0: b is packed, each panel as wide as itself; `panel` is the distance
/// between panels.
#[inline(always)]
unsafe fn panels<S: Simd>(v: View<S::E>, b: *const S::E, b_row: usize, panel: usize, packed_a: Option<*mut S::E>) {
    let width = S::VECTORS * S::LANES;
    for (p, j) in (0..v.n).step_by(width).enumerate() {
        let columns = width.min(v.n - j);
        for_blocks::<S>(v.m, |i, rows| unsafe {
            let mut part = v.part(i, rows, j, columns);
            part.b = b.add(p * panel);
            part.b_row = if b_row == 0 { columns } else { b_row };
            if let Some(packed) = packed_a {
                (part.a, part.a_row, part.a_col) = (packed.add(i * v.k), 1, rows);
            }
            block::<S>(rows, columns, &part);
        });
    }
}
