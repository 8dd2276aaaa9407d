//! Rectified linear unit, max(x, 0).

use autograd::{Graph, Node};
use registry::Config;
use tensor::Float;

use super::{Activation, Curve};

/// Rectified linear unit, max(x, 0).
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Relu {}

impl Config for Relu {
    const KIND: &str = "relu";
    const EXAMPLE: &str = "";
}

impl Activation for Relu {
    fn apply<F: Float>(&self, graph: &mut Graph<F>, x: Node) -> Node {
        graph.relu(x)
    }

    fn curve(&self) -> Curve {
        Curve { at_zero: 0.0, range: [0.0, f64::INFINITY], saturates: [true, false], slopes: Some([0.0, 1.0]) }
    }

    fn inverse(&self, y: f64) -> Option<f64> {
        (y > 0.0).then_some(y)
    }
}
