//! Convolutions of pictures, and their derivatives: sums over a window that slides.
//!
//! Pictures lie in memory pixel by pixel, row by row, the channels of a pixel side by side: images × height × width × channels.
//! Weights are kernel × kernel × (channels / groups) × outputs. With stride s, padding p (zeros around the picture), dilation d
//! and the window's taps (u, v), both 0 to kernel − 1, a convolution as networks have it is a cross-correlation:
//!
//! y\[i, j, o] = b\[o] + Σ x\[s·i + d·u − p, s·j + d·v − p, c] · w\[u, v, c, o] over u, v, c
//!
//! dx\[a, b, c] = Σ dy\[i, j, o] · w\[u, v, c, o] over the i, j, u, v with s·i + d·u − p = a and s·j + d·v − p = b, and over o
//!
//! dw\[u, v, c, o] = Σ x\[s·i + d·u − p, s·j + d·v − p, c] · dy\[i, j, o] over pictures, i, j
//!
//! (Dumoulin, Visin, *A guide to convolution arithmetic for deep learning*, 2016, whose words are used here.)
//!
//! # Exactness
//! Each y is one chain of fused multiply-adds that begins with the bias, over u, v and c ascending; each dx one over i, j and o
//! ascending. A dw is summed over [`PARTS`] runs of pictures, in each by one chain over pictures, i and j ascending, and then
//! over the parts in their order. Lanes and threads run over outputs (of dw: over parts), so the bits depend on neither. Every
//! zero is positive in the end, because terms in which dy is zero may be left out: see `sparse.rs`.
//!
//! # Speed
//! A register block holds some neighbouring pixels of all, or many, of the outputs: the weights of a tap are read in place, and
//! so is the picture, so nothing is copied but a picture that is padded. Pictures are taken one by one, so that one, its outputs
//! and the weights stay in the first-level cache.

pub(crate) mod dense;
pub(crate) mod sparse;

use crate::scratch::{self, Slot};
use crate::threads;
use crate::{Float, reduce};

/// Runs of pictures over which the gradient of weights is summed: as many threads can share it.
pub const PARTS: usize = 8;

/// The share of dy that is not zero below which visiting only that is faster.
const FEW: f64 = 0.3;
/// Neighbouring elements of a picture that one number of dy meets from which that pays: two short vectors.
const LONG: usize = 8;

/// A window that slides over a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Taps along each axis, at least 1.
    pub kernel: usize,
    /// How far it moves, at least 1.
    pub stride: usize,
    /// Zeros around the picture.
    pub padding: usize,
    /// From one tap to the next, at least 1.
    pub dilation: usize,
}

impl Window {
    /// A window that moves by 1 over a picture without padding.
    pub fn new(kernel: usize) -> Self {
        Self { kernel, stride: 1, padding: 0, dilation: 1 }
    }

    /// How many pixels it covers from its first tap to its last.
    pub fn reach(self) -> usize {
        self.dilation * self.kernel.saturating_sub(1) + 1
    }

    /// Its places along an axis of `n` pixels, ⌊(n + 2p − reach)/s⌋ + 1; 0 where it is larger than the padded axis.
    pub fn places(self, n: usize) -> usize {
        (n + 2 * self.padding).checked_sub(self.reach()).map_or(0, |rest| rest / self.stride.max(1) + 1)
    }
}

/// A convolution of pictures of one size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Convolution {
    /// How many pictures.
    pub images: usize,
    /// Their height, width and channels.
    pub input: [usize; 3],
    /// Channels that come out.
    pub outputs: usize,
    /// Into how many groups the channels are divided, each of which sees its own inputs only; divides both.
    pub groups: usize,
    /// The window.
    pub window: Window,
}

impl Convolution {
    /// The height and width of what comes out.
    pub fn places(&self) -> [usize; 2] {
        let [h, w, _] = self.input;
        [self.window.places(h), self.window.places(w)]
    }

    /// The shape of the weights: kernel, kernel, channels of a group, outputs.
    pub fn weights(&self) -> [usize; 4] {
        let Window { kernel, .. } = self.window;
        [kernel, kernel, self.input[2] / self.groups, self.outputs]
    }

    fn check<F>(&self, x: &[F], w: &[F], y: &[F]) {
        let ([rows, columns], Window { kernel, stride, dilation, .. }) = (self.places(), self.window);
        assert!(kernel > 0 && stride > 0 && dilation > 0 && self.groups > 0, "conv: kernel, stride, … at least 1");
        assert!(self.input[2].is_multiple_of(self.groups) && self.outputs.is_multiple_of(self.groups), "conv: groups");
        assert_eq!(x.len(), self.images * self.input.iter().product::<usize>(), "conv: pictures of the shape");
        assert_eq!(w.len(), self.weights().iter().product::<usize>(), "conv: weights of the shape");
        assert_eq!(y.len(), self.images * rows * columns * self.outputs, "conv: outputs of the shape");
    }

