//! The results of a run so far, by name: what analyses and figures read.

use std::collections::BTreeMap;
use std::sync::Arc;

use analysis::{AnalysisError, Context, Outcome, Trained, sweep::Sweep};
use datasets::{Dataset, Splits};
use registry::{AnalysisRef, DatasetRef, SweepRef, TrainRef};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use tensor::Streams;
use training::Recording;

use super::hooks::Recordings;
use crate::hash::{finish, sha256};

/// Results so far, by name.
pub struct Store {
    streams: Streams,
    data: BTreeMap<String, Arc<Splits>>,
    data_hashes: Map<String, Value>,
    trained: BTreeMap<String, Trained>,
    sweeps: BTreeMap<String, Sweep>,
    outcomes: BTreeMap<String, Box<dyn Outcome>>,
    /// What hooks recorded for analyses that are still to run.
    pub recordings: Recordings,
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
            recordings: Recordings::default(),
        }
    }

    /// Adds a data set.
    pub fn add_data(&mut self, name: &str, splits: Splits) {
        let hashes: Vec<String> = splits.iter().map(hash).collect();
        self.add_data_hash(name, sha256(hashes.concat().as_bytes()));
        self.data.insert(name.to_owned(), Arc::new(splits));
    }

    /// Adds the hash of a data set that need not be loaded.
    pub fn add_data_hash(&mut self, name: &str, hash: String) {
        self.data_hashes.insert(name.to_owned(), hash.into());
    }

    /// Adds a trained model.
    pub fn add_trained(&mut self, trained: Trained) {
        self.trained.insert(trained.name.clone(), trained);
    }

    /// Adds a sweep.
    pub fn add_sweep(&mut self, sweep: Sweep) {
        self.sweeps.insert(sweep.name.clone(), sweep);
    }

    /// Adds what an analysis found.
    pub fn add_outcome(&mut self, name: &str, outcome: Box<dyn Outcome>) {
        self.outcomes.insert(name.to_owned(), outcome);
    }

    /// A data set that the check has seen and the order has put first.
    pub fn splits(&self, name: &DatasetRef) -> &Arc<Splits> {
        &self.data[&name.0]
    }

    /// A hash of each data set's numbers, of its splits' hashes one after the other.
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
        self.recordings.of(stage, &name.0).ok_or_else(|| missing("train", &name.0))
    }

    fn streams(&self) -> &Streams {
        &self.streams
    }
}

fn missing(family: &'static str, name: &str) -> AnalysisError {
    AnalysisError::Missing { family, name: name.to_owned() }
}

/// SHA-256 of all numbers of a data set.
fn hash(data: &Dataset) -> String {
    let numbers = |values: &mut dyn Iterator<Item = f32>| values.flat_map(f32::to_le_bytes).collect::<Vec<u8>>();
    let mut hash = Sha256::new();
    match data.x.bytes() {
        Some((x, scale, offset)) => {
            // `Samples` holds its bytes in standard layout.
            hash.update(x.as_slice().expect("standard layout"));
            hash.update(numbers(&mut [scale, offset].into_iter()));
        }
        None => hash.update(numbers(&mut data.x.iter().copied())),
    }
    hash.update(data.labels().into_iter().flatten().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>());
    hash.update(numbers(&mut data.values().into_iter().flatten().copied()));
    finish(hash)
}
