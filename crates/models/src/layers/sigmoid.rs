//! Logistic function, 1 / (1 + e⁻ˣ).

use autograd::{Graph, GraphError, Node};
use registry::Config;
use tensor::Float;

use super::{LayerConfig, LayerError, Role};

/// Logistic function, 1 / (1 + e⁻ˣ).
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sigmoid {}

impl Config for Sigmoid {
    const KIND: &str = "sigmoid";
    const EXAMPLE: &str = "";
}

impl LayerConfig for Sigmoid {
    fn role(&self) -> Role {
        Role::Activation
    }
    fn output(&self, input: &[usize]) -> Result<Vec<usize>, LayerError> {
        Ok(input.to_vec())
    }
    fn build<F: Float>(&self, graph: &mut Graph<F>, x: Node, _: &[Node]) -> Result<Node, GraphError> {
        Ok(graph.sigmoid(x))
    }
}
