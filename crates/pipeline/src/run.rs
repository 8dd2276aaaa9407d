//! Carrying a pipeline out: stage after stage into the run's folder.

mod cells;
mod error;
mod figure;
mod fit;
mod hooks;
mod metrics;
mod records;
mod report;
mod runner;
mod stages;
mod store;
mod sweep;

use std::path::PathBuf;
use std::time::Instant;

use config::header::Numerics;
use tensor::Streams;

use crate::cache::{self, Reason, Records, State};
use crate::console::{Console, Verbosity};
use crate::files::{Folder, shown};
use crate::load::Pipeline;

pub use error::{RunError, StageError};
pub use figure::NARROW;
pub(crate) use figure::field;
pub(crate) use fit::finished;
pub use fit::trained_so_far;
pub(crate) use store::data_hash;

/// Where a run goes, and how.
#[derive(Debug)]
pub struct Options {
    /// The run's folder.
    pub out: PathBuf,
    /// Whether to run everything again, whatever earlier runs left.
    pub fresh: bool,
    /// How much to print.
    pub verbosity: Verbosity,
}

/// From here on matrix products are computed as the pipeline says.
pub(crate) fn set_numerics(pipeline: &Pipeline) {
    tensor::matmul::set_numerics(match pipeline.header.numerics {
        Numerics::Exact => tensor::matmul::Numerics::Exact,
        Numerics::Native => tensor::matmul::Numerics::Native,
    });
}

/// Runs the pipeline and returns the summary to print: where the figures are, and the key metrics.
///
/// # Errors
/// When a stage fails; what was finished before it stays in the folder, whole. After a figure that cannot be drawn the others
/// still are.
pub fn run(pipeline: &Pipeline, options: &Options) -> Result<String, RunError> {
    set_numerics(pipeline);
    let begun = Instant::now();
    let mut console = Console::new(options.verbosity, pipeline.stages.len());
    let place = shown(&options.out);
    let mut folder =
        Folder::open(&options.out, |who| console.wait(&format!("{who} writes into {place}; waiting for it")))?;
    fit::keep_if_interrupted(&folder, options.fresh, None);
    let old = Records::of(&options.out);
    if old.damaged && !options.fresh {
        console.note(&format!("{}: every stage runs again", Reason::Unlisted));
    }
    let states = cache::states(pipeline, &options.out, &old, options.fresh);
    let needed = cache::needed(pipeline, &states);
    // Provenance is written last: a folder that has it holds a finished run. So does the report.
    if needed.contains(&true) {
        folder.delete("provenance.json")?;
        folder.delete(report::FILE)?;
    }
    folder.write("resolved.toml", pipeline.resolved.as_bytes())?;
    let mut runner = runner::Runner {
        pipeline,
        folder,
        store: store::Store::new(Streams::new(pipeline.header.seed), pipeline.models()),
        metrics: metrics::Metrics::default(),
        timings: records::Timings::default(),
        states: &states,
        fresh: options.fresh,
    };
    let mut records = Records::default();
    // What is valid is listed at once, so that a run that is killed early does not lose it.
    for (stage, (_, state)) in pipeline.stages.iter().zip(&states) {
        if let (State::Cached, Some(record)) = (state, old.finished.get(&stage.address())) {
            record.files.keys().for_each(|file| runner.folder.retain(file));
            runner.folder.retain(&cache::seconds_file(stage));
            records.finished.insert(stage.address(), record.clone());
        }
    }
    let mut result = Ok(());
    for ((stage, (fingerprint, state)), needed) in pipeline.stages.iter().zip(&states).zip(&needed) {
        let address = stage.address();
        if let (false, Some(record)) = (*needed, records.finished.get(&address)) {
            runner.restore(stage, record);
            console.skip();
            continue;
        }
        if let State::Stale(reason @ Reason::Damaged(_)) = state {
            console.note(&format!("{address}: {reason}; running it again"));
        }
        console.begin(&address);
        let begun = Instant::now();
        runner.folder.mark();
        match runner.carry_out(stage, &mut console) {
            Ok(summary) => {
                let seconds = begun.elapsed().as_secs_f64();
                runner.timings.stage(&address, seconds);
                console.end(seconds, &summary);
                records.finished.insert(address, runner.record(stage, fingerprint.clone())?);
                records.write(&mut runner.folder)?;
            }
            Err(error) => {
                console.stop();
                // Nothing is made of a figure: the rest is worth having without it.
                let go_on = stage.family == "figure" && matches!(error, RunError::Stage { .. });
                match result {
                    Ok(()) => result = Err(error),
                    Err(_) => console.note(&error.to_string()),
                }
                if !go_on {
                    break;
                }
            }
        }
    }
    records.write(&mut runner.folder)?;
    let cached = needed.iter().filter(|needed| !**needed).count();
    let runner::Runner { mut folder, metrics, timings, store, .. } = runner;
    folder.write("metrics.json", metrics.text().as_bytes())?;
    if cached < pipeline.stages.len() || !folder.path("timings.json").exists() {
        folder.write("timings.json", timings.text(begun.elapsed().as_secs_f64()).as_bytes())?;
    } else {
        // They are those of the last run that did something.
        folder.retain("timings.json");
    }
    if result.is_ok() {
        let provenance = records::provenance(pipeline, &store, &folder)?;
        let provenance_text = format!("{provenance:#}\n");
        let report = report::report(pipeline, &records, &folder, metrics.value(), provenance)?;
        folder.write(report::FILE, report.html().as_bytes())?;
        folder.write("provenance.json", provenance_text.as_bytes())?;
    }
    folder.delete_stale()?;
    result.map(|()| records::summary(&folder, &metrics, cached, begun.elapsed().as_secs_f64()))
}
