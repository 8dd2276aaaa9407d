//! Matrix products.

mod blocks;
mod kernel;
mod scratch;
mod view;

use crate::simd::Simd;
use crate::{Float, Path, threads};
use blocks::Serial;
use view::{Start, View};

/// How every chain of an output element starts.
#[derive(Debug, Clone, Copy)]
pub enum Init<'a, F> {
    /// From 0.
    Zero,
    /// Every row from this one, n long: a bias.
    Row(&'a [F]),
    /// From what c holds: continues the chain.
    Accumulate,
}

/// The sizes of a product c[m×n] = op(a)[m×k] · op(b)[k×n], all row-major.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Product {
    /// Rows of c and of op(a).
    pub m: usize,
    /// Columns of op(a), rows of op(b).
    pub k: usize,
    /// Columns of c and of op(b).
    pub n: usize,
    /// a lies in memory as k×m.
    pub a_transposed: bool,
    /// b lies in memory as n×k.
    pub b_transposed: bool,
}

impl Product {
    /// c[m×n] = a[m×k] · b[k×n].
    pub fn new(m: usize, k: usize, n: usize) -> Self {
        Product { m, k, n, a_transposed: false, b_transposed: false }
    }
}

/// How products are computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Numerics {
    /// The same bits everywhere.
    #[default]
    Exact,
    /// `matrixmultiply` for large products: bits depend on the processor.
    Native,
}

/// Chooses how products are computed from now on.
pub fn set_numerics(numerics: Numerics) {
    let _ = numerics;
}

/// c = init + op(a)·op(b): every output element is one chain of fused multiply-adds over k ascending, started from `init`.
///
/// # Panics
/// If a slice does not have the length that `p` says.
pub fn matmul<F: Float>(p: Product, a: &[F], b: &[F], c: &mut [F], init: Init<'_, F>) {
    assert_eq!(a.len(), p.m * p.k, "matmul: a is m × k");
    assert_eq!(b.len(), p.k * p.n, "matmul: b is k × n");
    assert_eq!(c.len(), p.m * p.n, "matmul: c is m × n");
    let start = match init {
        Init::Zero => Start::Zero,
        Init::Row(row) => {
            assert_eq!(row.len(), p.n, "matmul: the initial row is n long");
            Start::Row(row.as_ptr())
        }
        Init::Accumulate => Start::Output,
    };
    let (a_row, a_col) = if p.a_transposed { (1, p.m) } else { (p.k, 1) };
    let (b_row, b_col) = if p.b_transposed { (1, p.k) } else { (p.n, 1) };
    let (a, b, c) = (a.as_ptr(), b.as_ptr(), c.as_mut_ptr());
    let v = View { m: p.m, k: p.k, n: p.n, a, a_row, a_col, b, b_row, b_col, c, c_row: p.n, start };
    split(v);
}

/// Splits the output among the threads where that pays: by rows, or by columns where there are more of those.
fn split<F: Float>(v: View<F>) {
    let cost = v.m.saturating_mul(v.k).saturating_mul(v.n);
    let by_rows = 2 * v.m >= v.n;
    // Columns come in whole vectors.
    let units = if by_rows { v.m } else { v.n.div_ceil(COLUMNS) };
    let pieces = threads::pieces(units, cost);
    if pieces <= 1 {
        return serial(&v);
    }
    let v = Whole(v);
    threads::run(pieces, &|piece| {
        let v = v.get();
        let part = threads::part(units, pieces, piece);
        // SAFETY: the parts lie within the output and are disjoint.
        serial(&unsafe {
            if by_rows {
                v.part(part.start, part.len(), 0, v.n)
            } else {
                let start = part.start * COLUMNS;
                v.part(0, v.m, start, (part.end * COLUMNS).min(v.n) - start)
            }
        })
    });
}

/// Threads share columns in multiples of this: a cache line of `f32`.
const COLUMNS: usize = 16;

/// A view that several threads may use, each for its own part of the output.
struct Whole<F>(View<F>);

// SAFETY: the operands are only read; each thread writes its own part of c.
unsafe impl<F: Float> Sync for Whole<F> {}

impl<F: Float> Whole<F> {
    fn get(&self) -> View<F> {
        self.0
    }
}

/// One product on this thread, on the active path.
fn serial<F: Float>(v: &View<F>) {
    // SAFETY: a path is active only if the processor has its instructions; `matmul` checked the sizes.
    unsafe {
        match Path::active() {
            #[cfg(target_arch = "x86_64")]
            Path::Avx512 => F::Avx512::enter(Serial::<F::Avx512>(v)),
            #[cfg(target_arch = "x86_64")]
            Path::Avx2 => F::Avx2::enter(Serial::<F::Avx2>(v)),
            #[cfg(target_arch = "aarch64")]
            Path::Neon => F::Neon::enter(Serial::<F::Neon>(v)),
            _ => F::Portable::enter(Serial::<F::Portable>(v)),
        }
    }
}
