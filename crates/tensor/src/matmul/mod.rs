//! Matrix products: `c[m×n] = init + op(a)[m×k] · op(b)[k×n]`, row-major.
//!
//! # Exactness
//! Every output element is one chain of fused multiply-adds over k ascending:
//!
//! `c[i][j] = fma(a[i][k−1], b[k−1][j], … fma(a[i][1], b[1][j], fma(a[i][0], b[0][j], init[i][j])) …)`
//!
//! Vector lanes and threads run over outputs; cache blocks over k continue the chain from what c holds. So the bits depend
//! neither on the processor nor on the threads, and a row of a batch gives what it would give alone.
//!
//! # Speed
//! A register block of outputs (12 × 32 `f32` on AVX-512) is kept while k runs. Operands are packed only where their layout or
//! size asks for it; matrices with few columns use narrower vectors or swap the roles of a and b. After the first call with the
//! largest sizes nothing is allocated.

mod blocks;
mod kernel;
mod native;
pub mod sparse;
mod split;
mod view;

use crate::Float;
pub use native::{Numerics, set_numerics};
pub(crate) use split::Multiply;
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

/// The sizes of a product `c[m×n] = op(a)[m×k] · op(b)[k×n]`, all row-major.
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
    /// `c[m×n] = a[m×k] · b[k×n]`.
    pub fn new(m: usize, k: usize, n: usize) -> Self {
        Product { m, k, n, a_transposed: false, b_transposed: false }
    }

    /// `c[m×n]` = aᵀ · b, where a lies in memory as k×m: the gradient of a weight is xᵀ · dy.
    pub fn transposed_a(m: usize, k: usize, n: usize) -> Self {
        Product { a_transposed: true, ..Product::new(m, k, n) }
    }

    /// `c[m×n]` = a · bᵀ, where b lies in memory as n×k: the gradient of an input is dy · wᵀ.
    pub fn transposed_b(m: usize, k: usize, n: usize) -> Self {
        Product { b_transposed: true, ..Product::new(m, k, n) }
    }
}

/// c = init + op(a) · op(b), exactly as the [module](self) says.
///
/// With k = 0 the result is `init`.
///
/// # Panics
/// If a slice does not have the length that `p` says.
#[inline]
pub fn matmul<F: Float>(p: Product, a: &[F], b: &[F], c: &mut [F], init: Init<'_, F>) {
    // Everything below works on raw pointers: these checks are what makes it sound.
    assert_eq!(p.m.checked_mul(p.k), Some(a.len()), "matmul: a is m × k");
    assert_eq!(p.k.checked_mul(p.n), Some(b.len()), "matmul: b is k × n");
    assert_eq!(p.m.checked_mul(p.n), Some(c.len()), "matmul: c is m × n");
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
    // SAFETY: the pointers are valid for the sizes, and c is borrowed exclusively.
    unsafe { F::multiply(&v) }
}
