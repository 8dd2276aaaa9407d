//! Convolution: every channel that comes out is one small filter, moved over the whole picture.
//!
//! y\[i, j, o] = bias\[o] + Σ x\[s·i + d·u − p, s·j + d·v − p, c] · weight\[u, v, c, o] over the taps u, v of the window and the
//! channels c (LeCun, Bottou, Bengio, Haffner, *Gradient-based learning applied to document recognition*, 1998). Shapes: channels
//! × height × width (or height × width, one channel) → outputs × height′ × width′, height′ = ⌊(height + 2p − d(k − 1) − 1)/s⌋ +
//! 1. Saved files hold the weight as PyTorch does, outputs × channels × kernel × kernel.

use autograd::{Graph, GraphError, Node};
use registry::{Config, Problems};
use tensor::{Float, conv::Window};

use super::{Form, LayerConfig, LayerError, ParameterSpec, Role, Start, linear::yes, pictures};
use crate::Init;

/// Convolution: every channel that comes out is one small filter, moved over the whole picture; a sample is channels × height
/// × width, or height × width.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Conv2d {
    /// How many filters, and so how many channels come out.
    pub channels: usize,
    /// The filters' height and width in pixels. Default 3.
    #[serde(default = "three")]
    pub kernel: usize,
    /// How many pixels a filter moves at a time. Default 1.
    #[serde(default = "one")]
    pub stride: usize,
    /// Rows and columns of zeros around the picture. Default 0.
    #[serde(default)]
    pub padding: usize,
    /// From one pixel that a filter looks at to the next. Default 1: they touch.
    #[serde(default = "one")]
    pub dilation: usize,
    /// Into how many groups the channels are divided, each of which is seen by its own filters only. Default 1.
    #[serde(default = "one")]
    pub groups: usize,
    /// How the weights start. Default "torch": uniform in ±1/√fan_in, where fan_in counts the numbers under a filter.
    #[serde(default)]
    pub init: Init,
    /// Whether there is a bias for each filter. Default true.
    #[serde(default = "yes")]
    pub bias: bool,
}

fn one() -> usize {
    1
}

fn three() -> usize {
    3
}

impl Conv2d {
    /// Filters of this size, moved pixel by pixel, started as PyTorch does.
    pub fn new(channels: usize, kernel: usize) -> Self {
        Self { channels, kernel, stride: 1, padding: 0, dilation: 1, groups: 1, init: Init::Torch, bias: true }
    }

    /// What slides over the picture.
    pub fn window(&self) -> Window {
        Window { kernel: self.kernel, stride: self.stride, padding: self.padding, dilation: self.dilation }
    }
}

impl Config for Conv2d {
    const KIND: &str = "conv2d";
    const EXAMPLE: &str = "channels = 8";
}

impl LayerConfig for Conv2d {
    const MAIN: Option<&'static str> = Some("channels");

    fn role(&self) -> Role {
        Role::Units("conv")
    }

    fn form(&self) -> Form {
        Form::Other
    }

    fn output(&self, input: &[usize]) -> Result<Vec<usize>, LayerError> {
        let [c, h, w] = pictures::shape(Self::KIND, input)?;
        let Self { channels, groups, .. } = *self;
        if !c.is_multiple_of(groups) || !channels.is_multiple_of(groups) {
            return Err(LayerError::Groups { inputs: c, channels, groups });
        }
        let [rows, columns] = pictures::places(Self::KIND, self.window(), [h, w])?;
        Ok(vec![channels, rows, columns])
    }

    fn parameters(&self, input: &[usize]) -> Vec<ParameterSpec> {
        let (init, kernel, outputs) = (self.init, self.kernel, self.channels);
        let inputs = if let [c, _, _] = input { c / self.groups.max(1) } else { 1 };
        let (fan_in, fan_out) = (kernel * kernel * inputs, kernel * kernel * outputs / self.groups.max(1));
        let spec = |name, shape, start| ParameterSpec { name, shape, start, trained: true };
        let shape = vec![kernel, kernel, inputs, outputs];
        let weight = spec("weight", shape, Start::Weights { init, fan_in, fan_out });
        let bias = || spec("bias", vec![outputs], Start::Biases { init, fan_in });
        if self.bias { vec![weight, bias()] } else { vec![weight] }
    }

    fn build<F: Float>(&self, graph: &mut Graph<F>, x: Node, parameters: &[Node]) -> Result<Node, GraphError> {
        match *parameters {
            [weight, ref bias @ ..] => graph.conv2d(x, weight, bias.first().copied(), self.window(), self.groups),
            [] => Ok(x),
        }
    }

    fn check(&self, problems: &mut Problems) {
        pictures::check_range(self.channels, "channels", "channels", 1..=4096, problems);
        pictures::check_range(self.kernel, "kernel", "pixels", 1..=255, problems);
        pictures::check_range(self.stride, "stride", "pixels", 1..=255, problems);
        pictures::check_range(self.padding, "padding", "pixels", 0..=255, problems);
        pictures::check_range(self.dilation, "dilation", "pixels", 1..=255, problems);
        pictures::check_range(self.groups, "groups", "groups", 1..=4096, problems);
    }
}
