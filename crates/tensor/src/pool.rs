//! Pooling of pictures: the largest or the mean number under a window, for each channel by itself.
//!
//! Pictures lie in memory as in [`conv`](crate::conv). Padding is no number: a maximum leaves it out, a mean counts it as zero
//! (as PyTorch's `MaxPool2d` and `AvgPool2d` do). Sums go over a window's rows, and in them over columns.
//!
//! The gradient of a maximum goes to where it was found, the first place of the window if there are several; that of a mean in
//! equal parts to the window. Where windows overlap, their parts add up in the order of the windows.

use std::ops::Range;

use crate::conv::Window;
use crate::path::{Job, dispatch};
use crate::{Float, threads};

/// A window that slides over pictures of one size; its dilation is 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pooling {
    /// How many pictures.
    pub images: usize,
    /// Their height, width and channels.
    pub input: [usize; 3],
    /// The window; its padding is less than its kernel.
    pub window: Window,
}

/// What is taken of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// The largest number.
    Max,
    /// The mean.
    Mean,
}

impl Pooling {
    /// The height and width of what comes out.
    pub fn places(&self) -> [usize; 2] {
        let [h, w, _] = self.input;
        [self.window.places(h), self.window.places(w)]
    }

    fn sizes(&self) -> [usize; 2] {
        let ([h, w, c], [rows, columns]) = (self.input, self.places());
        [h * w * c, rows * columns * c]
    }

    fn check<F>(&self, x: &[F], y: &[F]) {
        assert!(self.window.padding < self.window.kernel && self.window.dilation == 1, "pool: such a window");
        assert_eq!([x.len(), y.len()], self.sizes().map(|n| n * self.images), "pool: arrays of the shapes");
    }

    /// y from x.
    ///
    /// # Panics
    /// If a slice does not have the length that the shapes ask for.
    pub fn forward<F: Float>(&self, of: Of, x: &[F], y: &mut [F]) {
        self.check(x, y);
        let [size, outputs] = self.sizes();
        threads::split(self.images, outputs, y, 4 * size, |images, y| {
            let x = &x[images.start * size..images.end * size];
            dispatch(Forward { pool: self, of, x, y });
        });
    }

    /// dx from x, y and dy.
    ///
    /// # Panics
    /// If a slice does not have the length that the shapes ask for.
    pub fn backward<F: Float>(&self, of: Of, [x, y, dy]: [&[F]; 3], dx: &mut [F]) {
        self.check(dx, dy);
        self.check(x, y);
        let [size, outputs] = self.sizes();
        threads::split(self.images, size, dx, 8 * size, |images, dx| {
            let x = &x[images.start * size..images.end * size];
            let [y, dy] = [y, dy].map(|y| &y[images.start * outputs..images.end * outputs]);
            dispatch(Backward { pool: self, of, x, y, dy, dx });
        });
    }

    /// The part of an axis of `n` pixels that the window covers at its place `i`.
    #[inline(always)]
    fn under(&self, i: usize, n: usize) -> Range<usize> {
        let first = i * self.window.stride;
        let end = (first + self.window.kernel).saturating_sub(self.window.padding).min(n);
        first.saturating_sub(self.window.padding).min(end)..end
    }

    /// Each place of the window over a picture: `f(where it begins in y, the rows and columns that it covers)`. K is the kernel
    /// of a window without padding, or 0 for any.
    #[inline(always)]
    fn for_each<const K: usize>(&self, mut f: impl FnMut(usize, Range<usize>, Range<usize>)) {
        let ([h, w, c], [rows, columns], stride) = (self.input, self.places(), self.window.stride);
        for i in 0..rows {
            for j in 0..columns {
                let under = |i: usize, n: usize| if K > 0 { i * stride..i * stride + K } else { self.under(i, n) };
                f((i * columns + j) * c, under(i, h), under(j, w));
            }
        }
    }
}

/// Work on N channels of every picture from the first one given on, by windows of K (see [`Pooling::for_each`]).
trait Channels {
    fn some<const N: usize, const K: usize>(&mut self, first: usize);
}

/// All channels, as many at a time as a vector has lanes; constants, so that the inner loops are a few instructions.
#[inline(always)]
fn all_channels(pool: &Pooling, work: &mut impl Channels) {
    let mut first = 0;
    while first < pool.input[2] {
        let kernel = if pool.window.padding == 0 { pool.window.kernel } else { 0 };
        macro_rules! some {
            ($n:literal) => {{
                match kernel {
                    2 => work.some::<$n, 2>(first),
                    _ => work.some::<$n, 0>(first),
                }
                $n
            }};
        }
        first += match pool.input[2] - first {
            16.. => some!(16),
            8.. => some!(8),
            4.. => some!(4),
            _ => some!(1),
        };
    }
}

/// N numbers from place `at`.
#[inline(always)]
fn some<F: Float, const N: usize>(x: &[F], at: usize) -> [F; N] {
    let mut some = [F::ZERO; N];
    some.copy_from_slice(&x[at..at + N]);
    some
}

struct Forward<'a, F> {
    pool: &'a Pooling,
    of: Of,
    x: &'a [F],
    y: &'a mut [F],
}

impl<F: Float> Job for Forward<'_, F> {
    type Out = ();
    #[inline(always)]
    fn run(mut self) {
        if !self.x.is_empty() && !self.y.is_empty() {
            all_channels(self.pool, &mut self);
        }
    }
}

