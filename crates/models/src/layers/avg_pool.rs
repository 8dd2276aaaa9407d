//! Pooling of means: of each channel the mean under a window.
//!
//! y\[i, j, c] = Σ x\[s·i + u − p, s·j + v − p, c] / size² over the window's places u, v. Shapes: channels × height × width →
//! channels × height′ × width′, height′ = ⌊(height + 2p − size)/s⌋ + 1.

use autograd::{Graph, GraphError, Node};
use registry::{Config, Problems};
use tensor::Float;

use super::{Form, LayerConfig, LayerError, Role, pictures};

/// Pooling of means: of each channel of a picture the mean of the numbers under a window that slides over it.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AvgPool {
    /// The window's height and width in pixels.
    pub size: usize,
    /// How many pixels the window moves at a time. Default: its size, so that windows touch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stride: Option<usize>,
    /// Rows and columns of zeros around the picture, which count. Default 0.
    #[serde(default)]
    pub padding: usize,
}

impl Config for AvgPool {
    const KIND: &str = "avg_pool";
    const EXAMPLE: &str = "size = 2";
}

impl LayerConfig for AvgPool {
    const MAIN: Option<&'static str> = Some("size");

    fn role(&self) -> Role {
        Role::Within("pool")
    }

    fn form(&self) -> Form {
        Form::Other
    }

    fn output(&self, input: &[usize]) -> Result<Vec<usize>, LayerError> {
        pictures::pooled(Self::KIND, pictures::pooling(self.size, self.stride, self.padding), input)
    }

    fn build<F: Float>(&self, graph: &mut Graph<F>, x: Node, _: &[Node]) -> Result<Node, GraphError> {
        graph.avg_pool(x, pictures::pooling(self.size, self.stride, self.padding))
    }

    fn check(&self, problems: &mut Problems) {
        pictures::check_pooling(self.size, self.stride, self.padding, problems);
    }
}
