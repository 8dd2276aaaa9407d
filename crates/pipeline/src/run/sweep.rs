//! Sweeps: the same training run with one setting changed, once per value and seed.

use analysis::Context;
use analysis::sweep::{Sweep, SweepPoint, SweepRun};
use registry::Problems;
use training::{Control, Fit, TrainConfig};

use super::{RunError, metrics, stages::Work};
use crate::console::Console;
use crate::kinds::{Config, sweep::SweepConfig};
use crate::load::Stage;
use crate::parallel;

impl Work<'_> {
    pub(super) fn sweep(
        &mut self,
        stage: &Stage,
        sweep: &SweepConfig,
        console: &mut Console,
    ) -> Result<String, RunError> {
        let address = stage.address();
        let train = self.pipeline.stages.iter().find_map(|s| match &s.config {
            Config::Train(train) if s.name == sweep.train.0 => Some(registry::resolve(train.as_ref())),
            _ => None,
        });
        // The check has seen that every value gives a training run, and that its data set is there.
        let variants = sweep.variants(&train.unwrap_or_default(), &mut Problems::default());
        // Every value starts like the others of its seed already.
        let own_start = |variant| TrainConfig { same_start_as: None, ..variant };
        let variants: Vec<TrainConfig> = variants.into_iter().flatten().map(own_start).collect();
        let (seeds, total) = (sweep.seeds, variants.len() * sweep.seeds);
        let one = |i: usize| -> Result<(usize, SweepRun), RunError> {
            let (variant, seed) = (&variants[i / seeds], i % seeds);
            // The stage's name without the value: every value starts from the same random numbers.
            let stream = format!("{address}.{seed}");
            let data = self.store.part(&variant.data);
            let fit = training::fit(variant, &stream, data, self.store.streams(), &mut |_| Control::Continue);
            let fit = fit.map_err(|e| RunError::of(&format!("{address} at {}", sweep.label(i / seeds)), e))?;
            Ok((fit.model.parameters.len(), measured(fit)))
        };
        let runs = parallel::map(total, one, |done| console.progress(done, total, || "runs".to_owned()))?;
        let points = runs.chunks(seeds).enumerate().map(|(index, runs)| SweepPoint {
            label: sweep.label(index),
            value: sweep.number(index),
            parameters: runs.first().map_or(0, |(parameters, _)| *parameters),
            runs: runs.iter().map(|(_, run)| run.clone()).collect(),
        });
        let loss = variants.first().map(|v| v.loss);
        let result = Sweep {
            name: stage.name.clone(),
            train: sweep.train.0.clone(),
            set: sweep.set.clone(),
            axis: sweep.axis.clone().unwrap_or_else(|| sweep.set.clone()),
            classifies: loss.is_some_and(|l| l.classifies()),
            loss_unit: loss.map_or("", |l| l.unit()),
            points: points.collect(),
        };
        self.metrics.add("sweep", &stage.name, metrics::of_outcome(&result.metrics()));
        self.store.put_sweep(result);
        Ok(format!("{total} runs"))
    }
}

/// The model, and loss and accuracy in its epoch.
fn measured(fit: Fit) -> SweepRun {
    let (train, test) = (&fit.history.train, fit.history.test.as_ref());
    SweepRun {
        loss: train.loss_of(fit.epoch).unwrap_or(f32::NAN),
        accuracy: train.accuracy_of(fit.epoch),
        test_loss: test.and_then(|t| t.loss_of(fit.epoch)),
        test_accuracy: test.and_then(|t| t.accuracy_of(fit.epoch)),
        model: Some(fit.model),
    }
}
