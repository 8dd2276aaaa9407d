//! One function per family: from a stage's config and the results before it to its own result and files.

use std::collections::BTreeMap;
use std::sync::Arc;

use analysis::{Analysis, AnalysisError, Context, Outcome, Trained, sweep::Sweep};
use datasets::{Dataset, Splits};
use registry::{AnalysisRef, DatasetRef, SweepRef, TrainRef};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use tensor::Streams;
use training::{Recording, TrainConfig, TrainError};

use super::{RunError, hooks, metrics, records::Timings};
use crate::console::Console;
use crate::files::Folder;
use crate::keep::{self, Origin, Record};
use crate::kinds::Config;
use crate::load::{Pipeline, Stage};
use crate::machine::{hex, sha256};

/// Results so far, by name.
pub struct Store {
    /// Where random numbers come from.
    pub(super) streams: Streams,
    data: BTreeMap<String, Arc<Splits>>,
    data_hashes: Map<String, Value>,
    trained: BTreeMap<String, Trained>,
    sweeps: BTreeMap<String, Sweep>,
    outcomes: BTreeMap<String, Box<dyn Outcome>>,
    pub(super) heard: hooks::Heard,
}

impl Store {
    /// Nothing yet.
    pub fn new(streams: Streams) -> Self {
        Store {
            streams,
            data: BTreeMap::new(),
            data_hashes: Map::new(),
            trained: BTreeMap::new(),
            sweeps: BTreeMap::new(),
            outcomes: BTreeMap::new(),
            heard: hooks::Heard::default(),
        }
    }

    /// A data set that the check has seen and the order has put first.
    pub(super) fn part(&self, name: &DatasetRef) -> &Arc<Splits> {
        &self.data[&name.0]
    }

    pub(super) fn put_sweep(&mut self, sweep: Sweep) {
        self.sweeps.insert(sweep.name.clone(), sweep);
    }

    /// A hash of each data set's numbers, of its parts' hashes one after the other.
    pub fn data_hashes(&self) -> &Map<String, Value> {
        &self.data_hashes
    }
}

impl Context for Store {
    fn trained(&self, name: &TrainRef) -> Result<&Trained, AnalysisError> {
        self.trained.get(&name.0).ok_or_else(|| missing("train", &name.0))
    }

    fn data(&self, name: &DatasetRef) -> Result<&Arc<Splits>, AnalysisError> {
        self.data.get(&name.0).ok_or_else(|| missing("dataset", &name.0))
    }

    fn sweep(&self, name: &SweepRef) -> Result<&Sweep, AnalysisError> {
        self.sweeps.get(&name.0).ok_or_else(|| missing("sweep", &name.0))
    }

    fn outcome(&self, name: &AnalysisRef) -> Result<&dyn Outcome, AnalysisError> {
        self.outcomes.get(&name.0).map(Box::as_ref).ok_or_else(|| missing("analysis", &name.0))
    }

    fn recordings(&self, stage: &str, name: &TrainRef) -> Result<&[Recording], AnalysisError> {
        self.heard.by(stage, &name.0).ok_or_else(|| missing("train", &name.0))
    }

    fn streams(&self) -> &Streams {
        &self.streams
    }
}

fn missing(family: &'static str, name: &str) -> AnalysisError {
    AnalysisError::Missing { family, name: name.to_owned() }
}

/// SHA-256 of all numbers of a data set, in hexadecimal.
fn hash(data: &Dataset) -> String {
    let numbers = |values: &mut dyn Iterator<Item = f32>| values.flat_map(f32::to_le_bytes).collect::<Vec<u8>>();
    let mut hash = Sha256::new();
    match data.x.bytes() {
        Some((x, scale, offset)) => {
            // `Samples` keeps its bytes in standard layout.
            hash.update(x.as_slice().unwrap_or_default());
            hash.update(numbers(&mut [scale, offset].into_iter()));
        }
        None => hash.update(numbers(&mut data.x.iter().copied())),
    }
    hash.update(data.labels().into_iter().flatten().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>());
    hash.update(numbers(&mut data.values().into_iter().flatten().copied()));
    hex(&hash.finalize())
}

/// A run under way.
pub struct Work<'a> {
    /// What is to be done.
    pub pipeline: &'a Pipeline,
    /// Where files go.
    pub folder: Folder,
    /// Results so far.
    pub store: Store,
    /// Numbers so far.
    pub metrics: metrics::Metrics,
    /// Seconds so far.
    pub timings: Timings,
    /// The key of the stage at hand.
    pub key: String,
    /// Whether nothing that earlier runs kept is to be used.
    pub fresh: bool,
}

