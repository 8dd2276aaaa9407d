//! Hyperbolic tangent.
//!
//! y = tanh x; dx = dy · (1 − y²).

use tensor::Float;

use crate::{Graph, GraphError, Info, Node, check::Case, unary::Unary};

pub(crate) const INFO: Info = Info { name: "tanh", formula: "tanh(x)", examples: &[example] };

fn example(case: &mut Case) -> Result<Node, GraphError> {
    let x = case.variable(&[3, 5])?;
    Ok(case.graph.tanh(x))
}

#[derive(Clone, Copy)]
struct Tanh;

impl<F: Float> Unary<F> for Tanh {
    const INFO: &'static Info = &INFO;
    #[inline(always)]
    fn value(self, x: F) -> F {
        x.tanh()
    }
    #[inline(always)]
    fn pull(self, _x: F, y: F, dy: F) -> F {
        dy * (F::ONE - y * y)
    }
}

impl<F: Float> Graph<F> {
    /// Hyperbolic tangent.
    pub fn tanh(&mut self, x: Node) -> Node {
        self.unary(Tanh, x)
    }
}
