//! `manifest.json`: what each file of an export is, and what it takes to do again what the run did.

use datasets::{Split, Targets};
use serde_json::{Map, Value, json};

use super::finished::{Data, Finished, Trained};
use crate::files::{FileError, Folder};
use crate::hash::sha256;
use crate::load::Stage;

const FILE: &str = "manifest.json";

/// The manifest of an export under way.
pub struct Manifest {
    value: Value,
    /// What each file is; those of this export, and of earlier ones what is still of the same stages.
    files: Map<String, Value>,
    /// Those of this export, in the order in which they were written.
    written: Vec<String>,
}

impl Manifest {
    /// Takes over what an earlier export left of the same stages.
    pub fn new(finished: &Finished<'_>, folder: &mut Folder) -> Self {
        let earlier: Value =
            folder.read(FILE).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
        let stages = &finished.pipeline.stages;
        let keys: Map<String, Value> = stages.iter().map(|s| (s.address(), finished.key(s).into())).collect();
        let same = |entry: &Value| {
            let stage = entry["stage"].as_str().unwrap_or_default();
            keys.get(stage).is_some_and(|key| earlier["stages"].get(stage) == Some(key) && key != "")
        };
        let mut files = Map::new();
        for (file, entry) in earlier["files"].as_object().into_iter().flatten().filter(|(_, entry)| same(entry)) {
            if folder.path(file).is_file() {
                folder.retain(file);
                files.insert(file.clone(), entry.clone());
            }
        }
        let pipeline = finished.pipeline;
        let value = json!({
            "what": "numbers of a run of unfold; rows of files with the same model or data set and split belong together",
            "unfold": env!("CARGO_PKG_VERSION"),
            "title": pipeline.header.title,
            "seed": pipeline.header.seed,
            "resolved_sha256": sha256(pipeline.resolved.as_bytes()),
            "datasets": named(finished.data.values().map(|data| (data.stage, of_data(data))), &earlier["datasets"], &keys),
            "models": named(finished.models.iter().map(|t| (t.stage, of_model(t, finished))), &earlier["models"], &keys),
            "stages": keys,
        });
        Manifest { value, files, written: Vec::new() }
    }

    /// Notes a file that was written, of a stage.
    pub fn add(&mut self, stage: &Stage, file: String, mut entry: Value) {
        entry["stage"] = stage.address().into();
        self.files.insert(file.clone(), entry);
        self.written.push(file);
    }

    /// Writes the manifest and returns what was written, a line each.
    pub fn write(mut self, folder: &mut Folder) -> Result<Vec<String>, FileError> {
        let line = |file: &String| {
            let entry = &self.files[file];
            let shape = entry["shape"].as_array().map(|axes| axes.iter().map(Value::to_string).collect::<Vec<_>>());
            let kind = entry["type"].as_str().unwrap_or_default();
            format!("{file}  {kind} {}", shape.unwrap_or_default().join("×")).trim_end().to_owned()
        };
        let lines = self.written.iter().map(line).collect();
        self.files.sort_keys();
        self.value["files"] = self.files.into();
        folder.write(FILE, format!("{:#}\n", self.value).as_bytes())?;
        Ok(lines)
    }
}

/// What is told of stages by their names; of those that were not looked at now, what an earlier export told.
fn named<'a>(
    now: impl Iterator<Item = (&'a Stage, Value)>,
    earlier: &Value,
    keys: &Map<String, Value>,
) -> Map<String, Value> {
    let same = |entry: &Value| keys.values().any(|key| entry.get("key") == Some(key));
    let old = earlier.as_object().into_iter().flatten().filter(|(_, entry)| same(entry));
    let mut list: Map<String, Value> = old.map(|(name, entry)| (name.clone(), entry.clone())).collect();
    for (stage, mut entry) in now {
        entry["key"] = keys[&stage.address()].clone();
        list.insert(stage.name.clone(), entry);
    }
    list
}

fn of_data(data: &Data<'_>) -> Value {
    let train = &data.splits.train;
    let targets = match &train.y {
        Targets::Classes { names, .. } => json!({ "classes": names }),
        Targets::Values { columns, .. } => json!({ "columns": columns }),
        Targets::None => Value::Null,
    };
    let splits = Split::ALL.into_iter().filter_map(|split| Some((split, data.splits.get(split)?)));
    let samples: Map<String, Value> = splits.map(|(split, own)| (split.name().to_owned(), own.n().into())).collect();
    let features = if train.shape.len() == 1 { json!(train.feature_names) } else { Value::Null };
    json!({ "kind": data.stage.kind, "shape": train.shape, "features": features, "targets": targets, "samples": samples })
}

fn of_model(trained: &Trained<'_>, finished: &Finished<'_>) -> Value {
    let (config, model) = (trained.config, &trained.model);
    let nodes: Vec<Value> =
        model.sample_shapes().into_iter().map(|(name, shape)| json!({ "name": name, "shape": shape })).collect();
    let names: Vec<&str> = model.parameters.list().iter().map(|parameter| parameter.name.as_str()).collect();
    let mut entry = json!({
        "data": config.data.0,
        "input": model.input(),
        // With every default.
        "settings": config,
        "epochs": trained.epochs,
        "nodes": nodes,
        "parameters": names,
    });
    if let Some(data) = finished.data.get(&config.data.0) {
        let n = data.splits.train.n();
        entry["samples"] = n.into();
        entry["batch"] = config.batch.size(n).into();
        entry["steps_per_epoch"] = trained.steps_per_epoch(n).into();
    }
    entry
}
