//! Every figure of every shipped pipeline against its pinned bytes in `golden/`, one test per pipeline.
//!
//! A pipeline whose data is not at hand (neither where UNFOLD_DATA says nor in datasets/cache) is listed as ignored, with the reason.
//! The runs lie in `target/golden/<pipeline>/`, where `cargo xtask review` shows them beside the pinned figures.

use std::{
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
            let lacking = pipeline::fetch::missing(&path);
            let trial = Trial::test(name.clone(), move || check(&path, &name));
            match lacking {
                Some(reason) => trial.with_kind(format!("SKIPPED, {reason}")).with_ignored_flag(true),
                None => trial,
            }
        })
        .collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

/// Runs a pipeline afresh where `review` and `bless` look for it, and compares its figures.
fn check(path: &Path, name: &str) -> Result<(), Failed> {
    let out = root().join("target/golden").join(name);
    let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["run", "--offline", "--fresh"])
        .arg(path)
        .arg("--out")
        .arg(&out)
        .current_dir(root())
        .output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    let review = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["review", "--format", "markdown", name])
        .current_dir(root())
        .output()?;
    if review.status.success() {
        return Ok(());
    }
    let told = [review.stdout, review.stderr].concat();
    let told = String::from_utf8_lossy(&told);
    Err(format!("{told}\nto look at it: cargo xtask review; to accept: cargo xtask bless {name}").into())
}
