//! What is known of data sets and models before anything runs: what analyses and figures are checked against.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use datasets::Spec;
use models::{Layer, Loss, Model};
use registry::{AnalysisRef, DatasetRef, SweepRef, TrainRef};
use training::{Hook, HookError, Measure};

use crate::select::snapshots::Snapshots;

/// What is known of the stages before they run, by name. `None` where a reference leads nowhere or to a table with mistakes of
/// its own, which is reported there.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Planned {
    data: BTreeMap<String, PlannedData>,
    models: BTreeMap<String, PlannedModel>,
    sweeps: BTreeMap<String, PlannedSweep>,
    analyses: BTreeMap<String, (Vec<TrainRef>, Option<Snapshots>)>,
    offers: BTreeMap<String, Offer>,
}

/// What an analysis finds, as far as figures choose among it; `None` where that is not known before it runs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Offer {
    /// The nodes it looks at.
    pub nodes: Option<Vec<String>>,
    /// The epochs it looks at.
    pub epochs: Option<Vec<usize>>,
    /// Whether it finds something of pairs.
    pub pairs: Option<bool>,
    /// The data set it looks at, where that is all it looks at.
    pub data: Option<String>,
}

/// What is known of a data set before it is loaded.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedData {
    /// Shape, targets, names.
    pub spec: Arc<Spec>,
    /// How many samples its training, validation and test splits have.
    pub sizes: [usize; 3],
}

/// What is known of a model before it is trained.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedModel {
    /// What messages call it: its stage's name, or "that of" its sweep's.
    pub name: String,
    /// Its data set.
    pub data: Arc<Spec>,
    /// How many samples its training, validation and test splits have.
    pub sizes: [usize; 3],
    /// Its layers.
    pub layers: Vec<Layer>,
    /// Its loss.
    pub loss: Loss,
    /// What is measured of it epoch by epoch.
    pub measures: Vec<Measure>,
    /// The data set whose pictures its training changes, where it does.
    pub augmented: Option<DatasetRef>,
    /// How many epochs it is to be trained for.
    pub epochs: usize,
    /// The epochs whose parameters are to be kept, ascending.
    pub snapshots: Vec<usize>,
}

/// What is known of a sweep before it runs.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PlannedSweep {
    /// One per value that makes one.
    pub models: Vec<PlannedModel>,
    /// The data sets that its runs learn from.
    pub data: BTreeSet<String>,
    /// Whether each seed draws them anew.
    pub redrawn: bool,
}

impl Planned {
    /// Adds a data set.
    pub fn insert_data(&mut self, name: &str, data: PlannedData) {
        self.data.insert(name.to_owned(), data);
    }

    /// Adds a model.
    pub fn insert_model(&mut self, model: PlannedModel) {
        self.models.insert(model.name.clone(), model);
    }

    /// Adds a sweep.
    pub fn insert_sweep(&mut self, name: &str, sweep: PlannedSweep) {
        self.sweeps.insert(name.to_owned(), sweep);
    }

    /// Adds an analysis, by the models it looks at, and at which snapshots of them.
    pub fn insert_analysis(&mut self, name: &str, models: Vec<TrainRef>, snapshots: Option<Snapshots>) {
        self.analyses.insert(name.to_owned(), (models, snapshots));
    }

    /// Says what an analysis finds.
    pub fn insert_offer(&mut self, analysis: &str, offer: Offer) {
        self.offers.insert(analysis.to_owned(), offer);
    }

    /// What an analysis finds.
    pub fn offer_of(&self, analysis: &AnalysisRef) -> Offer {
        self.offers.get(&analysis.0).cloned().unwrap_or_default()
    }

    /// A data set to be loaded.
    pub fn data(&self, name: &DatasetRef) -> Option<&PlannedData> {
        self.data.get(&name.0)
    }

    /// A model to be trained.
    pub fn model(&self, name: &TrainRef) -> Option<&PlannedModel> {
        self.models.get(&name.0)
    }

