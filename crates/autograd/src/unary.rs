//! Operations that act on each element by itself.

use tensor::{Float, map};

use crate::{
    Graph, Info, Inputs, Node, Op, Replayed,
    replay::{HASH_START, hashed},
};

/// A function of one number and its derivative.
pub(crate) trait Unary<F>: Copy + Send + Sync + 'static {
    const INFO: &'static Info;
    /// Whether it has a kink at zero. Default false.
    const KINK: bool = false;
    /// y = f(x).
    fn value(self, x: F) -> F;
    /// dx = dy · f′(x), from x and y = f(x).
    fn pull(self, x: F, y: F, dy: F) -> F;
}

struct Each<U>(U);

impl<F: Float, U: Unary<F>> Op<F> for Each<U> {
    fn info(&self) -> &'static Info {
        U::INFO
    }
    fn forward(&mut self, x: Inputs<'_, F>, y: &mut [F]) {
        let f = self.0;
        map::map(&x[0], y, move |x| f.value(x));
    }
    fn pieces(&self, x: Inputs<'_, F>) -> u64 {
        let side = |hash, x: &F| hashed(hash, u64::from(*x > F::ZERO));
        if U::KINK { x[0].iter().fold(HASH_START, side) } else { 0 }
    }
    fn backward(&mut self, _: usize, at: Replayed<'_, F>, dx: &mut [F]) {
        let f = self.0;
        map::zip3(&at.x[0], at.y, at.dy, dx, move |x, y, dy| f.pull(x, y, dy));
    }
}

impl<F: Float> Graph<F> {
    pub(crate) fn unary(&mut self, f: impl Unary<F>, x: Node) -> Node {
        let shape = self.shape(x).to_vec();
        self.apply(Each(f), &[x], &shape)
    }
}
