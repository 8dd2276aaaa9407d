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

/// Σ `x[i]`; 0 for none.
pub fn sum<F: Float>(x: &[F]) -> F {
    let mut y = [F::ZERO];
    F::sum_axis(x, x.len(), 1, &mut y);
    y[0]
}

/// Σ `f(x[i])`.
pub fn sum_map<F: Float>(x: &[F], f: impl Fn(F) -> F) -> F {
    dispatch(Sum { x, f })
}

/// Σ `x[i]` / n; NaN for none.
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

/// Σ `a[i]`·`b[i]`, each product rounded.
///
/// # Panics
/// If the lengths differ.
pub fn dot<F: Float>(a: &[F], b: &[F]) -> F {
    assert_eq!(a.len(), b.len(), "dot: two vectors of one length");
    dispatch(Dot { a, b })
}

/// Sums along the middle axis of `x[outer][reduced][inner]`.
struct SumAxis<'a, F> {
    x: &'a [F],
    reduced: usize,
    inner: usize,
    y: &'a mut [F],
}

/// Columns that are summed together, so that their accumulators (16 × 128 `f32` = 8 KB) stay in the first-level cache.
const COLUMNS: usize = 128;
/// The same for narrow arrays, so that little has to be cleared.
const FEW_COLUMNS: usize = 16;

impl<F: Float> Job for SumAxis<'_, F> {
    type Out = ();
    #[inline(always)]
    fn run(self) {
        let SumAxis { x, reduced, inner, y } = self;
        match inner {
            1 => rows(x, reduced, y),
            _ if reduced <= LANES => few(x, reduced, inner, y),
            2..=FEW_COLUMNS => columns(x, reduced, inner, y, &mut [F::ZERO; LANES * FEW_COLUMNS]),
            _ => columns(x, reduced, inner, y, &mut [F::ZERO; LANES * COLUMNS]),
        }
    }
}

/// `y[o][i]` = Σᵣ `x[o][r][i]`, as many columns at a time as `acc`, which holds zeros, has room for.
#[inline(always)]
fn columns<F: Float>(x: &[F], reduced: usize, inner: usize, y: &mut [F], acc: &mut [F]) {
    let room = acc.len() / LANES;
    for (o, y) in y.chunks_exact_mut(inner).enumerate() {
        let x = &x[o * reduced * inner..(o + 1) * reduced * inner];
        for (b, y) in y.chunks_mut(room).enumerate() {
            let width = y.len();
            let acc = &mut acc[..LANES * width];
            if (o, b) != (0, 0) {
                acc.fill(F::ZERO);
            }
            if width == inner {
                // Sixteen rows lie in memory as their accumulators do.
                for block in x.chunks(LANES * inner) {
                    add(&mut acc[..block.len()], block);
                }
            } else {
                for (r, row) in x.chunks_exact(inner).enumerate() {
                    let lane = r % LANES * width;
                    add(&mut acc[lane..lane + width], &row[b * room..b * room + width]);
                }
            }
            // The tree of `tree`, all columns at once.
            let mut half = LANES / 2;
            while half > 0 {
                let (low, high) = acc[..2 * half * width].split_at_mut(half * width);
                add(low, high);
                half /= 2;
            }
            y.copy_from_slice(&acc[..width]);
        }
    }
}

/// The same for at most sixteen rows: each is one accumulator, and all columns go through the tree in registers.
#[inline(always)]
fn few<F: Float>(x: &[F], reduced: usize, inner: usize, y: &mut [F]) {
    macro_rules! few {
        ($($n:literal)*) => {
            match reduced {
                $($n => for (x, y) in x.chunks_exact($n * inner).zip(y.chunks_exact_mut(inner)) {
                    for i in 0..inner {
                        let mut acc = [F::ZERO; LANES];
                        for j in 0..$n {
                            acc[j] += x[j * inner + i];
                        }
                        y[i] = tree(acc);
                    }
                },)*
                _ => y.fill(F::ZERO),
            }
        };
    }
    few!(1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16)
}

/// `to[i] += from[i]`.
#[inline(always)]
fn add<F: Float>(to: &mut [F], from: &[F]) {
    for (t, &f) in to.iter_mut().zip(from) {
        *t += f;
    }
}

/// `y[o]` = the sum of row o: short rows with their length as a constant, so that little more than the additions is left.
#[inline(always)]
fn rows<F: Float>(x: &[F], len: usize, y: &mut [F]) {
    macro_rules! short {
        ($($n:literal)*) => {
            match len {
                0 => y.fill(F::ZERO),
                $($n => for (row, y) in x.chunks_exact($n).zip(y) {
                    let mut acc = [F::ZERO; LANES];
                    for j in 0..$n {
                        acc[j] += row[j];
                    }
                    *y = tree(acc);
                },)*
                _ => for (x, y) in x.chunks_exact(len).zip(y) {
                    *y = Sum { x, f: |v| v }.run();
                },
            }
        };
    }
    short!(1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16)
}