    /// The models of a sweep, one per value that makes one.
    pub fn sweep(&self, name: &SweepRef) -> Option<&[PlannedModel]> {
        Some(&self.sweeps.get(&name.0)?.models)
    }

    /// What is wrong, if anything, with setting all runs of a sweep against the same samples.
    pub fn needs_same_samples(&self, name: &SweepRef) -> Option<String> {
        let sweep = self.sweeps.get(&name.0)?;
        let differ = match sweep.redrawn {
            true => "have samples of their own with every seed (`vary`)".to_owned(),
            false if sweep.data.len() > 1 => format!("learn from {}", Vec::from_iter(sweep.data.clone()).join(" and ")),
            false => return None,
        };
        Some(format!("expected runs that all learn from the same samples, and those of {} {differ}", name.0))
    }

    /// What is wrong, if anything, with setting the runs of a sweep against what an analysis finds in its data.
    pub fn needs_data_of(&self, sweep: &SweepRef, analysis: &AnalysisRef) -> Option<String> {
        let found = self.offer_of(analysis).data?;
        let own = self.sweeps.get(&sweep.0)?.data.first()?;
        (*own != found).then(|| format!("{} looks at {found}, and {} learns from {own}", analysis.0, sweep.0))
    }

    /// The models that an analysis looks at.
    pub fn models_of(&self, analysis: &AnalysisRef) -> &[TrainRef] {
        self.analyses.get(&analysis.0).map_or(&[], |(models, _)| models)
    }

    /// At which snapshots of their training it looks at them.
    pub fn snapshots_of(&self, analysis: &AnalysisRef) -> Option<&Snapshots> {
        self.analyses.get(&analysis.0)?.1.as_ref()
    }
}

impl PlannedModel {
    /// The names of its nodes, those that its layers make after the input, `x`; that alone where the layers do not fit.
    pub fn nodes(&self) -> Vec<String> {
        let nodes = Model::node_shapes(&self.layers, &self.data.shape, self.loss.head()).unwrap_or_default();
        std::iter::once("x".to_owned()).chain(nodes.into_iter().map(|(name, _)| name)).collect()
    }

    /// Whether this model can be listened to there.
    ///
    /// # Errors
    /// When not: the error lists the names there are.
    pub fn has_hook(&self, hook: &Hook) -> Result<(), HookError> {
        hook.check(&self.layers, &self.data.shape, self.loss.head())
    }

    /// What is wrong, if anything, with showing this model in the plane of its two inputs.
    pub fn needs_plane(&self) -> Option<String> {
        self.needs_inputs(2, "two inputs")
    }

    /// What is wrong, if anything, with showing this model over its one input.
    pub fn needs_one_input(&self) -> Option<String> {
        self.needs_inputs(1, "one input")
    }

    fn needs_inputs(&self, n: usize, words: &str) -> Option<String> {
        let shape = tensor::shape::display(&self.data.shape);
        (self.data.shape != [n]).then(|| format!("expected a model of {words}, and {} takes {shape}", self.name))
    }

    /// What is wrong, if anything, with looking at every feature of this model's data, where that is for so many at most.
    pub fn needs_few_features(&self, most: usize) -> Option<String> {
        let found = self.data.features();
        (found > most).then(|| format!("expected a model of at most {most} features, and {} has {found}", self.name))
    }

    /// What is wrong, if anything, with asking this model for classes.
    pub fn needs_classes(&self) -> Option<String> {
        (!self.loss.classifies()).then(|| format!("expected a model of classes, and {} predicts numbers", self.name))
    }

    /// What is wrong, if anything, with asking this model for numbers.
    pub fn needs_numbers(&self) -> Option<String> {
        self.loss.classifies().then(|| format!("expected a model of numbers, and {} predicts classes", self.name))
    }

    /// What is wrong, if anything, with asking this model for one number.
    pub fn needs_one_number(&self) -> Option<String> {
        let many = || {
            let outputs = self.data.outputs().filter(|n| *n != 1)?;
            Some(format!("expected a model of one output, and {} has {outputs}", self.name))
        };
        self.needs_numbers().or_else(many)
    }
}
