//! The commands, and what they share. Each prints what it has to say, and returns why it did not end well.

mod bless;
mod diff;
mod export;
mod fetch;
mod kinds;
mod predict;
mod raster;
mod render;
mod review;
mod run;
mod selection;

use std::fmt::Display;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

pub use bless::bless;
pub use diff::diff;
pub use export::export;
pub use fetch::fetch;
pub use kinds::{explain, list, schema};
pub use predict::predict;
pub use render::render;
pub use review::review;
pub use run::{check, plan, run};

use config::diagnostics::did_you_mean;
use datasets::manifest::root;
use pipeline::files;

/// Why a command did not end well.
#[derive(Debug)]
pub struct Failure {
    /// The exit code: 1 if something failed, 2 if the pipeline or the arguments are wrong.
    pub code: u8,
    /// What is still to be said about it; empty if everything has been said.
    pub message: String,
}

impl Failure {
    /// Something failed.
    fn failed(message: impl Display) -> Self {
        Failure { code: 1, message: message.to_string() }
    }

    /// The pipeline or the arguments are wrong.
    fn wrong(message: impl Display) -> Self {
        Failure { code: 2, message: message.to_string() }
    }

    /// A name that is not among `names`.
    fn unknown(what: &str, name: &str, names: &[String]) -> Self {
        let hint = did_you_mean(name, names.iter().map(String::as_str)).map(|hint| format!("; {hint}"));
        Failure::wrong(format!("there is no {what} `{name}`{}", hint.unwrap_or_default()))
    }
}

/// How a command ended.
pub type Outcome = Result<(), Failure>;

/// Several things, all of them or why they are not there.
fn both<T>(a: Result<T, Failure>, b: Result<T, Failure>) -> Result<[T; 2], Failure> {
    match (a, b) {
        (Ok(a), Ok(b)) => Ok([a, b]),
        (Err(a), Err(b)) => Err(Failure { code: a.code, message: format!("{}\nerror: {}", a.message, b.message) }),
        (Err(error), _) | (_, Err(error)) => Err(error),
    }
}

/// The pipelines that come with the program.
fn shipped() -> Vec<PathBuf> {
    let files = files::entries(&root().join("pipelines"));
    files.into_iter().filter(|p| p.extension().is_some_and(|e| e == "toml")).collect()
}

/// Writes a file and its folder.
fn write(path: &Path, bytes: impl AsRef<[u8]>) -> Outcome {
    let made = path.parent().map_or(Ok(()), files::create_folder);
    made.and_then(|()| files::write(path, bytes.as_ref())).map_err(Failure::failed)
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
pub fn complain(text: &str) {
    let _ = std::io::stderr().write_all(text.as_bytes());
}
