//! The commands of the command line. Each prints what it has to say and returns the exit code: 0 done, 1 the run failed, 2 the
//! pipeline or the arguments are wrong.

mod bless;
mod choice;
mod diff;
mod fetch;
mod review;
mod schema;

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

pub use bless::bless;
pub use diff::diff;
pub use fetch::{fetch, lacking};
pub use review::{Format, review};
pub use schema::schema;

pub use datasets::manifest::root;

use config::catalog;
use config::diagnostics::nearest;

use crate::console::Voice;
use crate::keep::{self, State};
use crate::kinds;
use crate::load::{Loaded, Pipeline, Request, load};
use crate::run;

/// The run failed.
pub const FAILED: u8 = 1;
/// The pipeline or the arguments are wrong.
pub const WRONG: u8 = 2;

/// Arguments of `run`.
#[derive(Debug, Clone, Default)]
pub struct RunOptions {
    /// Which pipeline, and what is changed in it.
    pub request: Request,
    /// The folder to write to instead of `runs/PIPELINE`.
    pub out: Option<PathBuf>,
    /// How many threads to use instead of one per processor.
    pub threads: Option<usize>,
    /// Whether to say nothing but errors.
    pub quiet: bool,
    /// Whether to fail rather than download data that is not at hand.
    pub offline: bool,
    /// Whether to make everything again, whatever earlier runs left.
    pub fresh: bool,
}

/// `run PIPELINE`
pub fn run(options: &RunOptions) -> u8 {
    if let Err(error) = tensor::Path::from_env() {
        complain(&format!("error: {}: {error}\n", tensor::path::VARIABLE));
        return WRONG;
    }
    if let Some(threads) = options.threads {
        tensor::threads::set(threads);
    }
    let loaded = load(&options.request, &kinds::families());
    if !loaded.report.list().is_empty() && (!options.quiet || loaded.pipeline.is_none()) {
        complain(&loaded.shown(coloured()));
    }
    let Some(pipeline) = loaded.pipeline else { return WRONG };
    let out = run_folder(options.out.as_deref(), &pipeline);
    let mut settings = options.request.settings.clone();
    settings.extend(options.request.seed.map(|seed| format!("seed={seed}")));
    let bytes = std::fs::read(&options.request.file).unwrap_or_default();
    let voice = Voice::choose(options.quiet);
    if let Err(error) = fetch::provide(&pipeline, options.offline, voice) {
        complain(&format!("error: {error}\n"));
        return FAILED;
    }
    let place =
        run::Place { out, settings: &settings, pipeline_sha256: crate::machine::sha256(&bytes), fresh: options.fresh };
    match run::run(&pipeline, &place, voice) {
        Ok(summary) => {
            if !options.quiet {
                say(&summary);
            }
            0
        }
        Err(error) => {
            complain(&format!("error: {error}\n"));
            FAILED
        }
    }
}

/// `check PIPELINE…`
pub fn check(files: &[PathBuf], settings: &[String], seed: Option<u64>) -> u8 {
    let families = kinds::families();
    let mut code = 0;
    for file in files {
        let request = Request { file: file.clone(), settings: settings.to_vec(), seed };
        let loaded = load(&request, &families);
        complain(&loaded.shown(coloured()));
        match loaded.pipeline {
            Some(pipeline) => say(&format!("{}: {} stages, nothing wrong\n", file.display(), pipeline.stages.len())),
            None => code = WRONG,
        }
    }
    code
}

/// `list`
pub fn list() -> u8 {
    say(&catalog::list(&kinds::groups()));
    let shipped = shipped();
    if !shipped.is_empty() {
        say("\npipelines\n");
        let width = shipped.iter().map(|p| shown(p).chars().count()).max().unwrap_or(0);
        for file in &shipped {
            let text = std::fs::read_to_string(file).unwrap_or_default();
            let title = toml::de::DeTable::parse(&text)
                .ok()
                .and_then(|t| t.get_ref().get("title").and_then(|v| v.get_ref().as_str()).map(str::to_owned));
            say(&format!(
                "  {:width$}  {}\n",
                shown(file),
                title.unwrap_or_else(|| "(cannot be read: try `check`)".to_owned())
            ));
        }
    }
    say("\n`cargo xtask explain NAME` tells more of each.\n");
    0
}

/// `explain KIND`
pub fn explain(name: &str) -> u8 {
    match catalog::explain(&kinds::groups(), name) {
        Ok(text) => {
            say(&text);
            0
        }
        Err(message) => {
            complain(&format!("error: {message}\n"));
            WRONG
        }
    }
}

/// Where a pipeline's results go.
fn run_folder(out: Option<&Path>, pipeline: &Pipeline) -> PathBuf {
    out.map_or_else(|| root().join("runs").join(&pipeline.name), Path::to_owned)
}

/// `plan PIPELINE`
pub fn plan(request: &Request, out: Option<&Path>) -> u8 {
    let loaded: Loaded = load(request, &kinds::families());
    complain(&loaded.shown(coloured()));
    match loaded.pipeline {
        Some(pipeline) => {
            say(&plan_text(&pipeline, &run_folder(out, &pipeline)));
            0
        }
        None => WRONG,
    }
}

/// The stages in order, what each reads, and whether the run in `folder` has it already.
pub fn plan_text(pipeline: &Pipeline, folder: &Path) -> String {
    let mut out = format!("{}\n", pipeline.header.title);
    let states = keep::states(pipeline, folder, &keep::Records::of(folder), false);
    let needed = keep::needed(pipeline, &states);
    let width = pipeline.stages.iter().map(|s| s.address().chars().count()).max().unwrap_or(0);
    for (i, stage) in pipeline.stages.iter().enumerate() {
        let inputs: Vec<String> = stage.inputs.iter().map(|&j| pipeline.stages[j].address()).collect();
        let reads = if inputs.is_empty() { String::new() } else { format!("  reads {}", inputs.join(", ")) };
        let state = match &states[i].1 {
            State::Due(why) => format!("will run: {why}"),
            State::Kept if !needed[i] => "cached".to_owned(),
            State::Kept if matches!(stage.family, "train" | "sweep") => "cached, will be read".to_owned(),
            State::Kept => "cached, will be made again for what reads it".to_owned(),
        };
        out += format!("{:>3}. {:width$}  {}{reads}", i + 1, stage.address(), stage.kind).trim_end();
        out += &format!("\n     {:width$}  {state}\n", "");
    }
    out
}

/// The pipelines that come with the program.
pub fn shipped() -> Vec<PathBuf> {
    let files = crate::files::entries(&root().join("pipelines"));
    files.into_iter().filter(|p| p.extension().is_some_and(|e| e == "toml")).collect()
}

/// A path as short as it can be typed here.
pub fn shown(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(&here).unwrap_or(path).display().to_string()
}

/// A file's name without what it ends in.
pub(crate) fn name_of(file: &Path) -> String {
    file.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Whether reports are coloured: on a terminal, unless `NO_COLOR` is set (no-color.org).
fn coloured() -> bool {
    std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
}

/// Prints to the output stream; a closed pipe is the reader's choice.
fn say(text: &str) {
    let _ = std::io::stdout().write_all(text.as_bytes());
}

/// Prints to the error stream.
fn complain(text: &str) {
    let _ = std::io::stderr().write_all(text.as_bytes());
}

/// What to say of a name that is not among `names`.
fn unknown(what: &str, name: &str, names: &[String]) -> String {
    let hint =
        nearest(name, names.iter().map(String::as_str)).map(|n| format!("; did you mean `{n}`?")).unwrap_or_default();
    format!("error: there is no {what} `{name}`{hint}\n")
}
