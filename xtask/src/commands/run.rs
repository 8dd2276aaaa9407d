//! `run`, `check` and `plan`: a pipeline carried out, checked, or shown as a plan.

use std::path::{Path, PathBuf};

use datasets::manifest::root;
use pipeline::cache::{self, State};
use pipeline::console::Verbosity;
use pipeline::files::check_run_folder;
use pipeline::load::{Pipeline, Request, load};
use pipeline::memory::{self, Estimate};
use pipeline::{kinds, run as runner};

use super::{Failure, Outcome, coloured, complain, fetch, say};
use crate::arguments::{Change, Run};

/// `run PIPELINE`
pub fn run(arguments: Run) -> Outcome {
    tensor::Path::from_env().map_err(|error| Failure::wrong(format!("{}: {error}", tensor::path::VARIABLE)))?;
    tensor::denormals::check().map_err(Failure::failed)?;
    if let Some(threads) = arguments.threads {
        tensor::threads::set(threads.into());
    }
    let pipeline = checked(arguments.change.request(arguments.pipeline), arguments.quiet)?;
    let verbosity = Verbosity::choose(arguments.quiet);
    let out = run_folder(arguments.out, &pipeline);
    check_run_folder(&out).map_err(Failure::wrong)?;
    let needed = cache::needed(&pipeline, &cache::states(&pipeline, &out, &cache::Records::of(&out), arguments.fresh));
    Estimate::of(&pipeline, &needed).check(arguments.memory.or_else(memory::available)).map_err(Failure::wrong)?;
    fetch::provide(&pipeline, arguments.offline, verbosity)?;
    let options = runner::Options { out, fresh: arguments.fresh, verbosity };
    let summary = runner::run(&pipeline, &options).map_err(Failure::failed)?;
    if !arguments.quiet {
        say(&summary);
    }
    Ok(())
}

/// `check PIPELINE…`
pub fn check(files: Vec<PathBuf>, change: &Change) -> Outcome {
    let mut outcome = Ok(());
    for file in files {
        match checked(change.request(file.clone()), false) {
            Ok(pipeline) => say(&format!("{}: {} stages, nothing wrong\n", file.display(), pipeline.stages.len())),
            Err(failure) => outcome = Err(failure),
        }
    }
    outcome
}

/// `plan PIPELINE`
pub fn plan(file: PathBuf, change: &Change, out: Option<PathBuf>, memory: Option<u64>) -> Outcome {
    let pipeline = checked(change.request(file), false)?;
    say(&plan_text(&pipeline, &run_folder(out, &pipeline), memory.or_else(memory::available)));
    Ok(())
}

/// A pipeline that can run. Shows what is wrong with it otherwise, and warnings unless `quiet`.
pub(super) fn checked(request: Request, quiet: bool) -> Result<Pipeline, Failure> {
    let loaded = load(&request, &kinds::families());
    if !quiet || loaded.pipeline.is_none() {
        complain(&loaded.shown(coloured()));
    }
    loaded.pipeline.ok_or_else(|| Failure::wrong(""))
}

/// Where a pipeline's results go.
fn run_folder(out: Option<PathBuf>, pipeline: &Pipeline) -> PathBuf {
    out.unwrap_or_else(|| root().join("runs").join(&pipeline.name))
}

/// The stages in order, what each reads, and whether the run in `folder` has it already; then what the run will take of the
/// memory that it may take.
fn plan_text(pipeline: &Pipeline, folder: &Path, limit: Option<u64>) -> String {
    let mut out = format!("{}\n", pipeline.header.title);
    let states = cache::states(pipeline, folder, &cache::Records::of(folder), false);
    let needed = cache::needed(pipeline, &states);
    let width = pipeline.stages.iter().map(|s| s.address().chars().count()).max().unwrap_or(0);
    for (i, stage) in pipeline.stages.iter().enumerate() {
        let inputs: Vec<String> = stage.inputs.iter().map(|&j| pipeline.stages[j].address()).collect();
        let reads = if inputs.is_empty() { String::new() } else { format!("  reads {}", inputs.join(", ")) };
        let (fingerprint, state) = &states[i];
        let state = match state {
            State::Stale(reason) => match runner::trained_so_far(pipeline, stage, fingerprint, folder) {
                Some((epoch, of)) => format!("will run: {reason}; trained so far: epoch {epoch} of {of}"),
                None => format!("will run: {reason}"),
            },
            State::Cached if !needed[i] => "cached".to_owned(),
            State::Cached if matches!(stage.family, "train" | "sweep") => "cached, will be read".to_owned(),
            State::Cached => "cached, will be recomputed for what reads it".to_owned(),
        };
        out += format!("{:>3}. {:width$}  {}{reads}", i + 1, stage.address(), stage.kind).trim_end();
        out += &format!("\n     {:width$}  {state}\n", "");
    }
    out + &memory_text(&Estimate::of(pipeline, &needed), limit)
}

/// What a run will take of the memory that it may take.
fn memory_text(estimate: &Estimate, limit: Option<u64>) -> String {
    match (estimate.check(limit), limit) {
        (Err(refusal), _) => format!("{refusal}\n"),
        (Ok(()), Some(limit)) => {
            format!("memory: about {} of {}\n", memory::shown(estimate.bytes), memory::shown(limit))
        }
        (Ok(()), None) => format!("memory: about {}\n", memory::shown(estimate.bytes)),
    }
}
