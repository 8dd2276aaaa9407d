//! Gaussian error linear unit, x Φ(x) with the exact Φ (Hendrycks, Gimpel 2016).

use autograd::{Graph, Node};
use registry::Config;
use tensor::Float;

use super::{Activation, Curve};

/// Gaussian error linear unit, x Φ(x) with the exact Φ (Hendrycks, Gimpel 2016).
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Gelu {}

impl Config for Gelu {
    const KIND: &str = "gelu";
    const EXAMPLE: &str = "";
}

/// The minimum of x Φ(x), at x = −0.7517915….
const LEAST: f64 = -0.169_971_207_479_903_7;

impl Activation for Gelu {
    fn apply<F: Float>(&self, graph: &mut Graph<F>, x: Node) -> Node {
        graph.gelu(x)
    }

    fn curve(&self) -> Curve {
        Curve { at_zero: 0.0, range: [LEAST, f64::INFINITY], saturates: [false, false], slopes: None }
    }

    fn inverse(&self, _: f64) -> Option<f64> {
        None
    }
}