/// `y[o][i]` = Σᵣ `x[o][r][i]`, each in the order of [`sum`].
///
/// # Panics
/// If `x` does not hold outer·reduced·inner elements, or `y` outer·inner.
pub fn sum_axis<F: Float>(x: &[F], outer: usize, reduced: usize, inner: usize, y: &mut [F]) {
    assert_eq!(x.len(), outer * reduced * inner, "sum_axis: x is outer × reduced × inner");
    assert_eq!(y.len(), outer * inner, "sum_axis: y is outer × inner");
    if !y.is_empty() {
        F::sum_axis(x, reduced, inner, y);
    }
}

/// [`sum_axis`] on the active path; as many rows of `x` as `y` has room for.
pub(crate) fn along<F: Float>(x: &[F], reduced: usize, inner: usize, y: &mut [F]) {
    dispatch(SumAxis { x, reduced, inner, y });
}

struct AllFinite<'a, F>(&'a [F]);

impl<F: Float> Job for AllFinite<'_, F> {
    type Out = bool;
    #[inline(always)]
    fn run(self) -> bool {
        // 0·x is 0, or NaN for what is not finite; without a branch, so that the loop is vectorised.
        self.0.iter().fold(true, |all, &x| all & (x * F::ZERO == F::ZERO))
    }
}

/// Whether no element is infinite or NaN.
pub fn all_finite<F: Float>(x: &[F]) -> bool {
    dispatch(AllFinite(x))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Path, Purpose, Streams};

    #[test]
    fn what_is_not_finite_is_found_wherever_it_is() {
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            for i in 0..40 {
                let mut x = vec![f32::MAX; 40];
                assert!(all_finite(&x));
                x[i] = bad;
                assert!(!all_finite(&x));
            }
        }
        assert!(all_finite::<f64>(&[]));
    }

    /// The definition, by the letter.
    fn definition(x: &[f32]) -> f32 {
        let mut acc = [0.0f32; 16];
        for (i, v) in x.iter().enumerate() {
            acc[i % 16] += v;
        }
        for half in [8, 4, 2, 1] {
            for j in 0..half {
                acc[j] += acc[j + half];
            }
        }
        acc[0]
    }

    fn values(n: usize) -> Vec<f32> {
        let mut random = Streams::new(3).stream("reduce test", Purpose::Sample);
        (0..n).map(|_| random.normal() as f32).collect()
    }

    #[test]
    fn sums_follow_the_definition_on_every_path() {
        for &path in Path::available() {
            Path::force(Some(path)).unwrap();
            for n in (0..40).chain([255, 256, 257, 1000]) {
                let x = values(n);
                let squares: Vec<_> = x.iter().map(|v| v * v).collect();
                assert_eq!(sum(&x).to_bits(), definition(&x).to_bits(), "{path} {n}");
                assert_eq!(sum_map(&x, |v| v * v).to_bits(), definition(&squares).to_bits(), "{path} {n}");
                assert_eq!(dot(&x, &x).to_bits(), definition(&squares).to_bits(), "{path} {n}");
            }
        }
    }

    #[test]
    fn axis_sums_are_the_sums_of_the_slices() {
        for &path in Path::available() {
            Path::force(Some(path)).unwrap();
            for (outer, reduced, inner) in [
                (0, 3, 2),
                (2, 0, 3),
                (3, 5, 1),
                (2, 16, 1),
                (3, 40, 1),
                (2, 33, 3),
                (1, 100, 16),
                (2, 70, 64),
                (1, 20, 300),
            ] {
                let x = values(outer * reduced * inner);
                let mut y = vec![f32::NAN; outer * inner];
                sum_axis(&x, outer, reduced, inner, &mut y);
                for o in 0..outer {
                    for i in 0..inner {
                        let slice: Vec<_> = (0..reduced).map(|r| x[(o * reduced + r) * inner + i]).collect();
                        assert_eq!(
                            y[o * inner + i].to_bits(),
                            definition(&slice).to_bits(),
                            "{path} {outer}×{reduced}×{inner}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn zeros_means_and_largest() {
        assert_eq!(sum::<f32>(&[]), 0.0);
        assert!(mean::<f64>(&[]).is_nan());
        assert_eq!(mean(&[1.0, 2.0, 6.0]), 3.0);
        // A sum starts at +0, so that of −0 is +0.
        assert_eq!(sum(&[-0.0f32]).to_bits(), 0);
        assert_eq!(argmax::<f32>(&[]), 0);
        assert_eq!(argmax(&[1.0, 3.0, 3.0, 2.0]), 1);
        assert_eq!(argmax(&[f32::NAN, 1.0, f32::NAN, 2.0]), 3);
    }
}
