//! Softplus, ln(1 + eˣ), a smooth rectifier.

use autograd::{Graph, Node};
use registry::Config;
use tensor::Float;

use super::{Activation, Curve};

/// Softplus, ln(1 + eˣ), a smooth rectifier.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Softplus {}

impl Config for Softplus {
    const KIND: &str = "softplus";
    const EXAMPLE: &str = "";
}

impl Activation for Softplus {
    fn apply<F: Float>(&self, graph: &mut Graph<F>, x: Node) -> Node {
        graph.softplus(x)
    }

    fn curve(&self) -> Curve {
        Curve { at_zero: std::f64::consts::LN_2, range: [0.0, f64::INFINITY], saturates: [true, false], slopes: None }
    }

    fn inverse(&self, y: f64) -> Option<f64> {
        (y > 0.0).then(|| y + Float::ln(1.0 - Float::exp(-y)))
    }
}
