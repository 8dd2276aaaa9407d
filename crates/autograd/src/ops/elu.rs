//! Exponential linear unit.
//!
//! y = x where x > 0, else α (eˣ − 1); dx = dy, or dy · (y + α).
//! Clevert, Unterthiner, Hochreiter, *Fast and accurate deep network learning by exponential linear units*, 2016.

use tensor::Float;

use crate::{Graph, GraphError, Info, Node, check::Case, unary::Unary};

pub(crate) const INFO: Info =
    Info { name: "elu", formula: "x where x > 0, else α (exp(x) − 1)", examples: &[example] };

fn example(case: &mut Case) -> Result<Node, GraphError> {
    let x = case.variable_away_from(&[3, 5], &[0.0])?;
    Ok(case.graph.elu(x, 1.3))
}

#[derive(Clone, Copy)]
struct Elu<F>(F);

impl<F: Float> Unary<F> for Elu<F> {
    const INFO: &'static Info = &INFO;
    const KINK: bool = true;
    #[inline(always)]
    fn value(self, x: F) -> F {
        if x > F::ZERO { x } else { self.0 * (x.exp() - F::ONE) }
    }
    #[inline(always)]
    fn pull(self, x: F, y: F, dy: F) -> F {
        if x > F::ZERO { dy } else { dy * (y + self.0) }
    }
}

impl<F: Float> Graph<F> {
    /// Exponential linear unit; `alpha` is usually 1.
    pub fn elu(&mut self, x: Node, alpha: F) -> Node {
        self.unary(Elu(alpha), x)
    }
}
