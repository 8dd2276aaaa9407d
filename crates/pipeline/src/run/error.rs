//! Why a run failed.

use std::path::PathBuf;

use training::TrainError;

use crate::files::FileError;

/// Why a run failed.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The folder cannot be written.
    #[error(transparent)]
    File(#[from] FileError),
    /// A stage has no result.
    #[error("[{stage}] {source}{}", advice(source))]
    Stage {
        /// The table.
        stage: String,
        /// Why.
        source: Box<StageError>,
    },
}

/// Why a stage has no result.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    /// A file that was changed since the run began.
    #[error("{} was changed while this run was under way; run it again, it then reads what is there now", .0.display())]
    Changed(PathBuf),
    /// A sweep of which no run came to an end.
    #[error(
        "all {total} runs diverged; the first: {first}\n  try: values that train slower, or another training run to change"
    )]
    AllDiverged {
        /// How many runs.
        total: usize,
        /// What the first said.
        first: String,
    },
    /// A result that is too large for a number.
    #[error(
        "{what} is infinite: the numbers it comes from are too large\n  try: scale the data, or lower the learning rate"
    )]
    Infinite {
        /// Where it is: a metric, a cell of a table.
        what: String,
    },
    /// Data that cannot be loaded.
    #[error(transparent)]
    Data(#[from] datasets::DataError),
    /// Training that diverged or could not start.
    #[error(transparent)]
    Train(#[from] TrainError),
    /// A model that cannot be saved.
    #[error(transparent)]
    Model(#[from] models::ModelError),
    /// An analysis that does not suit what it is given.
    #[error(transparent)]
    Analysis(#[from] analysis::AnalysisError),
    /// A figure that cannot be drawn.
    #[error(transparent)]
    Figure(#[from] figures::FigureError),
}

impl RunError {
    /// An error of a stage.
    pub(super) fn of(stage: &str, source: impl Into<StageError>) -> Self {
        RunError::Stage { stage: stage.to_owned(), source: Box::new(source.into()) }
    }
}

/// What to try after training that diverged, a line each.
fn advice(error: &StageError) -> String {
    match error {
        StageError::Train(TrainError::Diverged(divergence)) => {
            divergence.advice().iter().map(|line| format!("\n  try: {line}")).collect()
        }
        StageError::Train(TrainError::Score { split, .. }) => format!(
            "\n  try: look for {split} samples with numbers far larger than others, or scale them\n  try: lower the learning rate"
        ),
        _ => String::new(),
    }
}
