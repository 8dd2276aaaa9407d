//! Carrying a pipeline out: stage after stage into the run's folder.

mod figure;
mod metrics;
mod records;
mod stages;
mod sweep;
mod taps;

use std::path::PathBuf;
use std::time::Instant;

use tensor::Streams;

use crate::console::{Console, Voice};
use crate::files::{FileError, Folder};
use crate::header::Numerics;
use crate::load::Pipeline;

pub use metrics::number;
pub use stages::Store;

/// Where a run goes, and what the command line changed.
#[derive(Debug)]
pub struct Place<'a> {
    /// The run's folder.
    pub out: PathBuf,
    /// The `--set` arguments, for the record.
    pub settings: &'a [String],
    /// The bytes of the pipeline file, hashed.
    pub pipeline_sha256: String,
}

/// Why a run failed.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The folder cannot be written.
    #[error(transparent)]
    File(#[from] FileError),
    /// A stage has no result.
    #[error("[{stage}] {source}{}", records::advice(source))]
    Stage {
        /// The table.
        stage: String,
        /// Why.
        source: Box<StageError>,
    },
}

/// Why a stage has no result.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub enum StageError {
    /// Data that cannot be loaded.
    Data(#[from] datasets::DataError),
    /// Training that diverged or could not start.
    Train(#[from] training::TrainError),
    /// A model that cannot be saved.
    Model(#[from] models::ModelError),
    /// An analysis that does not suit what it is given.
    Analysis(#[from] analysis::AnalysisError),
    /// A figure that cannot be drawn.
    Figure(#[from] figures::FigureError),
}

impl RunError {
    /// An error of a stage.
    fn of(stage: &str, source: impl Into<StageError>) -> Self {
        RunError::Stage { stage: stage.to_owned(), source: Box::new(source.into()) }
    }
}

/// Runs the pipeline and returns what to tell at the end: where the figures are, and the key metrics.
///
/// # Errors
/// When a stage fails; what was finished before it stays in the folder, whole.
pub fn run(pipeline: &Pipeline, place: &Place<'_>, voice: Voice) -> Result<String, RunError> {
    tensor::matmul::set_numerics(match pipeline.header.numerics {
        Numerics::Exact => tensor::matmul::Numerics::Exact,
        Numerics::Native => tensor::matmul::Numerics::Native,
    });
    let mut folder = Folder::open(&place.out)?;
    // Provenance is written last: a folder that has it holds a finished run.
    folder.forget("provenance.json")?;
    folder.write("resolved.toml", pipeline.resolved.as_bytes())?;
    let mut console = Console::new(voice, pipeline.stages.len());
    let mut work = stages::Work {
        pipeline,
        folder,
        store: Store::new(Streams::new(pipeline.header.seed)),
        metrics: metrics::Metrics::default(),
        timings: records::Timings::default(),
    };
    let begun = Instant::now();
    let mut result = Ok(());
    for stage in &pipeline.stages {
        console.begin(&stage.address());
        let begun = Instant::now();
        match work.carry_out(stage, &mut console) {
            Ok(summary) => {
                let seconds = begun.elapsed().as_secs_f64();
                work.timings.stage(&stage.address(), seconds);
                console.end(seconds, &summary);
            }
            Err(error) => {
                console.stop();
                result = Err(error);
                break;
            }
        }
    }
    let stages::Work { mut folder, metrics, timings, store, .. } = work;
    folder.write("metrics.json", metrics.text().as_bytes())?;
    folder.write("timings.json", timings.text(begun.elapsed().as_secs_f64()).as_bytes())?;
    if result.is_ok() {
        let provenance = records::provenance(pipeline, place, &store, &folder);
        folder.write("provenance.json", provenance.as_bytes())?;
    }
    folder.sweep()?;
    result.map(|()| records::summary(&folder, &metrics, begun.elapsed().as_secs_f64()))
}
