//! Dropout: in training each number is 0 with probability p and the others are scaled by 1/(1 − p); a model that predicts leaves
//! all as they are.
//!
//! Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov, *Dropout: A Simple Way to Prevent Neural Networks from
//! Overfitting*, 2014.

use autograd::{Graph, GraphError, Node};
use registry::{Config, Problems};
use tensor::{Float, random::Stream};

use super::{Form, LayerConfig, LayerError, Role, pictures};

/// Dropout: in every training step each number is 0 with probability p, and the others are scaled by 1/(1 − p) (Srivastava et al.
/// 2014). A model that predicts leaves all as they are.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Dropout {
    /// The probability p of being dropped, at least 0 and below 1.
    pub p: f64,
    /// Whether a picture's channel is dropped as a whole, in all of its pixels or in none (Tompson et al. 2015). Default false.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub channels: bool,
}

impl Config for Dropout {
    const KIND: &str = "dropout";
    const EXAMPLE: &str = "p = 0.2";
}

impl LayerConfig for Dropout {
    const MAIN: Option<&'static str> = Some("p");

    fn role(&self) -> Role {
        Role::Within("dropout")
    }

    fn form(&self) -> Form {
        Form::Identity
    }

    fn output(&self, input: &[usize]) -> Result<Vec<usize>, LayerError> {
        if self.channels {
            pictures::shape(Self::KIND, input)?;
        }
        Ok(input.to_vec())
    }

    /// A copy, so that the node has a name of its own.
    fn build<F: Float>(&self, graph: &mut Graph<F>, x: Node, _: &[Node]) -> Result<Node, GraphError> {
        let shape = graph.shape(x).to_vec();
        graph.reshape(x, &shape)
    }

    fn trains_otherwise(&self) -> bool {
        true
    }

    fn build_training<F: Float>(
        &self,
        graph: &mut Graph<F>,
        x: Node,
        _: &[Node],
        stream: &mut Stream,
    ) -> Result<Node, GraphError> {
        if self.channels { graph.dropout_channels(x, self.p, stream) } else { Ok(graph.dropout(x, self.p, stream)) }
    }

    fn check(&self, problems: &mut Problems) {
        problems.require((0.0..1.0).contains(&self.p), "p", || {
            format!("expected a probability of at least 0 and below 1, found {}", self.p)
        });
    }
}
