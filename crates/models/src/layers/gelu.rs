//! Gaussian error linear unit, x Φ(x) with the exact Φ (Hendrycks, Gimpel 2016).

use autograd::{Graph, GraphError, Node};
use registry::Config;
use tensor::Float;

use super::{LayerConfig, LayerError, Role};

/// Gaussian error linear unit, x Φ(x) with the exact Φ (Hendrycks, Gimpel 2016).
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Gelu {}

impl Config for Gelu {
    const KIND: &str = "gelu";
    const EXAMPLE: &str = "";
}

impl LayerConfig for Gelu {
    fn role(&self) -> Role {
        Role::Activation
    }
    fn output(&self, input: &[usize]) -> Result<Vec<usize>, LayerError> {
        Ok(input.to_vec())
    }
    fn build<F: Float>(&self, graph: &mut Graph<F>, x: Node, _: &[Node]) -> Result<Node, GraphError> {
        Ok(graph.gelu(x))
    }
}
