//! Rules of the house that no compiler checks.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    process::Command,
};

use libtest_mimic::Trial;
use serde_json::Value;

use crate::root;

/// Each crate's floor. Imports run down only.
const FLOORS: [(&str, u8); 18] = [
    ("tensor", 0),
    ("registry", 0),
    ("download", 0),
    ("rendering", 0),
    ("pages", 0),
    ("raster", 0),
    ("autograd", 1),
    ("config", 1),
    ("datasets", 1),
    ("models", 2),
    ("optimizers", 2),
    ("training", 3),
    ("analysis", 4),
    ("figures", 5),
    ("pipeline", 6),
    ("xtask", 7),
    ("fuzz", 7),
    ("benches", 7),
];

/// The longest a source file may be: what is read in one sitting.
const MOST_LINES: usize = 500;

/// The widest a line of prose may be, in comments and on pages; the width of code is rustfmt's.
const WIDEST: usize = 130;

pub fn trials() -> Vec<Trial> {
    trials![
        imports_run_down_only,
        analysis_draws_nothing_and_optimizers_see_no_layers,
        modules_import_in_one_direction,
        versions_stand_in_one_table,
        one_build_serves_the_program_and_its_tests,
        sources_open_with_what_they_are_and_end_in_time,
        prose_is_wrapped,
        figures_run_no_models,
        goldens_belong_to_pipelines
    ]
}

/// What cargo says.
fn cargo(arguments: &[&str]) -> String {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let output = Command::new(cargo).args(arguments).arg("--offline").current_dir(root()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn metadata() -> Value {
    serde_json::from_str(&cargo(&["metadata", "--no-deps", "--format-version", "1"])).expect("cargo metadata is JSON")
}

fn list<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value[key].as_array().into_iter().flatten()
}

fn imports_run_down_only() {
    let floors = BTreeMap::from(FLOORS);
    let mut wrong = Vec::new();
    for package in list(&metadata(), "packages") {
        let name = package["name"].as_str().expect("packages have names");
        let Some(floor) = floors.get(name) else {
            wrong.push(format!("{name} has no floor: add it to FLOORS here and to ARCHITECTURE.md"));
            continue;
        };
        for dependency in list(package, "dependencies") {
            let below = dependency["name"].as_str().expect("dependencies have names");
            match floors.get(below) {
                Some(other) if other >= floor => {
                    wrong.push(format!("{name} (floor {floor}) imports {below} (floor {other})"));
                }
                _ => {}
            }
        }
    }
    assert!(wrong.is_empty(), "imports run down only:\n{}", wrong.join("\n"));
}

fn analysis_draws_nothing_and_optimizers_see_no_layers() {
    let forbidden = [
        ("analysis", "rendering"),
        ("figures", "models"),
        ("optimizers", "models"),
        ("rendering", "tensor"),
        ("optimizers", "autograd"),
    ];
    for package in list(&metadata(), "packages") {
        // What examples and tests use is their affair.
        for dependency in list(package, "dependencies").filter(|d| d["kind"].is_null()) {
            let pair = (package["name"].as_str().unwrap_or_default(), dependency["name"].as_str().unwrap_or_default());
            assert!(!forbidden.contains(&pair), "{} must not import {}", pair.0, pair.1);
        }
    }
}

/// The top modules of a crate, each with those it names as `crate::…`.
fn modules(folder: &Path) -> BTreeMap<String, BTreeSet<String>> {
    let mut files = Vec::new();
    sources(folder, &mut files);
    let mut modules: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for file in files {
        let top = file.strip_prefix(folder).expect("below").iter().next().expect("a name");
        let module = Path::new(top).file_stem().expect("a name").to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&file).expect("a text file");
        let names = |path: &str| -> Vec<String> {
            let (inner, is_list) = path.strip_prefix('{').map_or((path, false), |list| (list, true));
            let list =
                if is_list { inner.split('}').next().unwrap_or(inner).split(',').collect() } else { vec![inner] };
            let name =
                |item: &str| item.trim().split(|c: char| !c.is_alphanumeric() && c != '_').next().map(str::to_owned);
            list.into_iter().filter_map(name).collect()
        };
        let named = text.split("crate::").skip(1).flat_map(names);
        modules.entry(module).or_default().extend(named);
    }
    modules
}

fn modules_import_in_one_direction() {
    for folder in ["crates/config/src", "crates/pipeline/src", "xtask/src"] {
        let mut left = modules(&root().join(folder));
        // Takes away what imports nothing that is left: a circle is what remains.
        while let Some(name) = left.keys().find(|name| left[*name].iter().all(|n| n == *name || !left.contains_key(n)))
        {
            let name = name.clone();
            left.remove(&name);
        }
        assert!(left.is_empty(), "{folder}: modules that import one another in a circle, or import such: {left:?}");
    }
}

