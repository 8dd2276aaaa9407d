//! Scaled exponential linear unit, whose outputs keep mean 0 and variance 1 (Klambauer et al. 2017).

use autograd::{Graph, Node};
use registry::Config;
use tensor::Float;

use super::{Activation, Curve};

/// Scaled exponential linear unit, whose outputs keep mean 0 and variance 1 (Klambauer et al. 2017).
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Selu {}

impl Config for Selu {
    const KIND: &str = "selu";
    const EXAMPLE: &str = "";
}

/// λ, the slope above 0.
const SCALE: f64 = 1.050_700_987_355_480_5;
/// λα, minus the limit at −∞.
const LIMIT: f64 = 1.673_263_242_354_377_2 * SCALE;

impl Activation for Selu {
    fn apply<F: Float>(&self, graph: &mut Graph<F>, x: Node) -> Node {
        graph.selu(x)
    }

    fn curve(&self) -> Curve {
        Curve { at_zero: 0.0, range: [-LIMIT, f64::INFINITY], saturates: [true, false], slopes: None }
    }

    fn inverse(&self, y: f64) -> Option<f64> {
        match y {
            y if y > 0.0 => Some(y / SCALE),
            y => (y > -LIMIT).then(|| Float::ln(1.0 + y / LIMIT)),
        }
    }
}
