//! The micro-kernels: a block of pixels × outputs, or of weights × outputs, held in registers while the sum runs.

use super::Convolution;
use crate::path::Job;
use crate::simd::{
    Kernel, Simd, on_active_path,
    panels::{load, store, unroll},
};
use crate::{Float, threads};

/// One picture under a window, and weights that are read in place. Strides in elements.
#[derive(Debug, Clone, Copy)]
pub struct Plane<F> {
    /// The picture.
    x: *const F,
    /// From one place of the window to the next below, and to the right.
    x_down: usize,
    x_right: usize,
    /// From one tap to the next below, and to the right.
    tap_down: usize,
    tap_right: usize,
    /// Taps: rows, and runs in a row.
    taps: [usize; 2],
    /// Elements that lie side by side at a tap.
    run: usize,
    /// From one group's elements to the next one's.
    x_group: usize,
    /// Weights, taps × run × `width`; of the gradient of weights: dy, places × `width`.
    w: *const F,
    /// Where the sums begin; null for zero.
    bias: *const F,
    /// Places of the window: rows, columns.
    places: [usize; 2],
    /// Outputs of a group, and of all.
    own: usize,
    width: usize,
}

impl<F: Float> Plane<F> {
    /// The picture `x` (its rows `columns` pixels wide, with the padding) as the window meets it.
    pub fn forward(of: &Convolution, columns: usize, x: *const F, w: *const F, bias: *const F) -> Self {
        let (c, window) = (of.input[2], of.window);
        let [_, kernel, inputs, width] = of.weights();
        let joined = of.side_by_side();
        Self {
            x,
            x_down: window.stride * columns * c,
            x_right: window.stride * c,
            tap_down: window.dilation * columns * c,
            tap_right: window.dilation * c,
            taps: if joined { [kernel, 1] } else { [kernel, kernel] },
            run: if joined { kernel * c } else { inputs },
            x_group: inputs,
            w,
            bias,
            places: of.places(),
            own: width / of.groups,
            width,
        }
    }

    /// What comes out of a convolution, with zeros around and between (its rows `columns` pixels wide), as the window meets it
    /// that gives the gradient of the picture.
    pub fn backward(of: &Convolution, columns: usize, dy: *const F, flipped: *const F) -> Self {
        let ([h, w, c], window) = (of.input, of.window);
        let (kernel, own, joined) = (window.kernel, of.outputs / of.groups, of.side_by_side());
        Self {
            x: dy,
            x_down: columns * of.outputs,
            x_right: of.outputs,
            tap_down: window.dilation * columns * of.outputs,
            tap_right: window.dilation * of.outputs,
            taps: if joined { [kernel, 1] } else { [kernel, kernel] },
            run: if joined { kernel * of.outputs } else { own },
            x_group: own,
            w: flipped,
            bias: std::ptr::null(),
            places: [h, w],
            own: c / of.groups,
            width: c,
        }
    }

    /// The part of one group.
    ///
    /// # Safety
    /// There are as many groups.
    unsafe fn group(self, group: usize) -> Self {
        unsafe {
            let bias = if self.bias.is_null() { self.bias } else { self.bias.add(group * self.own) };
            Self { x: self.x.add(group * self.x_group), w: self.w.add(group * self.own), bias, ..self }
        }
    }
}

/// Every place of the window: `y[place, o] = bias[o] + Σ x · w`.
///
/// # Safety
/// The plane's pointers are valid for its sizes, and y has room for places × width.
pub unsafe fn correlate<F: Float>(plane: &Plane<F>, groups: usize, y: *mut F) {
    for group in 0..groups {
        // SAFETY: the caller's promise.
        unsafe { on_active_path(Correlate { p: plane.group(group), y: y.add(group * plane.own) }) }
    }
}

/// Adds to every weight's sum: `sums[tap, i, o] += Σ x · dy` over the places of the window.
///
/// # Safety
/// As for [`correlate`], with as many sums as there are weights.
pub unsafe fn weight_sums<F: Float>(plane: &Plane<F>, groups: usize, sums: *mut F) {
    for group in 0..groups {
        // SAFETY: the caller's promise.
        unsafe { on_active_path(WeightSums { p: plane.group(group), sums: sums.add(group * plane.own) }) }
    }
}