fn versions_stand_in_one_table() {
    for package in list(&metadata(), "packages") {
        let manifest = package["manifest_path"].as_str().expect("packages have manifests");
        let text = std::fs::read_to_string(manifest).expect("the manifest is there");
        let mut in_dependencies = false;
        for line in text.lines() {
            if line.starts_with('[') {
                in_dependencies = line.contains("dependencies");
            } else if in_dependencies && line.contains('=') {
                assert!(line.contains("workspace = true"), "{manifest}: `{line}` belongs in the root's table");
            }
        }
        assert!(text.contains("[lints]\nworkspace = true"), "{manifest} does not take the workspace's lints");
    }
}

/// A package that tests need with one more feature than the program does is built twice, and so is all that uses it.
fn one_build_serves_the_program_and_its_tests() {
    let features = |of: &[&str]| -> BTreeMap<String, String> {
        let tree = cargo(&[&["tree", "--prefix", "none", "--no-dedupe", "--format", "{p};{f}"], of].concat());
        tree.lines().filter_map(|l| l.split_once(';')).map(|(package, with)| (package.into(), with.into())).collect()
    };
    let tests = features(&["--workspace"]);
    let wrong: Vec<String> = features(&["--package", "xtask", "--edges", "normal,build"])
        .into_iter()
        .filter(|(package, features)| tests[package] != *features)
        .map(|(package, features)| format!("{package} with `{features}`, in tests with `{}`", tests[&package]))
        .collect();
    assert!(
        wrong.is_empty(),
        "built twice, see `cargo tree --workspace --edges features --invert PACKAGE`:\n{}",
        wrong.join("\n")
    );
}

fn sources(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder").map(|e| e.expect("an entry").path()) {
        if entry.is_dir() {
            sources(&entry, into);
        } else if entry.extension().is_some_and(|e| e == "rs") {
            into.push(entry);
        }
    }
}

/// Every source file and what is in it.
fn all_sources() -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    ["crates", "xtask", "benches", "fuzz"].iter().for_each(|folder| sources(&root().join(folder), &mut files));
    files.sort();
    files.into_iter().map(|file| (file.clone(), std::fs::read_to_string(file).expect("a text file"))).collect()
}

fn sources_open_with_what_they_are_and_end_in_time() {
    let mut wrong = Vec::new();
    for (file, text) in all_sources() {
        let is_tests = file.components().any(|c| c.as_os_str() == "tests") || file.ends_with("tests.rs");
        if !text.starts_with("//!") && !is_tests {
            wrong.push(format!("{} does not open with `//!` and what it is", file.display()));
        }
        let lines = text.lines().count();
        if lines > MOST_LINES {
            wrong.push(format!("{} has {lines} lines, the most is {MOST_LINES}", file.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn prose_is_wrapped() {
    let mut wrong = Vec::new();
    let mut check = |file: &str, line: usize, text: &str| {
        let width = text.chars().count();
        if width > WIDEST {
            wrong.push(format!("{file}:{line} has {width} columns, the most is {WIDEST}"));
        }
    };
    for (file, text) in all_sources() {
        let comments = text.lines().enumerate().filter(|(_, l)| l.trim_start().starts_with("//"));
        comments.for_each(|(i, l)| check(&file.strip_prefix(root()).unwrap().to_string_lossy(), i + 1, l));
    }
    // Tables and links cannot be wrapped, and nobody wrote docs/kinds.md.
    for (name, page) in crate::docs::pages().iter().filter(|(name, _)| name != "docs/kinds.md") {
        let prose = page.prose.iter().enumerate().filter(|(_, l)| !l.starts_with('|') && !l.contains("]("));
        prose.for_each(|(i, l)| check(name, i + 1, l));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is drawn is found by analyses, so that each number is made once, cached and written to `metrics.json`.
fn figures_run_no_models() {
    let mut wrong = Vec::new();
    for (file, text) in
        all_sources().into_iter().filter(|(file, _)| file.starts_with(root().join("crates/figures/src")))
    {
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for word in ["fit.model", ".model_after(", ".predict(", ".run(&"] {
            if code.contains(word) {
                wrong.push(format!("{} has `{word}`: let an analysis find what it draws", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "figures run no models:\n{}", wrong.join("\n"));
}

fn goldens_belong_to_pipelines() {
    for entry in std::fs::read_dir(root().join("golden")).expect("the folder of goldens") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            let pipeline = root().join("pipelines").join(format!("{name}.toml"));
            assert!(pipeline.exists(), "golden/{name} belongs to no pipeline");
        }
    }
}
