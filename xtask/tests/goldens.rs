//! Every figure of every shipped pipeline against its pinned bytes in `golden/`, one test per pipeline.
//!
//! A pipeline whose data is not at hand (neither where UNFOLD_DATA says nor in datasets/cache) is listed as ignored, with the reason.
//! A figure that differs is written to `target/golden/<pipeline>/`, to be looked at beside the pinned one.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    process::Command,
};

use libtest_mimic::{Arguments, Failed, Trial};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the workspace").to_owned()
}

fn main() {
    let mut pipelines: Vec<PathBuf> = std::fs::read_dir(root().join("pipelines"))
        .expect("the folder of pipelines")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|e| e == "toml"))
        .collect();
    pipelines.sort();
    let trials = pipelines
        .into_iter()
        .map(|path| {
            let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
            // Data that has to be fetched is no reason to fail: the test says what is missing, and counts as ignored.
            let lacking = pipeline::commands::lacking(&path);
            let trial = Trial::test(name.clone(), move || check(&path, &name));
            match lacking {
                Some(reason) => trial.with_kind(format!("SKIPPED, {reason}")).with_ignored_flag(true),
                None => trial,
            }
        })
        .collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

/// Runs a pipeline and compares its figures.
fn check(path: &Path, name: &str) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let out = folder.path().join(name);
    let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["run", "--offline"])
        .arg(path)
        .arg("--out")
        .arg(&out)
        .output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    let (golden, changed) = (root().join("golden").join(name), root().join("target/golden").join(name));
    let _ = std::fs::remove_dir_all(&changed);
    let figures = svgs(&out.join("figures"));
    let mut differences = Vec::new();
    for figure in figures.union(&svgs(&golden)) {
        let file = format!("{figure}.svg");
        let new = std::fs::read(out.join("figures").join(&file)).ok();
        let old = std::fs::read(golden.join(&file)).ok();
        match (&new, &old) {
            (Some(new), Some(old)) if new == old => continue,
            (Some(new), Some(old)) => differences.push(format!("{figure} changed: {}", first_change(old, new))),
            (Some(_), None) => differences.push(format!("{figure} is not pinned")),
            (None, _) => differences.push(format!("{figure} is pinned, and the pipeline draws it no more")),
        }
        if let Some(new) = new {
            std::fs::create_dir_all(&changed)?;
            std::fs::write(changed.join(&file), new)?;
        }
    }
    if differences.is_empty() {
        return Ok(());
    }
    Err(format!(
        "{}\nlook at target/golden/{name}/ beside golden/{name}/; to accept: \
         cargo xtask run pipelines/{name}.toml && cargo xtask bless {name}",
        differences.join("\n")
    )
    .into())
}

/// The names of the figures in a folder; none where there is no folder.
fn svgs(folder: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok).map(|e| e.path());
    entries
        .filter(|path| path.extension().is_some_and(|e| e == "svg"))
        .filter_map(|path| Some(path.file_stem()?.to_string_lossy().into_owned()))
        .collect()
}

/// How many lines differ, and the first that does.
fn first_change(old: &[u8], new: &[u8]) -> String {
    let (old, new) = (String::from_utf8_lossy(old), String::from_utf8_lossy(new));
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let differ = |i: &usize| old.get(*i) != new.get(*i);
    let lines = old.len().max(new.len());
    let count = (0..lines).filter(differ).count();
    let first = (0..lines).find(differ).unwrap_or(0);
    let shown = |lines: &[&str]| lines.get(first).map_or_else(String::new, |l| l.chars().take(120).collect());
    format!("{count} of {lines} lines, first line {}\n  - {}\n  + {}", first + 1, shown(&old), shown(&new))
}
