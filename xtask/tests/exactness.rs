//! The promise of the house: a pipeline's results have the same bytes twice in a row, with any number of threads, with each
//! kernel path of the processor, and from any build profile.

use std::{collections::BTreeMap, path::Path, process::Command};

use libtest_mimic::Trial;

use crate::{cargo, root, slow, target};

pub fn trials() -> Vec<Trial> {
    let mut trials = slow(trials![same_bytes_from_debug_and_release_builds]);
    trials.extend(trials![same_bytes_on_every_kernel_path_and_any_number_of_threads]);
    trials
}

/// Runs the small pipeline and returns the bytes of every result that must not vary, by name.
fn results(program: &Path, kernel: &str, threads: usize) -> BTreeMap<String, Vec<u8>> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let out = folder.path().join("small");
    let output = Command::new(program)
        .arg("run")
        .arg(root().join("xtask/tests/pipelines/small.toml"))
        .args(["--threads", &threads.to_string(), "--out"])
        .arg(&out)
        .env("UNFOLD_KERNEL", kernel)
        .current_dir(root())
        .output()
        .expect("the program runs");
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    let mut results = BTreeMap::new();
    for part in ["figures", "models", "metrics.json", "resolved.toml"] {
        collect(&out, &out.join(part), &mut results);
    }
    let narrow = |name: &&String| name.ends_with(".narrow.svg");
    let svgs = results.keys().filter(|name| name.ends_with(".svg") && !narrow(name)).count();
    assert_eq!([svgs, results.keys().filter(narrow).count()], [13, 13], "{:?}", results.keys());
    results
}

fn collect(base: &Path, path: &Path, into: &mut BTreeMap<String, Vec<u8>>) {
    if path.is_dir() {
        for entry in std::fs::read_dir(path).expect("a folder") {
            collect(base, &entry.expect("an entry").path(), into);
        }
    } else {
        let name = path.strip_prefix(base).expect("below its base").to_string_lossy().into_owned();
        into.insert(name, std::fs::read(path).expect("a file"));
    }
}

fn assert_same(a: &BTreeMap<String, Vec<u8>>, b: &BTreeMap<String, Vec<u8>>, what: &str) {
    assert_eq!(a.keys().collect::<Vec<_>>(), b.keys().collect::<Vec<_>>(), "{what}");
    for (name, bytes) in a {
        assert!(*bytes == b[name], "{what}: {name} differs");
    }
}

fn same_bytes_on_every_kernel_path_and_any_number_of_threads() {
    let program = Path::new(env!("CARGO_BIN_EXE_xtask"));
    let best = tensor::path::Path::active().name();
    let first = results(program, best, 1);
    assert_same(&first, &results(program, best, 1), "twice in a row");
    for path in tensor::path::Path::available() {
        for threads in [1, 2, 3] {
            let what = format!("{} kernels, {threads} threads", path.name());
            assert_same(&first, &results(program, path.name(), threads), &what);
        }
    }
}

/// Builds everything without optimisation, and with all of it.
fn same_bytes_from_debug_and_release_builds() {
    let best = tensor::path::Path::active().name();
    let here = results(Path::new(env!("CARGO_BIN_EXE_xtask")), best, 2);
    for (what, arguments, folder) in [
        ("an unoptimised build", &["--config", "xtask/tests/unoptimized.toml"][..], "debug"),
        ("a release build", &["--release"], "release"),
    ] {
        let target = target().join("profiles");
        let mut cargo = cargo(&target);
        let status = cargo.args(["build", "--package", "xtask"]).args(arguments).current_dir(root()).status().unwrap();
        assert!(status.success(), "{what} fails");
        let program = target.join(folder).join(format!("xtask{}", std::env::consts::EXE_SUFFIX));
        assert_same(&here, &results(&program, best, 2), what);
    }
}
