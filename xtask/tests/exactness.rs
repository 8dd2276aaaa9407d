//! The promise of the house: a pipeline's results have the same bytes twice in a row, with any number of threads, with each
//! kernel path of the processor, and from any build profile.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Command,
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the workspace").to_owned()
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
    let svgs = results.keys().filter(|name| name.ends_with(".svg")).count();
    assert_eq!(svgs, 13, "{:?}", results.keys());
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

#[test]
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

/// Builds everything without optimisation, and with all of it. Slow, so only where it is asked for: `CI=true` or
/// `UNFOLD_SLOW=1`.
#[test]
fn same_bytes_from_debug_and_release_builds() {
    if std::env::var_os("CI").is_none() && std::env::var_os("UNFOLD_SLOW").is_none() {
        eprintln!("skipped: set UNFOLD_SLOW=1 to build and compare the debug and release profiles");
        return;
    }
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let target = root().join("target/profiles");
    let build = |profile: &str, folder: &str| {
        let status = Command::new(&cargo)
            .args(["build", "--quiet", "--offline", "--package", "xtask", "--profile", profile, "--target-dir"])
            .arg(&target)
            .current_dir(root())
            .status()
            .expect("cargo runs");
        assert!(status.success(), "profile {profile} does not build");
        target.join(folder).join(format!("xtask{}", std::env::consts::EXE_SUFFIX))
    };
    let best = tensor::path::Path::active().name();
    let here = results(Path::new(env!("CARGO_BIN_EXE_xtask")), best, 2);
    assert_same(&here, &results(&build("unoptimized", "unoptimized"), best, 2), "an unoptimised build");
    assert_same(&here, &results(&build("release", "release"), best, 2), "a release build");
}
