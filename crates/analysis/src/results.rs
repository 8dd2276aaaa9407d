//! What has been made so far, by name: the input of analyses and figures.

use std::{any::Any, collections::BTreeMap, sync::Arc};

use datasets::Splits;
use registry::{AnalysisRef, DatasetRef, SweepRef, TrainRef};
use tensor::random::Streams;
use training::{Control, Fit, Recording, TrainConfig, TrainError};

use crate::{Analysis, AnalysisError, Outcome, sweep::Sweep};

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

impl Trained {
    /// How many steps an epoch had.
    pub fn steps_per_epoch(&self) -> usize {
        let n = self.data.train.n();
        n.div_ceil(self.config.batch.size(n).max(1))
    }
}

/// Finished stages by name: what a pipeline fills as it runs, and what a program that does without a pipeline fills itself.
///
/// ```
/// use analysis::{Results, predictions::truth_table::{TruthTable, TruthTableConfig}};
/// use datasets::{Source, Splits, sources::xor::Xor};
/// use models::{Loss, layers::{Linear, Tanh}};
/// use optimizers::adam::Adam;
/// use registry::{AnalysisRef, TrainRef};
/// use tensor::Streams;
/// use training::TrainConfig;
///
/// let mut results = Results::new(Streams::new(7));
/// let data = Splits::undivided(Xor {}.load(".".as_ref(), results.streams(), "dataset.xor")?);
/// let model = vec![Linear::new(4).into(), Tanh {}.into(), Linear::new(1).into()];
/// let config = TrainConfig::new("xor", model, Loss::MeanSquaredError, Adam::new(0.05).into(), 300);
/// results.train("net", config, data)?;
///
/// results.analyse("table", &TruthTableConfig { model: TrainRef("net".into()), tolerance: 0.1 })?;
/// let table: &TruthTable = results.outcome(&AnalysisRef("table".into()))?;
/// assert!(table.largest_error(0) < 0.1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Results {
    streams: Streams,
    models: Vec<String>,
    data: BTreeMap<String, Arc<Splits>>,
    trained: BTreeMap<String, Trained>,
    sweeps: BTreeMap<String, Sweep>,
    outcomes: BTreeMap<String, Box<dyn Outcome>>,
    recordings: BTreeMap<(String, String), Vec<Recording>>,
}

fn found<'a, T>(stages: &'a BTreeMap<String, T>, family: &'static str, name: &str) -> Result<&'a T, AnalysisError> {
    stages.get(name).ok_or_else(|| AnalysisError::Missing { family, name: name.to_owned() })
}

impl Results {
    /// Nothing yet; the random numbers of what follows come from `streams`.
    pub fn new(streams: Streams) -> Self {
        Self {
            streams,
            models: Vec::new(),
            data: BTreeMap::new(),
            trained: BTreeMap::new(),
            sweeps: BTreeMap::new(),
            outcomes: BTreeMap::new(),
            recordings: BTreeMap::new(),
        }
    }

    /// Where random numbers come from.
    pub fn streams(&self) -> &Streams {
        &self.streams
    }

    /// Says which models the whole run trains, in order, before any is here: a figure may show some of them only.
    pub fn announce_models(&mut self, names: impl IntoIterator<Item = String>) {
        self.models = names.into_iter().collect();
    }

    /// Adds a data set in its splits.
    pub fn insert_data(&mut self, name: &str, data: Splits) {
        self.data.insert(name.to_owned(), Arc::new(data));
    }

    /// Adds a trained model; one that was not announced is behind the others.
    pub fn insert_trained(&mut self, trained: Trained) {
        if !self.models.contains(&trained.name) {
            self.models.push(trained.name.clone());
        }
        self.trained.insert(trained.name.clone(), trained);
    }

    /// Adds a sweep.
    pub fn insert_sweep(&mut self, sweep: Sweep) {
        self.sweeps.insert(sweep.name.clone(), sweep);
    }

    /// Adds what an analysis found.
    pub fn insert_outcome(&mut self, name: &str, outcome: Box<dyn Outcome>) {
        self.outcomes.insert(name.to_owned(), outcome);
    }

    /// Adds what the hooks of the analysis `stage` recorded while the model `train` was trained, in the order of
    /// [`Analysis::hooks`].
    pub fn insert_recordings(&mut self, stage: &str, train: &str, recordings: Vec<Recording>) {
        self.recordings.insert((stage.to_owned(), train.to_owned()), recordings);
    }

    /// Trains a model as the stage `train.NAME`, and adds it and its data, which are called as the settings say.
    ///
    /// # Errors
    /// When the settings do not fit each other or the data, or training diverges.
    pub fn train(&mut self, name: &str, config: TrainConfig, data: Splits) -> Result<&Trained, TrainError> {
        let fit = training::fit(&config, &format!("train.{name}"), &data, &self.streams, &mut |_| Control::Continue)?;
        let data = Arc::new(data);
        self.data.insert(config.data.0.clone(), Arc::clone(&data));
        self.insert_trained(Trained { name: name.to_owned(), config, fit, data, seconds: Vec::new() });
        Ok(&self.trained[name])
    }

