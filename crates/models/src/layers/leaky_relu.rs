//! Leaky rectified linear unit: x where x > 0, else slope · x.

use autograd::{Graph, Node};
use registry::{Config, Problems};
use tensor::Float;

use super::{Activation, Curve};

/// Leaky rectified linear unit: x where x > 0, else slope · x.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LeakyRelu {
    /// The slope below 0. Default 0.01.
    #[serde(default = "default_slope")]
    pub slope: f64,
}

fn default_slope() -> f64 {
    0.01
}

impl Config for LeakyRelu {
    const KIND: &str = "leaky_relu";
    const EXAMPLE: &str = "slope = 0.1";
}

impl Activation for LeakyRelu {
    const MAIN: Option<&'static str> = Some("slope");

    fn apply<F: Float>(&self, graph: &mut Graph<F>, x: Node) -> Node {
        graph.leaky_relu(x, F::from_f64(self.slope))
    }

    fn curve(&self) -> Curve {
        let flat = self.slope == 0.0;
        let lower = if flat { 0.0 } else { f64::NEG_INFINITY };
        Curve { at_zero: 0.0, range: [lower, f64::INFINITY], saturates: [flat, false], slopes: Some([self.slope, 1.0]) }
    }

    fn inverse(&self, y: f64) -> Option<f64> {
        match y {
            y if y > 0.0 => Some(y),
            y => (self.slope > 0.0).then(|| y / self.slope),
        }
    }

    fn check(&self, problems: &mut Problems) {
        problems.require(self.slope.is_finite() && self.slope >= 0.0, "slope", || {
            format!("expected a finite number, at least 0, found {}", self.slope)
        });
    }
}
