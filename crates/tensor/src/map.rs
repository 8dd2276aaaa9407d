//! Element-wise loops.

use crate::{Float, Job, dispatch};

/// A closure as a [`Job`].
struct Run<J>(J);

impl<J: FnOnce()> Job for Run<J> {
    type Out = ();
    #[inline(always)]
    fn run(self) {
        (self.0)()
    }
}

/// y[i] = f(x[i]).
pub fn map<F: Float>(x: &[F], y: &mut [F], f: impl Fn(F) -> F + Sync) {
    assert_eq!(x.len(), y.len(), "map: one output for each input");
    dispatch(Run(
        #[inline(always)]
        || {
            for (y, &x) in y.iter_mut().zip(x) {
                *y = f(x);
            }
        },
    ))
}

/// y[i] = f(y[i]).
pub fn map_mut<F: Float>(y: &mut [F], f: impl Fn(F) -> F + Sync) {
    dispatch(Run(
        #[inline(always)]
        || {
            for y in y {
                *y = f(*y);
            }
        },
    ))
}

/// y[i] = f(a[i], b[i]).
pub fn zip<F: Float>(a: &[F], b: &[F], y: &mut [F], f: impl Fn(F, F) -> F + Sync) {
    assert!(a.len() == y.len() && b.len() == y.len(), "zip: one output for each pair");
    dispatch(Run(
        #[inline(always)]
        || {
            for ((y, &a), &b) in y.iter_mut().zip(a).zip(b) {
                *y = f(a, b);
            }
        },
    ))
}

/// y[i] = f(a[i], b[i], c[i]).
pub fn zip3<F: Float>(a: &[F], b: &[F], c: &[F], y: &mut [F], f: impl Fn(F, F, F) -> F + Sync) {
    assert!(a.len() == y.len() && b.len() == y.len() && c.len() == y.len(), "zip3: one output for each triple");
    dispatch(Run(
        #[inline(always)]
        || {
            for (((y, &a), &b), &c) in y.iter_mut().zip(a).zip(b).zip(c) {
                *y = f(a, b, c);
            }
        },
    ))
}

/// (w[i], state₁[i], …) = f(w[i], [state₁[i], …], g[i]): an optimizer's step.
pub fn update<F: Float, const S: usize>(
    w: &mut [F],
    mut state: [&mut [F]; S],
    g: &[F],
    f: impl Fn(F, [F; S], F) -> (F, [F; S]) + Sync,
) {
    assert!(w.len() == g.len() && state.iter().all(|s| s.len() == g.len()), "update: one gradient for each weight");
    dispatch(Run(
        #[inline(always)]
        || {
            for i in 0..w.len() {
                let (new, news) = f(w[i], std::array::from_fn(|s| state[s][i]), g[i]);
                w[i] = new;
                for s in 0..S {
                    state[s][i] = news[s];
                }
            }
        },
    ))
}