    /// Fused multiply-adds behind one picture.
    fn cost(&self) -> usize {
        let ([rows, columns], [u, v, c, o]) = (self.places(), self.weights());
        rows * columns * u * v * c * o.next_multiple_of(8)
    }

    /// y from x, the weights and the bias, one number per output.
    ///
    /// # Panics
    /// If a slice does not have the length that the shapes ask for.
    pub fn forward<F: Float>(&self, x: &[F], w: &[F], bias: &[F], y: &mut [F]) {
        self.check(x, w, y);
        assert_eq!(bias.len(), self.outputs, "conv: a bias per output");
        let ([rows, columns], padded) = (self.places(), Padded::around(self.input, self.window));
        threads::split(self.images, rows * columns * self.outputs, y, self.cost(), |images, y| {
            let size = padded.from.iter().product::<usize>();
            let x = &x[images.start * size..images.end * size];
            let y = y.as_mut_ptr();
            for (i, x) in x.chunks_exact(size.max(1)).enumerate() {
                padded.with(x, |x| {
                    let plane = dense::Plane::forward(self, padded.to[1], x, w.as_ptr(), bias.as_ptr());
                    // SAFETY: the lengths were checked; x is one padded picture, and y has room for its outputs.
                    unsafe { F::correlate(&plane, self.groups, y.add(i * rows * columns * self.outputs)) };
                });
            }
        });
    }

    /// dx from the weights and dy.
    ///
    /// # Panics
    /// If a slice does not have the length that the shapes ask for.
    pub fn input_gradient<F: Float>(&self, w: &[F], dy: &[F], dx: &mut [F]) {
        self.check(dx, w, dy);
        if dx.is_empty() || dy.is_empty() {
            return dx.fill(F::ZERO);
        }
        let few = self.run() >= LONG && share(dy) < FEW;
        scratch::with(Slot::Weights, w.len(), |turned: *mut F| {
            // SAFETY: as many numbers as there are weights.
            let turned = unsafe { std::slice::from_raw_parts_mut(turned, w.len()) };
            let [size, outputs] = [dx.len(), dy.len()].map(|n| n / self.images);
            if few {
                self.by_output(w, turned);
            } else {
                self.flipped(w, turned);
            }
            let turned = &*turned;
            threads::split(self.images, size, dx, self.cost(), |images, dx| {
                let dy = &dy[images.start * outputs..images.end * outputs];
                for (dx, dy) in dx.chunks_exact_mut(size).zip(dy.chunks_exact(outputs)) {
                    if few {
                        sparse::input_gradient(self, turned, dy, dx);
                    } else {
                        self.dense_input_gradient(turned, dy, dx);
                    }
                }
            });
        });
    }

    /// dx of one picture is a convolution, too: of dy with zeros around and between, by the weights turned upside down.
    fn dense_input_gradient<F: Float>(&self, flipped: &[F], dy: &[F], dx: &mut [F]) {
        let apart = Padded::apart(self);
        apart.with(dy, |dy| {
            let plane = dense::Plane::backward(self, apart.to[1], dy, flipped.as_ptr());
            // SAFETY: the lengths were checked; dy is one picture with zeros, and dx has the picture's size.
            unsafe { F::correlate(&plane, self.groups, dx.as_mut_ptr()) };
        });
    }

    /// dw from x and dy.
    ///
    /// # Panics
    /// If a slice does not have the length that the shapes ask for.
    pub fn weight_gradient<F: Float>(&self, x: &[F], dy: &[F], dw: &mut [F]) {
        self.check(x, dw, dy);
        if x.is_empty() || dy.is_empty() {
            return dw.fill(F::ZERO);
        }
        let (few, padded) = (self.run() >= LONG && share(dy) < FEW, Padded::around(self.input, self.window));
        let (n, [size, outputs]) = (dw.len(), [x.len(), dy.len()].map(|n| n / self.images));
        scratch::with(Slot::Sums, PARTS * n, |sums: *mut F| {
            // SAFETY: as many numbers, in memory of this thread.
            let sums = unsafe { std::slice::from_raw_parts_mut(sums, PARTS * n) };
            sums.fill(F::ZERO);
            threads::split(PARTS, n, sums, self.cost() * self.images.div_ceil(PARTS), |parts, sums| {
                for (part, sum) in parts.zip(sums.chunks_exact_mut(n)) {
                    for image in threads::part(self.images, PARTS, part) {
                        let dy = &dy[image * outputs..][..outputs];
                        padded.with(&x[image * size..][..size], |x| {
                            // SAFETY: the lengths were checked; x is one padded picture.
                            unsafe {
                                if few {
                                    F::sparse_weights(self, padded.to[1], x, dy, sum.as_mut_ptr());
                                } else {
                                    let plane = dense::Plane::forward(self, padded.to[1], x, dy.as_ptr(), dy.as_ptr());
                                    F::weight_sums(&plane, self.groups, sum.as_mut_ptr());
                                }
                            }
                        });
                    }
                }
            });
            let (first, rest) = sums.split_at_mut(n);
            for part in rest.chunks_exact(n) {
                crate::update(first, [], part, |sum, [], part| (sum + part, []));
            }
            if few { self.back_from_by_output(first, dw) } else { dw.copy_from_slice(first) }
        });
        crate::matmul::sparse::positive_zeros(dw);
    }

