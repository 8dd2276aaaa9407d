//! What a run has finished: its data sets drawn again, its models read from their files.

use std::collections::BTreeMap;
use std::path::Path;

use datasets::{Prepared, Splits};
use models::Model;
use tensor::Streams;
use training::TrainConfig;

use super::{Asked, ExportError};
use crate::cache::{Fingerprint, Reason, Record, Records};
use crate::files::shown;
use crate::hash::sha256;
use crate::kinds::Config;
use crate::load::{Pipeline, Stage};
use crate::run;

/// A run, and of it what was asked for.
pub struct Finished<'a> {
    pub pipeline: &'a Pipeline,
    pub root: &'a Path,
    pub streams: Streams,
    /// The models asked for, in the pipeline's order.
    pub models: Vec<Trained<'a>>,
    /// The data sets asked for, by name.
    pub data: BTreeMap<String, Data<'a>>,
    /// What is to be said of the run.
    pub notes: Vec<String>,
    records: Records,
}

/// A data set as the run had it.
pub struct Data<'a> {
    pub stage: &'a Stage,
    pub splits: Splits,
    /// Which row of its source each sample of the splits is.
    pub rows: [Vec<usize>; 3],
}

/// A training run that was finished.
pub struct Trained<'a> {
    pub stage: &'a Stage,
    pub config: &'a TrainConfig,
    /// As it was saved, with what is to be known of its data.
    pub model: Model,
    pub prepared: Option<Prepared>,
    /// How many epochs were trained.
    pub epochs: usize,
}

impl<'a> Finished<'a> {
    /// The run in the folder `root`, of these models or all.
    pub fn of(pipeline: &'a Pipeline, root: &'a Path, models: &[String]) -> Result<Self, ExportError> {
        let all: Vec<String> = pipeline.models().map(str::to_owned).collect();
        if let Some(name) = models.iter().find(|name| !all.contains(name)) {
            return Err(ExportError::Unknown { what: "model", name: name.clone(), list: all });
        }
        let (records, streams) = (Records::of(root), Streams::new(pipeline.header.seed));
        let mut finished =
            Finished { pipeline, root, streams, models: Vec::new(), data: BTreeMap::new(), notes: Vec::new(), records };
        if !root.join("provenance.json").is_file() {
            let note = format!("the run in {} is not finished; what is exported is of stages that are", shown(root));
            finished.notes.push(note);
        }
        let asked = |name: &str| models.is_empty() || models.iter().any(|own| own == name);
        for stage in &pipeline.stages {
            if let Config::Train(config) = &stage.config
                && asked(&stage.name)
            {
                let trained = finished.trained(stage, config)?;
                finished.models.push(trained);
            }
        }
        Ok(finished)
    }

    /// Loads the data sets that are asked for.
    pub fn load(&mut self, asked: &Asked) -> Result<(), ExportError> {
        let read: Vec<&str> = self.models.iter().map(|trained| trained.config.data.0.as_str()).collect();
        let whole = asked.data && asked.models.is_empty();
        for stage in &self.pipeline.stages {
            if let Config::Dataset(source) = &stage.config
                && (whole || read.contains(&stage.name.as_str()))
            {
                let data = self.data(stage, source.as_ref())?;
                if let Some(split) = asked.split.filter(|split| data.splits.get(*split).is_none()) {
                    return Err(ExportError::NoSplit { data: stage.name.clone(), split });
                }
                self.data.insert(stage.name.clone(), data);
            }
        }
        Ok(())
    }

    /// The key of what a stage's result depends on, as it was run.
    pub fn key(&self, stage: &Stage) -> String {
        self.fingerprint(stage).map_or_else(String::new, Fingerprint::key)
    }

    /// What a stage's result depends on, as it was run.
    pub fn fingerprint(&self, stage: &Stage) -> Option<&Fingerprint> {
        self.records.finished.get(&stage.address()).map(|record| &record.fingerprint)
    }

    /// What the run has, for who asked for nothing.
    pub fn told(&self) -> String {
        let nodes = |trained: &Trained<'_>| format!("{} ({})", trained.stage.name, trained.model.nodes().join(", "));
        let models: Vec<String> = self.models.iter().map(nodes).collect();
        let data: Vec<&str> =
            self.pipeline.stages.iter().filter(|s| s.family == "dataset").map(|s| s.name.as_str()).collect();
        format!("the run has the data sets {}; models (and their nodes): {}", data.join(", "), models.join("; "))
    }

    /// What the run noted of a stage, if the stage is still what it was.
    fn record(&mut self, stage: &Stage) -> Result<Record, ExportError> {
        let (address, run) = (stage.address(), self.root.to_owned());
        let Some(record) = self.records.finished.get(&address).cloned() else {
            return Err(ExportError::Unfinished { stage: address, run });
        };
        let now = Fingerprint::of_all(self.pipeline);
        let at = self.pipeline.stages.iter().position(|other| std::ptr::eq(other, stage));
        match at.and_then(|at| now[at].changed_since(&record.fingerprint)) {
            None => {}
            // Its numbers are held against those of the run all the same.
            Some(Reason::Code) => {
                let note = "the program has changed since the run; data and models are the run's all the same, and what is \
                            drawn or computed anew is this program's";
                if !self.notes.iter().any(|other| other == note) {
                    self.notes.push(note.to_owned());
                }
            }
            Some(reason) => return Err(ExportError::Stale { stage: address, run, reason }),
        }
        Ok(record)
    }

    fn data(&mut self, stage: &'a Stage, source: &dyn datasets::Source) -> Result<Data<'a>, ExportError> {
        let record = self.record(stage)?;
        let (common, base, address) = (stage.data_common(), &self.pipeline.base, stage.address());
        let splits = datasets::splits(source, &common, base, &self.streams, &address)?;
        if record.data_sha256 != Some(run::data_hash(&splits)) {
            return Err(ExportError::Changed(address));
        }
        let rows = datasets::rows(source, &common, base, &self.streams, &address, &splits)?;
        Ok(Data { stage, splits, rows })
    }

    fn trained(&mut self, stage: &'a Stage, config: &'a TrainConfig) -> Result<Trained<'a>, ExportError> {
        let record = self.record(stage)?;
        let file = format!("models/{}.safetensors", stage.name);
        let path = self.root.join(&file);
        let bytes = std::fs::read(&path).unwrap_or_default();
        if record.files.get(&file) != Some(&sha256(&bytes)) {
            return Err(ExportError::Changed(shown(&path)));
        }
        let (model, prepared) = Model::from_safetensors(&bytes, &path)?;
        let epochs = record.metrics.as_ref().and_then(|metrics| metrics["epochs"].as_u64());
        let epochs = epochs.map_or(config.epochs, |epochs| epochs as usize);
        Ok(Trained { stage, config, model, prepared, epochs })
    }
}

impl Trained<'_> {
    /// How many steps an epoch had.
    pub fn steps_per_epoch(&self, n: usize) -> usize {
        n.div_ceil(self.config.batch.size(n).max(1))
    }
}
