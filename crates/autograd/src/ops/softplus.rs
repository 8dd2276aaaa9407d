//! Softplus, a smooth rectifier.
//!
//! y = ln(1 + eˣ); dx = dy · σ(x).
//! Dugas et al., *Incorporating second-order functional knowledge for better option pricing*, 2001.

use tensor::Float;

use crate::{Graph, GraphError, Info, Node, check::Case, unary::Unary};

pub(crate) const INFO: Info = Info { name: "softplus", formula: "ln(1 + exp(x))", examples: &[example] };

fn example(case: &mut Case) -> Result<Node, GraphError> {
    let x = case.variable(&[3, 5])?;
    Ok(case.graph.softplus(x))
}

#[derive(Clone, Copy)]
struct Softplus;

impl<F: Float> Unary<F> for Softplus {
    const INFO: &'static Info = &INFO;
    #[inline(always)]
    fn value(self, x: F) -> F {
        x.softplus()
    }
    #[inline(always)]
    fn pull(self, x: F, _y: F, dy: F) -> F {
        dy * x.sigmoid()
    }
}

impl<F: Float> Graph<F> {
    /// Softplus, ln(1 + eˣ).
    pub fn softplus(&mut self, x: Node) -> Node {
        self.unary(Softplus, x)
    }
}
