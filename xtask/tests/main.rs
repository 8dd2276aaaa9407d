//! The program as a whole, as its users have it: one test program, since linking is what takes time.
//!
//! Pinned figures are a test for each pipeline, and some tests are skipped with a reason (no data, no browser, too slow): std's
//! harness can say neither.
#![allow(clippy::unwrap_used, reason = "everything here is a test, where a panic is the report")]

/// The functions named, as tests.
macro_rules! trials {
    ($($test:ident),* $(,)?) => {
        vec![$(libtest_mimic::Trial::test(crate::name(module_path!(), stringify!($test)), || {
            $test();
            Ok(())
        })),*]
    };
}

mod browser;
mod browser_driver;
mod command_line;
mod docs;
mod exactness;
mod export;
mod golden;
mod headlines;
mod predict;
mod render;
mod report_page;
mod resume;
mod review;
mod review_page;
mod texts;
mod tidy;

use std::{path::Path, process::Command};

use libtest_mimic::{Arguments, Trial};

fn main() {
    let trials = [
        tidy::trials(),
        texts::trials(),
        docs::trials(),
        golden::trials(),
        headlines::trials(),
        resume::trials(),
        exactness::trials(),
        command_line::trials(),
        predict::trials(),
        export::trials(),
        render::trials(),
        review::trials(),
        browser_driver::trials(),
        report_page::trials(),
        review_page::trials(),
    ];
    libtest_mimic::run(&Arguments::from_args(), trials.into_iter().flatten().collect()).exit();
}

/// What a test is called: `tidy::imports_run_down_only`.
fn name(module: &str, test: &str) -> String {
    format!("{}::{test}", module.split_once("::").map_or(module, |(_, inner)| inner))
}

/// The test, skipped where there is a reason to.
fn unless(reason: Option<String>, trial: Trial) -> Trial {
    match reason {
        Some(reason) => trial.with_kind(format!("SKIPPED, {reason}")).with_ignored_flag(true),
        None => trial,
    }
}

/// Tests that build the program again: skipped, unless `CI=true` or `UNFOLD_SLOW=1` asks for them.
fn slow(trials: Vec<Trial>) -> Vec<Trial> {
    let set = |variable, value| std::env::var(variable).is_ok_and(|v| v == value);
    let asked = set("CI", "true") || set("UNFOLD_SLOW", "1");
    let reason = (!asked).then(|| "builds the program again; UNFOLD_SLOW=1 runs it".to_owned());
    trials.into_iter().map(|trial| unless(reason.clone(), trial)).collect()
}

/// The workspace.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// The program.
fn xtask() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.env_remove("UNFOLD_KERNEL");
    command
}

/// Cargo's folder for what it builds.
fn target() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_xtask")).ancestors().nth(2).unwrap()
}

/// A small pipeline that draws two figures.
const SMALL: &str = r#"title = "Small"
seed = 3
[dataset.spiral]
kind = "spiral"
points = 30
[train.net]
data = "spiral"
model = [{ linear = 4 }, "relu", { linear = 3 }]
loss = "cross_entropy"
optimizer = { adam = { lr = 0.01 } }
epochs = 5
[figure.data]
kind = "samples"
data = "spiral"
[figure.curves]
kind = "training_curves"
models = ["net"]
"#;

/// Cargo, to build another program into `folder`. All of it: cargo tells packages apart by their place in a workspace, so that
/// what a copy of the tree leaves in a shared folder is taken for this tree's.
fn cargo(folder: &Path) -> Command {
    let mut command = Command::new(std::env::var("CARGO").unwrap_or_else(|_| "cargo".into()));
    command.env("CARGO_TARGET_DIR", folder).env("CARGO_NET_OFFLINE", "true");
    command
}
