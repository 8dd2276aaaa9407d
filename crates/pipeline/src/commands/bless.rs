//! `bless`: the figures of a run become the pinned ones in `golden/`.

use std::collections::BTreeMap;
use std::path::Path;

use super::{FAILED, WRONG, complain, name_of, root, say, shipped, shown, unknown};
use crate::files::{self, FileError, entries};
use crate::machine::sha256;

/// `bless [PIPELINE[/FIGURE]…]`; nothing named means every shipped pipeline that has been run.
pub fn bless(which: &[String]) -> u8 {
    let shipped = shipped();
    let names: Vec<String> = shipped.iter().map(|p| name_of(p)).collect();
    // Per pipeline the figures asked for; an empty list is all of them.
    let mut wanted: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for item in which {
        let (pipeline, figure) = match item.split_once('/') {
            // `pipelines/spiral.toml` is typed by habit.
            Some((_, file)) if file.ends_with(".toml") => (file.trim_end_matches(".toml"), None),
            Some((pipeline, figure)) => (pipeline, Some(figure.trim_end_matches(".svg"))),
            None => (item.as_str(), None),
        };
        if !names.iter().any(|n| n == pipeline) {
            complain(&unknown("shipped pipeline", pipeline, &names));
            return WRONG;
        }
        let figures = wanted.entry(pipeline.to_owned()).or_default();
        figures.extend(figure.map(str::to_owned));
    }
    let all = which.is_empty();
    let mut code = 0;
    for file in &shipped {
        let name = name_of(file);
        if !all && !wanted.contains_key(&name) {
            continue;
        }
        let run = root().join("runs").join(&name);
        if all && !run.exists() {
            say(&format!("{name}: not run\n"));
            continue;
        }
        if let Err(why) = is_current(file, &run) {
            complain(&format!("error: {name}: {why}; first `cargo xtask run {}`\n", shown(file)));
            code = FAILED;
            continue;
        }
        let figures = wanted.get(&name).map(Vec::as_slice).unwrap_or_default();
        match accept(&run.join("figures"), &root().join("golden").join(&name), figures) {
            Ok(changes) if changes.is_empty() => say(&format!("{name}: nothing changed\n")),
            Ok(changes) => changes.iter().for_each(|c| say(&format!("{name}: {c}\n"))),
            Err(AcceptError::Unknown(figure, there)) => {
                complain(&unknown(&format!("figure of {name}"), &figure, &there));
                code = WRONG;
            }
            Err(AcceptError::File(error)) => {
                complain(&format!("error: {error}\n"));
                code = FAILED;
            }
        }
    }
    code
}

/// Whether the run is of this file as it is now, unchanged by arguments.
fn is_current(file: &Path, run: &Path) -> Result<(), String> {
    let text = std::fs::read_to_string(run.join("provenance.json"))
        .map_err(|_| "it has not been run to its end".to_owned())?;
    let provenance: serde_json::Value = serde_json::from_str(&text).map_err(|e| format!("provenance.json: {e}"))?;
    let now = std::fs::read(file).map(|b| sha256(&b)).map_err(|e| e.to_string())?;
    let says = |key: &str| provenance.get(key).cloned().unwrap_or_default();
    if says("pipeline_sha256") != now.as_str() {
        Err("the pipeline changed since it was run".to_owned())
    } else if says("settings").as_array().is_none_or(|s| !s.is_empty()) {
        Err("it was run with `--set` or `--seed`".to_owned())
    } else if says("numerics") != "exact" {
        Err("goldens are of exact runs only, it has numerics = \"native\"".to_owned())
    } else {
        Ok(())
    }
}

enum AcceptError {
    Unknown(String, Vec<String>),
    File(FileError),
}

/// Copies figures from `run` to `golden` and says what changed.
fn accept(run: &Path, golden: &Path, wanted: &[String]) -> Result<Vec<String>, AcceptError> {
    let svgs = |folder: &Path| -> Vec<String> {
        let files = entries(folder).into_iter().filter(|p| p.extension().is_some_and(|e| e == "svg"));
        files.map(|p| name_of(&p)).collect()
    };
    let (new, old) = (svgs(run), svgs(golden));
    if let Some(missing) = wanted.iter().find(|w| !new.contains(w) && !old.contains(w)) {
        return Err(AcceptError::Unknown(missing.clone(), new));
    }
    let is_wanted = |name: &&String| wanted.is_empty() || wanted.contains(name);
    let mut changes = Vec::new();
    std::fs::create_dir_all(golden).map_err(|e| AcceptError::File(FileError::new("create the folder", golden, e)))?;
    for name in new.iter().filter(is_wanted) {
        let (from, to) = (run.join(format!("{name}.svg")), golden.join(format!("{name}.svg")));
        let bytes = std::fs::read(&from).map_err(|e| AcceptError::File(FileError::new("read", &from, e)))?;
        let before = std::fs::read(&to).ok();
        if before.as_deref() == Some(&bytes) {
            continue;
        }
        files::write(&to, &bytes).map_err(AcceptError::File)?;
        changes.push(match before {
            None => format!("{name} is new"),
            Some(before) => format!("{name} changed, {}", lines_changed(&before, &bytes)),
        });
    }
    for name in old.iter().filter(is_wanted).filter(|n| !new.contains(n)) {
        let path = golden.join(format!("{name}.svg"));
        std::fs::remove_file(&path).map_err(|e| AcceptError::File(FileError::new("delete", &path, e)))?;
        changes.push(format!("{name} is gone"));
    }
    Ok(changes)
}

/// How many lines two texts do not share, counted with repetition and without regard to order.
fn lines_changed(before: &[u8], after: &[u8]) -> String {
    let mut counts: BTreeMap<&[u8], i64> = BTreeMap::new();
    after.split(|&b| b == b'\n').for_each(|l| *counts.entry(l).or_default() += 1);
    before.split(|&b| b == b'\n').for_each(|l| *counts.entry(l).or_default() -= 1);
    let new: i64 = counts.values().filter(|&&c| c > 0).sum();
    let total = after.split(|&b| b == b'\n').count();
    format!("{new} of {total} lines are new")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_copied_and_changes_told() {
        let place = tempfile::tempdir().unwrap();
        let (run, golden) = (place.path().join("run"), place.path().join("golden"));
        std::fs::create_dir_all(&run).unwrap();
        let tell = |wanted: &[String]| accept(&run, &golden, wanted).unwrap_or_else(|_| panic!("it can be accepted"));
        std::fs::write(run.join("a.svg"), "1\n2\n").unwrap();
        std::fs::write(run.join("b.svg"), "1\n").unwrap();
        assert_eq!(tell(&["a".into()]), ["a is new"]);
        assert_eq!(tell(&[]), ["b is new"]);
        assert!(tell(&[]).is_empty());
        std::fs::write(run.join("a.svg"), "1\n3\n").unwrap();
        std::fs::remove_file(run.join("b.svg")).unwrap();
        assert_eq!(tell(&[]), ["a changed, 1 of 3 lines are new", "b is gone"]);
        assert!(matches!(accept(&run, &golden, &["z".into()]), Err(AcceptError::Unknown(..))));
    }
}
