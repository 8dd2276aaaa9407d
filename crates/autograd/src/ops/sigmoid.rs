//! Logistic function.
//!
//! y = 1 / (1 + e⁻ˣ); dx = dy · y (1 − y).

use tensor::Float;

use crate::{Graph, GraphError, Info, Node, check::Case, unary::Unary};

pub(crate) const INFO: Info = Info { name: "sigmoid", formula: "1 / (1 + exp(−x))", examples: &[example] };

fn example(case: &mut Case) -> Result<Node, GraphError> {
    let x = case.variable(&[3, 5])?;
    Ok(case.graph.sigmoid(x))
}

#[derive(Clone, Copy)]
struct Sigmoid;

impl<F: Float> Unary<F> for Sigmoid {
    const INFO: &'static Info = &INFO;
    #[inline(always)]
    fn value(self, x: F) -> F {
        x.sigmoid()
    }
    #[inline(always)]
    fn pull(self, _x: F, y: F, dy: F) -> F {
        dy * y * (F::ONE - y)
    }
}

impl<F: Float> Graph<F> {
    /// Logistic function, 1 / (1 + e⁻ˣ).
    pub fn sigmoid(&mut self, x: Node) -> Node {
        self.unary(Sigmoid, x)
    }
}
