//! One function per family: from a stage's config and the results before it to its own result and files.

use std::{path::Path, sync::Arc};

use analysis::{Analysis, Trained};
use datasets::{Dataset, Prepared, Splits};
use models::Model;
use serde_json::json;
use tensor::Streams;
use training::{Fit, TrainConfig, TrainError};

use super::error::{RunError, StageError};
use super::metrics;
use super::runner::{Inputs, Runner, StageResult};
use crate::console::Console;
use crate::kinds::Config;
use crate::load::Stage;

impl Runner<'_> {
    /// Carries one stage out.
    pub fn carry_out(&mut self, stage: &Stage, console: &mut Console) -> StageResult {
        match &stage.config {
            Config::Dataset(source) => self.dataset(stage, source.as_ref()),
            Config::Train(config) => self.train(stage, config, console),
            Config::Sweep(config) => self.sweep(stage, config, console),
            Config::Analysis(analysis) => self.analysis(stage, analysis.as_ref()),
            Config::Figure(figure) => self.figure(stage, figure.as_ref()),
            Config::DatasetCommon(_) | Config::FigureCommon(_) => unreachable!("common keys are part of a stage"),
        }
    }

    fn dataset(&mut self, stage: &Stage, source: &dyn datasets::Source) -> StageResult {
        let inputs = self.parts().0;
        let splits = inputs.drawn(stage, source, inputs.store.results.streams())?;
        let n: usize = splits.iter().map(Dataset::n).sum();
        let mut summary = match splits.train.classes() {
            Some(classes) => format!("{n} samples, {classes} classes"),
            None => format!("{n} samples"),
        };
        if let Some(standard) = &splits.standard {
            let (mean, deviation) = (standard.mean, standard.deviation);
            summary += &format!(", standardised by mean {mean:.4} and deviation {deviation:.4} of the training split");
        }
        if !splits.scaled.is_empty() {
            summary += ", features scaled by numbers of the training split";
        }
        if let Some((wrong, of)) = metrics::wrong_labels(&splits) {
            summary += &format!(", {wrong} of {of} training labels wrong on purpose");
            self.folder.write(&format!("labels/{}.csv", stage.name), metrics::labels_csv(&splits).as_bytes())?;
        }
        if let Some(results) = metrics::of_data(&splits) {
            self.metrics.add("dataset", &stage.name, results);
        }
        self.store.add_data(&stage.name, splits);
        Ok(summary)
    }

    fn train(&mut self, stage: &Stage, config: &TrainConfig, console: &mut Console) -> StageResult {
        let address = stage.address();
        let data = Arc::clone(self.store.splits(&config.data));
        let (result, hooks, seconds) = self.fit(stage, config, &data, console)?;
        let steps = data.train.n().div_ceil(config.batch.size(data.train.n()).max(1));
        let rate = &|epoch: usize| config.learning_rate(epoch * steps - 1, steps);
        let history_file = format!("history/{}.csv", stage.name);
        match result {
            Ok(mut fit) => {
                hooks.hand_out(&stage.name, std::mem::take(&mut fit.recordings), &mut self.store.results);
                let mut results = metrics::of_training(&fit);
                if config.keep == training::Keep::Best {
                    results.shift_insert(1, "best_epoch".to_owned(), fit.epoch.into());
                }
                if config.selects_by_test() {
                    let (key, words) = metrics::SELECTION;
                    results.shift_insert(1, key.to_owned(), words.into());
                }
                self.metrics.add("train", &stage.name, results.into());
                let left = fit.train.map(|score| (fit.epoch, score));
                let table = metrics::history_csv(&fit.history, left, rate);
                self.folder.write(&history_file, table.as_bytes())?;
                let prepared = Prepared::of(&data);
                for (file, model) in saved(&stage.name, &fit) {
                    let bytes = model.to_safetensors(Some(&prepared)).map_err(|e| RunError::of(&address, e))?;
                    self.folder.write(&file, &bytes)?;
                }
                let summary = fit.scores().map(|(split, score)| format!("{} {}", split.name(), metrics::told(&score)));
                let mut summary = summary.collect::<Vec<_>>().join("; ");
                let epochs = fit.history.epochs();
                if fit.epoch < epochs {
                    summary += &format!(
                        "; that is the model of epoch {} of {epochs}, the last one is kept beside it",
                        fit.epoch
                    );
                }
                if let Some(file) = &config.weights {
                    summary += &format!("; started from {}", Path::new(file).file_name().unwrap_or_default().display());
                    // It was read when training began.
                    if let Ok(Some(Ok((_, assignment)))) = config.initial(Path::new(""), &data.train.shape) {
                        let left_out: Vec<&str> = assignment.left_out().collect();
                        if !left_out.is_empty() {
                            summary += &format!(", where {} is left out", left_out.join(", "));
                        }
                    }
                }
                if epochs < config.epochs {
                    summary += &format!("; stopped early after {epochs} epochs");
                }
                if config.selects_by_test() {
                    summary += &format!("; {}, which does not judge it any more", metrics::SELECTION.1);
                }
                let trained = Trained { name: stage.name.clone(), config: config.clone(), fit, data, seconds };
                self.store.results.insert_trained(trained);
                Ok(summary)
            }
            Err(source) => {
                if let Some(history) = source.history() {
                    let mut results = metrics::of_history(history);
                    let mut diverged = json!({ "epoch": history.epochs(), "message": source.to_string() });
                    if let TrainError::Diverged(divergence) = &source {
                        diverged["epoch"] = divergence.epoch.into();
                        diverged["step"] = divergence.step.into();
                    }
                    results.insert("diverged".to_owned(), diverged);
                    self.metrics.add("train", &stage.name, results.into());
                    self.folder.write(&history_file, metrics::history_csv(history, None, rate).as_bytes())?;
                }
                Err(RunError::of(&address, source))
            }
        }
    }

    fn analysis(&mut self, stage: &Stage, analysis: &dyn Analysis) -> StageResult {
        let address = stage.address();
        let outcome = self.store.results.analyse(&stage.name, analysis).map_err(|e| RunError::of(&address, e))?;
        let found = outcome.metrics();
        if let Some(name) = found.infinite() {
            return Err(RunError::of(&address, StageError::Infinite { what: format!("its result `{name}`") }));
        }
        self.metrics.add("analysis", &stage.name, metrics::of_outcome(&found));
        Ok(String::new())
    }
}

