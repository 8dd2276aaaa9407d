//! Leaky rectified linear unit.
//!
//! y = x where x > 0, else slope · x; dx = dy or slope · dy.
//! Maas, Hannun, Ng, *Rectifier nonlinearities improve neural network acoustic models*, 2013.

use tensor::Float;

use crate::{Graph, GraphError, Info, Node, check::Case, unary::Unary};

pub(crate) const INFO: Info =
    Info { name: "leaky_relu", formula: "x where x > 0, else slope · x", examples: &[example] };

fn example(case: &mut Case) -> Result<Node, GraphError> {
    let x = case.variable_away_from(&[3, 5], &[0.0])?;
    Ok(case.graph.leaky_relu(x, 0.1))
}

#[derive(Clone, Copy)]
struct LeakyRelu<F>(F);

impl<F: Float> Unary<F> for LeakyRelu<F> {
    const INFO: &'static Info = &INFO;
    const KINK: bool = true;
    #[inline(always)]
    fn value(self, x: F) -> F {
        if x > F::ZERO { x } else { self.0 * x }
    }
    #[inline(always)]
    fn pull(self, x: F, _y: F, dy: F) -> F {
        if x > F::ZERO { dy } else { self.0 * dy }
    }
}

impl<F: Float> Graph<F> {
    /// Leaky rectified linear unit; `slope` is usually 0.01.
    pub fn leaky_relu(&mut self, x: Node, slope: F) -> Node {
        self.unary(LeakyRelu(slope), x)
    }
}
