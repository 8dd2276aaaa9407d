//! Rectified linear unit, max(x, 0).

use autograd::{Graph, GraphError, Node};
use registry::Config;
use tensor::Float;

use super::{LayerConfig, LayerError, Role};

/// Rectified linear unit, max(x, 0).
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Relu {}

impl Config for Relu {
    const KIND: &str = "relu";
    const EXAMPLE: &str = "";
}

impl LayerConfig for Relu {
    fn role(&self) -> Role {
        Role::Activation
    }
    fn output(&self, input: &[usize]) -> Result<Vec<usize>, LayerError> {
        Ok(input.to_vec())
    }
    fn build<F: Float>(&self, graph: &mut Graph<F>, x: Node, _: &[Node]) -> Result<Node, GraphError> {
        Ok(graph.relu(x))
    }
}
