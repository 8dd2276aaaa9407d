//! Carrying a pipeline out: stage after stage into the run's folder.

mod figure;
mod fit;
mod hooks;
mod metrics;
mod records;
mod report;
mod stages;
mod sweep;

use std::path::PathBuf;
use std::time::Instant;

use config::header::Numerics;
use tensor::Streams;

use crate::console::{Console, Voice};
use crate::files::{FileError, Folder};
use crate::keep::{self, Records, State, Why};
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
    /// Whether to make everything again, whatever earlier runs left.
    pub fresh: bool,
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
    let begun = Instant::now();
    let mut folder = Folder::open(&place.out)?;
    let old = Records::of(&place.out);
    let states = keep::states(pipeline, &place.out, &old, place.fresh);
    let needed = keep::needed(pipeline, &states);
    // Provenance is written last: a folder that has it holds a finished run. The report tells of finished runs only.
    if needed.contains(&true) {
        folder.forget("provenance.json")?;
        folder.forget(report::FILE)?;
    }
    folder.write("resolved.toml", pipeline.resolved.as_bytes())?;
    let mut work = stages::Work {
        pipeline,
        folder,
        store: Store::new(Streams::new(pipeline.header.seed)),
        metrics: metrics::Metrics::default(),
        timings: records::Timings::default(),
        key: String::new(),
        fresh: place.fresh,
    };
    let mut records = Records::default();
    // What holds is listed at once, so that a run that is killed early does not lose it.
    for ((stage, (_, state)), record) in pipeline.stages.iter().zip(&states).filter_map(|pair| {
        let record = old.0.get(&pair.0.address())?;
        Some((pair, record))
    }) {
        if *state == State::Kept {
            record.files.keys().for_each(|file| work.folder.keep(file));
            work.folder.keep(&format!("{}{}{}", keep::FOLDER, stage.address(), keep::SECONDS));
            records.0.insert(stage.address(), record.clone());
        }
    }
    let mut console = Console::new(voice, pipeline.stages.len());
    let mut result = Ok(());
    for ((stage, (origin, state)), needed) in pipeline.stages.iter().zip(&states).zip(&needed) {
        let address = stage.address();
        if let (false, Some(record)) = (*needed, records.0.get(&address)) {
            work.take_over(stage, record);
            console.skip();
            continue;
        }
        if let State::Due(why @ Why::Damaged(_)) = state {
            console.note(&format!("{address}: {why}; made again"));
        }
        console.begin(&address);
        let begun = Instant::now();
        work.key = origin.key();
        work.folder.mark();
        match work.carry_out(stage, &mut console) {
            Ok(summary) => {
                let seconds = begun.elapsed().as_secs_f64();
                work.timings.stage(&address, seconds);
                console.end(seconds, &summary);
                records.0.insert(address, work.record(stage, origin.clone()));
                records.write(&mut work.folder)?;
            }
            Err(error) => {
                console.stop();
                result = Err(error);
                break;
            }
        }
    }
    records.write(&mut work.folder)?;
    let kept = needed.iter().filter(|needed| !**needed).count();
    let stages::Work { mut folder, metrics, timings, store, .. } = work;
    folder.write("metrics.json", metrics.text().as_bytes())?;
    if kept < pipeline.stages.len() || !folder.path("timings.json").exists() {
        folder.write("timings.json", timings.text(begun.elapsed().as_secs_f64()).as_bytes())?;
    } else {
        // The last run that did something tells how long it took.
        folder.keep("timings.json");
    }
    if result.is_ok() {
        let provenance = records::provenance(pipeline, place, &store, &folder);
        let provenance_text = format!("{provenance:#}\n");
        let report = report::report(pipeline, &records, &folder, metrics.value(), provenance)?;
        folder.write(report::FILE, report.html().as_bytes())?;
        folder.write("provenance.json", provenance_text.as_bytes())?;
    }
    folder.sweep()?;
    result.map(|()| records::summary(&folder, &metrics, kept, begun.elapsed().as_secs_f64()))
}
