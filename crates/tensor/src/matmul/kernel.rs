//! The micro-kernel: a block of R rows and V vectors of the output, held in registers while k runs.
//!
//! `acc[i][v] ← fma(a[i][k], b[k][v], acc[i][v])` for k ascending: for every output element this is the chain that the crate
//! promises, whatever R, V and the number of lanes.

use super::view::{Start, View};
use crate::path::Job;
use crate::simd::{
    Simd,
    panels::{load, store, unroll},
};

struct Kernel<'a, S: Simd, const R: usize, const V: usize, const RAGGED: bool> {
    /// The block; b and c are contiguous along a row.
    v: &'a View<S::E>,
    /// Lanes in use of the last vector if RAGGED.
    tail: usize,
}

impl<S: Simd, const R: usize, const V: usize, const RAGGED: bool> Job for Kernel<'_, S, R, V, RAGGED> {
    type Out = ();

    #[inline(always)]
    fn run(self) {
        let (o, tail) = (self.v, self.tail);
        // SAFETY: `block` was given pointers that are valid for the block's sizes, on a processor that has S's instructions.
        unsafe {
            let mut acc: [[S::V; V]; R] = match o.start {
                Start::Zero => [[S::splat(S::E::default()); V]; R],
                Start::Row(row) => [load::<S, V, RAGGED>(row, tail); R],
                Start::Output => {
                    let mut acc = [[S::splat(S::E::default()); V]; R];
                    unroll!(i < R, { acc[i] = load::<S, V, RAGGED>(o.c.add(i * o.c_row), tail) });
                    acc
                }
            };
            // One pointer for three rows of a: base, base + stride and base + 2·stride are addressing modes.
            let mut a: [*const S::E; 4] = std::array::from_fn(|g| o.a.wrapping_add(3 * g * o.a_row));
            let mut b = o.b;
            for _ in 0..o.k {
                let row = load::<S, V, RAGGED>(b, tail);
                unroll!(i < R, {
                    let x = S::splat(*a[i / 3].add(i % 3 * o.a_row));
                    for v in 0..V {
                        acc[i][v] = S::fma(x, row[v], acc[i][v]);
                    }
                });
                a = a.map(|a| a.wrapping_add(o.a_col));
                b = b.wrapping_add(o.b_row);
            }
            unroll!(i < R, { store::<S, V, RAGGED>(o.c.add(i * o.c_row), acc[i], tail) });
        }
    }
}

/// Computes a block of `rows` ≤ S::ROWS rows and `columns` ≤ S::VECTORS · S::LANES columns, both at least 1.
///
/// # Safety
/// The pointers must be valid for the block, and the processor must have S's instructions.
#[inline(always)]
pub unsafe fn block<S: Simd>(rows: usize, columns: usize, v: &View<S::E>) {
    macro_rules! rows {
        ($($r:literal)*) => {
            match rows {
                $($r if const { $r <= S::ROWS } => unsafe { vectors::<S, $r>(columns, v) },)*
                _ => {}
            }
        };
    }
    rows!(1 2 3 4 5 6 7 8 9 10 11 12)
}

#[inline(always)]
unsafe fn vectors<S: Simd, const R: usize>(columns: usize, v: &View<S::E>) {
    macro_rules! vectors {
        ($($v:literal)*) => {
            match columns.div_ceil(S::LANES) {
                $($v if const { $v <= S::VECTORS } => unsafe { tail::<S, R, $v>(columns, v) },)*
                _ => {}
            }
        };
    }
    vectors!(1 2 3 4)
}

#[inline(always)]
unsafe fn tail<S: Simd, const R: usize, const V: usize>(columns: usize, v: &View<S::E>) {
    let tail = columns % S::LANES;
    unsafe {
        if tail == 0 {
            S::enter(Kernel::<S, R, V, false> { v, tail })
        } else {
            S::enter(Kernel::<S, R, V, true> { v, tail })
        }
    }
}
