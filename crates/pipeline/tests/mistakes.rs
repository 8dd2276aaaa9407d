//! What the user reads for every kind of mistake: `mistakes/NAME.toml` beside its snapshot `mistakes/NAME.snap`.
//!
//! Lines `# set: path=value` at the top of a file are `--set` arguments. Lists of every kind there is are left out of the
//! snapshots, so that a new kind touches none.

#![allow(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use config::catalog::Group;
use config::families::Families;
use pipeline::files::{entries, stem};
use pipeline::kinds::{self, Config};
use pipeline::load::{Request, load};

/// The files of `mistakes/` that end in `extension`.
fn files(extension: &str) -> impl Iterator<Item = PathBuf> {
    entries(Path::new("tests/mistakes")).into_iter().filter(move |p| p.extension().is_some_and(|e| e == extension))
}

/// What is told of a file.
fn told(file: &Path, families: &Families<Config>) -> String {
    let text = std::fs::read_to_string(file).unwrap();
    let settings = text.lines().map_while(|l| l.strip_prefix("# set: ")).map(str::to_owned).collect();
    let loaded = load(&Request { file: file.to_owned(), settings, seed: None }, families);
    assert!(!loaded.report.list().is_empty(), "a mistake that is not found");
    loaded.shown(false)
}

/// A line that names every kind of a group, without the names.
fn without_list(line: &str, groups: &[Group]) -> String {
    let named = |group: &&Group| group.topics().count() > 1 && group.topics().all(|t| line.contains(t.name));
    let cut = groups.iter().find(named).and_then(|group| {
        let kinds = format!("kinds of {}: ", group.name);
        let begins = [kinds.as_str(), "can be ", "expected "];
        let at = begins.into_iter().find_map(|words| Some(line.find(words)? + words.len()))?;
        Some(format!("{}[every {}]", &line[..at], group.name))
    });
    cut.unwrap_or_else(|| line.to_owned())
}

#[test]
fn every_mistake_is_told_as_expected() {
    let (families, groups) = (kinds::families(), kinds::groups());
    // Every mistake is looked at, also after one that is told otherwise.
    let differs = |file: &PathBuf| {
        let mut settings = insta::Settings::new();
        settings.set_snapshot_path("mistakes");
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.set_input_file(file.canonicalize().unwrap());
        let assert = || {
            let lines: Vec<String> = told(file, &families).lines().map(|line| without_list(line, &groups)).collect();
            settings.bind(|| insta::assert_snapshot!(stem(file), lines.join("\n")));
        };
        catch_unwind(AssertUnwindSafe(assert)).is_err()
    };
    let differing: Vec<PathBuf> = files("toml").filter(differs).collect();
    assert!(differing.is_empty(), "told otherwise: {differing:?}; if all is well, accept them: cargo insta review");
}

#[test]
fn there_are_at_least_forty_and_each_snapshot_has_its_mistake() {
    assert!(files("toml").count() >= 40);
    for snapshot in files("snap") {
        assert!(snapshot.with_extension("toml").exists(), "{} belongs to no mistake", snapshot.display());
    }
}

#[test]
fn no_mutation_of_a_pipeline_makes_the_check_panic() {
    // SplitMix64 (Steele, Lea, Flood 2014): small, seeded, enough for a test.
    let mut state = 7_u64;
    let mut next = move |below: usize| {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        ((z ^ (z >> 27)) >> 11) as usize % below
    };
    let folder = tempfile::tempdir().unwrap();
    let families = kinds::families();
    let good = std::fs::read("../../pipelines/spiral.toml").unwrap();
    let tables: Vec<&[u8]> = good.split(|&b| b == b'\n').collect();
    for round in 0..500 {
        let mut bytes = good.clone();
        for _ in 0..=next(5) {
            let at = next(bytes.len());
            match next(6) {
                0 => bytes.truncate(at.max(1)),
                1 => bytes[at] = next(256) as u8,
                2 => drop(bytes.remove(at)),
                // Numbers of other sizes and signs, where a check might multiply or divide by them.
                3 => {
                    let number: &[u8] =
                        [&b"-1"[..], b"0", b"1e300", b"9223372036854775807", b"nan", b"4000000000"][next(6)];
                    if let Some(i) = (at..bytes.len()).find(|&i| bytes[i].is_ascii_digit()) {
                        let end = (i..bytes.len()).find(|&j| !bytes[j].is_ascii_digit()).unwrap_or(bytes.len());
                        bytes.splice(i..end, number.iter().copied());
                    }
                }
                4 => drop(bytes.splice(at..at, tables[next(tables.len())].iter().copied())),
                _ => drop(bytes.splice(at..at, b"[]{}=\"'.,\n#"[next(11)..][..1].iter().copied())),
            }
            if bytes.is_empty() {
                bytes.push(b'x');
            }
        }
        let file = folder.path().join(format!("{}.toml", round % 3));
        std::fs::write(&file, &bytes).unwrap();
        load(&Request { file, settings: Vec::new(), seed: None }, &families).shown(true);
    }
}
