//! Gradients of a convolution of which few numbers of dy are not zero, as behind a rectifier and a pooling of maxima: only those
//! are visited.
//!
//! The terms of each sum are met in the same order as without this, and a term that is left out is ±0: with finite weights and
//! pictures the bits are the same once every zero is positive.

use super::{Convolution, Padded};
use crate::Float;
use crate::scratch::{self, Slot};
use crate::simd::{
    Kernel, Simd, on_active_path,
    panels::{load, panels, store},
};

/// Adds what one picture's dy tells each place of dx; `weights` are outputs × taps × channels.
pub fn input_gradient<F: Float>(of: &Convolution, weights: &[F], dy: &[F], dx: &mut [F]) {
    let padded = Padded::around(of.input, of.window);
    let [rows, columns, c] = padded.to;
    if of.window.padding == 0 {
        dx.fill(F::ZERO);
        // SAFETY: one picture, its outputs and the weights, of the lengths that were checked.
        unsafe { F::sparse_picture(of, columns, weights, dy, dx.as_mut_ptr()) };
    } else {
        scratch::with(Slot::Picture, rows * columns * c, |picture: *mut F| {
            // SAFETY: as many elements, in memory of this thread; the rest as above.
            let picture = unsafe { std::slice::from_raw_parts_mut(picture, rows * columns * c) };
            picture.fill(F::ZERO);
            unsafe { F::sparse_picture(of, columns, weights, dy, picture.as_mut_ptr()) };
            let (p, width) = (of.window.padding, of.input[1] * c);
            for (i, dx) in dx.chunks_exact_mut(width).enumerate() {
                dx.copy_from_slice(&picture[((i + p) * columns + p) * c..][..width]);
            }
        });
    }
    crate::matmul::sparse::positive_zeros(dx);
}

/// Who receives what a number of dy tells.
#[derive(Clone, Copy)]
enum To {
    /// The picture's gradient, from the weights.
    Picture,
    /// The weights' gradient, from the picture.
    Weights,
}

/// Adds to a padded picture's gradient.
///
/// # Safety
/// One picture of rows that are `columns` pixels wide, its outputs and the weights.
pub(crate) unsafe fn picture<F: Float>(of: &Convolution, columns: usize, weights: &[F], dy: &[F], dx: *mut F) {
    let (picture, weights) = (dx, weights.as_ptr().cast_mut());
    unsafe { on_active_path(Scatter { of, columns, picture, weights, dy, to: To::Picture }) }
}

/// Adds to the weights' gradient, outputs × taps × channels.
///
/// # Safety
/// As for [`picture`].
pub(crate) unsafe fn weights<F: Float>(of: &Convolution, columns: usize, x: *const F, dy: &[F], sums: *mut F) {
    unsafe { on_active_path(Scatter { of, columns, picture: x.cast_mut(), weights: sums, dy, to: To::Weights }) }
}

/// Each number of dy that is not zero, times one of picture and weights, added to the other.
struct Scatter<'a, F> {
    of: &'a Convolution,
    /// The width of the picture's rows.
    columns: usize,
    picture: *mut F,
    weights: *mut F,
    dy: &'a [F],
    to: To,
}

