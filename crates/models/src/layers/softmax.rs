//! Softmax over the features: positive numbers that sum to 1. The cross-entropy loss has its own, so a classifier ends without.

use autograd::{Graph, GraphError, Node};
use registry::Config;
use tensor::Float;

use super::{Form, LayerConfig, LayerError, Role};

/// Softmax over the features: positive numbers that sum to 1. The cross-entropy loss has its own, so a classifier ends without.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Softmax {}

impl Config for Softmax {
    const KIND: &str = "softmax";
    const EXAMPLE: &str = "";
}

impl LayerConfig for Softmax {
    fn role(&self) -> Role {
        Role::Activation
    }

    fn form(&self) -> Form {
        Form::Other
    }

    fn output(&self, input: &[usize]) -> Result<Vec<usize>, LayerError> {
        Ok(input.to_vec())
    }
    fn build<F: Float>(&self, graph: &mut Graph<F>, x: Node, _: &[Node]) -> Result<Node, GraphError> {
        graph.softmax(x)
    }
}
