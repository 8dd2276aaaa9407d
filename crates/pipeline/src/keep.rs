//! What earlier runs finished, and whether it still holds.
//!
//! A stage's result depends on its settings with every default written out, the stages it reads, the files it reads, the seed and
//! the program's code: its [`Origin`]. Comments and formatting are no part of it. A run leaves the origin of every stage it finished and
//! the hashes of the files that the stage wrote in `.stages/finished.json`; the next run carries out what has another origin, or whose
//! files are no longer what was written, and whatever that needs in memory.

mod files;
mod origin;

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use files::{Kept, read, write};
pub use origin::Origin;

use crate::files::{FileError, Folder};
use crate::load::Pipeline;
use crate::machine::sha256;

/// Where a run folder keeps what only later runs read.
pub const FOLDER: &str = ".stages/";
/// How files of seconds end, which differ from run to run.
pub const SECONDS: &str = ".seconds";
const FINISHED: &str = ".stages/finished.json";

/// A stage that was finished.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// What its result depends on.
    pub origin: Origin,
    /// The files it wrote, relative to the run's folder, and their SHA-256.
    pub files: BTreeMap<String, String>,
    /// Its part of `metrics.json`.
    pub metrics: Option<Value>,
    /// For a data set, the hash of its numbers.
    pub data_sha256: Option<String>,
}

/// The stages that a folder's runs finished, by address.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Records(pub BTreeMap<String, Record>);

impl Records {
    /// What a folder has; nothing where the list is not there or not readable.
    pub fn of(root: &Path) -> Self {
        let text = std::fs::read(root.join(FINISHED)).unwrap_or_default();
        serde_json::from_slice(&text).unwrap_or_default()
    }

    /// Writes the list.
    pub fn write(&self, folder: &mut Folder) -> Result<(), FileError> {
        // A map of strings and numbers is always JSON.
        folder.write(FINISHED, serde_json::to_string_pretty(self).unwrap_or_default().as_bytes())
    }
}

/// Whether a stage has to be carried out.
#[derive(Debug, Clone, PartialEq)]
pub enum State {
    /// Its files are there, and hold.
    Kept,
    /// It has to run.
    Due(Why),
}

/// Why a stage has to run.
#[derive(Debug, Clone, PartialEq)]
pub enum Why {
    /// No run has finished it.
    New,
    /// Everything is to be made again.
    Asked,
    /// Its table says something else.
    Settings,
    /// The seed or the numerics are others.
    Header,
    /// The program has changed.
    Code,
    /// A file it reads has changed.
    File(String),
    /// A stage it reads has changed.
    Input(String),
    /// A file it wrote is not there or not what was written.
    Damaged(String),
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Why::New => write!(f, "no run has finished it"),
            Why::Asked => write!(f, "--fresh"),
            Why::Settings => write!(f, "its settings changed"),
            Why::Header => write!(f, "seed or numerics changed"),
            Why::Code => write!(f, "the program changed"),
            Why::File(name) => write!(f, "{name} changed"),
            Why::Input(address) => write!(f, "{address} changed"),
            Why::Damaged(name) => write!(f, "{name} is not as it was written"),
        }
    }
}

/// Every stage of a pipeline: what it depends on, and whether what the folder has of it holds.
pub fn states(pipeline: &Pipeline, root: &Path, records: &Records, fresh: bool) -> Vec<(Origin, State)> {
    let origins = Origin::of_all(pipeline);
    let state = |(stage, origin): (&crate::load::Stage, &Origin)| {
        if fresh {
            return State::Due(Why::Asked);
        }
        let Some(record) = records.0.get(&stage.address()) else { return State::Due(Why::New) };
        if let Some(why) = origin.changed_since(&record.origin) {
            return State::Due(why);
        }
        let holds = |(name, hash): &(&String, &String)| {
            std::fs::read(root.join(name.as_str())).is_ok_and(|bytes| sha256(&bytes) == **hash)
        };
        match record.files.iter().find(|file| !holds(file)) {
            Some((name, _)) => State::Due(Why::Damaged(name.clone())),
            None => State::Kept,
        }
    };
    let states: Vec<State> = pipeline.stages.iter().zip(&origins).map(state).collect();
    origins.into_iter().zip(states).collect()
}

/// Which stages have to be in memory: those that run, and whatever these read.
pub fn needed(pipeline: &Pipeline, states: &[(Origin, State)]) -> Vec<bool> {
    let mut needed: Vec<bool> = states.iter().map(|(_, state)| *state != State::Kept).collect();
    // Inputs come before their readers.
    for i in (0..needed.len()).rev() {
        if needed[i] {
            pipeline.stages[i].inputs.iter().for_each(|&input| needed[input] = true);
        }
    }
    needed
}
