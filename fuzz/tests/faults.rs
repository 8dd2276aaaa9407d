//! A disk that fails at every step of a run in turn: the run says so and leaves whole files, and the next one ends as if nothing
//! had happened.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use pipeline::console::Verbosity;
use pipeline::files::{entries, fail_at};
use pipeline::kinds;
use pipeline::load::{Pipeline, Request, load};
use pipeline::run::{self, Options};

/// Every sort of stage, as little of each as there can be.
fn pipeline(seed: u64) -> Pipeline {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/targets/records.toml");
    let loaded = load(&Request { file, settings: Vec::new(), seed: Some(seed) }, &kinds::families());
    loaded.pipeline.expect("nothing wrong")
}

fn options(out: &Path) -> Options {
    Options { out: out.to_owned(), fresh: false, verbosity: Verbosity::Quiet }
}

/// Every file below a folder but for the timings and the lock.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for path in entries(&next) {
            let name = path.strip_prefix(folder).expect("below").to_owned();
            let text = name.to_string_lossy();
            if path.is_dir() {
                folders.push(path);
            } else if !text.starts_with("timings") && !text.ends_with(".seconds") && !text.ends_with(".lock") {
                found.insert(name, std::fs::read(&path).expect("readable"));
            }
        }
    }
    found
}

/// What is in a folder whose run failed: files of the whole run, of the one before, or lists of fewer entries, but no halves.
fn assert_whole(found: &BTreeMap<PathBuf, Vec<u8>>, known: [&BTreeMap<PathBuf, Vec<u8>>; 2], at: &str) {
    for (name, bytes) in found {
        let text = name.to_string_lossy();
        let whole = match &*text {
            ".files" => bytes.is_empty() || bytes.ends_with(b"\n"),
            "metrics.json" => serde_json::from_slice::<serde_json::Value>(bytes).is_ok(),
            ".stages/finished" => bytes.starts_with(b"unfold cache") && bytes.ends_with(b"}"),
            _ => known.iter().any(|run| run.get(name) == Some(bytes)),
        };
        assert!(whole, "{at}: {text} is no whole file of a run");
    }
}

/// Fails at each step in turn: that one alone, or all from there on, in a folder where another run has been.
#[test]
fn a_run_whose_disk_fails_says_so_and_the_next_one_ends_as_if_nothing_had_happened() {
    let place = tempfile::tempdir().expect("a folder");
    let (wanted, other) = (pipeline(7), pipeline(8));
    let (whole, before) = (place.path().join("whole"), place.path().join("before"));
    run::run(&other, &options(&before)).expect("runs");
    fail_at(0..0);
    run::run(&wanted, &options(&whole)).expect("runs");
    let steps = fail_at(0..0);
    let (whole, before) = (files(&whole), files(&before));
    assert!(steps > 100, "{steps} steps");
    let mut step = 0;
    let mut done = [false; 2];
    while done != [true; 2] {
        for (full, done) in [false, true].into_iter().zip(&mut done) {
            let at = format!("step {step}{}", if full { " and all that follow" } else { "" });
            let out = place.path().join(&at);
            if full {
                run::run(&other, &options(&out)).expect("runs");
            }
            fail_at(step..if full { u64::MAX } else { step + 1 });
            let failed = run::run(&wanted, &options(&out));
            let taken = fail_at(0..0);
            assert!(failed.is_err() || taken <= step, "{at}: said nothing");
            *done |= failed.is_ok();
            if let Err(error) = failed {
                let said = error.to_string();
                assert!(
                    said.starts_with("cannot ") && said.contains(&at) && said.contains("no storage space"),
                    "{said}"
                );
                assert_whole(&files(&out), [&whole, &before], &at);
                run::run(&wanted, &options(&out)).expect("runs");
            }
            let found = files(&out);
            assert_eq!(found.keys().collect::<Vec<_>>(), whole.keys().collect::<Vec<_>>(), "{at}");
            let differ: Vec<_> = found.iter().filter(|(name, bytes)| whole[*name] != **bytes).map(|(n, _)| n).collect();
            assert!(differ.is_empty(), "{at}: {differ:?} differ");
            std::fs::remove_dir_all(&out).expect("deleted");
        }
        step += 1;
    }
    println!("{step} steps");
}
