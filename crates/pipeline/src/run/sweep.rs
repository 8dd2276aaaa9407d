//! Sweeps: the same training run with one setting changed, once per value and seed.

use std::sync::Arc;

use analysis::sweep::{Sweep, SweepPoint, SweepRun};
use datasets::{DataError, Split, Splits};
use models::Model;
use registry::{DatasetRef, Problems, TrainRef};
use serde::{Deserialize, Serialize};
use tensor::{Purpose, Streams};
use training::{Control, Fit, TrainConfig};

use super::error::RunError;
use super::metrics;
use super::runner::{Runner, StageResult};
use crate::cache::{self, Cached};
use crate::console::Console;
use crate::kinds::{Config, seeds::Seeds, sweep::SweepConfig};
use crate::load::Stage;
use crate::parallel;

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
        let (seeds, total) = (sweep.seeds.count, variants.len() * sweep.seeds.count);
        let file = cache::runs_file(stage);
        let one = |i: usize| -> Result<SweepRun, RunError> {
            let (variant, seed) = (&variants[i / seeds], i % seeds);
            // The stage's name without the value: every value starts from the same random numbers.
            let stream = format!("{address}.{}", if sweep.seeds.vary_init() { seed } else { 0 });
            let data = self.redrawn(&variant.data, &sweep.seeds, seed, &address)?;
            let fit = training::fit(variant, &stream, &data, self.store.results.streams(), &mut |_| Control::Continue);
            let fit = fit.map_err(|e| RunError::of(&format!("{address} at {}", sweep.label(i / seeds)), e))?;
            Ok(measured(fit))
        };
        let cached = if self.fresh { Cached::Absent } else { cache::read(&self.folder.path(&file), &self.key) };
        if cached == Cached::Damaged {
            console.note(&format!("{file} is damaged; all runs are repeated"));
        }
        let runs = match cached {
            Cached::Valid(runs) => restored(runs, &variants, seeds, |data| self.store.splits(data).train.shape.clone()),
            Cached::Absent | Cached::Damaged => None,
        };
        let runs = match runs {
            Some(runs) => runs,
            None => parallel::map(total, one, |done| console.progress(done, total, || "runs".to_owned()))?,
        };
        cache::write(&mut self.folder, &file, &self.key, &runs.iter().map(CachedRun::of).collect::<Vec<_>>())?;
        let points = runs.chunks(seeds).enumerate().map(|(index, runs)| SweepPoint {
            label: sweep.label(index),
            value: sweep.number(index),
            parameters: model(&runs[0]).parameters.len(),
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
        if let (true, Some(fields)) = (variants.iter().any(TrainConfig::selects_by_test), found.as_object_mut()) {
            let (key, words) = metrics::SELECTION;
            fields.shift_insert(0, key.to_owned(), words.into());
            summary += &format!(", {words}, which does not judge them any more");
        }
        self.metrics.add("sweep", &stage.name, found);
        self.store.results.insert_sweep(result);
        Ok(summary)
    }
}

impl Runner<'_> {
    /// A data set as a sweep's seed has it: the first as it is. `address` is the sweep's.
    fn redrawn(&self, name: &DatasetRef, seeds: &Seeds, seed: usize, address: &str) -> Result<Arc<Splits>, RunError> {
        let own = self.store.splits(name);
        let purposes = seeds.redrawn();
        if purposes.is_empty() || seed == 0 {
            return Ok(Arc::clone(own));
        }
        let stage = self.pipeline.stages.iter().find_map(|stage| match &stage.config {
            Config::Dataset(source) if stage.name == name.0 => Some((stage, source)),
            _ => None,
        });
        let (stage, source) = stage.expect("the check has seen the data set");
        let streams = self.store.results.streams().redrawn(purposes, seed as u64);
        let drawn = self.drawn(stage, source.as_ref(), &streams)?;
        // Told by the first that should differ; the others differ as it does.
        if seed == 1 && drawn == **own {
            return Err(RunError::of(address, DataError::NothingRandom { data: name.0.clone() }));
        }
        Ok(Arc::new(drawn))
    }
}

/// The model that a run left, and its loss and accuracy on each split.
fn measured(fit: Fit) -> SweepRun {
    let [train, validation, test] = Split::ALL.map(|split| fit.score(split));
    SweepRun {
        loss: train.expect("a trained model was measured").loss,
        accuracy: train.and_then(|score| score.accuracy),
        validation_loss: validation.map(|score| score.loss),
        validation_accuracy: validation.and_then(|score| score.accuracy),
        test_loss: test.map(|score| score.loss),
        test_accuracy: test.and_then(|score| score.accuracy),
        model: Some(fit.model),
    }
}

/// The model of a run, which training and the cache both put in.
fn model(run: &SweepRun) -> &Model {
    run.model.as_ref().expect("a trained or restored run has its model")
}

/// A run in the cache: its numbers, and its model's parameters and states.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct CachedRun {
    train: (f32, Option<f32>),
    validation: (Option<f32>, Option<f32>),
    test: (Option<f32>, Option<f32>),
    parameters: Vec<f32>,
}

impl CachedRun {
    fn of(run: &SweepRun) -> Self {
        Self {
            train: (run.loss, run.accuracy),
            validation: (run.validation_loss, run.validation_accuracy),
            test: (run.test_loss, run.test_accuracy),
            parameters: model(run).parameters.values().to_vec(),
        }
    }
}

/// The runs with their models again; `None` where they do not fit these settings.
fn restored(
    cached: Vec<CachedRun>,
    variants: &[TrainConfig],
    seeds: usize,
    shape: impl Fn(&DatasetRef) -> Vec<usize>,
) -> Option<Vec<SweepRun>> {
    if cached.len() != variants.len() * seeds {
        return None;
    }
    let one = |(i, run): (usize, CachedRun)| {
        let variant = &variants[i / seeds];
        // Whatever the weights are drawn to be, they are replaced.
        let mut any = Streams::new(0).stream("", Purpose::Init);
        let mut model = Model::new(variant.model.clone(), &shape(&variant.data), variant.loss.head(), &mut any).ok()?;
        let values = model.parameters.values_mut();
        if values.len() != run.parameters.len() {
            return None;
        }
        values.copy_from_slice(&run.parameters);
        let CachedRun { train, validation, test, .. } = run;
        Some(SweepRun {
            loss: train.0,
            accuracy: train.1,
            validation_loss: validation.0,
            validation_accuracy: validation.1,
            test_loss: test.0,
            test_accuracy: test.1,
            model: Some(model),
        })
    };
    cached.into_iter().enumerate().map(one).collect()
}