/// Rows of a register block of V vectors: as many accumulators as the processor has registers for. Numbers of 64 bits are for
/// checks of gradients, and not worth the code.
const fn rows<S: Simd>(vectors: usize) -> usize {
    let rows = S::ROWS * S::VECTORS / vectors;
    if size_of::<S::E>() > 4 {
        2
    } else if rows > 12 {
        12
    } else {
        rows
    }
}

/// `$body` with the constants V, RAGGED and R for a block of at most two vectors and `$rows` rows.
macro_rules! block {
    ($S:ident, $columns:expr, $rows:expr, |$R:ident, $V:ident, $RAGGED:ident| $body:expr) => {
        match ($columns.div_ceil($S::LANES), $columns % $S::LANES > 0) {
            (1, false) => block!(@rows $S, $rows, $R, $V 1, $RAGGED false, $body),
            (1, true) => block!(@rows $S, $rows, $R, $V 1, $RAGGED true, $body),
            (_, false) => block!(@rows $S, $rows, $R, $V 2, $RAGGED false, $body),
            (_, true) => block!(@rows $S, $rows, $R, $V 2, $RAGGED true, $body),
        }
    };
    (@rows $S:ident, $rows:expr, $R:ident, $V:ident $v:literal, $RAGGED:ident $ragged:literal, $body:expr) => {{
        const $V: usize = $v;
        const $RAGGED: bool = $ragged;
        block!(@each $S, $rows, $R, $V, $body, 1 2 3 4 5 6 7 8 9 10 11 12)
    }};
    (@each $S:ident, $rows:expr, $R:ident, $V:ident, $body:expr, $($r:literal)*) => {
        match $rows {
            $($r if const { $r <= rows::<$S>($V) } => {
                const $R: usize = $r;
                $body
            })*
            _ => {}
        }
    };
}

struct Correlate<F> {
    p: Plane<F>,
    y: *mut F,
}

impl<F: Float> Kernel<F> for Correlate<F> {
    #[inline(always)]
    unsafe fn run<S: Simd<E = F>>(self) {
        unsafe {
            if const { S::Half::LANES < S::LANES } && self.p.own <= S::Half::LANES {
                S::Half::enter(Places::<S::Half>(self))
            } else {
                S::enter(Places::<S>(self))
            }
        }
    }
}

/// All blocks of a plane.
struct Places<S: Simd>(Correlate<S::E>);

impl<S: Simd> Job for Places<S> {
    type Out = ();
    #[inline(always)]
    fn run(self) {
        let Correlate { p, y } = self.0;
        for first in (0..p.own).step_by(2 * S::LANES) {
            let columns = (p.own - first).min(2 * S::LANES);
            let most = rows::<S>(columns.div_ceil(S::LANES));
            let blocks = p.places[1].div_ceil(most);
            for i in 0..p.places[0] {
                for b in 0..blocks {
                    let part = threads::part(p.places[1], blocks, b);
                    let j = part.start;
                    // SAFETY: the block lies within the plane.
                    unsafe {
                        let block = Correlate {
                            p: Plane {
                                x: p.x.add(i * p.x_down + j * p.x_right),
                                w: p.w.add(first),
                                bias: if p.bias.is_null() { p.bias } else { p.bias.add(first) },
                                ..p
                            },
                            y: y.add((i * p.places[1] + j) * p.width + first),
                        };
                        let tail = columns % S::LANES;
                        block!(S, columns, part.len(), |R, V, RAGGED| S::enter(Pixels::<S, R, V, RAGGED> {
                            block: &block,
                            tail
                        }));
                    }
                }
            }
        }
    }
}

/// R neighbouring places of the window, V vectors of outputs.
struct Pixels<'a, S: Simd, const R: usize, const V: usize, const RAGGED: bool> {
    block: &'a Correlate<S::E>,
    tail: usize,
}

