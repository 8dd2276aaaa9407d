//! Hyperbolic tangent.

use autograd::{Graph, Node};
use registry::Config;
use tensor::Float;

use super::{Activation, Curve};

/// Hyperbolic tangent.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tanh {}

impl Config for Tanh {
    const KIND: &str = "tanh";
    const EXAMPLE: &str = "";
}

impl Activation for Tanh {
    fn apply<F: Float>(&self, graph: &mut Graph<F>, x: Node) -> Node {
        graph.tanh(x)
    }

    fn curve(&self) -> Curve {
        Curve { at_zero: 0.0, range: [-1.0, 1.0], saturates: [true, true], slopes: None }
    }

    fn inverse(&self, y: f64) -> Option<f64> {
        (y > -1.0 && y < 1.0).then(|| 0.5 * Float::ln((1.0 + y) / (1.0 - y)))
    }
}
