//! Sweeps: the same training run with one setting changed, once per value and seed.

use analysis::sweep::{Sweep, SweepPoint};
use models::Model;
use registry::{Problems, TrainRef};
use training::TrainConfig;

use super::cells::Plan;
use super::error::{RunError, StageError};
use super::metrics;
use super::runner::{Runner, StageResult};
use crate::console::Console;
use crate::kinds::{Config, sweep::SweepConfig};
use crate::load::Stage;

impl Runner<'_> {
    pub(super) fn sweep(&mut self, stage: &Stage, sweep: &SweepConfig, console: &mut Console) -> StageResult {
        let address = stage.address();
        let config = |name: &TrainRef| {
            self.pipeline.stages.iter().find_map(|s| match &s.config {
                Config::Train(train) if s.name == name.0 => Some(train.as_ref().clone()),
                _ => None,
            })
        };
        // The check has seen that the training runs are there, that every value gives one, and that their data sets are there.
        let repeated: Vec<TrainConfig> = sweep.repeated().filter_map(config).collect();
        let train = registry::resolve(repeated.first().expect("a training run to repeat"));
        let variants = match sweep.train {
            Some(_) => sweep.variants(&train, &mut Problems::default()).into_iter().flatten().collect(),
            None => repeated,
        };
        // Every value starts like the others of its seed already, and only the model at the end is kept.
        let own_start = |variant| TrainConfig { same_init_as: None, snapshots: None, ..variant };
        let variants: Vec<TrainConfig> = variants.into_iter().map(own_start).collect();
        let labels: Vec<String> = (0..variants.len()).map(|index| sweep.label(index)).collect();
        let models = self.pipeline.reads_models_of(stage);
        let plan = Plan { stage, variants: &variants, labels, seeds: &sweep.seeds, models };
        let runs = self.runs(&plan, console)?;
        let total = runs.len();
        let diverged = runs.iter().filter(|run| run.diverged.is_some()).count();
        if diverged == total {
            let first = runs.into_iter().find_map(|run| run.diverged).unwrap_or_default();
            return Err(RunError::of(&address, StageError::AllDiverged { total, first }));
        }
        let points =
            runs.chunks(sweep.seeds.count).zip(&variants).enumerate().map(|(index, (runs, variant))| SweepPoint {
                label: sweep.label(index),
                value: sweep.number(index),
                layers: variant.model.clone(),
                parameters: self.parameters(variant),
                runs: runs.to_vec(),
            });
        let loss = variants.first().map(|v| v.loss);
        let result = Sweep {
            name: stage.name.clone(),
            train: sweep.repeated().next().map(|name| name.0.clone()).unwrap_or_default(),
            models: sweep.models.iter().map(|name| name.0.clone()).collect(),
            set: sweep.set.clone().unwrap_or_default(),
            own: sweep.own(&train),
            axis: sweep.axis.clone().or_else(|| sweep.set.clone()).unwrap_or_else(|| "model".to_owned()),
            classifies: loss.is_some_and(|l| l.classifies()),
            loss_unit: loss.map_or("", |l| l.unit()),
            points: points.collect(),
        };
        let mut found = metrics::of_outcome(&result.metrics());
        let mut summary = format!("{total} runs");
        if diverged > 0 {
            summary += &format!(", {diverged} of them diverged");
        }
        if let (true, Some(fields)) = (variants.iter().any(TrainConfig::selects_by_test), found.as_object_mut()) {
            let (key, words) = metrics::SELECTION;
            fields.shift_insert(0, key.to_owned(), words.into());
            summary += &format!(", {words}, which does not judge them any more");
        }
        self.metrics.add("sweep", &stage.name, found);
        self.store.results.insert_sweep(result);
        Ok(summary)
    }

    /// How many numbers a run trains.
    fn parameters(&self, variant: &TrainConfig) -> usize {
        let shape = &self.store.splits(&variant.data).train.shape;
        Model::trained_numbers(&variant.model, shape, variant.loss.head()).unwrap_or_default()
    }
}
