//! `matrixmultiply` in place of the exact kernels, for whoever prefers its speed on some processors to reproducible bits.

use super::view::{Start, View};
use crate::Float;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// How products are computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Numerics {
    /// The same bits everywhere.
    #[default]
    Exact,
    /// `matrixmultiply` for large products: the bits depend on the processor.
    Native,
}

static NATIVE: AtomicBool = AtomicBool::new(false);

/// Below this many fused multiply-adds the exact kernels are faster in any case.
const LARGE: usize = 1 << 16;

/// Chooses how all products of the process are computed from now on.
pub fn set_numerics(numerics: Numerics) {
    NATIVE.store(numerics == Numerics::Native, Relaxed);
}

/// Whether this product goes to `matrixmultiply`.
#[inline]
pub fn chosen<F>(v: &View<F>) -> bool {
    NATIVE.load(Relaxed) && v.m.saturating_mul(v.k).saturating_mul(v.n) >= LARGE
}

/// Fills c where the chains start from a row; the factor of c that gives the start.
///
/// # Safety
/// The view's pointers must be valid for its sizes.
unsafe fn prepare<F: Float>(v: &View<F>) -> F {
    match v.start {
        Start::Zero => F::ZERO,
        Start::Output => F::ONE,
        Start::Row(row) => {
            for i in 0..v.m {
                // SAFETY: c has m rows of n elements, row has n.
                unsafe { std::ptr::copy_nonoverlapping(row, v.c.add(i * v.c_row), v.n) };
            }
            F::ONE
        }
    }
}

macro_rules! gemm {
    ($name:ident, $f:ty) => {
        /// The product by `matrixmultiply`.
        ///
        /// # Safety
        /// The view's pointers must be valid for its sizes; nobody else may use c meanwhile.
        pub unsafe fn $name(v: &View<$f>) {
            let [ar, ac, br, bc, cr] = [v.a_row, v.a_col, v.b_row, v.b_col, v.c_row].map(|s| s as isize);
            // SAFETY: the caller's promise.
            unsafe {
                let beta = prepare(v);
                matrixmultiply::$name(v.m, v.k, v.n, 1.0, v.a, ar, ac, v.b, br, bc, beta, v.c, cr, 1);
            }
        }
    };
}

gemm!(sgemm, f32);
gemm!(dgemm, f64);
