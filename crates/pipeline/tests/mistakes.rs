//! What the user reads for every kind of mistake, pinned: `mistakes/NAME.toml` beside `mistakes/NAME.txt`.
//!
//! Lines `# set: path=value` at the top of a file are `--set` arguments.

use std::path::{Path, PathBuf};

use pipeline::files::entries;
use pipeline::kinds;
use pipeline::load::{Request, load};

/// Rewrites the expected texts.
const REFRESH: &str = "UPDATE_MISTAKES=1 cargo test -p pipeline --test mistakes";

fn files() -> Vec<PathBuf> {
    let files = entries(Path::new("tests/mistakes"));
    files.into_iter().filter(|p| p.extension().is_some_and(|e| e == "toml")).collect()
}

fn settings(file: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    text.lines().map_while(|l| l.strip_prefix("# set: ")).map(str::to_owned).collect()
}

#[test]
fn every_mistake_is_told_as_expected() {
    let families = kinds::families();
    let refresh = std::env::var_os("UPDATE_MISTAKES").is_some();
    let mut differing = Vec::new();
    for file in files() {
        let loaded = load(&Request { file: file.clone(), settings: settings(&file), seed: None }, &families);
        assert!(!loaded.report.list().is_empty(), "{} has a mistake that is not found", file.display());
        let shown = loaded.shown(false);
        let expected = file.with_extension("txt");
        if refresh {
            std::fs::write(&expected, &shown).unwrap();
        } else if std::fs::read_to_string(&expected).unwrap_or_default() != shown {
            differing.push(format!("{}, now:\n\n{shown}", expected.display()));
        }
    }
    assert!(differing.is_empty(), "{}\nIf all is well: {REFRESH}", differing.join("\n"));
}

#[test]
fn there_are_at_least_forty_and_each_has_its_text() {
    assert!(files().len() >= 40);
    for text in entries(Path::new("tests/mistakes")).iter().filter(|p| p.extension().is_some_and(|e| e == "txt")) {
        assert!(text.with_extension("toml").exists(), "{} belongs to no mistake", text.display());
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
