//! Flatten: a picture or any other array as one vector of features: channel by channel, and each row by row, as PyTorch does.

use autograd::{Graph, GraphError, Node};
use registry::Config;
use tensor::{Float, shape::size};

use super::{Form, LayerConfig, LayerError, Role};

/// A picture or any other array as one vector of features: channel by channel, and each row by row.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Flatten {}

impl Config for Flatten {
    const KIND: &str = "flatten";
    const EXAMPLE: &str = "";
}

impl LayerConfig for Flatten {
    fn role(&self) -> Role {
        Role::Features
    }

    fn form(&self) -> Form {
        Form::Identity
    }

    fn output(&self, input: &[usize]) -> Result<Vec<usize>, LayerError> {
        Ok(vec![size(input)])
    }

    fn build<F: Float>(&self, graph: &mut Graph<F>, x: Node, _: &[Node]) -> Result<Node, GraphError> {
        // In a graph pictures lie pixel by pixel.
        let x = if matches!(graph.shape(x), [_, _, _, c] if *c > 1) { graph.channels_first(x)? } else { x };
        let shape = graph.shape(x);
        let shape = [shape[0], size(&shape[1..])];
        graph.reshape(x, &shape)
    }
}
