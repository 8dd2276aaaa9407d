//! Polynomial features: lifts the inputs into the space of all their monomials up to a degree, where a line bends.

use autograd::{Graph, GraphError, Node};
use registry::{Config, Problems};
use tensor::Float;

use super::{Form, LayerConfig, LayerError, Role};

/// All monomials of the inputs with total degree 1 to `degree`: for two inputs x, y, x², xy, y², …,
/// (P+1)(P+2)/2 − 1 of them. The constant is left to the bias of the layer that follows.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Polynomial {
    /// The highest total degree P.
    pub degree: usize,
}

/// The most features a polynomial layer may give.
const MOST: usize = 100_000;

impl Config for Polynomial {
    const KIND: &str = "polynomial";
    const EXAMPLE: &str = "degree = 5";
}

impl LayerConfig for Polynomial {
    const MAIN: Option<&'static str> = Some("degree");

    fn role(&self) -> Role {
        Role::Features
    }

    fn form(&self) -> Form {
        Form::Other
    }

    fn output(&self, input: &[usize]) -> Result<Vec<usize>, LayerError> {
        let &[inputs] = input else {
            return Err(LayerError::NeedsVector { layer: Self::KIND, shape: input.to_vec() });
        };
        // C(inputs + degree, degree) − 1 monomials.
        let mut outputs: u128 = 1;
        for i in 1..=self.degree as u128 {
            outputs = outputs * (inputs as u128 + i) / i;
            if outputs > MOST as u128 {
                return Err(LayerError::TooMany { layer: Self::KIND, degree: self.degree, inputs, most: MOST });
            }
        }
        Ok(vec![outputs as usize - 1])
    }

    fn build<F: Float>(&self, graph: &mut Graph<F>, x: Node, _: &[Node]) -> Result<Node, GraphError> {
        graph.polynomial(x, self.degree)
    }

    fn check(&self, problems: &mut Problems) {
        problems.require((1..=100).contains(&self.degree), "degree", || {
            format!("expected a degree of 1 to 100, found {}", self.degree)
        });
    }
}
