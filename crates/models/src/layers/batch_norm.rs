//! Batch normalisation: each unit to mean 0 and variance 1 over the batch, then a trained scale and shift. The units of a picture
//! are its channels, taken over all of their pixels.
//!
//! y = weight·(x − μ)/√(σ² + ε) + bias. In training μ and σ² are the batch's; a model that predicts uses the running ones, which
//! training collects: running ← (1 − momentum)·running + momentum·batch, from 0 and 1. They are saved as `running_mean` and
//! `running_var`. Ioffe, Szegedy, *Batch Normalization*, 2015.

use autograd::{Graph, GraphError, Node, ops::batch_norm::Statistics};
use registry::{Config, Problems};
use tensor::{Float, random::Stream};

use super::{
    Form, LayerConfig, LayerError, ParameterSpec, Role, Start,
    layer_norm::{affine, check_eps, default_eps, vector},
};

/// Batch normalisation: each unit (of a picture each channel) to mean 0 and variance 1 over the batch, then a trained scale and
/// shift per unit (Ioffe, Szegedy 2015). A model that predicts uses running means and variances, collected while it trains.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BatchNorm {
    /// How far running means and variances move towards a batch's, 0 to 1. Default 0.1, PyTorch's.
    #[serde(default = "default_momentum")]
    pub momentum: f64,
    /// Added to the variance, so that a unit that never changes stays finite. Default 1e-5, PyTorch's.
    #[serde(default = "default_eps")]
    pub eps: f64,
}

fn default_momentum() -> f64 {
    0.1
}

impl Config for BatchNorm {
    const KIND: &str = "batch_norm";
    const EXAMPLE: &str = "momentum = 0.05";
}

impl BatchNorm {
    fn node<F: Float>(
        &self,
        graph: &mut Graph<F>,
        x: Node,
        parameters: &[Node],
        statistics: Statistics,
    ) -> Result<Node, GraphError> {
        match *parameters {
            [weight, bias, mean, variance] => {
                graph.batch_norm(x, [weight, bias], [mean, variance], statistics, self.eps)
            }
            _ => Ok(x),
        }
    }
}

impl LayerConfig for BatchNorm {
    const MAIN: Option<&'static str> = Some("momentum");

    fn role(&self) -> Role {
        Role::Within("norm")
    }

    fn form(&self) -> Form {
        Form::Normalization { eps: self.eps }
    }

    fn output(&self, input: &[usize]) -> Result<Vec<usize>, LayerError> {
        match input {
            [_, _, _] => Ok(input.to_vec()),
            _ => vector(Self::KIND, input),
        }
    }

    fn parameters(&self, input: &[usize]) -> Vec<ParameterSpec> {
        // The numbers of a vector, the channels of a picture.
        let units = &input[..1];
        let running = [("running_mean", 0.0), ("running_var", 1.0)].map(|(name, value)| ParameterSpec {
            name,
            shape: units.to_vec(),
            start: Start::Constant(value),
            trained: false,
        });
        affine(units).into_iter().chain(running).collect()
    }

    fn build<F: Float>(&self, graph: &mut Graph<F>, x: Node, parameters: &[Node]) -> Result<Node, GraphError> {
        self.node(graph, x, parameters, Statistics::Running)
    }

    fn trains_otherwise(&self) -> bool {
        true
    }

    fn build_training<F: Float>(
        &self,
        graph: &mut Graph<F>,
        x: Node,
        parameters: &[Node],
        _: &mut Stream,
    ) -> Result<Node, GraphError> {
        self.node(graph, x, parameters, Statistics::Batch { momentum: self.momentum })
    }

    fn check(&self, problems: &mut Problems) {
        problems.require(self.momentum > 0.0 && self.momentum <= 1.0, "momentum", || {
            format!("expected more than 0 and at most 1, found {}", self.momentum)
        });
        check_eps(self.eps, problems);
    }
}
