//! What an analysis or a figure is given: finished stages when it runs, their shapes when it is checked.

use std::sync::Arc;

use datasets::{Spec, Splits};
use models::{Layer, Loss};
use registry::{AnalysisRef, DatasetRef, SweepRef, TrainRef};
use tensor::random::Streams;
use training::{Fit, Hook, HookError, Recording, TrainConfig};

use crate::{AnalysisError, Outcome, sweep::Sweep};

/// A finished training stage.
#[derive(Debug, Clone)]
pub struct Trained {
    /// The stage's name.
    pub name: String,
    /// Its settings.
    pub config: TrainConfig,
    /// The trained model and its history.
    pub fit: Fit,
    /// The data it was trained on.
    pub data: Arc<Splits>,
    /// How long each epoch took as it was measured: for figures of time only, never for results.
    pub seconds: Vec<f64>,
}

/// Finished stages, by reference.
pub trait Context {
    /// A trained model.
    ///
    /// # Errors
    /// When no such stage has run.
    fn trained(&self, name: &TrainRef) -> Result<&Trained, AnalysisError>;

    /// A data set in its splits.
    ///
    /// # Errors
    /// When no such stage has run.
    fn data(&self, name: &DatasetRef) -> Result<&Arc<Splits>, AnalysisError>;

    /// A sweep's results.
    ///
    /// # Errors
    /// When no such stage has run.
    fn sweep(&self, name: &SweepRef) -> Result<&Sweep, AnalysisError>;

    /// An analysis' result.
    ///
    /// # Errors
    /// When no such stage has run.
    fn outcome(&self, name: &AnalysisRef) -> Result<&dyn Outcome, AnalysisError>;

    /// What the hooks of the analysis `stage` heard while this model was trained, in the order of [`crate::Analysis::hooks`]. Nobody else sees it, and it is gone when the analysis has run.
    ///
    /// # Errors
    /// When no such stage has run.
    fn recordings(&self, _stage: &str, name: &TrainRef) -> Result<&[Recording], AnalysisError> {
        Err(AnalysisError::Missing { family: "train", name: name.0.clone() })
    }

    /// The pipeline's random streams.
    fn streams(&self) -> &Streams;
}

/// What is known of a model before it is trained.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedModel {
    /// Its data set.
    pub data: Spec,
    /// How many samples its training, validation and test splits have.
    pub sizes: [usize; 3],
    /// Its layers.
    pub layers: Vec<Layer>,
    /// Its loss.
    pub loss: Loss,
    /// How many epochs it is to be trained for.
    pub epochs: usize,
    /// The epochs whose parameters are to be kept, ascending.
    pub snapshots: Vec<usize>,
}

/// What is known of the stages before they run. `None` where a reference leads nowhere or to a table with mistakes of its own,
/// which is reported there.
pub trait Planned {
    /// A model to be trained.
    fn model(&self, name: &TrainRef) -> Option<&PlannedModel>;
    /// The models of a sweep, one per value that makes one.
    fn sweep(&self, name: &SweepRef) -> Option<&[PlannedModel]>;
    /// The models that an analysis looks at.
    fn models_of(&self, _analysis: &AnalysisRef) -> &[TrainRef] {
        &[]
    }
    /// A data set to be loaded.
    fn data(&self, name: &DatasetRef) -> Option<&Spec>;
}

impl PlannedModel {
    /// Whether this model can be listened to there.
    ///
    /// # Errors
    /// When not: the error lists the names there are.
    pub fn has_hook(&self, hook: &Hook) -> Result<(), HookError> {
        hook.check(&self.layers, &self.data.shape, self.loss.head())
    }

    /// What is wrong, if anything, with showing this model in the plane of its two inputs.
    pub fn needs_plane(&self, name: &TrainRef) -> Option<String> {
        let shape = tensor::shape::display(&self.data.shape);
        (self.data.shape != [2]).then(|| format!("expected a model of two inputs, and {} takes {shape}", name.0))
    }

    /// What is wrong, if anything, with asking this model for classes.
    pub fn needs_classes(&self, name: &TrainRef) -> Option<String> {
        (!self.loss.classifies()).then(|| format!("expected a model of classes, and {} predicts numbers", name.0))
    }

    /// What is wrong, if anything, with asking this model for numbers.
    pub fn needs_numbers(&self, name: &TrainRef) -> Option<String> {
        self.loss.classifies().then(|| format!("expected a model of numbers, and {} predicts classes", name.0))
    }

    /// What is wrong, if anything, with asking this model for one number.
    pub fn needs_one_number(&self, name: &TrainRef) -> Option<String> {
        let many = || {
            let outputs = self.data.outputs().filter(|n| *n != 1)?;
            Some(format!("expected a model of one output, and {} has {outputs}", name.0))
        };
        self.needs_numbers(name).or_else(many)
    }
}

/// An outcome as the type the reader expects.
///
/// # Errors
/// When it is another kind's.
pub fn outcome_as<'a, T: Outcome>(outcome: &'a dyn Outcome, name: &AnalysisRef) -> Result<&'a T, AnalysisError> {
    let any: &dyn std::any::Any = outcome;
    any.downcast_ref().ok_or_else(|| AnalysisError::OtherKind { name: name.0.clone() })
}
