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

/// Adds to a padded picture's gradient.
///
/// # Safety
/// One picture of rows that are `columns` pixels wide, its outputs and the weights.
pub(crate) unsafe fn picture<F: Float>(of: &Convolution, columns: usize, weights: &[F], dy: &[F], dx: *mut F) {
    unsafe { on_active_path(ToPicture { of, columns, dx, weights: weights.as_ptr(), dy }) }
}

/// Adds to the weights' gradient, outputs × taps × channels.
///
/// # Safety
/// As for [`picture`].
pub(crate) unsafe fn weights<F: Float>(of: &Convolution, columns: usize, x: *const F, dy: &[F], sums: *mut F) {
    let [rows, places] = of.places();
    // For each output a list of the places at which its dy is not zero, behind the list's length.
    let most = rows * places + 1;
    scratch::with(Slot::Places, of.outputs * most, |lists: *mut u64| unsafe {
        on_active_path(ToWeights { of, columns, x, sums, dy, lists, most });
    });
}

/// Each number of dy that is not zero, times the weights, added to a picture's gradient.
struct ToPicture<'a, F> {
    of: &'a Convolution,
    /// The width of the picture's rows.
    columns: usize,
    dx: *mut F,
    weights: *const F,
    dy: &'a [F],
}

/// Each place of the window: `f(its number, where its first tap meets the picture)`.
#[inline(always)]
fn for_each_place(of: &Convolution, columns: usize, mut f: impl FnMut(usize, usize)) {
    let ([rows, places], stride) = (of.places(), of.window.stride);
    for i in 0..rows {
        for j in 0..places {
            f(i * places + j, (i * columns + j) * stride * of.input[2]);
        }
    }
}

/// `$body` with the constants K and `$first` for every group of rows of taps: three at a time, where there are as many, so that
/// each hides the others' latency.
macro_rules! rows_of_taps {
    ($kernel:expr, |$K:ident, $first:ident| $body:expr) => {
        if $kernel == 3 {
            const $K: usize = 3;
            let $first = 0;
            $body
        } else {
            for $first in 0..$kernel {
                const $K: usize = 1;
                $body
            }
        }
    };
}

impl<F: Float> Kernel<F> for ToPicture<'_, F> {
    #[inline(always)]
    unsafe fn run<S: Simd<E = F>>(self) {
        let (of, taps) = (self.of, Taps::of(self.of, self.columns));
        let outputs = of.outputs;
        for_each_place(
            of,
            self.columns,
            #[inline(always)]
            |place, at| {
                for first in (0..outputs).step_by(64) {
                    // SAFETY: the outputs are those of the place, and its taps lie within the picture.
                    unsafe {
                        let dy = self.dy.as_ptr().add(place * outputs + first);
                        let bits = occupied::<S>(dy, (outputs - first).min(64));
                        if bits == 0 {
                            continue;
                        }
                        let told = Told { taps, dy, weights: self.weights.add(first * taps.weights) };
                        rows_of_taps!(of.window.kernel, |K, u| for v in 0..taps.runs {
                            let dx = self.dx.add(at + u * taps.down + v * taps.right);
                            let w = u * taps.weights_down + v * taps.weights_right;
                            panels!(S, taps.run, |V, RAGGED, k, tail| if of.groups == 1 {
                                told.add::<S, K, V, RAGGED>(bits, dx.add(k), w + k, tail);
                            } else {
                                // Each output's group has other channels.
                                for_each_bit(
                                    bits,
                                    #[inline(always)]
                                    |o| {
                                        let dx = dx.add(taps.group(first + o) + k);
                                        told.add::<S, K, V, RAGGED>(1 << o, dx, w + k, tail)
                                    },
                                );
                            });
                        });
                    }
                }
            },
        );
    }
}

/// Where a window's taps meet a picture, and the weights of one output, taps × channels.
#[derive(Clone, Copy)]
struct Taps {
    /// From one row of taps to the next: in the picture, and in the weights.
    down: usize,
    weights_down: usize,
    /// Runs of taps in a row, their length, and from one to the next.
    runs: usize,
    run: usize,
    right: usize,
    weights_right: usize,
    /// The weights of an output.
    weights: usize,
    /// Outputs and channels of a group.
    own: usize,
    inputs: usize,
}

impl Taps {
    fn of(of: &Convolution, columns: usize) -> Self {
        let ([kernel, _, inputs, outputs], c, dilation) = (of.weights(), of.input[2], of.window.dilation);
        Self {
            down: dilation * columns * c,
            weights_down: kernel * inputs,
            runs: if of.side_by_side() { 1 } else { kernel },
            run: of.run(),
            right: dilation * c,
            weights_right: inputs,
            weights: kernel * kernel * inputs,
            own: outputs / of.groups,
            inputs,
        }
    }

    /// Where the channels of an output's group begin in a pixel.
    #[inline(always)]
    fn group(&self, output: usize) -> usize {
        output / self.own * self.inputs
    }
}

