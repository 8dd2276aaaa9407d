//! What training makes small.

use autograd::{Graph, GraphError, Node};
use datasets::{Dataset, Samples};
use ndarray::{Array1, Axis};
use tensor::Float;

use crate::{Head, ModelError};

/// The loss of a training run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(extend("x-group" = "loss"))]
pub enum Loss {
    /// Cross-entropy in nats of the logits against integer labels, averaged over the samples; for classes.
    CrossEntropy,
    /// Squared difference from the target, averaged over samples and outputs; for numbers.
    MeanSquaredError,
}

/// A loss's line in the registry.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LossInfo {
    /// The name in pipeline files.
    pub kind: &'static str,
    /// What it is, in a sentence.
    pub summary: &'static str,
}

/// Every loss.
pub const LOSSES: &[LossInfo] = &[
    LossInfo {
        kind: "cross_entropy",
        summary: "Cross-entropy in nats of logits against integer labels, averaged over the samples; for classes.",
    },
    LossInfo {
        kind: "mean_squared_error",
        summary: "Squared difference from the target, averaged over samples and outputs; for numbers.",
    },
];

impl Loss {
    /// The name in pipeline files.
    pub fn kind(self) -> &'static str {
        match self {
            Self::CrossEntropy => LOSSES[0].kind,
            Self::MeanSquaredError => LOSSES[1].kind,
        }
    }

    /// The unit of its values, for axes.
    pub fn unit(self) -> &'static str {
        match self {
            Self::CrossEntropy => "cross-entropy (nats)",
            Self::MeanSquaredError => "mean squared error",
        }
    }

    /// How a model's last layer is called under this loss.
    pub fn head(self) -> Head {
        match self {
            Self::CrossEntropy => Head::Logits,
            Self::MeanSquaredError => Head::Output,
        }
    }

    /// Whether the targets are classes rather than numbers.
    pub fn classifies(self) -> bool {
        self == Self::CrossEntropy
    }

    /// What it compares outputs with, for every sample: labels, or rows of numbers.
    ///
    /// # Errors
    /// When the data has targets of another kind.
    pub fn targets(self, data: &Dataset) -> Result<Samples, ModelError> {
        let targets = match self.classifies() {
            true => data.labels_f32().map(|labels| Array1::from(labels).insert_axis(Axis(1))),
            false => data.values().cloned(),
        };
        targets.map(Samples::from).ok_or_else(|| self.no_targets())
    }

    /// The error of data without targets for it.
    pub(crate) fn no_targets(self) -> ModelError {
        ModelError::Targets { loss: self.kind(), expected: if self.classifies() { "classes" } else { "numbers" } }
    }

    /// Adds the input `target` and the node `loss` to a graph. Targets are labels (m) for classes, numbers of the output's shape
    /// otherwise. Returns both nodes.
    ///
    /// # Errors
    /// When the output's shape does not fit the loss.
    pub fn build<F: Float>(self, graph: &mut Graph<F>, output: Node) -> Result<(Node, Node), GraphError> {
        let shape = graph.shape(output).to_vec();
        let target = graph.input("target", if self.classifies() { &shape[..1] } else { &shape })?;
        let loss = match self {
            Self::CrossEntropy => graph.cross_entropy(output, target)?,
            Self::MeanSquaredError => graph.mean_squared_error(output, target)?,
        };
        Ok((target, graph.name(loss, "loss")?))
    }
}
