//! Fetching the files of known data sets: for the command, and for a run that lacks them.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;

use datasets::{DataError, Manifest};
use download::{Event, FetchError, Outcome, Source, Timeouts, Wanted};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::console::Verbosity;
use crate::kinds::{self, Config};
use crate::load::{Pipeline, Request, load};

/// Why a data set could not be fetched.
#[derive(Debug, thiserror::Error)]
#[error(
    "{source}\nWith no network, give a folder that has the files: cargo xtask fetch {name} --from DIR, or set UNFOLD_DATA=DIR"
)]
pub struct FetchFailed {
    name: &'static str,
    source: FetchError,
}

/// The known data sets that a pipeline needs and that are nowhere, each once, with where they were looked for.
pub fn absent(pipeline: &Pipeline) -> Vec<(&'static Manifest, DataError)> {
    let mut list: Vec<(&'static Manifest, DataError)> = Vec::new();
    for stage in &pipeline.stages {
        if let Config::Dataset(source) = &stage.config
            && let Some(manifest) = source.manifest()
            && let Err(error) = manifest.locate()
            && list.iter().all(|(other, _)| other.name != manifest.name)
        {
            list.push((manifest, error));
        }
    }
    list
}

/// Why a pipeline cannot run here without the network: the data sets that are missing. `None` where it can, and where it has
/// mistakes, which a run reports.
pub fn missing(file: &std::path::Path) -> Option<String> {
    let loaded = load(&Request { file: file.to_owned(), ..Request::default() }, &kinds::families());
    let absent = absent(&loaded.pipeline?);
    let names: Vec<&str> = absent.iter().map(|(manifest, _)| manifest.name.as_str()).collect();
    (!names.is_empty()).then(|| format!("{} not downloaded: cargo xtask fetch {}", names.join(", "), names.join(" ")))
}

/// Puts the files of a data set into its cache and says so; returns the folder.
///
/// # Errors
/// If one of them cannot be had.
pub fn fetch(manifest: &'static Manifest, from: Option<&str>, verbosity: Verbosity) -> Result<PathBuf, FetchFailed> {
    let sources: Vec<Source> = match from {
        Some(from) => vec![Source::parse(from)],
        None => manifest.mirrors.iter().map(|url| Source::parse(url)).collect(),
    };
    let folder = manifest.cache();
    for file in manifest.files() {
        let wanted = Wanted { name: &file.file, size: file.size, sha256: &file.sha256 };
        let mut reporter = Reporter::new(verbosity, &manifest.name, &wanted);
        let outcome = download::fetch(&wanted, &folder, &sources, &Timeouts::default(), &mut |e| reporter.event(&e));
        reporter.end();
        let outcome = outcome.map_err(|source| FetchFailed { name: &manifest.name, source })?;
        let word = match outcome {
            Outcome::Present => "is there and right",
            Outcome::Fetched => "fetched and checked",
        };
        reporter.line(&format!("{}: {} {word} ({})", manifest.name, file.file, size(file.size)));
    }
    Ok(folder)
}

/// `9.9 MB`.
pub fn size(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

/// Reports one download: a bar on a terminal, plain lines elsewhere.
struct Reporter {
    verbosity: Verbosity,
    name: String,
    file: String,
    bar: Option<ProgressBar>,
}

impl Reporter {
    fn new(verbosity: Verbosity, name: &str, wanted: &Wanted<'_>) -> Self {
        let bar = (verbosity == Verbosity::Bars && std::io::stderr().is_terminal()).then(|| {
            let bar = ProgressBar::with_draw_target(Some(wanted.size), ProgressDrawTarget::stderr());
            // The template is a constant with known keys.
            if let Ok(style) = ProgressStyle::with_template("{prefix} {bar:24} {bytes}/{total_bytes} ({eta} left)") {
                bar.set_style(style);
            }
            bar.set_prefix(format!("{name}: {}", wanted.name));
            bar
        });
        Reporter { verbosity, name: name.to_owned(), file: wanted.name.to_owned(), bar }
    }

    fn event(&mut self, event: &Event<'_>) {
        match event {
            Event::Bytes(n) => self.bar.iter().for_each(|bar| bar.set_position(*n)),
            Event::From(source) => self.line(&format!("{}: {} from {source}", self.name, self.file)),
            Event::Failed(source, error) => self.line(&format!("{}: {source}: {error}", self.name)),
            Event::Waiting => self.line(&format!("{}: another process fetches {}; waiting", self.name, self.file)),
        }
    }

    fn end(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }

    fn line(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.println(text),
            None if self.verbosity == Verbosity::Quiet => {}
            // A closed stream is no reason to stop.
            None => drop(writeln!(std::io::stderr(), "{text}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_read_well() {
        assert_eq!((size(4542), size(9_912_422)), ("4.5 kB".to_owned(), "9.9 MB".to_owned()));
    }
}
