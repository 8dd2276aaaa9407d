//! Sweeps: the same training run with one setting changed, once per value and seed.

use std::sync::Arc;

use analysis::Context;
use analysis::sweep::{Sweep, SweepPoint, SweepRun};
use registry::Problems;
use training::{Control, Fit};

use super::{RunError, metrics, stages::Work};
use crate::console::Console;
use crate::kinds::{Config, sweep::SweepConfig};
use crate::load::Stage;

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
        let total = variants.len() * sweep.seeds;
        let mut points = Vec::new();
        let (mut classifies, mut loss_unit) = (false, "");
        for (index, variant) in variants.into_iter().flatten().enumerate() {
            let data = Arc::clone(self.store.part(&variant.data));
            let mut runs = Vec::new();
            let mut parameters = 0;
            for seed in 0..sweep.seeds {
                console.progress(points.len() * sweep.seeds + seed, total, || format!("at {}", sweep.label(index)));
                // The stage's name without the value: every value starts from the same random numbers.
                let stream = format!("{address}.{seed}");
                let fit = training::fit(&variant, &stream, &data, self.store.streams(), &mut |_| Control::Continue);
                let fit = fit.map_err(|e| RunError::of(&format!("{address} at {}", sweep.label(index)), e))?;
                parameters = fit.model.parameters.len();
                runs.push(measured(&fit));
            }
            (classifies, loss_unit) = (variant.loss.classifies(), variant.loss.unit());
            points.push(SweepPoint { label: sweep.label(index), value: sweep.number(index), parameters, runs });
        }
        let result = Sweep {
            name: stage.name.clone(),
            train: sweep.train.0.clone(),
            set: sweep.set.clone(),
            axis: sweep.axis.clone().unwrap_or_else(|| sweep.set.clone()),
            classifies,
            loss_unit,
            points,
        };
        self.metrics.add("sweep", &stage.name, metrics::of_outcome(&result.metrics()));
        self.store.put_sweep(result);
        Ok(format!("{total} runs"))
    }
}

/// Loss and accuracy after the last epoch.
fn measured(fit: &Fit) -> SweepRun {
    let last = |values: &[f32]| values.last().copied();
    let test = fit.history.test.as_ref();
    SweepRun {
        loss: last(&fit.history.train.loss).unwrap_or(f32::NAN),
        accuracy: last(&fit.history.train.accuracy),
        test_loss: test.and_then(|t| last(&t.loss)),
        test_accuracy: test.and_then(|t| last(&t.accuracy)),
    }
}