impl<S: Simd, const R: usize, const V: usize, const RAGGED: bool> Job for Pixels<'_, S, R, V, RAGGED> {
    type Out = ();
    #[inline(always)]
    fn run(self) {
        let (Correlate { p, y }, tail) = (self.block, self.tail);
        // SAFETY: made in `Places` only, for a block within the plane.
        unsafe {
            let zero = S::splat(S::E::ZERO);
            let start = if p.bias.is_null() { [zero; V] } else { load::<S, V, RAGGED>(p.bias, tail) };
            let mut acc = [start; R];
            let mut w = p.w;
            for u in 0..p.taps[0] {
                for v in 0..p.taps[1] {
                    let x = p.x.add(u * p.tap_down + v * p.tap_right);
                    // One pointer for three pixels: base, base + stride and base + 2·stride are addressing modes.
                    let mut x: [*const S::E; 4] = std::array::from_fn(|g| x.wrapping_add(3 * g * p.x_right));
                    for _ in 0..p.run {
                        let row = load::<S, V, RAGGED>(w, tail);
                        unroll!(i < R, {
                            let x = S::splat(*x[i / 3].add(i % 3 * p.x_right));
                            for v in 0..V {
                                acc[i][v] = S::fma(x, row[v], acc[i][v]);
                            }
                        });
                        x = x.map(|x| x.wrapping_add(1));
                        w = w.wrapping_add(p.width);
                    }
                }
            }
            // Every zero positive.
            let one = S::splat(S::E::ONE);
            unroll!(i < R, { store::<S, V, RAGGED>(y.add(i * p.width), acc[i].map(|y| S::fma(one, y, zero)), tail) });
        }
    }
}

struct WeightSums<F> {
    p: Plane<F>,
    sums: *mut F,
}

impl<F: Float> Kernel<F> for WeightSums<F> {
    #[inline(always)]
    unsafe fn run<S: Simd<E = F>>(self) {
        unsafe {
            if const { S::Half::LANES < S::LANES } && self.p.own <= S::Half::LANES {
                S::Half::enter(Weights::<S::Half>(self))
            } else {
                S::enter(Weights::<S>(self))
            }
        }
    }
}

/// All blocks of the weights.
struct Weights<S: Simd>(WeightSums<S::E>);

impl<S: Simd> Job for Weights<S> {
    type Out = ();
    #[inline(always)]
    fn run(self) {
        let WeightSums { p, sums } = self.0;
        let taps = p.taps[0] * p.taps[1];
        let count = taps * p.run;
        // Where weight i meets the picture.
        let at = |i: usize| {
            let tap = i / p.run;
            tap / p.taps[1] * p.tap_down + tap % p.taps[1] * p.tap_right + i % p.run
        };
        for first in (0..p.own).step_by(2 * S::LANES) {
            let columns = (p.own - first).min(2 * S::LANES);
            let blocks = count.div_ceil(rows::<S>(columns.div_ceil(S::LANES)));
            for b in 0..blocks {
                let part = threads::part(count, blocks, b);
                let offsets: [usize; 12] = std::array::from_fn(|i| at((part.start + i).min(count - 1)));
                // SAFETY: the block lies within the weights, and the places within the plane.
                unsafe {
                    let block = WeightSums {
                        p: Plane { w: p.w.add(first), ..p },
                        sums: sums.add(part.start * p.width + first),
                    };
                    let tail = columns % S::LANES;
                    block!(S, columns, part.len(), |R, V, RAGGED| S::enter(Taps::<S, R, V, RAGGED> {
                        block: &block,
                        offsets: &offsets,
                        tail
                    }));
                }
            }
        }
    }
}

/// R weights of V vectors of outputs.
struct Taps<'a, S: Simd, const R: usize, const V: usize, const RAGGED: bool> {
    block: &'a WeightSums<S::E>,
    /// Where each weight meets the picture at the window's first place.
    offsets: &'a [usize; 12],
    tail: usize,
}

impl<S: Simd, const R: usize, const V: usize, const RAGGED: bool> Job for Taps<'_, S, R, V, RAGGED> {
    type Out = ();
    #[inline(always)]
    fn run(self) {
        let (WeightSums { p, sums }, tail) = (self.block, self.tail);
        // SAFETY: made in `Weights` only, for weights that there are.
        unsafe {
            let mut acc = [[S::splat(S::E::ZERO); V]; R];
            unroll!(i < R, { acc[i] = load::<S, V, RAGGED>(sums.add(i * p.width), tail) });
            let mut dy = p.w;
            for i in 0..p.places[0] {
                let mut x = p.x.wrapping_add(i * p.x_down);
                for _ in 0..p.places[1] {
                    let row = load::<S, V, RAGGED>(dy, tail);
                    unroll!(r < R, {
                        let x = S::splat(*x.add(self.offsets[r]));
                        for v in 0..V {
                            acc[r][v] = S::fma(x, row[v], acc[r][v]);
                        }
                    });
                    x = x.wrapping_add(p.x_right);
                    dy = dy.wrapping_add(p.width);
                }
            }
            unroll!(i < R, { store::<S, V, RAGGED>(sums.add(i * p.width), acc[i], tail) });
        }
    }
}
