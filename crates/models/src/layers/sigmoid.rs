//! Logistic function, 1 / (1 + e⁻ˣ).

use autograd::{Graph, Node};
use registry::Config;
use tensor::Float;

use super::{Activation, Curve};

/// Logistic function, 1 / (1 + e⁻ˣ).
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sigmoid {}

impl Config for Sigmoid {
    const KIND: &str = "sigmoid";
    const EXAMPLE: &str = "";
}

impl Activation for Sigmoid {
    fn apply<F: Float>(&self, graph: &mut Graph<F>, x: Node) -> Node {
        graph.sigmoid(x)
    }

    fn curve(&self) -> Curve {
        Curve { at_zero: 0.5, range: [0.0, 1.0], saturates: [true, true], slopes: None }
    }

    fn inverse(&self, y: f64) -> Option<f64> {
        (y > 0.0 && y < 1.0).then(|| Float::ln(y / (1.0 - y)))
    }
}
