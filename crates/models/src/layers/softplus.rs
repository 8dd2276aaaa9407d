//! Softplus, ln(1 + eˣ), a smooth rectifier.

use autograd::{Graph, GraphError, Node};
use registry::Config;
use tensor::Float;

use super::{LayerConfig, LayerError, Role};

/// Softplus, ln(1 + eˣ), a smooth rectifier.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Softplus {}

impl Config for Softplus {
    const KIND: &str = "softplus";
    const EXAMPLE: &str = "";
}

impl LayerConfig for Softplus {
    fn role(&self) -> Role {
        Role::Activation
    }
    fn output(&self, input: &[usize]) -> Result<Vec<usize>, LayerError> {
        Ok(input.to_vec())
    }
    fn build<F: Float>(&self, graph: &mut Graph<F>, x: Node, _: &[Node]) -> Result<Node, GraphError> {
        Ok(graph.softplus(x))
    }
}
