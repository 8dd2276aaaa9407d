//! Element-wise loops, compiled for every kernel path and shared among threads when they are long.
//!
//! The function is inlined into each path's loop and vectorised there: write it without branches (`if` between two values is
//! fine) and from `+ − × ÷`, comparisons and the functions of [`Float`]. A function must depend on its arguments only; elements
//! are visited in no particular order. All panic if the lengths differ.

use std::ops::Range;

use crate::Float;
use crate::path::{Job, dispatch};
use crate::threads;

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
    Loop { inputs, output, state }: Loop<'_, F, I, S>,
    f: impl Fn([F; I], F, [F; S]) -> (F, [F; S]) + Copy + Sync,
) {
    let len = output.len();
    assert!(inputs.iter().all(|x| x.len() == len), "element-wise: every input as long as the output");
    assert!(state.iter().all(|x| x.len() == len), "element-wise: every state as long as the output");
    // Arrays are filled in plain loops here and below: `[T; N]::map` is a dozen functions, for each of some hundred loops.
    let mut whole =
        Pointers { inputs: [std::ptr::null(); I], output: output.as_mut_ptr(), state: [output.as_mut_ptr(); S] };
    for i in 0..I {
        whole.inputs[i] = inputs[i].as_ptr();
    }
    for s in 0..S {
        whole.state[s] = state[s].as_mut_ptr();
    }
    let pieces = threads::pieces(len, len.saturating_mul(COST));
    if pieces <= 1 {
        return dispatch(Compiled { arrays: whole, range: 0..len, f });
    }
    let whole = &whole;
    threads::run(pieces, &|piece| {
        // The ranges of different pieces are disjoint.
        dispatch(Compiled { arrays: *whole, range: threads::part(len, pieces, piece), f });
    });
}

/// The arrays of a [`Loop`], which stay borrowed while the loop runs.
#[derive(Clone, Copy)]
struct Pointers<F, const I: usize, const S: usize> {
    inputs: [*const F; I],
    output: *mut F,
    state: [*mut F; S],
}

// SAFETY: whoever uses the pointers sees to it that no element is used by two threads.
unsafe impl<F: Sync, const I: usize, const S: usize> Sync for Pointers<F, I, S> {}

/// Part of a loop and its function, to be compiled for a path.
struct Compiled<F, M, const I: usize, const S: usize> {
    arrays: Pointers<F, I, S>,
    range: Range<usize>,
    f: M,
}

impl<F, M, const I: usize, const S: usize> Job for Compiled<F, M, I, S>
where
    F: Float,
    M: Fn([F; I], F, [F; S]) -> (F, [F; S]) + Copy,
{
    type Out = ();

    #[inline(always)]
    fn run(self) {
        // Plain pointers and a function of its own: with the bounds checks of so many slices, and with what the function holds
        // behind a reference, the loop over an optimizer's state would not be vectorised.
        let (Pointers { inputs, output, state }, range, f) = (self.arrays, self.range, self.f);
        for i in range {
            // SAFETY: `run` checked that every slice is as long as the output, and the range lies within it.
            unsafe {
                let (mut x, mut old) = ([F::ZERO; I], [F::ZERO; S]);
                for k in 0..I {
                    x[k] = *inputs[k].add(i);
                }
                for s in 0..S {
                    old[s] = *state[s].add(i);
                }
                let (y, new) = f(x, *output.add(i), old);
                *output.add(i) = y;
                for s in 0..S {
                    *state[s].add(i) = new[s];
                }
            }
        }
    }
}
