//! The cache: what earlier runs left in a run's folder, and whether it is still valid.
//!
//! A stage's result depends on its settings with every default written out, the stages and files it reads, the seed and the
//! program's code, that of a figure also on which of the run's models it shows: its [`Fingerprint`]. Comments and formatting are
//! no part of it. A run writes the fingerprint of every stage it finished, and the hashes of the stage's files, to
//! `.stages/finished`. The next run carries out the stages whose fingerprint differs or whose files have changed, and
//! recomputes what these need in memory.

mod file;
mod fingerprint;

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use file::{Cached, read, write};
pub use fingerprint::Fingerprint;

use crate::files::{FileError, Folder};
use crate::hash::sha256;
use crate::load::{Pipeline, Stage};

/// The part of a run folder that only later runs read.
pub const FOLDER: &str = ".stages/";
const FINISHED: &str = ".stages/finished";
const SECONDS: &str = ".seconds";

/// A stage's file in [`FOLDER`] that holds what a training run can be resumed from.
pub fn checkpoint_file(stage: &Stage) -> String {
    format!("{FOLDER}{}.checkpoint", stage.address())
}

/// A sweep's file in [`FOLDER`] that holds one of its runs, by the key of what that depends on.
pub fn cell_file(stage: &Stage, key: &str) -> String {
    format!("{FOLDER}{}/{}.run", stage.address(), &key[..24.min(key.len())])
}

/// A stage's file in [`FOLDER`] that holds how long its epochs took.
pub fn seconds_file(stage: &Stage) -> String {
    format!("{FOLDER}{}{SECONDS}", stage.address())
}

/// Whether a file holds seconds, which differ from run to run.
pub fn is_seconds_file(name: &str) -> bool {
    name.ends_with(SECONDS)
}

/// A stage that was finished.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// What its result depends on.
    pub fingerprint: Fingerprint,
    /// The files it wrote, relative to the run's folder, and their SHA-256.
    pub files: BTreeMap<String, String>,
    /// Its part of `metrics.json`.
    pub metrics: Option<Value>,
    /// For a data set, the hash of its numbers.
    pub data_sha256: Option<String>,
    /// For a sweep, whether the models of its runs are kept, because an analysis read them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub models: bool,
}

/// The stages that a folder's runs finished, by address.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Records {
    /// What is known of each.
    pub finished: BTreeMap<String, Record>,
    /// Whether the list is not what a run wrote: then nothing in it is used, and every stage runs again.
    pub damaged: bool,
}

impl Records {
    /// Those of a folder; none where the list is absent or damaged.
    pub fn of(root: &Path) -> Self {
        let Ok(bytes) = std::fs::read(root.join(FINISHED)) else { return Self::default() };
        match file::opened(&bytes, "").and_then(|text| serde_json::from_slice(text).ok()) {
            Cached::Valid(finished) => Records { finished, damaged: false },
            _ => Records { damaged: true, ..Self::default() },
        }
    }

    /// Writes the list, in JSON, sealed as all cache files are.
    pub fn write(&self, folder: &mut Folder) -> Result<(), FileError> {
        // Fails only for maps whose keys are not strings.
        let text = serde_json::to_string_pretty(&self.finished).expect("a map of strings is JSON");
        folder.write(FINISHED, &file::sealed("", text.as_bytes()))
    }
}

/// Whether a stage has to be carried out.
#[derive(Debug, Clone, PartialEq)]
pub enum State {
    /// Its files are there and valid.
    Cached,
    /// It has to run.
    Stale(Reason),
}

/// Why a stage has to run.
#[derive(Debug, Clone, PartialEq)]
pub enum Reason {
    /// No run has finished it.
    New,
    /// The list of what is finished is not what a run wrote.
    Unlisted,
    /// The user asked for everything.
    Fresh,
    /// Its table says something else.
    Settings,
    /// The seed or the numerics are others.
    Header,
    /// The program has changed.
    Code,
    /// A file it reads has changed.
    File(String),
    /// Models it shows are at other places among those of the run, and so of other colours.
    Places,
    /// A stage it reads has changed.
    Input(String),
    /// A file it wrote is missing or has changed.
    Damaged(String),
    /// An analysis reads the models of a sweep's runs, of which the numbers alone were kept.
    Models,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::New => write!(f, "no run has finished it"),
            Reason::Unlisted => write!(f, "{FINISHED}, which lists what is finished, was changed"),
            Reason::Fresh => write!(f, "--fresh"),
            Reason::Settings => write!(f, "its settings changed"),
            Reason::Header => write!(f, "seed or numerics changed"),
            Reason::Code => write!(f, "the program changed"),
            Reason::File(name) => write!(f, "{name} changed"),
            Reason::Places => write!(f, "its models have other places among the run's, and so other colours"),
            Reason::Input(address) => write!(f, "{address} changed"),
            Reason::Damaged(name) => write!(f, "{name} is missing or was changed"),
            Reason::Models => {
                write!(f, "an analysis reads its models, which were not kept: its runs are trained again")
            }
        }
    }
}

/// Every stage of a pipeline: its fingerprint, and whether what the folder has of it is valid.
pub fn states(pipeline: &Pipeline, root: &Path, records: &Records, fresh: bool) -> Vec<(Fingerprint, State)> {
    let state = |(stage, fingerprint): (&Stage, Fingerprint)| {
        let reason = if fresh { Some(Reason::Fresh) } else { stale(pipeline, stage, &fingerprint, root, records) };
        (fingerprint, reason.map_or(State::Cached, State::Stale))
    };
    pipeline.stages.iter().zip(Fingerprint::of_all(pipeline)).map(state).collect()
}

/// Why what a folder has of a stage is not valid.
fn stale(
    pipeline: &Pipeline,
    stage: &Stage,
    fingerprint: &Fingerprint,
    root: &Path,
    records: &Records,
) -> Option<Reason> {
    let Some(record) = records.finished.get(&stage.address()) else {
        return Some(if records.damaged { Reason::Unlisted } else { Reason::New });
    };
    let unchanged = |name: &str, hash: &str| std::fs::read(root.join(name)).is_ok_and(|bytes| sha256(&bytes) == hash);
    let damaged = || record.files.iter().find(|(name, hash)| !unchanged(name, hash));
    let lacks_models = || stage.family == "sweep" && pipeline.reads_models_of(stage) && !record.models;
    let changed = fingerprint.changed_since(&record.fingerprint);
    changed
        .or_else(|| damaged().map(|(name, _)| Reason::Damaged(name.clone())))
        .or_else(|| lacks_models().then_some(Reason::Models))
}

/// Which stages have to be in memory: those that run, and whatever these read.
pub fn needed(pipeline: &Pipeline, states: &[(Fingerprint, State)]) -> Vec<bool> {
    let mut needed: Vec<bool> = states.iter().map(|(_, state)| *state != State::Cached).collect();
    // Inputs come before their readers.
    for i in (0..needed.len()).rev() {
        if needed[i] {
            pipeline.stages[i].inputs.iter().for_each(|&input| needed[input] = true);
        }
    }
    needed
}
