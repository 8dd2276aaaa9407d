//! Difference of two arrays.
//!
//! y = a − b; da = dy, db = −dy. Shapes follow NumPy's broadcasting.

use tensor::Float;

use crate::{
    Graph, GraphError, Info, Node,
    broadcast::{self, Binary},
    check::Case,
};

pub(crate) const INFO: Info =
    Info { name: "sub", formula: "a − b", examples: &[same_shape, row, column, outer, scalar, itself] };

broadcast::examples!(of);
fn of(case: &mut Case, a: &[usize], b: &[usize]) -> Result<Node, GraphError> {
    let (a, b) = (case.variable(a)?, case.variable(b)?);
    case.graph.sub(a, b)
}
fn itself(case: &mut Case) -> Result<Node, GraphError> {
    let x = case.variable(&[3, 5])?;
    case.graph.sub(x, x)
}

#[derive(Clone, Copy)]
struct Sub;

impl<F: Float> Binary<F> for Sub {
    const INFO: &'static Info = &INFO;
    #[inline(always)]
    fn value(self, a: F, b: F) -> F {
        a - b
    }
    #[inline(always)]
    fn pull_left(self, _a: F, _b: F, dy: F) -> F {
        dy
    }
    #[inline(always)]
    fn pull_right(self, _a: F, _b: F, dy: F) -> F {
        -dy
    }
}

impl<F: Float> Graph<F> {
    /// Difference, broadcast.
    ///
    /// # Errors
    /// When the shapes do not broadcast.
    pub fn sub(&mut self, a: Node, b: Node) -> Result<Node, GraphError> {
        self.binary(Sub, a, b)
    }
}