    /// Runs an analysis of what is here and adds what it finds. Its hooks' recordings have done their work then and are removed.
    ///
    /// # Errors
    /// Those of [`Analysis::run`].
    pub fn analyse(&mut self, name: &str, analysis: &dyn Analysis) -> Result<&dyn Outcome, AnalysisError> {
        let stage = format!("analysis.{name}");
        let outcome = analysis.run(&stage, self)?;
        self.recordings.retain(|(owner, _), _| *owner != stage);
        self.insert_outcome(name, outcome);
        Ok(&*self.outcomes[name])
    }

    /// A data set in its splits.
    ///
    /// # Errors
    /// When it is not here.
    pub fn data(&self, name: &DatasetRef) -> Result<&Arc<Splits>, AnalysisError> {
        found(&self.data, "dataset", &name.0)
    }

    /// A trained model.
    ///
    /// # Errors
    /// When it is not here.
    pub fn trained(&self, name: &TrainRef) -> Result<&Trained, AnalysisError> {
        found(&self.trained, "train", &name.0)
    }

    /// Which of the run's models this is, counted from 0; none where it is not one of them.
    pub fn place(&self, model: &str) -> Option<usize> {
        self.models.iter().position(|name| name == model)
    }

    /// A sweep.
    ///
    /// # Errors
    /// When it is not here.
    pub fn sweep(&self, name: &SweepRef) -> Result<&Sweep, AnalysisError> {
        found(&self.sweeps, "sweep", &name.0)
    }

    /// What an analysis found, as the type that its kind finds.
    ///
    /// # Errors
    /// When it is not here, or of another kind.
    pub fn outcome<T: Outcome>(&self, name: &AnalysisRef) -> Result<&T, AnalysisError> {
        let outcome: &dyn Any = found(&self.outcomes, "analysis", &name.0)?.as_ref();
        outcome.downcast_ref().ok_or_else(|| AnalysisError::OtherKind { name: name.0.clone() })
    }

    /// What the hooks of the analysis `stage` recorded while this model was trained. Nobody else's, and gone when the analysis
    /// has run.
    ///
    /// # Errors
    /// When there are none.
    pub fn recordings(&self, stage: &str, name: &TrainRef) -> Result<&[Recording], AnalysisError> {
        let recordings = self.recordings.get(&(stage.to_owned(), name.0.clone())).map(Vec::as_slice);
        recordings.ok_or_else(|| AnalysisError::Missing { family: "train", name: name.0.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Metrics, fixture};

    struct Found;

    impl Outcome for Found {
        fn metrics(&self) -> Metrics {
            Metrics::default()
        }
    }

    struct Other;

    impl Outcome for Other {
        fn metrics(&self) -> Metrics {
            Metrics::default()
        }
    }

    #[test]
    fn what_is_missing_or_of_another_kind_is_named() {
        let mut results = Results::new(Streams::new(1));
        let name = AnalysisRef("a".into());
        let complaint = |results: &Results| results.outcome::<Other>(&name).err().map(|e| e.to_string());
        assert_eq!(complaint(&results).as_deref(), Some("analysis.a has no result to look at"));
        results.insert_outcome("a", Box::new(Found));
        assert_eq!(complaint(&results).as_deref(), Some("analysis.a is of another kind than is drawn here"));
        assert!(results.outcome::<Found>(&name).is_ok());
    }

    #[test]
    fn a_models_place_is_that_in_the_run_whatever_is_here() {
        let named = |name: &str| Trained {
            name: name.to_owned(),
            ..fixture::trained(vec![models::layers::Linear::new(1).into()], &[0.0; 3])
        };
        let mut results = Results::new(Streams::new(1));
        results.announce_models(["z", "b", "a"].map(String::from));
        results.insert_trained(named("a"));
        results.insert_trained(named("other"));
        assert_eq!(["z", "a", "other", "none"].map(|name| results.place(name)), [Some(0), Some(2), Some(3), None]);
    }

    /// Finds nothing in recordings of the model `m`.
    #[derive(Debug)]
    struct Listens;

    impl Analysis for Listens {
        fn run(&self, stage: &str, results: &Results) -> Result<Box<dyn Outcome>, AnalysisError> {
            results.recordings(stage, &TrainRef("m".into()))?;
            Ok(Box::new(Found))
        }
    }

    #[test]
    fn each_analysis_has_recordings_of_its_own_until_it_has_run() {
        let mut results = fixture::results(fixture::trained(vec![models::layers::Linear::new(1).into()], &[0.0; 3]));
        results.insert_recordings("analysis.a", "m", Vec::new());
        results.insert_recordings("analysis.b", "m", Vec::new());
        assert!(results.analyse("other", &Listens).is_err());
        assert!(results.analyse("a", &Listens).is_ok());
        assert!(results.analyse("a", &Listens).is_err());
        assert!(results.analyse("b", &Listens).is_ok());
    }
}
