//! Exponential linear unit: x where x > 0, else α (eˣ − 1).

use autograd::{Graph, Node};
use registry::{Config, Problems};
use tensor::Float;

use super::{Activation, Curve};

/// Exponential linear unit: x where x > 0, else α (eˣ − 1).
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Elu {
    /// α, minus the limit at −∞. Default 1.
    #[serde(default = "default_alpha")]
    pub alpha: f64,
}

fn default_alpha() -> f64 {
    1.0
}

impl Config for Elu {
    const KIND: &str = "elu";
    const EXAMPLE: &str = "alpha = 0.1";
}

impl Activation for Elu {
    const MAIN: Option<&'static str> = Some("alpha");

    fn apply<F: Float>(&self, graph: &mut Graph<F>, x: Node) -> Node {
        graph.elu(x, F::from_f64(self.alpha))
    }

    fn curve(&self) -> Curve {
        let slopes = (self.alpha == 0.0).then_some([0.0, 1.0]);
        Curve { at_zero: 0.0, range: [-self.alpha, f64::INFINITY], saturates: [true, false], slopes }
    }

    fn inverse(&self, y: f64) -> Option<f64> {
        match y {
            y if y > 0.0 => Some(y),
            y => (y > -self.alpha).then(|| Float::ln(1.0 + y / self.alpha)),
        }
    }

    fn check(&self, problems: &mut Problems) {
        problems.require(self.alpha.is_finite() && self.alpha >= 0.0, "alpha", || {
            format!("expected a finite number, at least 0, found {}", self.alpha)
        });
    }
}
