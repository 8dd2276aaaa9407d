//! Pipeline files and `--set` arguments, as `check` reads them: nothing is trained.

use std::path::Path;
use std::sync::OnceLock;

use fastrand::Rng;
use pipeline::kinds;
use pipeline::load::{Request, load};
use serde_json::Value;

use super::{Attempt, SLOW, Target, files};
use crate::mutate::pick;
use crate::text;

/// `[train.net]` and the rest of a file.
pub const PIPELINES: Target = Target { name: "pipelines", of_all: true, corpus, change, prepare, slow: SLOW };

/// Lines of `path=value`, for one of the pipelines.
pub const SETTINGS: Target = Target {
    name: "settings",
    of_all: true,
    corpus: || files("corpus/settings", ""),
    change: |rng, corpus| text::one(rng, corpus, words()),
    prepare: prepare_settings,
    slow: SLOW,
};

/// The shipped pipelines, those of tests, and those with mistakes; then findings.
fn corpus() -> Vec<Vec<u8>> {
    let folders = ["../pipelines", "../xtask/tests/pipelines", "../crates/pipeline/tests/mistakes", "corpus/pipelines"];
    folders.into_iter().flat_map(|folder| files(folder, ".toml")).collect()
}

/// The names of all kinds and fields.
pub fn words() -> &'static [String] {
    static WORDS: OnceLock<Vec<String>> = OnceLock::new();
    WORDS.get_or_init(|| {
        let groups = kinds::groups();
        let mut words: Vec<String> = groups.iter().flat_map(|g| g.topics()).map(|t| t.name.to_owned()).collect();
        groups.iter().flat_map(|g| g.topics()).for_each(|topic| fields(&topic.schema, &mut words));
        words.sort();
        words.dedup();
        words
    })
}

/// The names of the fields in a schema, and of what they can be.
fn fields(schema: &Value, into: &mut Vec<String>) {
    match schema {
        Value::Object(map) => {
            into.extend(map.get("properties").and_then(Value::as_object).into_iter().flat_map(|p| p.keys().cloned()));
            into.extend(map.get("const").and_then(Value::as_str).map(|name| format!("\"{name}\"")));
            map.values().for_each(|inner| fields(inner, into));
        }
        Value::Array(list) => list.iter().for_each(|inner| fields(inner, into)),
        _ => {}
    }
}

/// A changed pipeline, or an example of some kind in one.
fn change(rng: &mut Rng, corpus: &[Vec<u8>]) -> Vec<u8> {
    let mut input = pick(rng, corpus).clone();
    for _ in 0..rng.usize(..3) {
        let groups = examples();
        input.extend(pick(rng, groups).replace("NAME", pick(rng, words()).trim_matches('"')).bytes());
    }
    text::change(rng, &input, corpus, words())
}

/// An example of every kind.
fn examples() -> &'static [String] {
    static EXAMPLES: OnceLock<Vec<String>> = OnceLock::new();
    EXAMPLES.get_or_init(|| {
        kinds::groups().iter().flat_map(|g| g.topics()).map(|topic| format!("\n{}\n", topic.example)).collect()
    })
}

fn prepare(folder: &Path) -> Attempt {
    let (file, families) = (folder.join("hostile.toml"), kinds::families());
    Box::new(move |input| {
        std::fs::write(&file, input).expect("written");
        let loaded = load(&Request { file: file.clone(), settings: Vec::new(), seed: None }, &families);
        let told = loaded.shown(false);
        assert!(loaded.pipeline.is_some() || !told.is_empty(), "refused without a word");
        check_text(&told);
    })
}

fn prepare_settings(folder: &Path) -> Attempt {
    let families = kinds::families();
    let file = folder.join("pipeline.toml");
    std::fs::write(&file, include_str!("../../../xtask/tests/pipelines/small.toml")).expect("written");
    Box::new(move |input| {
        let settings = String::from_utf8_lossy(input).lines().map(str::to_owned).collect();
        let loaded = load(&Request { file: file.clone(), settings, seed: None }, &families);
        check_text(&loaded.shown(false));
    })
}

/// What is told moves no cursor.
fn check_text(told: &str) {
    let hostile = told.chars().find(|c| c.is_control() && *c != '\n');
    assert!(hostile.is_none(), "tells {hostile:?}: {told:?}");
}
