//! Scaled exponential linear unit.
//!
//! y = λ x where x > 0, else λ α (eˣ − 1), with α and λ such that activations of mean 0 and variance 1 keep them;
//! dx = λ dy, or dy · (y + λ α).
//! Klambauer et al., *Self-normalizing neural networks*, 2017, section 2.

use tensor::Float;

use crate::{Graph, GraphError, Info, Node, check::Case, unary::Unary};

pub(crate) const INFO: Info =
    Info { name: "selu", formula: "λ x where x > 0, else λ α (exp(x) − 1)", examples: &[example] };

/// The fixed point's constants, from the paper's equation 14.
const ALPHA: f64 = 1.673_263_242_354_377_2;
const LAMBDA: f64 = 1.050_700_987_355_480_5;

fn example(case: &mut Case) -> Result<Node, GraphError> {
    let x = case.variable_away_from(&[3, 5], &[0.0])?;
    Ok(case.graph.selu(x))
}

#[derive(Clone, Copy)]
struct Selu<F> {
    lambda: F,
    lambda_alpha: F,
}

impl<F: Float> Unary<F> for Selu<F> {
    const INFO: &'static Info = &INFO;
    const KINK: bool = true;
    #[inline(always)]
    fn value(self, x: F) -> F {
        if x > F::ZERO { self.lambda * x } else { self.lambda_alpha * (x.exp() - F::ONE) }
    }
    #[inline(always)]
    fn pull(self, x: F, y: F, dy: F) -> F {
        if x > F::ZERO { self.lambda * dy } else { dy * (y + self.lambda_alpha) }
    }
}

impl<F: Float> Graph<F> {
    /// Scaled exponential linear unit.
    pub fn selu(&mut self, x: Node) -> Node {
        self.unary(Selu { lambda: F::from_f64(LAMBDA), lambda_alpha: F::from_f64(LAMBDA * ALPHA) }, x)
    }
}
