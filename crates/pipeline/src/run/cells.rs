//! The runs of a sweep one by one. Each is cached by itself as it ends, so that a sweep that was killed goes on with those it
//! lacks. A run's model is kept only where something reads it: otherwise a sweep's memory does not grow with its runs.

use std::sync::Arc;

use analysis::sweep::SweepRun;
use datasets::{DataError, Split, Splits};
use models::Model;
use registry::DatasetRef;
use serde::{Deserialize, Serialize};
use tensor::{Purpose, Streams};
use training::{Control, Fit, TrainConfig, TrainError};

use super::error::RunError;
use super::runner::{Inputs, Runner};
use crate::cache::{self, Cached};
use crate::console::Console;
use crate::kinds::{Config, seeds::Seeds};
use crate::load::Stage;
use crate::parallel;

/// What a sweep trains.
pub struct Plan<'a> {
    /// The sweep.
    pub stage: &'a Stage,
    /// One training run per value.
    pub variants: &'a [TrainConfig],
    /// How each value is called.
    pub labels: Vec<String>,
    /// How many times each, and what is drawn anew.
    pub seeds: &'a Seeds,
    /// Whether anything reads the models.
    pub models: bool,
}

/// What came of one run, as it is cached.
#[derive(Debug, Serialize, Deserialize)]
struct Cell {
    /// Loss and accuracy on the training, validation and test split, where there are such; NaN of a run that diverged.
    scores: [Option<(f32, Option<f32>)>; 3],
    /// What training said where it diverged.
    diverged: Option<String>,
    /// The model's parameters and states, where anything reads them.
    numbers: Option<Vec<f32>>,
}

impl Runner<'_> {
    /// All runs, value by value and seed by seed: those that an earlier run left, and the others trained.
    pub(super) fn runs(&mut self, plan: &Plan<'_>, console: &mut Console) -> Result<Vec<SweepRun>, RunError> {
        let (fresh, (inputs, folder)) = (self.fresh, self.parts());
        let total = plan.variants.len() * plan.seeds.count;
        let keys: Vec<String> = (0..total).map(|place| plan.key(place, inputs)).collect();
        let files: Vec<String> = keys.iter().map(|key| cache::cell_file(plan.stage, key)).collect();
        let mut runs: Vec<Option<SweepRun>> = (0..total).map(|_| None).collect();
        for place in (0..total).filter(|_| !fresh) {
            match cache::read::<Cell>(&folder.path(&files[place]), &keys[place]) {
                Cached::Valid(cell) => runs[place] = plan.restored(place, cell, inputs),
                Cached::Damaged => console.note(&format!("{} is damaged; this run is repeated", files[place])),
                Cached::Absent => {}
            }
            if runs[place].is_some() {
                folder.retain(&files[place]);
            }
        }
        let lacking: Vec<usize> = (0..total).filter(|place| runs[*place].is_none()).collect();
        let there = total - lacking.len();
        if there > 0 && !lacking.is_empty() {
            console.note(&format!("{} goes on: {there} of {total} runs are there", plan.stage.address()));
        }
        folder.announce(lacking.iter().map(|place| files[*place].as_str()))?;
        let cells = parallel::map(
            lacking.len(),
            |i| plan.trained(lacking[i], inputs),
            |i, done, cell| {
                console.progress(there + done, total, || "runs".to_owned());
                Ok(cache::write(folder, &files[lacking[i]], &keys[lacking[i]], cell)?)
            },
        )?;
        for (place, cell) in lacking.into_iter().zip(cells) {
            runs[place] = plan.restored(place, cell, inputs);
        }
        Ok(runs.into_iter().map(|run| run.expect("what was trained fits its own settings")).collect())
    }
}