    /// Elements of a picture's row that lie side by side under neighbouring taps.
    fn run(&self) -> usize {
        let [_, kernel, channels, _] = self.weights();
        if self.side_by_side() { kernel * channels } else { channels }
    }

    /// Whether the taps of a row meet one run of memory.
    fn side_by_side(&self) -> bool {
        self.window.dilation == 1 && self.groups == 1
    }

    /// Weights upside down and in the order of dx: taps from the last, outputs of a group, channels.
    fn flipped<F: Float>(&self, w: &[F], to: &mut [F]) {
        let [u, v, c, o] = self.weights();
        let (taps, own) = (u * v, o / self.groups);
        for (t, w) in w.chunks_exact(c * o).enumerate() {
            let to = &mut to[(taps - 1 - t) * c * o..][..c * o];
            for (i, w) in w.chunks_exact(o).enumerate() {
                for (j, w) in w.iter().enumerate() {
                    // Group j / own; its channels lie side by side.
                    to[(j % own) * c * self.groups + j / own * c + i] = *w;
                }
            }
        }
    }

    /// Weights as outputs × taps × channels.
    fn by_output<F: Float>(&self, w: &[F], to: &mut [F]) {
        let inputs = w.len() / self.outputs;
        for (i, w) in w.chunks_exact(self.outputs).enumerate() {
            for (o, w) in w.iter().enumerate() {
                to[o * inputs + i] = *w;
            }
        }
    }

    /// The way back.
    fn back_from_by_output<F: Float>(&self, from: &[F], w: &mut [F]) {
        let inputs = w.len() / self.outputs;
        for (i, w) in w.chunks_exact_mut(self.outputs).enumerate() {
            for (o, w) in w.iter_mut().enumerate() {
                *w = from[o * inputs + i];
            }
        }
    }
}

/// The share of numbers that are not zero.
fn share<F: Float>(values: &[F]) -> f64 {
    reduce::sum_map(values, |v| if v == F::ZERO { F::ZERO } else { F::ONE }).to_f64() / values.len().max(1) as f64
}

/// One picture with zeros around and between its pixels.
#[derive(Debug, Clone, Copy)]
struct Padded {
    /// Its shape: height, width, channels.
    from: [usize; 3],
    /// Its shape with zeros.
    to: [usize; 3],
    /// Where its first pixel comes to lie, from the first row and column on; may lie before them.
    first: isize,
    /// From one pixel to the next.
    apart: usize,
}

impl Padded {
    /// As a window meets it.
    fn around(from: [usize; 3], window: Window) -> Self {
        let [h, w, c] = from;
        let more = 2 * window.padding;
        Self { from, to: [h + more, w + more, c], first: window.padding as isize, apart: 1 }
    }

    /// What comes out of a convolution, as the window that computes the gradient meets it.
    fn apart(of: &Convolution) -> Self {
        let ([rows, columns], [h, w, _], window) = (of.places(), of.input, of.window);
        let more = window.reach() - 1;
        let first = more as isize - window.padding as isize;
        Self { from: [rows, columns, of.outputs], to: [h + more, w + more, of.outputs], first, apart: window.stride }
    }

    /// Lends the picture with its zeros.
    fn with<F: Float>(&self, x: &[F], f: impl FnOnce(*const F)) {
        let ([h, w, c], [rows, columns, _]) = (self.from, self.to);
        if self.from == self.to && self.first == 0 {
            return f(x.as_ptr());
        }
        scratch::with(Slot::Picture, rows * columns * c, |to: *mut F| {
            // SAFETY: as many elements, in memory of this thread.
            let picture = unsafe { std::slice::from_raw_parts_mut(to, rows * columns * c) };
            picture.fill(F::ZERO);
            let place =
                |i: usize, n: usize| usize::try_from(self.first + (i * self.apart) as isize).ok().filter(|at| *at < n);
            for (i, x) in x.chunks_exact((w * c).max(1)).enumerate().take(h) {
                let Some(row) = place(i, rows) else { continue };
                let to = &mut picture[row * columns * c..][..columns * c];
                if self.apart == 1 && self.first >= 0 {
                    let (first, width) = (self.first as usize, w.min(columns.saturating_sub(self.first as usize)));
                    to[first * c..][..width * c].copy_from_slice(&x[..width * c]);
                    continue;
                }
                for (j, x) in x.chunks_exact(c).enumerate() {
                    if let Some(column) = place(j, columns) {
                        to[column * c..][..c].copy_from_slice(x);
                    }
                }
            }
            f(to);
        });
    }
}

#[cfg(test)]
mod tests;
