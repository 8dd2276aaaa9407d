//! Product of two arrays, element by element.
//!
//! y = a · b; da = dy · b, db = dy · a. Shapes follow NumPy's broadcasting.

use tensor::Float;

use crate::{
    Graph, GraphError, Info, Node,
    broadcast::{self, Binary},
    check::Case,
};

pub(crate) const INFO: Info =
    Info { name: "mul", formula: "a · b", examples: &[same_shape, row, column, outer, scalar, itself] };

broadcast::examples!(of);
fn of(case: &mut Case, a: &[usize], b: &[usize]) -> Result<Node, GraphError> {
    let (a, b) = (case.variable(a)?, case.variable(b)?);
    case.graph.mul(a, b)
}
fn itself(case: &mut Case) -> Result<Node, GraphError> {
    let x = case.variable(&[3, 5])?;
    case.graph.mul(x, x)
}

#[derive(Clone, Copy)]
struct Mul;

impl<F: Float> Binary<F> for Mul {
    const INFO: &'static Info = &INFO;
    #[inline(always)]
    fn value(self, a: F, b: F) -> F {
        a * b
    }
    #[inline(always)]
    fn pull_left(self, _a: F, b: F, dy: F) -> F {
        dy * b
    }
    #[inline(always)]
    fn pull_right(self, a: F, _b: F, dy: F) -> F {
        dy * a
    }
}

impl<F: Float> Graph<F> {
    /// Element-wise product, broadcast.
    ///
    /// # Errors
    /// When the shapes do not broadcast.
    pub fn mul(&mut self, a: Node, b: Node) -> Result<Node, GraphError> {
        self.binary(Mul, a, b)
    }
}
