//! Sums in one fixed order.
//!
//! Element i goes to accumulator i mod 16; the sixteen are then added pairwise, halves first: j and j+8, j and j+4, j and j+2,
//! 0 and 1. The order depends on the length only, not on the processor or the threads, and its error grows as n/16 rather than n.

use crate::{Float, Job, dispatch};

/// How many accumulators: one AVX-512 register of `f32`, and enough independent chains to hide the latency of addition.
pub const LANES: usize = 16;

/// Adds the accumulators in the fixed tree.
#[inline(always)]
fn tree<F: Float>(mut acc: [F; LANES]) -> F {
    let mut half = LANES / 2;
    while half > 0 {
        for j in 0..half {
            acc[j] += acc[j + half];
        }
        half /= 2;
    }
    acc[0]
}

struct Sum<'a, F, M> {
    x: &'a [F],
    f: M,
}

impl<F: Float, M: Fn(F) -> F> Job for Sum<'_, F, M> {
    type Out = F;
    #[inline(always)]
    fn run(self) -> F {
        let mut acc = [F::ZERO; LANES];
        let blocks = self.x.chunks_exact(LANES);
        let rest = blocks.remainder();
        for block in blocks {
            for j in 0..LANES {
                acc[j] += (self.f)(block[j]);
            }
        }
        for j in 0..rest.len() {
            acc[j] += (self.f)(rest[j]);
        }
        tree(acc)
    }
}

/// Σ x[i]; 0 for none.
pub fn sum<F: Float>(x: &[F]) -> F {
    sum_map(x, |v| v)
}

/// Σ f(x[i]).
pub fn sum_map<F: Float>(x: &[F], f: impl Fn(F) -> F) -> F {
    dispatch(Sum { x, f })
}

/// Σ x[i] / n; NaN for none.
pub fn mean<F: Float>(x: &[F]) -> F {
    sum(x) / F::from_usize(x.len())
}

struct Dot<'a, F> {
    a: &'a [F],
    b: &'a [F],
}

impl<F: Float> Job for Dot<'_, F> {
    type Out = F;
    #[inline(always)]
    fn run(self) -> F {
        let mut acc = [F::ZERO; LANES];
        let (a, b) = (self.a.chunks_exact(LANES), self.b.chunks_exact(LANES));
        let (ra, rb) = (a.remainder(), b.remainder());
        for (a, b) in a.zip(b) {
            for j in 0..LANES {
                acc[j] += a[j] * b[j];
            }
        }
        for j in 0..ra.len() {
            acc[j] += ra[j] * rb[j];
        }
        tree(acc)
    }
}

/// Σ a[i]·b[i], each product rounded.
///
/// # Panics
/// If the lengths differ.
pub fn dot<F: Float>(a: &[F], b: &[F]) -> F {
    assert_eq!(a.len(), b.len(), "dot: two vectors of one length");
    dispatch(Dot { a, b })
}

struct SumAxis<'a, F> {
    x: &'a [F],
    reduced: usize,
    inner: usize,
    y: &'a mut [F],
}

impl<F: Float> Job for SumAxis<'_, F> {
    type Out = ();
    #[inline(always)]
    fn run(self) {
        let SumAxis { x, reduced, inner, y } = self;
        let plane = reduced * inner;
        for (o, y) in y.chunks_exact_mut(inner).enumerate() {
            let x = &x[o * plane..(o + 1) * plane];
            for i in 0..inner {
                let mut acc = [F::ZERO; LANES];
                for r in 0..reduced {
                    acc[r % LANES] += x[r * inner + i];
                }
                y[i] = tree(acc);
            }
        }
    }
}

/// y[o][i] = Σᵣ x[o][r][i], each in the order of [`sum`].
///
/// # Panics
/// If `x` does not hold outer·reduced·inner elements, or `y` outer·inner.
pub fn sum_axis<F: Float>(x: &[F], outer: usize, reduced: usize, inner: usize, y: &mut [F]) {
    assert_eq!(x.len(), outer * reduced * inner, "sum_axis: x is outer × reduced × inner");
    assert_eq!(y.len(), outer * inner, "sum_axis: y is outer × inner");
    if !y.is_empty() {
        dispatch(SumAxis { x, reduced, inner, y });
    }
}

/// The index of the largest element, the first of equal ones; 0 for an empty row. A NaN is never the largest.
pub fn argmax<F: Float>(row: &[F]) -> usize {
    let mut best = 0;
    for (i, &v) in row.iter().enumerate() {
        // The second test replaces a leading NaN.
        if v > row[best] || (row[best].is_nan() && !v.is_nan()) {
            best = i;
        }
    }
    best
}