impl Work<'_> {
    /// Takes over what an earlier run found, without loading it.
    pub fn take_over(&mut self, stage: &Stage, record: &Record) {
        if let Some(results) = &record.metrics {
            self.metrics.add(stage.family, &stage.name, results.clone());
        }
        if let Some(hash) = &record.data_sha256 {
            self.store.data_hashes.insert(stage.name.clone(), hash.clone().into());
        }
    }

    /// What the next run is to know of a stage that was just carried out.
    pub fn record(&self, stage: &Stage, origin: Origin) -> Record {
        let hash = |name: &str| std::fs::read(self.folder.path(name)).map(|bytes| sha256(&bytes)).unwrap_or_default();
        let data = self.store.data_hashes.get(&stage.name).filter(|_| stage.family == "dataset");
        Record {
            origin,
            files: self
                .folder
                .since_mark()
                .filter(|name| !name.ends_with(keep::SECONDS))
                .map(|name| (name.to_owned(), hash(name)))
                .collect(),
            metrics: self.metrics.get(stage.family, &stage.name).cloned(),
            data_sha256: data.and_then(Value::as_str).map(str::to_owned),
        }
    }

    /// Carries one stage out and returns a line about it.
    pub fn carry_out(&mut self, stage: &Stage, console: &mut Console) -> Result<String, RunError> {
        match &stage.config {
            Config::Dataset(source) => self.dataset(stage, source.as_ref()),
            Config::Train(config) => self.train(stage, config, console),
            Config::Sweep(config) => self.sweep(stage, config, console),
            Config::Analysis(analysis) => self.analysis(stage, analysis.as_ref()),
            Config::Figure(figure) => self.figure(stage, figure.as_ref()),
            // Common keys are no stage of their own.
            Config::DatasetCommon(_) | Config::FigureCommon(_) => Ok(String::new()),
        }
    }

    fn dataset(&mut self, stage: &Stage, source: &dyn datasets::Source) -> Result<String, RunError> {
        let address = stage.address();
        let split = match &stage.common {
            Some(Config::DatasetCommon(common)) => common.split.as_ref(),
            _ => None,
        };
        let parts = datasets::splits(source, split, &self.pipeline.base, &self.store.streams, &address)
            .map_err(|e| RunError::of(&address, e))?;
        let n: usize = parts.iter().map(Dataset::n).sum();
        let mut summary = match parts.train.classes() {
            Some(classes) => format!("{n} samples, {classes} classes"),
            None => format!("{n} samples"),
        };
        if let Some(standard) = &parts.standard {
            let (mean, deviation) = (standard.mean, standard.deviation);
            summary += &format!(", standardised by mean {mean:.4} and deviation {deviation:.4} of the training part");
            let mut results = Map::new();
            results.insert("mean".to_owned(), mean.into());
            results.insert("standard_deviation".to_owned(), deviation.into());
            self.metrics.add("dataset", &stage.name, results.into());
        }
        let hashes: Vec<String> = parts.iter().map(hash).collect();
        self.store.data_hashes.insert(stage.name.clone(), sha256(hashes.concat().as_bytes()).into());
        self.store.data.insert(stage.name.clone(), Arc::new(parts));
        Ok(summary)
    }

    fn train(&mut self, stage: &Stage, config: &TrainConfig, console: &mut Console) -> Result<String, RunError> {
        let address = stage.address();
        let data = Arc::clone(self.store.part(&config.data));
        let (result, shares, seconds) = self.fit(stage, config, &data, console)?;
        let history_file = format!("history/{}.csv", stage.name);
        match result {
            Ok(mut fit) => {
                self.store.heard.keep(&stage.name, shares, std::mem::take(&mut fit.recordings));
                let parameters = fit.model.parameters.len();
                let mut results = metrics::of_training(&fit.history, fit.epoch, parameters);
                if let (training::Keep::Best, Value::Object(fields)) = (config.keep, &mut results) {
                    fields.shift_insert(1, "best_epoch".to_owned(), fit.epoch.into());
                }
                self.metrics.add("train", &stage.name, results);
                self.folder.write(&history_file, metrics::history_csv(&fit.history).as_bytes())?;
                let bytes = fit.model.to_safetensors();
                let bytes = bytes.map_err(|e| RunError::of(&address, e))?;
                self.folder.write(&format!("models/{}.safetensors", stage.name), &bytes)?;
                let summary = fit.history.splits().filter_map(|(part, series)| {
                    let loss = series.loss_of(fit.epoch)?;
                    let accuracy =
                        series.accuracy_of(fit.epoch).map(|a| format!(", accuracy {a:.4}")).unwrap_or_default();
                    Some(format!("{part} loss {loss:.4}{accuracy}"))
                });
                let mut summary = summary.collect::<Vec<_>>().join("; ");
                let epochs = fit.history.epochs();
                if fit.epoch < epochs {
                    summary += &format!("; that is the model of epoch {} of {epochs}", fit.epoch);
                }
                if epochs < config.epochs {
                    summary += &format!("; stopped early after {epochs} epochs");
                }
                let trained = Trained { name: stage.name.clone(), config: config.clone(), fit, data, seconds };
                self.store.trained.insert(stage.name.clone(), trained);
                Ok(summary)
            }
            Err(source) => {
                if let TrainError::Diverged(divergence) = &source {
                    let mut results = metrics::of_training(&divergence.history, divergence.history.epochs(), 0);
                    if let Value::Object(fields) = &mut results {
                        fields.shift_remove("parameters");
                        let diverged = json!({ "epoch": divergence.epoch, "step": divergence.step, "message": divergence.to_string() });
                        fields.insert("diverged".to_owned(), diverged);
                    }
                    self.metrics.add("train", &stage.name, results);
                    self.folder.write(&history_file, metrics::history_csv(&divergence.history).as_bytes())?;
                }
                Err(RunError::of(&address, source))
            }
        }
    }

    fn analysis(&mut self, stage: &Stage, analysis: &dyn Analysis) -> Result<String, RunError> {
        let address = stage.address();
        let outcome = analysis.run(&address, &self.store).map_err(|e| RunError::of(&address, e))?;
        self.metrics.add("analysis", &stage.name, metrics::of_outcome(&outcome.metrics()));
        self.store.outcomes.insert(stage.name.clone(), outcome);
        self.store.heard.forget(&address);
        Ok(String::new())
    }
}
