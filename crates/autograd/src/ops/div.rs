//! Quotient of two arrays, element by element.
//!
//! y = a / b; da = dy / b, db = −dy · a / b². Shapes follow NumPy's broadcasting.

use tensor::Float;

use crate::{
    Graph, GraphError, Info, Node,
    broadcast::{self, Binary},
    check::Case,
};

pub(crate) const INFO: Info =
    Info { name: "div", formula: "a / b", examples: &[same_shape, row, column, outer, scalar, itself] };

broadcast::examples!(of);
fn of(case: &mut Case, a: &[usize], b: &[usize]) -> Result<Node, GraphError> {
    let (a, b) = (case.variable(a)?, case.variable_away_from(b, &[0.0])?);
    case.graph.div(a, b)
}
fn itself(case: &mut Case) -> Result<Node, GraphError> {
    let x = case.variable_away_from(&[3, 5], &[0.0])?;
    let square = case.graph.mul(x, x)?;
    case.graph.div(x, square)
}

#[derive(Clone, Copy)]
struct Div;

impl<F: Float> Binary<F> for Div {
    const INFO: &'static Info = &INFO;
    #[inline(always)]
    fn value(self, a: F, b: F) -> F {
        a / b
    }
    #[inline(always)]
    fn pull_left(self, _a: F, b: F, dy: F) -> F {
        dy / b
    }
    #[inline(always)]
    fn pull_right(self, a: F, b: F, dy: F) -> F {
        -dy * a / (b * b)
    }
}

impl<F: Float> Graph<F> {
    /// Element-wise quotient, broadcast.
    ///
    /// # Errors
    /// When the shapes do not broadcast.
    pub fn div(&mut self, a: Node, b: Node) -> Result<Node, GraphError> {
        self.binary(Div, a, b)
    }
}
