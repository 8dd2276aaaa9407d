//! A run under way: what it reads and writes while its stages are carried out.

use registry::DatasetRef;

use super::error::RunError;
use super::metrics::Metrics;
use super::records::Timings;
use super::store::Store;
use crate::cache::{self, Fingerprint, Record, State};
use crate::files::{FileError, Folder};
use crate::hash::sha256;
use crate::load::{Pipeline, Stage};

/// What a stage came to: a line about it, or why it has no result.
pub type StageResult = Result<String, RunError>;

/// A run under way.
pub struct Runner<'a> {
    /// What is to be done.
    pub pipeline: &'a Pipeline,
    /// Where files go.
    pub folder: Folder,
    /// Results so far.
    pub store: Store,
    /// Numbers so far.
    pub metrics: Metrics,
    /// Seconds so far.
    pub timings: Timings,
    /// What each stage's result depends on, and whether it is there.
    pub states: &'a [(Fingerprint, State)],
    /// Whether to use nothing that earlier runs left.
    pub fresh: bool,
}

/// What a stage reads, and its pieces on several threads.
#[derive(Clone, Copy)]
pub struct Inputs<'a> {
    /// What is to be done.
    pub pipeline: &'a Pipeline,
    /// What each stage's result depends on, and whether it is there.
    pub states: &'a [(Fingerprint, State)],
    /// Results so far.
    pub store: &'a Store,
}

impl<'a> Inputs<'a> {
    /// What a stage's result depends on.
    pub fn fingerprint(&self, stage: &Stage) -> &'a Fingerprint {
        let found = self.pipeline.stages.iter().zip(self.states).find(|(other, _)| std::ptr::eq(*other, stage));
        &found.expect("a stage of this pipeline").1.0
    }

    /// The stage that makes a data set.
    pub fn data_stage(&self, name: &DatasetRef) -> &'a Stage {
        let mut stages = self.pipeline.stages.iter();
        stages.find(|s| s.family == "dataset" && s.name == name.0).expect("the check has seen the data set")
    }
}

impl Runner<'_> {
    /// What is read, and where files go.
    pub fn parts(&mut self) -> (Inputs<'_>, &mut Folder) {
        (Inputs { pipeline: self.pipeline, states: self.states, store: &self.store }, &mut self.folder)
    }

    /// Takes the numbers of a cached stage over, without loading it.
    pub fn restore(&mut self, stage: &Stage, record: &Record) {
        if let Some(results) = &record.metrics {
            self.metrics.add(stage.family, &stage.name, results.clone());
        }
        if let Some(hash) = &record.data_sha256 {
            self.store.add_data_hash(&stage.name, hash.clone());
        }
    }

    /// What the next run needs to know of a stage that has just been carried out.
    ///
    /// # Errors
    /// When a file that was just written cannot be read.
    pub fn record(&self, stage: &Stage, fingerprint: Fingerprint) -> Result<Record, FileError> {
        let hashed = |name: &str| Ok((name.to_owned(), sha256(&self.folder.read(name)?)));
        let data = self.store.data_hashes().get(&stage.name).filter(|_| stage.family == "dataset");
        Ok(Record {
            fingerprint,
            files: self
                .folder
                .since_mark()
                .filter(|name| !cache::is_seconds_file(name))
                .map(hashed)
                .collect::<Result<_, _>>()?,
            metrics: self.metrics.get(stage.family, &stage.name).cloned(),
            data_sha256: data.and_then(|hash| hash.as_str()).map(str::to_owned),
            models: stage.family == "sweep" && self.pipeline.reads_models_of(stage),
        })
    }
}
