//! Exponential linear unit: x where x > 0, else α (eˣ − 1).

use autograd::{Graph, GraphError, Node};
use registry::{Config, Problems};
use tensor::Float;

use super::{LayerConfig, LayerError, Role};

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

impl LayerConfig for Elu {
    const MAIN: Option<&'static str> = Some("alpha");

    fn role(&self) -> Role {
        Role::Activation
    }
    fn output(&self, input: &[usize]) -> Result<Vec<usize>, LayerError> {
        Ok(input.to_vec())
    }
    fn build<F: Float>(&self, graph: &mut Graph<F>, x: Node, _: &[Node]) -> Result<Node, GraphError> {
        Ok(graph.elu(x, F::from_f64(self.alpha)))
    }

    fn check(&self, problems: &mut Problems) {
        problems.require(self.alpha.is_finite() && self.alpha >= 0.0, "alpha", || {
            format!("expected a finite number, at least 0, found {}", self.alpha)
        });
    }
}
