//! Dense layer: every output is a weighted sum of all inputs, plus a bias.
//!
//! y = x · W + b, shapes fan_in → units. Saved files hold the weight as PyTorch does, units × fan_in.

use autograd::{Graph, GraphError, Node};
use registry::{Config, Problems};
use tensor::Float;

use super::{Form, LayerConfig, LayerError, ParameterSpec, Role, Start};
use crate::Init;

/// Dense layer: every output is a weighted sum of all inputs, plus a bias.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Linear {
    /// How many outputs.
    pub units: usize,
    /// How the weights start. Default "torch": uniform in ±1/√fan_in.
    #[serde(default)]
    pub init: Init,
    /// Whether there is a bias. Default true.
    #[serde(default = "yes")]
    pub bias: bool,
}

pub(super) fn yes() -> bool {
    true
}

impl Linear {
    /// A layer with a bias, started as PyTorch does.
    pub fn new(units: usize) -> Self {
        Self { units, init: Init::Torch, bias: true }
    }
}

impl Config for Linear {
    const KIND: &str = "linear";
    const EXAMPLE: &str = "units = 64";
}

impl LayerConfig for Linear {
    const MAIN: Option<&'static str> = Some("units");

    fn role(&self) -> Role {
        Role::Units("hidden")
    }

    fn form(&self) -> Form {
        Form::Dense { bias: self.bias }
    }

    fn output(&self, input: &[usize]) -> Result<Vec<usize>, LayerError> {
        match input {
            [_] => Ok(vec![self.units]),
            shape => Err(LayerError::NeedsVector { layer: Self::KIND, shape: shape.to_vec() }),
        }
    }

    fn parameters(&self, input: &[usize]) -> Vec<ParameterSpec> {
        let (init, fan_in, fan_out) = (self.init, input[0], self.units);
        let spec = |name, shape, start| ParameterSpec { name, shape, start, trained: true };
        let weight = spec("weight", vec![fan_in, fan_out], Start::Weights { init, fan_in, fan_out });
        let bias = || spec("bias", vec![fan_out], Start::Biases { init, fan_in });
        if self.bias { vec![weight, bias()] } else { vec![weight] }
    }

    fn build<F: Float>(&self, graph: &mut Graph<F>, x: Node, parameters: &[Node]) -> Result<Node, GraphError> {
        match *parameters {
            [weight, bias] => graph.linear(x, weight, bias),
            [weight, ..] => graph.matmul(x, weight),
            [] => Ok(x),
        }
    }

    fn check(&self, problems: &mut Problems) {
        problems.require((1..=65_536).contains(&self.units), "units", || {
            format!("expected 1 to 65536 units, found {}", self.units)
        });
    }
}
