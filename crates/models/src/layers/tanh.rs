//! Hyperbolic tangent.

use autograd::{Graph, GraphError, Node};
use registry::Config;
use tensor::Float;

use super::{LayerConfig, LayerError, Role};

/// Hyperbolic tangent.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tanh {}

impl Config for Tanh {
    const KIND: &str = "tanh";
    const EXAMPLE: &str = "";
}

impl LayerConfig for Tanh {
    fn role(&self) -> Role {
        Role::Activation
    }
    fn output(&self, input: &[usize]) -> Result<Vec<usize>, LayerError> {
        Ok(input.to_vec())
    }
    fn build<F: Float>(&self, graph: &mut Graph<F>, x: Node, _: &[Node]) -> Result<Node, GraphError> {
        Ok(graph.tanh(x))
    }
}
