//! Rectified linear unit.
//!
//! y = max(x, 0); dx = dy where x > 0, else 0 (at the kink itself 0, as PyTorch has it).

use tensor::Float;

use crate::{Graph, GraphError, Info, Node, check::Case, unary::Unary};

pub(crate) const INFO: Info = Info { name: "relu", formula: "max(x, 0)", examples: &[example] };

fn example(case: &mut Case) -> Result<Node, GraphError> {
    let x = case.variable_away_from(&[3, 5], &[0.0])?;
    Ok(case.graph.relu(x))
}

#[derive(Clone, Copy)]
struct Relu;

impl<F: Float> Unary<F> for Relu {
    const INFO: &'static Info = &INFO;
    const KINK: bool = true;
    #[inline(always)]
    fn value(self, x: F) -> F {
        if x < F::ZERO { F::ZERO } else { x }
    }
    #[inline(always)]
    fn pull(self, _x: F, y: F, dy: F) -> F {
        if y > F::ZERO { dy } else { F::ZERO }
    }
}

impl<F: Float> Graph<F> {
    /// Rectified linear unit, max(x, 0).
    pub fn relu(&mut self, x: Node) -> Node {
        self.unary(Relu, x)
    }
}
