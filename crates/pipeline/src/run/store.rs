//! The results of a run so far, and hashes of the data they were found in.

use std::sync::Arc;

use analysis::Results;
use datasets::{Dataset, Splits};
use registry::DatasetRef;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use tensor::Streams;

use crate::hash::{finish, sha256};

/// Results so far, and what they were found in.
pub struct Store {
    /// By name.
    pub results: Results,
    data_hashes: Map<String, Value>,
}

impl Store {
    /// Nothing yet of a run that trains these models.
    pub fn new<'a>(streams: Streams, models: impl Iterator<Item = &'a str>) -> Self {
        let mut results = Results::new(streams);
        results.announce_models(models.map(str::to_owned));
        Store { results, data_hashes: Map::new() }
    }

    /// Adds a data set.
    pub fn add_data(&mut self, name: &str, splits: Splits) {
        self.add_data_hash(name, data_hash(&splits));
        self.results.insert_data(name, splits);
    }

    /// Adds the hash of a data set that need not be loaded.
    pub fn add_data_hash(&mut self, name: &str, hash: String) {
        self.data_hashes.insert(name.to_owned(), hash.into());
    }

    /// A data set that the check has seen and the order has put first.
    pub fn splits(&self, name: &DatasetRef) -> &Arc<Splits> {
        self.results.data(name).unwrap_or_else(|e| unreachable!("{e}"))
    }

    /// A hash of each data set's numbers, of its splits' hashes one after the other.
    pub fn data_hashes(&self) -> &Map<String, Value> {
        &self.data_hashes
    }
}

/// A hash of all numbers of a data set, from the hashes of its splits.
pub(crate) fn data_hash(splits: &Splits) -> String {
    sha256(splits.iter().map(hash).collect::<Vec<_>>().concat().as_bytes())
}

/// SHA-256 of all numbers of a split.
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