impl Plan<'_> {
    /// The run at a place: value by value, seed by seed.
    fn run(&self, place: usize) -> (&TrainConfig, usize) {
        (&self.variants[place / self.seeds.count], place % self.seeds.count)
    }

    /// The name of a run's random streams: the stage's without the value, as every value starts from the same random numbers.
    fn stream(&self, seed: usize) -> String {
        format!("{}.{}", self.stage.address(), if self.seeds.vary_init() { seed } else { 0 })
    }

    /// What the run at a place depends on: its settings, its seed, its data, the program, and whether its model is kept.
    fn key(&self, place: usize, inputs: Inputs<'_>) -> String {
        let (variant, seed) = self.run(place);
        let drawn = format!("{} {:?} {seed}", self.stream(seed), self.seeds.vary);
        let settings = format!("{}\n{drawn}\nmodels {}", registry::resolve(variant), self.models);
        let data = inputs.data_stage(&variant.data);
        let data = (data.address(), inputs.fingerprint(data).key());
        inputs.fingerprint(self.stage).of_part(settings, variant.weights.as_deref(), data).key()
    }

    /// Trains the run at a place.
    fn trained(&self, place: usize, inputs: Inputs<'_>) -> Result<Cell, RunError> {
        let (variant, seed) = self.run(place);
        let address = self.stage.address();
        let data = self.redrawn(&variant.data, seed, inputs)?;
        let streams = inputs.store.results.streams();
        let fit = training::fit(variant, &self.stream(seed), &data, streams, &mut |_| Control::Continue);
        let failed = |error| {
            let label = &self.labels[place / self.seeds.count];
            RunError::of(&format!("{address} at {label}"), error)
        };
        match fit {
            Ok(fit) => Ok(Cell::of(fit, self.models)),
            Err(error) if error.is_divergence() => Ok(Cell::diverged(&error, variant, &data)),
            Err(error) => Err(failed(error)),
        }
    }

    /// A data set as a seed has it: the first as it is.
    fn redrawn(&self, name: &DatasetRef, seed: usize, inputs: Inputs<'_>) -> Result<Arc<Splits>, RunError> {
        let own = inputs.store.splits(name);
        let purposes = self.seeds.redrawn();
        if purposes.is_empty() || seed == 0 {
            return Ok(Arc::clone(own));
        }
        let stage = inputs.data_stage(name);
        let Config::Dataset(source) = &stage.config else { unreachable!("a data set is of its family") };
        let streams = inputs.store.results.streams().redrawn(purposes, seed as u64);
        let drawn = inputs.drawn(stage, source.as_ref(), &streams)?;
        // Told by the first that should differ; the others differ as it does.
        if seed == 1 && drawn == **own {
            return Err(RunError::of(&self.stage.address(), DataError::NothingRandom { data: name.0.clone() }));
        }
        Ok(Arc::new(drawn))
    }

    /// A run with its model again, where it is kept; `None` where it does not fit these settings.
    fn restored(&self, place: usize, cell: Cell, inputs: Inputs<'_>) -> Option<SweepRun> {
        let model = match cell.numbers {
            Some(numbers) => {
                let (variant, _) = self.run(place);
                // Whatever the weights are drawn to be, they are replaced.
                let mut any = Streams::new(0).stream("", Purpose::Init);
                let shape = &inputs.store.splits(&variant.data).train.shape;
                let mut model = Model::new(variant.model.clone(), shape, variant.loss.head(), &mut any).ok()?;
                let values = model.parameters.values_mut();
                if values.len() != numbers.len() {
                    return None;
                }
                values.copy_from_slice(&numbers);
                Some(model)
            }
            None if self.models && cell.diverged.is_none() => return None,
            None => None,
        };
        let [train, validation, test] = cell.scores;
        let loss = |score: Option<(f32, Option<f32>)>| score.map(|(loss, _)| loss);
        let accuracy = |score: Option<(f32, Option<f32>)>| score.and_then(|(_, accuracy)| accuracy);
        Some(SweepRun {
            loss: loss(train)?,
            accuracy: accuracy(train),
            validation_loss: loss(validation),
            validation_accuracy: accuracy(validation),
            test_loss: loss(test),
            test_accuracy: accuracy(test),
            model,
            diverged: cell.diverged,
        })
    }
}

impl Cell {
    /// That of a run that ended.
    fn of(fit: Fit, keep_model: bool) -> Self {
        let scores = Split::ALL.map(|split| fit.score(split).map(|score| (score.loss, score.accuracy)));
        Cell { scores, diverged: None, numbers: keep_model.then(|| fit.model.parameters.values().to_vec()) }
    }

    /// That of a run that diverged: it has no number on any split.
    fn diverged(error: &TrainError, variant: &TrainConfig, data: &Splits) -> Self {
        let none = (f32::NAN, variant.loss.classifies().then_some(f32::NAN));
        let has = [true, data.validation.is_some(), data.test.is_some()];
        Cell { scores: has.map(|has| has.then_some(none)), diverged: Some(error.to_string()), numbers: None }
    }
}
