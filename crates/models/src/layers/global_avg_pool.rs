//! Global pooling of means: of each channel the mean over the whole picture (Lin, Chen, Yan, *Network in network*, 2014).
//!
//! y\[c] = Σ x\[i, j, c] / (height · width). Shapes: channels × height × width → channels.

use autograd::{Graph, GraphError, Node};
use registry::Config;
use tensor::Float;

use super::{Form, LayerConfig, LayerError, Role, pictures};

/// Global pooling of means: of each channel the mean over the whole picture, so that a vector of one number per channel is left
/// (Lin, Chen, Yan 2014).
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GlobalAvgPool {}

impl Config for GlobalAvgPool {
    const KIND: &str = "global_avg_pool";
    const EXAMPLE: &str = "";
}

impl LayerConfig for GlobalAvgPool {
    fn role(&self) -> Role {
        Role::Within("pool")
    }

    fn form(&self) -> Form {
        Form::Other
    }

    fn output(&self, input: &[usize]) -> Result<Vec<usize>, LayerError> {
        let [channels, ..] = pictures::shape(Self::KIND, input)?;
        Ok(vec![channels])
    }

    fn build<F: Float>(&self, graph: &mut Graph<F>, x: Node, _: &[Node]) -> Result<Node, GraphError> {
        let (n, places, channels) = match *graph.shape(x) {
            [n, h, w, c] => (n, h * w, c),
            ref shape => (shape[0], tensor::shape::size(&shape[1..]), 1),
        };
        let flat = graph.reshape(x, &[n, places, channels])?;
        graph.mean_axis(flat, 1)
    }
}