/// How the file of the last epoch's model ends, where another one is left.
pub const LAST: &str = ".last.safetensors";

/// The models that a training run keeps, by their files: the one it left, and the last epoch's where that is another.
fn saved(name: &str, fit: &Fit) -> Vec<(String, Model)> {
    let last = fit.last.as_ref().map(|last| {
        let mut model = fit.model.clone();
        model.parameters.values_mut().copy_from_slice(last);
        (format!("models/{name}{LAST}"), model)
    });
    std::iter::once((format!("models/{name}.safetensors"), fit.model.clone())).chain(last).collect()
}

impl Inputs<'_> {
    /// A data set and its splits, as these streams draw them.
    ///
    /// # Errors
    /// If it cannot be loaded, or its files are no longer those that its fingerprint tells of: what is found in it would be
    /// taken for what is found in those.
    pub(super) fn drawn(
        &self,
        stage: &Stage,
        source: &dyn datasets::Source,
        streams: &Streams,
    ) -> Result<Splits, RunError> {
        let address = stage.address();
        let splits = datasets::splits(source, &stage.data_common(), &self.pipeline.base, streams, &address);
        match self.fingerprint(stage).changed_file(stage) {
            Some(path) => Err(RunError::of(&address, StageError::Changed(path.clone()))),
            None => splits.map_err(|error| RunError::of(&address, error)),
        }
    }
}
