//! Training that cannot start or go on.

use models::ModelError;

use crate::History;

/// Why a training run has no result.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// A model that cannot be built for the data.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// Weights of a file that do not fit the model.
    #[error("the weights do not fit: {}", .0.join("; "))]
    Weights(Vec<String>),
    /// A graph that cannot be built.
    #[error(transparent)]
    Graph(#[from] autograd::GraphError),
    /// A split to follow that the data does not have.
    #[error("there is no {split} split to follow")]
    NoSplit {
        /// The split.
        split: &'static str,
    },
    /// A checkpoint of another run.
    #[error("the checkpoint belongs to another training run")]
    Checkpoint,
    /// No samples to train on.
    #[error("there are no samples to train on")]
    NoSamples,
    /// Samples to be changed as pictures that are none.
    #[error("augment changes pictures, and the samples are none")]
    NoPictures,
    /// A hook on a tensor that the model does not have.
    #[error(transparent)]
    Hook(#[from] crate::HookError),
    /// A trained model whose loss is not finite.
    #[error("the {split} loss of the trained model is {}", not_finite(*.value))]
    Score {
        /// The split.
        split: &'static str,
        /// Its loss.
        value: f32,
        /// Loss and accuracy of every epoch.
        history: Box<History>,
    },
    /// A number that is not finite.
    #[error("{0}")]
    Diverged(Box<Divergence>),
}

impl TrainError {
    /// Whether the numbers of the run grew beyond what is finite, rather than that it could not be carried out.
    pub fn is_divergence(&self) -> bool {
        self.history().is_some()
    }

    /// Loss and accuracy up to where the numbers grew beyond what is finite.
    pub fn history(&self) -> Option<&History> {
        match self {
            TrainError::Score { history, .. } => Some(history),
            TrainError::Diverged(divergence) => Some(&divergence.history),
            _ => None,
        }
    }
}

/// What a number that is not finite is.
fn not_finite(value: f32) -> &'static str {
    if value.is_nan() { "NaN" } else { "infinite" }
}

/// Training that reached NaN or infinity.
#[derive(Debug, Clone, PartialEq)]
pub struct Divergence {
    /// What went bad first.
    pub culprit: Culprit,
    /// The first number there that is not finite.
    pub value: f32,
    /// Epochs that had ended.
    pub epoch: usize,
    /// Steps that had ended, in all.
    pub step: usize,
    /// The learning rate of that step.
    pub lr: f64,
    /// The largest magnitude among the inputs.
    pub largest_input: f32,
    /// Loss and accuracy up to there.
    pub history: History,
}

/// Where a number that is not finite was seen first.
#[derive(Debug, Clone, PartialEq)]
pub enum Culprit {
    /// In the value of a node.
    Value(String),
    /// In the gradient of a node or parameter.
    Gradient(String),
    /// In a parameter, after an update by finite gradients.
    Parameter(String),
}

impl std::fmt::Display for Divergence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (what, name) = match &self.culprit {
            Culprit::Value(name) => ("", name),
            Culprit::Gradient(name) => ("the gradient of ", name),
            Culprit::Parameter(name) => ("the parameter ", name),
        };
        write!(
            f,
            "training diverged: {what}{name} first became {} at epoch {}, step {}",
            not_finite(self.value),
            self.epoch,
            self.step
        )
    }
}

impl Divergence {
    /// What to try, most promising first.
    pub fn advice(&self) -> Vec<String> {
        let mut list = vec![format!("lower the learning rate: it was {}, try {}", self.lr, self.lr / 10.0)];
        if self.largest_input > 10.0 {
            list.push(format!(
                "scale the inputs: the largest is {}, where values near 1 train best",
                self.largest_input
            ));
        }
        list.push("start the weights smaller, or warm the learning rate up".into());
        list
    }
}
