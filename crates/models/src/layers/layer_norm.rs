//! Layer normalisation: each sample's units to mean 0 and variance 1, then a trained scale and shift per unit.
//!
//! y = weight·(x − μ)/√(σ² + ε) + bias, μ and σ² over the units of one sample; weight starts at 1, bias at 0. Ba, Kiros, Hinton,
//! *Layer Normalization*, 2016.

use autograd::{Graph, GraphError, Node};
use registry::{Config, Problems};
use tensor::Float;

use super::{Form, LayerConfig, LayerError, ParameterSpec, Role, Start};

/// Layer normalisation: each sample's units to mean 0 and variance 1, then a trained scale and shift per unit (Ba, Kiros, Hinton
/// 2016).
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LayerNorm {
    /// Added to the variance, so that equal units stay finite. Default 1e-5, PyTorch's.
    #[serde(default = "default_eps")]
    pub eps: f64,
}

pub(super) fn default_eps() -> f64 {
    1e-5
}

impl Config for LayerNorm {
    const KIND: &str = "layer_norm";
    const EXAMPLE: &str = "eps = 1e-3";
}

impl LayerConfig for LayerNorm {
    const MAIN: Option<&'static str> = Some("eps");

    fn role(&self) -> Role {
        Role::Within("norm")
    }

    fn form(&self) -> Form {
        Form::Other
    }

    fn output(&self, input: &[usize]) -> Result<Vec<usize>, LayerError> {
        vector(Self::KIND, input)
    }

    fn parameters(&self, input: &[usize]) -> Vec<ParameterSpec> {
        affine(input).into()
    }

    fn build<F: Float>(&self, graph: &mut Graph<F>, x: Node, parameters: &[Node]) -> Result<Node, GraphError> {
        match *parameters {
            [weight, bias] => graph.layer_norm(x, weight, bias, self.eps),
            _ => Ok(x),
        }
    }

    fn check(&self, problems: &mut Problems) {
        check_eps(self.eps, problems);
    }
}

/// The shape of a vector, which normalisation leaves as it is.
pub(super) fn vector(layer: &'static str, input: &[usize]) -> Result<Vec<usize>, LayerError> {
    match input {
        [_] => Ok(input.to_vec()),
        shape => Err(LayerError::NeedsVector { layer, shape: shape.to_vec() }),
    }
}

/// The trained scale and shift of every unit.
pub(super) fn affine(input: &[usize]) -> [ParameterSpec; 2] {
    [("weight", 1.0), ("bias", 0.0)].map(|(name, value)| ParameterSpec {
        name,
        shape: input.to_vec(),
        start: Start::Constant(value),
        trained: true,
    })
}

pub(super) fn check_eps(eps: f64, problems: &mut Problems) {
    // Less would vanish beside a variance of 1 in f32, and let equal units divide by zero.
    problems.require((1e-12..=1.0).contains(&eps), "eps", || format!("expected 1e-12 to 1, found {eps}"));
}
