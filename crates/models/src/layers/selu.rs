//! Scaled exponential linear unit, whose outputs keep mean 0 and variance 1 (Klambauer et al. 2017).

use autograd::{Graph, GraphError, Node};
use registry::Config;
use tensor::Float;

use super::{LayerConfig, LayerError, Role};

/// Scaled exponential linear unit, whose outputs keep mean 0 and variance 1 (Klambauer et al. 2017).
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Selu {}

impl Config for Selu {
    const KIND: &str = "selu";
    const EXAMPLE: &str = "";
}

impl LayerConfig for Selu {
    fn role(&self) -> Role {
        Role::Activation
    }
    fn output(&self, input: &[usize]) -> Result<Vec<usize>, LayerError> {
        Ok(input.to_vec())
    }
    fn build<F: Float>(&self, graph: &mut Graph<F>, x: Node, _: &[Node]) -> Result<Node, GraphError> {
        Ok(graph.selu(x))
    }
}