/// At most 64 outputs of one place.
struct Told<F> {
    taps: Taps,
    dy: *const F,
    /// The weights of the first.
    weights: *const F,
}

/// The places of the bits that are set, from the lowest on.
#[inline(always)]
fn for_each_bit(mut bits: u64, mut f: impl FnMut(usize)) {
    while bits != 0 {
        f(bits.trailing_zeros() as usize);
        bits &= bits - 1;
    }
}

impl<F: Float> Told<F> {
    /// Adds what these outputs tell V vectors of K rows of taps; `w` is where the weights of those begin.
    #[inline(always)]
    unsafe fn add<S: Simd<E = F>, const K: usize, const V: usize, const RAGGED: bool>(
        &self,
        bits: u64,
        dx: *mut F,
        w: usize,
        tail: usize,
    ) {
        unsafe {
            let mut acc = [[S::splat(F::ZERO); V]; K];
            for u in 0..K {
                acc[u] = load::<S, V, RAGGED>(dx.add(u * self.taps.down), tail);
            }
            for_each_bit(
                bits,
                #[inline(always)]
                |o| {
                    let dy = S::splat(*self.dy.add(o));
                    let weights = self.weights.add(o * self.taps.weights + w);
                    for u in 0..K {
                        let w = load::<S, V, RAGGED>(weights.add(u * self.taps.weights_down), tail);
                        for v in 0..V {
                            acc[u][v] = S::fma(dy, w[v], acc[u][v]);
                        }
                    }
                },
            );
            for u in 0..K {
                store::<S, V, RAGGED>(dx.add(u * self.taps.down), acc[u], tail);
            }
        }
    }
}

/// Each number of dy that is not zero, times the picture, added to the weights' gradient.
struct ToWeights<'a, F> {
    of: &'a Convolution,
    /// The width of the picture's rows.
    columns: usize,
    x: *const F,
    /// Outputs × taps × channels.
    sums: *mut F,
    dy: &'a [F],
    /// Memory for a list of at most `most` numbers for each output.
    lists: *mut u64,
    most: usize,
}

impl<F: Float> Kernel<F> for ToWeights<'_, F> {
    #[inline(always)]
    unsafe fn run<S: Simd<E = F>>(self) {
        let (outputs, taps) = (self.of.outputs, Taps::of(self.of, self.columns));
        // SAFETY: there is memory for as many lists, and a list is never longer than the places and its length; the rest is the
        // caller's promise.
        unsafe {
            (0..outputs).for_each(|o| *self.lists.add(o * self.most) = 0);
            for_each_place(
                self.of,
                self.columns,
                #[inline(always)]
                |place, at| {
                    for first in (0..outputs).step_by(64) {
                        let dy = self.dy.as_ptr().add(place * outputs + first);
                        for_each_bit(
                            occupied::<S>(dy, (outputs - first).min(64)),
                            #[inline(always)]
                            |bit| {
                                let (o, list) = (first + bit, self.lists.add((first + bit) * self.most));
                                *list += 1;
                                // Both in one number: where dy is, and where its window begins.
                                *list.add(*list as usize) = (((place * outputs + o) as u64) << 32) | at as u64;
                            },
                        );
                    }
                },
            );
            for o in 0..outputs {
                let list = std::slice::from_raw_parts(
                    self.lists.add(o * self.most + 1),
                    *self.lists.add(o * self.most) as usize,
                );
                if list.is_empty() {
                    continue;
                }
                rows_of_taps!(self.of.window.kernel, |K, u| for v in 0..taps.runs {
                    let x = self.x.add(taps.group(o) + u * taps.down + v * taps.right);
                    let sums = self.sums.add(o * taps.weights + u * taps.weights_down + v * taps.weights_right);
                    panels!(S, taps.run, |V, RAGGED, k, tail| self.add::<S, K, V, RAGGED>(
                        &taps,
                        list,
                        x.add(k),
                        sums.add(k),
                        tail
                    ));
                });
            }
        }
    }
}

impl<F: Float> ToWeights<'_, F> {
    /// Adds what the places of a list tell V vectors of K rows of one output's weights.
    #[inline(always)]
    unsafe fn add<S: Simd<E = F>, const K: usize, const V: usize, const RAGGED: bool>(
        &self,
        taps: &Taps,
        list: &[u64],
        x: *const F,
        sums: *mut F,
        tail: usize,
    ) {
        unsafe {
            let mut acc = [[S::splat(F::ZERO); V]; K];
            for u in 0..K {
                acc[u] = load::<S, V, RAGGED>(sums.add(u * taps.weights_down), tail);
            }
            for both in list {
                let (dy, x) = (S::splat(*self.dy.as_ptr().add((both >> 32) as usize)), x.add(*both as u32 as usize));
                for u in 0..K {
                    let x = load::<S, V, RAGGED>(x.add(u * taps.down), tail);
                    for v in 0..V {
                        acc[u][v] = S::fma(dy, x[v], acc[u][v]);
                    }
                }
            }
            for u in 0..K {
                store::<S, V, RAGGED>(sums.add(u * taps.weights_down), acc[u], tail);
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
