//! Element-wise loops, compiled for every kernel path and shared among threads when they are long.
//!
//! The function is inlined into each path's loop and vectorised there: write it without branches (`if` between two values is
//! fine) and from `+ − × ÷`, comparisons and the functions of [`Float`]. A function must depend on its arguments only; elements
//! are visited in no particular order. All panic if the lengths differ.

use crate::Float;
use crate::path::{Job, dispatch};
use crate::threads::{self, Shared};

/// About how many fused multiply-adds one element costs; loops shorter than some forty thousand stay on the caller.
const COST: usize = 6;

/// `y[i] = f(x[i])`.
#[inline]
pub fn map<F: Float>(x: &[F], y: &mut [F], f: impl Fn(F) -> F + Copy + Sync) {
    run(Loop { inputs: [x], output: y, state: [] }, |[x], _, []| (f(x), []));
}

/// `y[i] = f(y[i])`.
#[inline]
pub fn map_mut<F: Float>(y: &mut [F], f: impl Fn(F) -> F + Copy + Sync) {
    run(Loop { inputs: [], output: y, state: [] }, |[], y, []| (f(y), []));
}

/// `y[i] = f(a[i], b[i])`.
#[inline]
pub fn zip<F: Float>(a: &[F], b: &[F], y: &mut [F], f: impl Fn(F, F) -> F + Copy + Sync) {
    run(Loop { inputs: [a, b], output: y, state: [] }, |[a, b], _, []| (f(a, b), []));
}

/// `y[i] = f(a[i], b[i], c[i])`.
#[inline]
pub fn zip3<F: Float>(a: &[F], b: &[F], c: &[F], y: &mut [F], f: impl Fn(F, F, F) -> F + Copy + Sync) {
    run(Loop { inputs: [a, b, c], output: y, state: [] }, |[a, b, c], _, []| (f(a, b, c), []));
}

/// `(w[i], [state₁[i], …]) = f(w[i], [state₁[i], …], g[i])`: an optimizer's step.
#[inline]
pub fn update<F: Float, const S: usize>(
    w: &mut [F],
    state: [&mut [F]; S],
    g: &[F],
    f: impl Fn(F, [F; S], F) -> (F, [F; S]) + Copy + Sync,
) {
    run(Loop { inputs: [g], output: w, state }, |[g], w, state| f(w, state, g));
}

/// The general loop: I arrays to read, one to read and write, S more to read and write.
struct Loop<'a, F, const I: usize, const S: usize> {
    inputs: [&'a [F]; I],
    output: &'a mut [F],
    state: [&'a mut [F]; S],
}

/// Runs a loop, in pieces where it is long.
#[inline]
fn run<F: Float, const I: usize, const S: usize>(
    Loop { inputs, output, mut state }: Loop<'_, F, I, S>,
    f: impl Fn([F; I], F, [F; S]) -> (F, [F; S]) + Copy + Sync,
) {
    let len = output.len();
    assert!(inputs.iter().all(|x| x.len() == len), "element-wise: every input as long as the output");
    assert!(state.iter().all(|x| x.len() == len), "element-wise: every state as long as the output");
    let pieces = threads::pieces(len, len.saturating_mul(COST));
    if pieces <= 1 {
        return dispatch(Compiled { part: Loop { inputs, output, state }, f });
    }
    let (output, state) = (Shared(output.as_mut_ptr()), state.each_mut().map(|s| Shared(s.as_mut_ptr())));
    threads::run(pieces, &|piece| {
        let range = threads::part(len, pieces, piece);
        // SAFETY: the ranges of different pieces are disjoint and lie within arrays that are borrowed until `run` returns.
        let own = |p: Shared<F>| unsafe { std::slice::from_raw_parts_mut(p.get().add(range.start), range.len()) };
        let part = Loop { inputs: inputs.map(|x| &x[range.clone()]), output: own(output), state: state.map(own) };
        dispatch(Compiled { part, f });
    });
}

/// A loop and its function, to be compiled for a path.
struct Compiled<'a, F, M, const I: usize, const S: usize> {
    part: Loop<'a, F, I, S>,
    f: M,
}

impl<F, M, const I: usize, const S: usize> Job for Compiled<'_, F, M, I, S>
where
    F: Float,
    M: Fn([F; I], F, [F; S]) -> (F, [F; S]) + Copy,
{
    type Out = ();

    #[inline(always)]
    fn run(self) {
        let (Loop { inputs, output, mut state }, f) = (self.part, self.f);
        // Plain pointers and a function of its own: with the bounds checks of so many slices, and with what the function holds
        // behind a reference, the loop over an optimizer's state would not be vectorised.
        let (len, inputs, output) = (output.len(), inputs.map(<[F]>::as_ptr), output.as_mut_ptr());
        let state = state.each_mut().map(|s| s.as_mut_ptr());
        for i in 0..len {
            // SAFETY: `run` checked that every slice is as long as the output.
            unsafe {
                let (y, new) = f(inputs.map(|x| *x.add(i)), *output.add(i), state.map(|s| *s.add(i)));
                *output.add(i) = y;
                for s in 0..S {
                    *state[s].add(i) = new[s];
                }
            }
        }
    }
}
