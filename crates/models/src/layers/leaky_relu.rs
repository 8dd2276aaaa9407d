//! Leaky rectified linear unit: x where x > 0, else slope · x.

use autograd::{Graph, GraphError, Node};
use registry::{Config, Problems};
use tensor::Float;

use super::{LayerConfig, LayerError, Role};

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

impl LayerConfig for LeakyRelu {
    const MAIN: Option<&'static str> = Some("slope");

    fn role(&self) -> Role {
        Role::Activation
    }
    fn output(&self, input: &[usize]) -> Result<Vec<usize>, LayerError> {
        Ok(input.to_vec())
    }
    fn build<F: Float>(&self, graph: &mut Graph<F>, x: Node, _: &[Node]) -> Result<Node, GraphError> {
        Ok(graph.leaky_relu(x, F::from_f64(self.slope)))
    }

    fn check(&self, problems: &mut Problems) {
        problems.require(self.slope.is_finite() && self.slope >= 0.0, "slope", || {
            format!("expected a finite number, at least 0, found {}", self.slope)
        });
    }
}