impl<F: Float> Kernel<F> for Scatter<'_, F> {
    #[inline(always)]
    unsafe fn run<S: Simd<E = F>>(self) {
        let (of, window, c) = (self.of, self.of.window, self.of.input[2]);
        let ([rows, places], [kernel, _, inputs, outputs]) = (of.places(), of.weights());
        let (own, run) = (outputs / of.groups, of.run());
        let runs = if of.side_by_side() { 1 } else { kernel };
        for i in 0..rows {
            for j in 0..places {
                for first in (0..outputs).step_by(64) {
                    let some = (outputs - first).min(64);
                    unsafe {
                        let dy = self.dy.as_ptr().add((i * places + j) * outputs + first);
                        let bits = occupied::<S>(dy, some);
                        if bits == 0 {
                            continue;
                        }
                        for u in 0..kernel {
                            for v in 0..runs {
                                let (row, column) =
                                    (i * window.stride + u * window.dilation, j * window.stride + v * window.dilation);
                                let picture = self.picture.add((row * self.columns + column) * c);
                                let weights = self.weights.add((first * kernel * kernel + u * kernel + v) * inputs);
                                let each = kernel * kernel * inputs;
                                let at = At { dy, bits, picture, weights, each, own, first, inputs };
                                panels!(S, run, |V, RAGGED, k, tail| match self.to {
                                    To::Picture if of.groups == 1 => at.to_picture::<S, V, RAGGED>(k, tail),
                                    To::Picture => at.to_groups::<S, V, RAGGED>(k, tail),
                                    To::Weights => at.to_weights::<S, V, RAGGED>(k, tail),
                                });
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A bit for each of the first `n` ≤ 64 numbers that is not zero.
#[inline(always)]
unsafe fn occupied<S: Simd>(p: *const S::E, n: usize) -> u64 {
    let mut bits = 0;
    for j in (0..n).step_by(S::LANES) {
        let left = n - j;
        let v = unsafe { if left < S::LANES { S::load_part(p.add(j), left) } else { S::load(p.add(j)) } };
        bits |= unsafe { S::occupied(v) } << j;
    }
    bits
}

/// Some outputs of one place, at one run of taps.
struct At<F> {
    dy: *const F,
    /// Which of them are not zero.
    bits: u64,
    picture: *mut F,
    weights: *mut F,
    /// From one output's weights to the next one's.
    each: usize,
    /// Outputs of a group, the first of these outputs, and channels of a group.
    own: usize,
    first: usize,
    inputs: usize,
}

impl<F: Float> At<F> {
    /// The outputs whose dy is not zero.
    #[inline(always)]
    fn for_each(&self, mut f: impl FnMut(usize)) {
        let mut bits = self.bits;
        while bits != 0 {
            f(bits.trailing_zeros() as usize);
            bits &= bits - 1;
        }
    }

    /// Where the channels of an output's group begin in a pixel.
    #[inline(always)]
    fn group(&self, o: usize) -> usize {
        (self.first + o) / self.own * self.inputs
    }

    #[inline(always)]
    unsafe fn to_picture<S: Simd<E = F>, const V: usize, const RAGGED: bool>(&self, k: usize, tail: usize) {
        unsafe {
            let picture = self.picture.add(k);
            let mut acc = load::<S, V, RAGGED>(picture, tail);
            self.for_each(
                #[inline(always)]
                |o| {
                    let dy = S::splat(*self.dy.add(o));
                    let w = load::<S, V, RAGGED>(self.weights.add(o * self.each + k), tail);
                    for v in 0..V {
                        acc[v] = S::fma(dy, w[v], acc[v]);
                    }
                },
            );
            store::<S, V, RAGGED>(picture, acc, tail);
        }
    }

    #[inline(always)]
    unsafe fn to_groups<S: Simd<E = F>, const V: usize, const RAGGED: bool>(&self, k: usize, tail: usize) {
        self.for_each(
            #[inline(always)]
            |o| unsafe {
                let one = Self { bits: 1 << o, picture: self.picture.add(self.group(o)), ..*self };
                one.to_picture::<S, V, RAGGED>(k, tail);
            },
        );
    }

    #[inline(always)]
    unsafe fn to_weights<S: Simd<E = F>, const V: usize, const RAGGED: bool>(&self, k: usize, tail: usize) {
        self.for_each(
            #[inline(always)]
            |o| unsafe {
                let x = load::<S, V, RAGGED>(self.picture.add(self.group(o) + k), tail);
                let weights = self.weights.add(o * self.each + k);
                let (dy, mut acc) = (S::splat(*self.dy.add(o)), load::<S, V, RAGGED>(weights, tail));
                for v in 0..V {
                    acc[v] = S::fma(dy, x[v], acc[v]);
                }
                store::<S, V, RAGGED>(weights, acc, tail);
            },
        );
    }
}
