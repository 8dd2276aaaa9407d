//! Every figure of every shipped pipeline against its own tables and its pinned bytes in `golden/`, one test per pipeline.
//!
//! A pipeline whose data is not at hand (neither where UNFOLD_DATA says nor in datasets/cache) is listed as ignored, with the
//! reason. The runs lie in `target/golden/<pipeline>/`, where `cargo xtask review` shows them beside the pinned figures.

use std::path::{Path, PathBuf};

use libtest_mimic::{Failed, Trial};

use crate::resume::{assert_same, files};
use crate::{root, unless, xtask};

pub fn trials() -> Vec<Trial> {
    let mut pipelines: Vec<PathBuf> = std::fs::read_dir(root().join("pipelines"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "toml"))
        .collect();
    pipelines.sort();
    let trial = |path: PathBuf| {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        // Data that has to be fetched is no reason to fail.
        let lacking = pipeline::fetch::missing(&path);
        unless(lacking, Trial::test(format!("golden::{name}"), move || check(&path, &name)))
    };
    pipelines.into_iter().map(trial).collect()
}

/// Runs a pipeline afresh where `review` and `bless` look for it, and again from its cache, and compares its figures.
fn check(path: &Path, name: &str) -> Result<(), Failed> {
    let out = root().join("target/golden").join(name);
    let run = |more: &[&str]| -> Result<_, Failed> {
        let mut run = xtask();
        run.args(["run", "--offline"]).args(more).arg(path).arg("--out").arg(&out).current_dir(root());
        let output = run.output()?;
        match output.status.success() {
            true => Ok(files(&out)),
            false => Err(String::from_utf8_lossy(&output.stderr).into_owned().into()),
        }
    };
    let fresh = run(&["--fresh"])?;
    assert_same(&run(&[])?, &fresh, "from the cache");
    crate::headlines::check(&out)?;
    let review = xtask().args(["review", "--format", "markdown", name]).current_dir(root()).output()?;
    if review.status.success() {
        return Ok(());
    }
    let told = [review.stdout, review.stderr].concat();
    let told = String::from_utf8_lossy(&told);
    Err(format!("{told}\nto look at it: cargo xtask review; to accept: cargo xtask bless {name}").into())
}
