//! Fetching the files of known data sets: for the command, and for a run that lacks them.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use datasets::{DataError, Manifest};
pub use download::Source;
use download::{Event, FetchError, Outcome, Timeouts, Wanted};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::console::Verbosity;
use crate::files;
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
pub fn fetch(manifest: &'static Manifest, from: Option<&Source>, verbosity: Verbosity) -> Result<PathBuf, FetchFailed> {
    // A test reads the mirrors' addresses.
    let mirrors = || manifest.mirrors.iter().filter_map(|url| Source::parse(url).ok()).collect();
    let sources = from.map_or_else(mirrors, |from| vec![from.clone()]);
    let folder = manifest.cache();
    let place = files::shown(&folder);
    files::say_if_interrupted(format!("what has come is kept in {place}, and the same command goes on from there"));
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
    pace: Pace,
}

/// Where there is no bar, a download that takes long says this often how far it is.
const SAY_EVERY: Duration = Duration::from_secs(10);

/// How quickly bytes come.
struct Pace {
    size: u64,
    every: Duration,
    /// When the first came, and how many were there then.
    begun: Option<(Instant, u64)>,
    told: Option<Instant>,
}

impl Pace {
    fn new(size: u64, every: Duration) -> Self {
        Pace { size, every, begun: None, told: None }
    }

    /// What there is to say when so many bytes are there: now and then, how many of all and how long the rest will take.
    fn line(&mut self, bytes: u64, now: Instant) -> Option<String> {
        let (begun, first) = *self.begun.get_or_insert((now, bytes));
        if now.duration_since(self.told.unwrap_or(begun)) < self.every || bytes <= first {
            return None;
        }
        self.told = Some(now);
        let rate = (bytes - first) as f64 / now.duration_since(begun).as_secs_f64();
        let left = self.size.saturating_sub(bytes) as f64 / rate;
        let left = match left {
            ..120.0 => format!("{left:.0} seconds"),
            ..7200.0 => format!("{:.0} minutes", left / 60.0),
            _ => format!("{:.0} hours", left / 3600.0),
        };
        Some(format!("{} of {}, about {left} left", size(bytes), size(self.size)))
    }
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
        Reporter {
            verbosity,
            name: name.to_owned(),
            file: wanted.name.to_owned(),
            bar,
            pace: Pace::new(wanted.size, SAY_EVERY),
        }
    }

    fn event(&mut self, event: &Event<'_>) {
        match event {
            Event::Bytes(n) => {
                self.bar.iter().for_each(|bar| bar.set_position(*n));
                if let (None, Some(line)) = (&self.bar, self.pace.line(*n, Instant::now())) {
                    self.line(&format!("{}: {} {line}", self.name, self.file));
                }
            }
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
    fn every_mirror_has_an_address_that_is_understood() {
        for url in datasets::manifest::manifests().iter().flat_map(|manifest| &manifest.mirrors) {
            assert!(matches!(Source::parse(url), Ok(Source::Mirror { .. })), "{url}");
        }
    }

    #[test]
    fn a_slow_download_says_now_and_then_how_long_it_will_take() {
        let (begun, seconds) = (Instant::now(), Duration::from_secs);
        let mut pace = Pace::new(9_900_000, seconds(10));
        // What an earlier attempt left does not count: 1 kB a second.
        assert_eq!(pace.line(900_000, begun), None);
        assert_eq!(pace.line(905_000, begun + seconds(5)), None);
        let told = pace.line(910_000, begun + seconds(10));
        assert_eq!(told.as_deref(), Some("910.0 kB of 9.9 MB, about 2 hours left"));
        assert_eq!(pace.line(915_000, begun + seconds(15)), None);
        let told = pace.line(9_840_000, begun + seconds(8_940));
        assert_eq!(told.as_deref(), Some("9.8 MB of 9.9 MB, about 60 seconds left"));
    }

    #[test]
    fn sizes_read_well() {
        assert_eq!((size(4542), size(9_912_422)), ("4.5 kB".to_owned(), "9.9 MB".to_owned()));
    }
}