impl<F: Float> Channels for Forward<'_, F> {
    #[inline(always)]
    fn some<const N: usize, const K: usize>(&mut self, first: usize) {
        let ([_, width, c], [size, outputs], of) = (self.pool.input, self.pool.sizes(), self.of);
        let count = F::from_usize(self.pool.window.kernel * self.pool.window.kernel);
        for (x, y) in self.x.chunks_exact(size).zip(self.y.chunks_exact_mut(outputs)) {
            self.pool.for_each::<K>(
                #[inline(always)]
                |at, rows, columns| {
                    let mut sum = [if of == Of::Max { F::NEG_INFINITY } else { F::ZERO }; N];
                    for row in rows {
                        for column in columns.clone() {
                            let x: [F; N] = some(x, (row * width + column) * c + first);
                            for k in 0..N {
                                // A NaN stays, as in PyTorch.
                                let most = if x[k] <= sum[k] { sum[k] } else { x[k] };
                                sum[k] = if of == Of::Max { most } else { sum[k] + x[k] };
                            }
                        }
                    }
                    if of == Of::Mean {
                        sum.iter_mut().for_each(|y| *y /= count);
                    }
                    y[at + first..at + first + N].copy_from_slice(&sum);
                },
            );
        }
    }
}

struct Backward<'a, F> {
    pool: &'a Pooling,
    of: Of,
    x: &'a [F],
    y: &'a [F],
    dy: &'a [F],
    dx: &'a mut [F],
}

impl<F: Float> Job for Backward<'_, F> {
    type Out = ();
    #[inline(always)]
    fn run(mut self) {
        self.dx.fill(F::ZERO);
        if !self.dx.is_empty() && !self.dy.is_empty() {
            all_channels(self.pool, &mut self);
        }
    }
}

impl<F: Float> Channels for Backward<'_, F> {
    #[inline(always)]
    fn some<const N: usize, const K: usize>(&mut self, first: usize) {
        let ([_, width, c], [size, outputs], of) = (self.pool.input, self.pool.sizes(), self.of);
        let count = F::from_usize(self.pool.window.kernel * self.pool.window.kernel);
        let ys = self.y.chunks_exact(outputs).zip(self.dy.chunks_exact(outputs));
        for ((x, dx), (y, dy)) in self.x.chunks_exact(size).zip(self.dx.chunks_exact_mut(size)).zip(ys) {
            self.pool.for_each::<K>(
                #[inline(always)]
                |at, rows, columns| {
                    // What is not yet handed on: a maximum's gradient goes to the first place that has it.
                    let (y, mut left): ([F; N], [F; N]) = (some(y, at + first), some(dy, at + first));
                    if of == Of::Mean {
                        left.iter_mut().for_each(|dy| *dy /= count);
                    }
                    for row in rows {
                        for column in columns.clone() {
                            let at = (row * width + column) * c + first;
                            let (x, mut to): ([F; N], [F; N]) = (some(x, at), some(dx, at));
                            for k in 0..N {
                                let here = of == Of::Mean || x[k] == y[k];
                                to[k] += if here { left[k] } else { F::ZERO };
                                left[k] = if here && of == Of::Max { F::ZERO } else { left[k] };
                            }
                            dx[at..at + N].copy_from_slice(&to);
                        }
                    }
                },
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pool(images: usize, input: [usize; 3], kernel: usize, stride: usize, padding: usize) -> Pooling {
        Pooling { images, input, window: Window { kernel, stride, padding, dilation: 1 } }
    }

    #[test]
    fn values_are_those_of_pytorch() {
        // torch.nn.functional.max_pool2d and avg_pool2d of 0 … 15 as 4 × 4, kernel 3, stride 2, padding 1.
        let x: Vec<f32> = (0..16).map(|v| v as f32).collect();
        let of = pool(1, [4, 4, 1], 3, 2, 1);
        let (mut most, mut mean) = ([0.0; 4], [0.0; 4]);
        of.forward(Of::Max, &x, &mut most);
        of.forward(Of::Mean, &x, &mut mean);
        assert_eq!(most, [5.0, 7.0, 13.0, 15.0]);
        assert_eq!(mean, [10.0 / 9.0, 24.0 / 9.0, 51.0 / 9.0, 90.0 / 9.0]);
    }

    #[test]
    fn a_gradient_goes_to_the_first_of_equals() {
        let of = pool(1, [2, 2, 1], 2, 2, 0);
        let mut dx = [9.0f32; 4];
        of.backward(Of::Max, [&[1.0, 3.0, 3.0, 2.0], &[3.0], &[5.0]], &mut dx);
        assert_eq!(dx, [0.0, 5.0, 0.0, 0.0]);
        of.backward(Of::Mean, [&[1.0, 3.0, 3.0, 2.0], &[2.25], &[8.0]], &mut dx);
        assert_eq!(dx, [2.0; 4]);
    }

    #[test]
    fn windows_that_overlap_add_up_and_channels_stay_apart() {
        let of = pool(1, [1, 3, 2], 2, 1, 0);
        // Of one row there is no window of two.
        assert_eq!(of.places(), [0, 2]);
        let of = pool(2, [2, 3, 2], 2, 1, 0);
        let x: Vec<f32> = [0.0, 9.0, 7.0, 0.0, 1.0, 8.0, 0.0, 0.0, 2.0, 0.0, 3.0, 0.0].repeat(2);
        let (mut y, mut dx) = (vec![0.0; 8], vec![0.0; 24]);
        of.forward(Of::Max, &x, &mut y);
        assert_eq!(y[..4], [7.0, 9.0, 7.0, 8.0]);
        of.backward(Of::Max, [&x, &y, &[1.0, 10.0, 2.0, 20.0, 1.0, 10.0, 2.0, 20.0]], &mut dx);
        assert_eq!(dx[..12], [0.0, 10.0, 3.0, 0.0, 0.0, 20.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
        assert_eq!(dx[..12], dx[12..]);
    }
}
