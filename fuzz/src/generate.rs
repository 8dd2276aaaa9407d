//! Random pipelines that `check` passes: every kind there is, from the schemas and examples of the registries, as little of each
//! as there can be.
//!
//! More is written than fits together, and tables that the check refuses are taken away until nothing is wrong with the rest.

use std::collections::BTreeMap;
use std::path::Path;

use config::families::Families;
use fastrand::Rng;
use pipeline::kinds::Config;
use pipeline::load::{Loaded, Request, load};
use registry::DatasetRef;
use serde_json::Value as Json;
use toml::{Table, Value};

use datasets::TargetSpec;

use crate::mutate::pick;

/// The tables of a pipeline: by family and name.
type Tables = BTreeMap<(&'static str, String), Table>;

/// A pipeline whose data lies in `folder`, and what the check says of it; its text is there as `random.toml`, too.
pub fn pipeline(rng: &mut Rng, families: &Families<Config>, folder: &Path) -> Loaded {
    let mut tables = Tables::new();
    let seed = rng.u32(..);
    let wanted = [("dataset", 1 + rng.usize(..3)), ("sweep", rng.usize(..3)), ("analysis", 40), ("figure", 60)];
    for (family, count) in wanted {
        let known = passing(&mut tables, seed, families, folder);
        if family == "sweep" {
            train(rng, &known, &mut tables);
            passing(&mut tables, seed, families, folder);
        }
        let kinds: Vec<_> = families.get(family).expect("a family").kinds().collect();
        for i in 0..count {
            let kind = kinds[rng.usize(..kinds.len())];
            if KNOWN.contains(&kind.name) {
                continue;
            }
            let schema = families.get(family).expect("a family").table_schema(kind);
            if let Some(mut table) = fill(rng, kind.example, schema, &tables) {
                if family != "sweep" {
                    table.insert("kind".into(), kind.name.into());
                }
                if family == "dataset" && rng.u8(0..4) > 0 {
                    let split = "split = { train = 0.5, validation = 0.3, test = 0.2 }";
                    table.extend(toml::from_str::<Table>(split).expect("TOML"));
                }
                tables.insert((family, format!("{}{i}", &family[..1])), table);
            }
        }
    }
    passing(&mut tables, seed, families, folder)
}

/// Data sets that would have to be downloaded.
const KNOWN: [&str; 3] = ["mnist", "fashion_mnist", "kmnist"];

/// Takes away what the check refuses, and what refers to it; what is left passes.
fn passing(tables: &mut Tables, seed: u32, families: &Families<Config>, folder: &Path) -> Loaded {
    let file = folder.join("random.toml");
    loop {
        let mut text = format!("title = \"Random\"\nseed = {seed}\n");
        let mut starts = Vec::new();
        for ((family, name), table) in &*tables {
            starts.push((text.len(), (*family, name.clone())));
            let body: String = table.iter().map(|(key, value)| format!("{key} = {value}\n")).collect();
            text += &format!("[{family}.{name}]\n{body}");
        }
        std::fs::write(&file, &text).expect("written");
        let loaded = load(&Request { file: file.clone(), settings: Vec::new(), seed: None }, families);
        if loaded.pipeline.is_some() {
            return loaded;
        }
        let before = tables.len();

        for error in loaded.report.list() {
            // Of the first table with mistakes on, every one that has some.
            if let Some((_, key)) = starts.iter().rev().find(|(start, _)| *start <= error.at.start)
                && error.severity == config::diagnostics::Severity::Error
            {
                tables.remove(key);
            }
        }
        assert!(tables.len() < before, "refused for no table:\n{text}\n{}", loaded.shown(false));
    }
}

/// One to three training runs on data sets that are there.
fn train(rng: &mut Rng, known: &Loaded, tables: &mut Tables) {
    let data: Vec<String> = tables.keys().map(|(_, name)| name.clone()).collect();
    for i in 0..if data.is_empty() { 0 } else { 1 + rng.usize(..3) } {
        let name = pick(rng, &data).clone();
        let planned = known.pipeline.as_ref().and_then(|p| p.planned.data(&DatasetRef(name.clone())));
        let spec = &planned.expect("a data set that passed").spec;
        let (loss, outputs) = match &spec.target {
            TargetSpec::Classes { names } => ("cross_entropy", names.len()),
            TargetSpec::Values { columns } => ("mean_squared_error", columns.len()),
            TargetSpec::None => continue,
        };
        let mut layers: Vec<String> = Vec::new();
        if spec.shape.len() > 1 {
            layers.push("\"flatten\"".into());
        }
        // As nets of ReLUs are, which many analyses are of, or anything.
        let width = 1 + rng.usize(..9);
        match rng.u8(0..3) {
            0 => layers.push(format!("{{ linear = {width} }}, \"relu\"")),
            1 => layers.push(format!("{{ linear = {width} }}, \"relu\", {{ linear = 2 }}, \"relu\"")),
            _ => layers.extend((0..rng.usize(..5)).map(|_| layer(rng))),
        }
        layers.push(format!("{{ linear = {outputs} }}"));
        let rule = pick(rng, &examples("optimizer")).clone();
        let mut text = format!("data = \"{name}\"\nmodel = [{}]\nloss = \"{loss}\"\n", layers.join(", "));
        text += &format!("optimizer = {rule}\nepochs = {}\n", 1 + rng.usize(..5));
        for more in ["batch = 7", "snapshots = { every = 1 }", "snapshots = { every = 2, most = 2 }", "keep = \"best\""]
        {
            if rng.u8(0..3) == 0 && !text.contains(more.split(' ').next().expect("a word")) {
                text += &format!("{more}\n");
            }
        }
        if rng.bool() {
            text += &format!("schedule = {}\n", pick(rng, &examples("schedule")));
        }
        tables.insert(("train", format!("t{i}")), toml::from_str(&text).expect("TOML"));
    }
}

/// A layer of any kind, odd sizes of those that have one.
fn layer(rng: &mut Rng) -> String {
    let kinds = models::LAYERS;
    // Mostly those that make a network what it is.
    let info = if rng.bool() { &kinds[0] } else { pick(rng, kinds) };
    match info.kind {
        "linear" => format!("{{ linear = {} }}", pick(rng, &[1, 2, 3, 5, 7, 9, 17])),
        "polynomial" => format!("{{ polynomial = {} }}", 1 + rng.usize(..3)),
        kind if info.example.is_empty() || rng.bool() => format!("\"{kind}\""),
        kind => format!("{{ {kind} = {{ {} }} }}", info.example.replace('\n', ", ")),
    }
}

/// Every optimizer or schedule, as its example has it.
fn examples(of: &str) -> Vec<String> {
    let groups = pipeline::kinds::groups();
    let topics = groups.iter().filter(|group| group.name == of).flat_map(|group| group.topics());
    topics.map(|topic| topic.example.trim_start_matches(&format!("{of} = ")).to_owned()).collect()
}

/// A table as the example has it, smaller, its references leading to tables that are there, and now and then some more fields;
/// none where there is nothing to refer to.
fn fill(rng: &mut Rng, example: &str, schema: &Json, tables: &Tables) -> Option<Table> {
    let mut table: Table = toml::from_str(example).expect("an example is TOML");
    let is_required = |name: &String| schema["required"].as_array().is_some_and(|list| list.iter().any(|n| n == name));
    for (name, field) in schema["properties"].as_object()? {
        let refers = field.get("x-reference").is_some() || field.pointer("/items/x-reference").is_some();
        let given = table.get(name).cloned();
        match given {
            _ if refers && (is_required(name) || given.is_some()) => {
                table.insert(name.clone(), value(rng, field, tables)?);
            }
            Some(Value::Integer(n)) if n > 12 => {
                table.insert(
                    name.clone(),
                    Value::Integer(if name == "points" { rng.i64(6..60) } else { rng.i64(2..13) }),
                );
            }
            Some(Value::String(text)) if text.starts_with("hidden") => {
                let some = ["hidden1.post", "hidden1.pre", "hidden2.post", "logits", "output", "hidden1.post[0]", "x"];
                table.insert(name.clone(), (*pick(rng, &some)).into());
            }
            Some(Value::Array(nodes)) if nodes.iter().any(|n| n.as_str().is_some_and(|n| n.starts_with("hidden"))) => {
                let some = ["hidden1.post", "hidden1.pre", "hidden2.post", "logits", "output"];
                table.insert(name.clone(), Value::Array(vec![(*pick(rng, &some)).into()]));
            }
            Some(_) => {}
            None if name.ends_with("path")
                || field.get("x-path").is_some()
                || (!is_required(name) && rng.u8(0..8) > 0) => {}
            None => {
                if let Some(value) = value(rng, field, tables) {
                    table.insert(name.clone(), value);
                }
            }
        }
    }
    Some(table)
}

/// Some value that a schema allows, a small one; none where only names would do that it does not tell.
fn value(rng: &mut Rng, schema: &Json, tables: &Tables) -> Option<Value> {
    if let Some(family) = schema["x-reference"].as_str() {
        return refer(rng, family, &schema["x-kinds"], tables);
    }
    if let Some(family) = schema.pointer("/items/x-reference").and_then(Json::as_str) {
        let mut list: Vec<Value> = Vec::new();
        for _ in 0..1 + rng.usize(..2) {
            let name = refer(rng, family, &schema["x-kinds"], tables)?;
            if !list.contains(&name) {
                list.push(name);
            }
        }
        return Some(Value::Array(list));
    }
    if let Some(word) = schema["const"].as_str() {
        return Some(word.into());
    }
    for key in ["oneOf", "anyOf"] {
        if let Some(list) = schema[key].as_array() {
            let one = pick(rng, list);
            return value(rng, one, tables);
        }
    }
    let of = &schema["type"];
    match of.as_str().or_else(|| of[0].as_str())? {
        "boolean" => Some(rng.bool().into()),
        "integer" => Some(Value::Integer(rng.i64(0..7))),
        "number" => Some(Value::Float(*pick(rng, &[0.0, 0.01, 0.1, 0.5, 0.9, 1.0, 2.0, -1.0]))),
        "array" => (0..1 + rng.usize(..3))
            .map(|_| value(rng, &schema["items"], tables))
            .collect::<Option<_>>()
            .map(Value::Array),
        "object" => {
            let fields = schema["properties"].as_object()?;
            let mut table = Table::new();
            for (name, field) in fields {
                let is_required = schema["required"].as_array().is_some_and(|list| list.iter().any(|n| n == name));
                if is_required || rng.u8(0..3) == 0 {
                    table.insert(name.clone(), value(rng, field, tables)?);
                }
            }
            Some(Value::Table(table))
        }
        _ => None,
    }
}

/// The name of a table of a family, of one of these kinds where they are named.
fn refer(rng: &mut Rng, family: &str, kinds: &Json, tables: &Tables) -> Option<Value> {
    let fits = |table: &Table| {
        kinds
            .as_array()
            .is_none_or(|kinds| kinds.iter().any(|k| k.as_str() == table.get("kind").and_then(Value::as_str)))
    };
    let names: Vec<&String> =
        tables.iter().filter(|((f, _), table)| *f == family && fits(table)).map(|((_, name), _)| name).collect();
    (!names.is_empty()).then(|| Value::String(names[rng.usize(..names.len())].clone()))
}
