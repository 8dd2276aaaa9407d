//! How many epochs each of several training runs needs to become as good as a baseline ends up.

use datasets::Split;
use registry::{Config, Problems, TrainRef};

use crate::{Analysis, AnalysisError, Metrics, Outcome, Planned, Results, Trained};

/// Counts the epochs after which training runs first have at least the accuracy that a baseline has when it is trained, on one
/// split of the data; on the training split by the running means of the epochs where it is measured in passing.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EpochsToAccuracyConfig {
    /// The run whose accuracy is to be reached.
    pub baseline: TrainRef,
    /// The runs that are to reach it.
    pub models: Vec<TrainRef>,
    /// The split of the data on which accuracy is measured. Default "test".
    #[serde(default = "default_split")]
    pub on: Split,
}

fn default_split() -> Split {
    Split::Test
}

impl Config for EpochsToAccuracyConfig {
    const KIND: &str = "epochs_to_accuracy";
    const EXAMPLE: &str = "baseline = \"plain\"\nmodels = [\"deep\"]";
}

/// Epochs until a baseline's accuracy.
#[derive(Debug, Clone, PartialEq)]
pub struct EpochsToAccuracy {
    /// The split of the data.
    pub on: Split,
    /// The baseline's accuracy, 0 to 1.
    pub accuracy: f32,
    /// The baseline, then the others.
    pub runs: Vec<ComparedRun>,
}

/// One training run.
#[derive(Debug, Clone, PartialEq)]
pub struct ComparedRun {
    /// Its name.
    pub name: String,
    /// How many epochs it had.
    pub epochs: usize,
    /// The first epoch with at least the baseline's accuracy, 0 for the untrained model; none where there is none.
    pub reached: Option<usize>,
    /// The accuracy of the model it left, 0 to 1.
    pub accuracy: f32,
}

impl Analysis for EpochsToAccuracyConfig {
    fn check(&self, problems: &mut Problems) {
        problems.require(!self.models.is_empty(), "models", || "expected at least one training run".into());
    }

    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        let others = self.models.iter().enumerate().map(|(i, name)| (format!("models[{i}]"), name));
        for (path, name) in std::iter::once(("baseline".to_owned(), &self.baseline)).chain(others) {
            let Some(model) = planned.model(name) else { continue };
            if !problems.note(&path, model.needs_classes()) {
                problems.note(&path, model.needs_split(self.on));
            }
        }
    }

    fn run(&self, _: &str, results: &Results) -> Result<Box<dyn Outcome>, AnalysisError> {
        let runs = std::iter::once(&self.baseline)
            .chain(&self.models)
            .map(|name| results.trained(name))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Box::new(EpochsToAccuracy::of(self.on, &runs)))
    }
}

impl EpochsToAccuracy {
    /// Compares runs with the first of them.
    fn of(on: Split, runs: &[&Trained]) -> Self {
        let accuracies = |run: &Trained| run.fit.history.split(on).map_or_else(Vec::new, |s| s.accuracy.clone());
        let left = |run: &Trained| run.fit.score(on).and_then(|score| score.accuracy).unwrap_or(f32::NAN);
        let accuracy = runs.first().map_or(f32::NAN, |run| left(run));
        let compared = |run: &&Trained| ComparedRun {
            name: run.name.clone(),
            epochs: run.fit.history.epochs(),
            reached: accuracies(run).iter().position(|a| *a >= accuracy),
            accuracy: left(run),
        };
        Self { on, accuracy, runs: runs.iter().map(compared).collect() }
    }
}

impl Outcome for EpochsToAccuracy {
    fn metrics(&self) -> Metrics {
        let mut metrics = Metrics::default();
        metrics.add("accuracy", self.accuracy);
        for run in &self.runs {
            let mut own = Metrics::default();
            own.add("epochs", run.epochs);
            if let Some(reached) = run.reached {
                own.add("reached_in", reached);
            }
            own.add("accuracy", run.accuracy);
            metrics.add(&run.name, own);
        }
        metrics
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;
    use training::Series;

    #[test]
    fn the_first_epoch_that_is_as_good_counts() {
        let trained = |name: &str, accuracy: &[f32], epoch: usize| -> Trained {
            let mut trained = fixture::trained(vec![models::layers::Linear::new(1).into()], &[0.0; 3]);
            trained.name = name.into();
            trained.fit.epoch = epoch;
            trained.fit.history.train.loss = vec![0.0; accuracy.len()];
            trained.fit.history.test =
                Some(Series { loss: vec![0.0; accuracy.len()], accuracy: accuracy.to_vec(), ..Series::default() });
            trained
        };
        let list = [
            // It was once as good before it ended; another left its best epoch, not its last.
            trained("m", &[0.25, 0.5, 0.875, 0.75, 0.75], 4),
            trained("quick", &[0.25, 0.75, 1.0, 0.5], 2),
            trained("slow", &[0.25, 0.25, 0.5], 2),
        ];
        let found = EpochsToAccuracy::of(Split::Test, &list.each_ref());
        assert_eq!(found.accuracy, 0.75);
        let told: Vec<_> = found.runs.iter().map(|r| (r.epochs, r.reached, r.accuracy)).collect();
        assert_eq!(told, [(4, Some(2), 0.75), (3, Some(1), 1.0), (2, None, 0.5)]);
    }
}
