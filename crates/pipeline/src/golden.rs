//! The pinned figures in `golden/`, beside those that the latest run of their pipeline drew.
//!
//! A figure is pinned as its picture and the tables of its numbers, as far as these are small enough to be read in a change. A
//! run counts only if it is of the pipeline as it is now, carried out by the program as it is now: what `plan` would call cached.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::path::{Path, PathBuf};

use datasets::manifest::root;
use pages::change::{Change, Figure};

use crate::cache::{self, Records, State};
use crate::files::{self, FileError, entries, stem};
use crate::kinds::{self, Config};
use crate::load::{Pipeline, Request, load};
use crate::parallel;

/// Tables up to so many bytes are pinned beside their picture.
pub const PINNED_BYTES: u64 = 64 * 1024;

/// Where the test of the pinned figures runs pipelines, in a folder each.
pub fn tested() -> PathBuf {
    root().join("target/golden")
}

/// Where a pipeline's figures are pinned.
pub fn folder(pipeline: &str) -> PathBuf {
    root().join("golden").join(pipeline)
}

/// The figures in a folder by name, with their tables of up to `most` bytes.
pub fn figures(folder: &Path, most: u64) -> BTreeMap<String, Figure> {
    let mut figures: BTreeMap<String, Figure> = BTreeMap::new();
    let files = entries(folder);
    let ends = |path: &Path, with: &str| path.extension().is_some_and(|e| e == with);
    // What cannot be read is not there; the pictures of a run are text.
    let text = |path: &Path| std::fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).ok();
    // `boundary.narrow.svg` is the same figure as a phone shows it, which follows from it.
    for path in files.iter().filter(|p| ends(p, "svg") && !stem(p).contains('.')) {
        figures.extend(text(path).map(|svg| (stem(path), Figure { svg, ..Figure::default() })));
    }
    for path in files.iter().filter(|p| ends(p, "csv") && p.metadata().is_ok_and(|m| m.len() <= most)) {
        // `boundary.csv`, `boundary.corners.csv`: tables are called by their figure.
        let name = stem(path);
        let Some(figure) = figures.get_mut(figure_of(&name)) else { continue };
        figure.tables.extend(text(path).map(|table| (format!("{name}.csv"), table)));
    }
    figures
}

/// The figure that a file belongs to: what comes before the first dot.
fn figure_of(file: &str) -> &str {
    file.split_once('.').map_or(file, |(figure, _)| figure)
}

/// What differs between the pinned figures of a pipeline and those that a run drew, of those that are `wanted`.
pub fn changes(pipeline: &str, drawn: &BTreeMap<String, Figure>, wanted: impl Fn(&str) -> bool) -> Vec<Change> {
    let selected = |figures: &BTreeMap<String, Figure>| -> BTreeMap<String, Figure> {
        figures.iter().filter(|(name, _)| wanted(name)).map(|(name, figure)| (name.clone(), figure.clone())).collect()
    };
    compare(pipeline, &selected(&figures(&folder(pipeline), PINNED_BYTES)), &selected(drawn))
}

/// The figures of a run, as they are pinned.
pub fn drawn(run: &Path) -> BTreeMap<String, Figure> {
    figures(&run.join("figures"), PINNED_BYTES)
}

/// What differs between two sets of figures, by name.
pub fn compare(group: &str, old: &BTreeMap<String, Figure>, new: &BTreeMap<String, Figure>) -> Vec<Change> {
    let mut names: Vec<&String> = old.keys().chain(new.keys()).collect();
    names.sort_unstable();
    names.dedup();
    let of = |i: usize| Ok::<_, Infallible>(Change::of(group, names[i], old.get(names[i]), new.get(names[i])));
    let changes = parallel::map(names.len(), of, |_, _, _| Ok(())).unwrap_or_else(|never| match never {});
    changes.into_iter().flatten().collect()
}

/// Pins a figure as it is now; without one, deletes what was pinned of it.
pub fn pin(pipeline: &str, name: &str, figure: Option<&Figure>) -> Result<(), FileError> {
    let folder = folder(pipeline);
    files::create_folder(&folder)?;
    let mut pinned: Vec<String> = Vec::new();
    if let Some(figure) = figure {
        let all = std::iter::once((format!("{name}.svg"), &figure.svg));
        for (file, text) in all.chain(figure.tables.iter().map(|(file, text)| (file.clone(), text))) {
            files::write(&folder.join(&file), text.as_bytes())?;
            pinned.push(file);
        }
    }
    for path in entries(&folder) {
        let file = files::name(&path);
        if figure_of(&file) == name && !pinned.contains(&file) {
            std::fs::remove_file(&path).map_err(|e| FileError::new("delete", &path, e))?;
        }
    }
    // The last figure takes the folder with it; one that is not empty stays.
    let _ = std::fs::remove_dir(&folder);
    Ok(())
}

