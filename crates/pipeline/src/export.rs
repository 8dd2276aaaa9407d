//! A run's numbers for other programs: what `export` writes.
//!
//! Data sets are drawn as the run drew them and held against the hash that it noted; models are those that it saved. What a
//! training run draws (weights to begin with, the order of its samples) is drawn again from the same streams. `manifest.json`
//! says what each file is, and of each model what it takes to train it again: layers, loss, optimizer, batch, epochs.
//!
//! An export adds to what an earlier one left in its folder, as far as that is still of the same stages; what is not goes.

mod finished;
mod manifest;
mod parts;
mod table;

use std::path::{Path, PathBuf};

use analysis::AnalysisError;
use config::diagnostics::did_you_mean;
use datasets::{DataError, Split};
use models::ModelError;
use training::TrainError;

use crate::cache::Reason;
use crate::files::{FileError, Folder, shown};
use crate::load::Pipeline;
use finished::Finished;
use manifest::Manifest;

/// How arrays are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// NumPy's `.npy`, an array each.
    #[default]
    Npy,
    /// Tables with a line of names, arrays of the same rows side by side.
    Csv,
}

/// What of a run is asked for.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// Of these models, and of the data they learned; none for all.
    pub models: Vec<String>,
    /// Inputs and targets.
    pub data: bool,
    /// The values of these nodes; `*` for all.
    pub activations: Vec<String>,
    /// The gradients of each sample's loss with respect to these nodes; `*` for all.
    pub gradients: Vec<String>,
    /// Outputs, classes and losses.
    pub predictions: bool,
    /// Untrained and trained weights.
    pub initial: bool,
    /// The weights that were kept along the way.
    pub snapshots: bool,
    /// The order of samples and the learning rates.
    pub order: bool,
    /// How arrays are written.
    pub format: Format,
    /// Of this split; none for all there are.
    pub split: Option<Split>,
}

/// What was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Exported {
    /// What is to be said of the run.
    pub notes: Vec<String>,
    /// The files in the folder, and what each is.
    pub files: Vec<String>,
}

/// Why nothing is exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// Nothing was asked for.
    #[error(
        "nothing is asked for\n  try: --data, --predictions, --activations NODE, --gradients NODE, --initial, --snapshots, \
        --order\n  {0}"
    )]
    Nothing(String),
    /// A name that the run does not have.
    #[error("there is no {what} `{name}` in this run{}", known(.name, .list))]
    Unknown {
        /// Of what.
        what: &'static str,
        /// The name.
        name: String,
        /// Those there are.
        list: Vec<String>,
    },
    /// A run without models of which something is asked.
    #[error("this run trains no models: only --data can be exported")]
    NoModels,
    /// A split that no data set has.
    #[error("{data} has no {} split", .split.name())]
    NoSplit {
        /// The data set.
        data: String,
        /// The split.
        split: Split,
    },
    /// Models that kept nothing along the way.
    #[error("no snapshots were kept of {0}\n  try: snapshots = {{ every = 10 }} in its [train] table, and another run")]
    NoSnapshots(String),
    /// A stage that no run has finished.
    #[error("no run has finished {stage} in {}\n  try: cargo xtask run, which goes on where it was", shown(.run))]
    Unfinished {
        /// The stage.
        stage: String,
        /// The run's folder.
        run: PathBuf,
    },
    /// A stage that is not any more what was run.
    #[error(
        "{} has {stage} as it was before: {reason}\n  try: run the pipeline again, or export what the run has by naming its folder",
        shown(.run)
    )]
    Stale {
        /// The stage.
        stage: String,
        /// The run's folder.
        run: PathBuf,
        /// What is not as it was.
        reason: Reason,
    },
    /// Files that are not any more what the run wrote or read.
    #[error("{0} is not what it was when the run used it\n  try: run the pipeline again")]
    Changed(String),
    /// A folder that is a run's.
    #[error("{} is a run's folder\n  try: another one by --out, such as {}", shown(.0), shown(&.0.join("export")))]
    RunFolder(PathBuf),
    /// A file that cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// Data that cannot be loaded.
    #[error(transparent)]
    Data(#[from] DataError),
    /// A model that cannot be read or run.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// A training run that cannot be made ready again.
    #[error(transparent)]
    Train(#[from] TrainError),
    /// A result that is not there.
    #[error(transparent)]
    Analysis(#[from] AnalysisError),
}

/// What a misspelt name may have meant, and what there is.
fn known(name: &str, list: &[String]) -> String {
    let near = did_you_mean(name, list.iter().map(String::as_str)).map(|near| format!("; {near}"));
    format!("{}\n  there is {}", near.unwrap_or_default(), list.join(", "))
}

/// Writes what is asked for of a pipeline's run in the folder `run` into the folder `out`.
///
/// # Errors
/// If the run has not what is asked for, or has it of other settings than the pipeline's; if a file cannot be read or written.
pub fn export(pipeline: &Pipeline, run: &Path, out: &Path, asked: &Asked) -> Result<Exported, ExportError> {
    crate::run::set_numerics(pipeline);
    let mut finished = Finished::of(pipeline, run, &asked.models)?;
    asked.check(&finished)?;
    if out.join("resolved.toml").exists() {
        return Err(ExportError::RunFolder(out.to_owned()));
    }
    // What can be wrong is found before anything is written.
    finished.load(asked)?;
    let mut folder = Folder::open(out, |_| ())?;
    let mut manifest = Manifest::new(&finished, &mut folder);
    parts::write(&finished, asked, &mut folder, &mut manifest)?;
    let files = manifest.write(&mut folder)?;
    folder.delete_stale()?;
    Ok(Exported { notes: finished.notes, files })
}

impl Asked {
    /// Whether something of a model is asked for.
    fn of_models(&self) -> bool {
        let nodes = !(self.activations.is_empty() && self.gradients.is_empty());
        self.predictions || nodes || self.initial || self.snapshots || self.order
    }

    /// The splits that are asked for.
    fn splits(&self) -> impl Iterator<Item = Split> {
        Split::ALL.into_iter().filter(|split| self.split.is_none_or(|own| own == *split))
    }

    fn check(&self, finished: &Finished<'_>) -> Result<(), ExportError> {
        if !self.data && !self.of_models() {
            return Err(ExportError::Nothing(finished.told()));
        }
        if self.of_models() && finished.models.is_empty() {
            return Err(ExportError::NoModels);
        }
        if self.snapshots && finished.models.iter().all(|trained| trained.config.snapshots.is_none()) {
            let names: Vec<&str> = finished.models.iter().map(|trained| trained.stage.name.as_str()).collect();
            return Err(ExportError::NoSnapshots(names.join(", ")));
        }
        [&self.activations, &self.gradients].into_iter().try_for_each(|nodes| parts::check_nodes(nodes, finished))
    }
}