/// The latest run of a shipped pipeline, by itself or by the tests, that is of the pipeline and the program as they are now.
///
/// # Errors
/// Says why there is none.
pub fn latest_run(file: &Path) -> Result<PathBuf, String> {
    let name = stem(file);
    let written = |run: &PathBuf| run.join("provenance.json").metadata().and_then(|m| m.modified()).ok();
    let mut runs: Vec<PathBuf> = [root().join("runs").join(&name), tested().join(&name)].into();
    runs.retain(|run| run.exists());
    runs.sort_by_key(|run| std::cmp::Reverse(written(run)));
    let request = Request { file: file.to_owned(), ..Request::default() };
    let loaded = load(&request, &kinds::families());
    let Some(pipeline) = loaded.pipeline else { return Err("the pipeline has mistakes".to_owned()) };
    let mut why = None;
    for run in runs {
        match is_current(&pipeline, &run) {
            Ok(()) => return Ok(run),
            Err(reason) => why = why.or(Some(reason)),
        }
    }
    Err(why.unwrap_or_else(|| "it has not been run".to_owned()))
}

/// Whether a run is of this pipeline as it is now, by the program as it is now, unchanged by arguments.
fn is_current(pipeline: &Pipeline, run: &Path) -> Result<(), String> {
    let text = std::fs::read_to_string(run.join("provenance.json"))
        .map_err(|_| "it has not been run to its end".to_owned())?;
    let provenance: serde_json::Value = serde_json::from_str(&text).map_err(|e| format!("provenance.json: {e}"))?;
    if provenance["settings"].as_array().is_none_or(|s| !s.is_empty()) {
        return Err("it was run with `--set` or `--seed`".to_owned());
    }
    if provenance["numerics"] != "exact" {
        return Err("goldens are of exact runs only, it has numerics = \"native\"".to_owned());
    }
    let states = cache::states(pipeline, run, &Records::of(run), false);
    let stale = pipeline.stages.iter().zip(&states).find_map(|(stage, (_, state))| match state {
        State::Stale(reason) => Some(format!("since it was run, {}: {reason}", stage.address())),
        State::Cached => None,
    });
    stale.map_or(Ok(()), Err)
}

/// The figures that a pipeline's tables draw and `golden/` pins; nothing where the pipeline has mistakes.
pub fn drawn_by(file: &Path) -> Option<Vec<String>> {
    let request = Request { file: file.to_owned(), ..Request::default() };
    let pipeline = load(&request, &kinds::families()).pipeline?;
    // Measured seconds are not pinned.
    let pinned = |config: &Config| matches!(config, Config::Figure(kind) if !kind.measures_time());
    Some(pipeline.stages.iter().filter(|s| pinned(&s.config)).map(|s| s.name.clone()).collect())
}

/// The pinned figures that nothing draws, by their pipeline: those of pipelines that no longer exist, and those
/// that a pipeline has no table for.
pub fn orphans(shipped: &[PathBuf]) -> Vec<(String, Vec<String>)> {
    let folders = entries(&root().join("golden")).into_iter().filter(|p| p.is_dir());
    let of = |folder: PathBuf| {
        let name = files::name(&folder);
        let drawn = match shipped.iter().find(|file| stem(file) == name) {
            Some(file) => drawn_by(file)?,
            None => Vec::new(),
        };
        let orphans: Vec<String> = figures(&folder, 0).into_keys().filter(|figure| !drawn.contains(figure)).collect();
        (!orphans.is_empty()).then_some((name, orphans))
    };
    folders.filter_map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_belong_to_the_figure_they_are_called_by() {
        let place = tempfile::tempdir().unwrap();
        for (file, text) in [
            ("a.svg", "<svg/>"),
            ("a.narrow.svg", "<svg/>"),
            ("a.csv", "x\n1\n"),
            ("a.corners.csv", "x\n2\n"),
            ("a_b.svg", "<svg />"),
            ("a_b.csv", "x\n3\n"),
            ("lost.csv", "x\n"),
            ("a.large.csv", "x\n100000\n"),
            ("a.npy", ""),
        ] {
            std::fs::write(place.path().join(file), text).unwrap();
        }
        let figures = figures(place.path(), 5);
        let names: Vec<(&str, Vec<&str>)> =
            figures.iter().map(|(n, f)| (n.as_str(), f.tables.keys().map(String::as_str).collect())).collect();
        assert_eq!(names, [("a", vec!["a.corners.csv", "a.csv"]), ("a_b", vec!["a_b.csv"])]);
    }
}
