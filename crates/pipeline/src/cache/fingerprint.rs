//! What a stage's result depends on.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use config::header::Numerics;
use serde::{Deserialize, Serialize};

use super::Reason;
use crate::files::entries;
use crate::hash::sha256;
use crate::load::{Pipeline, Stage};

/// Everything that a stage's result depends on: where it is the same, the bytes are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fingerprint {
    /// The hash of the sources of its floor and those below.
    code: String,
    /// Seed and numerics.
    header: String,
    /// The table with every default written out.
    settings: String,
    /// SHA-256 of the files that the table names.
    files: BTreeMap<String, String>,
    /// The keys of the stages it reads.
    inputs: BTreeMap<String, String>,
    /// Of a figure, the models it may show and their places among the run's, by which they have their colours.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    places: BTreeMap<String, usize>,
}

impl Fingerprint {
    /// Those of all stages of a pipeline, in order.
    pub fn of_all(pipeline: &Pipeline) -> Vec<Fingerprint> {
        let header = match pipeline.header.numerics {
            Numerics::Exact => format!("seed {}", pipeline.header.seed),
            // Then, and only then, results depend on the processor.
            Numerics::Native => format!("seed {}, native, {}", pipeline.header.seed, tensor::Path::best()),
        };
        let mut fingerprints: Vec<Fingerprint> = Vec::with_capacity(pipeline.stages.len());
        let mut keys: Vec<String> = Vec::with_capacity(pipeline.stages.len());
        // The models that each stage reads, itself or by what it reads.
        let mut models: Vec<BTreeMap<String, usize>> = Vec::with_capacity(pipeline.stages.len());
        for stage in &pipeline.stages {
            let own = pipeline.models().position(|name| stage.family == "train" && name == stage.name);
            let own = own.map(|place| (stage.address(), place));
            let places: BTreeMap<String, usize> =
                stage.inputs.iter().flat_map(|&i| models[i].clone()).chain(own).collect();
            let input = |&i: &usize| (pipeline.stages[i].address(), keys[i].clone());
            let fingerprint = Fingerprint {
                code: code(stage).to_owned(),
                header: header.clone(),
                settings: stage.settings.clone(),
                files: stage.files.iter().map(|path| (path.display().to_string(), hash(path))).collect(),
                inputs: stage.inputs.iter().map(input).collect(),
                places: if stage.family == "figure" { places.clone() } else { BTreeMap::new() },
            };
            models.push(places);
            keys.push(fingerprint.key());
            fingerprints.push(fingerprint);
        }
        fingerprints
    }

    /// A file of the stage that is not any more what it was.
    pub fn changed_file<'s>(&self, stage: &'s Stage) -> Option<&'s PathBuf> {
        stage.files.iter().find(|path| self.files.get(&path.display().to_string()) != Some(&hash(path)))
    }

    /// That of a part of a stage, which has settings of its own and reads perhaps a file and one data set: its address and its
    /// key.
    pub fn of_part(&self, settings: String, file: Option<&str>, data: (String, String)) -> Fingerprint {
        let (code, header) = (self.code.clone(), self.header.clone());
        Fingerprint {
            code,
            header,
            settings,
            files: file.map(|file| (file.to_owned(), hash(Path::new(file)))).into_iter().collect(),
            inputs: BTreeMap::from([data]),
            places: BTreeMap::new(),
        }
    }

    /// The same of other settings.
    pub fn with_settings(&self, settings: String) -> Fingerprint {
        Fingerprint { settings, ..self.clone() }
    }

    /// A name for all of it together.
    pub fn key(&self) -> String {
        // Fails only for maps whose keys are not strings.
        sha256(serde_json::to_string(self).expect("strings are JSON").as_bytes())
    }

    /// What is not as it was, if anything: what the user did first, then what follows from it.
    pub fn changed_since(&self, old: &Fingerprint) -> Option<Reason> {
        let differs = |new: &BTreeMap<String, String>, old: &BTreeMap<String, String>| {
            new.iter().find(|(name, hash)| old.get(*name) != Some(*hash)).map(|(name, _)| name.clone())
        };
        if self == old {
            None
        } else if self.settings != old.settings {
            Some(Reason::Settings)
        } else if self.header != old.header {
            Some(Reason::Header)
        } else if let Some(name) = differs(&self.files, &old.files) {
            Some(Reason::File(name))
        } else if self.code != old.code {
            Some(Reason::Code)
        } else if self.places != old.places && self.inputs == old.inputs {
            Some(Reason::Places)
        } else {
            // Other inputs come with other settings: one of the same inputs has changed.
            Some(differs(&self.inputs, &old.inputs).map_or(Reason::Settings, Reason::Input))
        }
    }
}

/// SHA-256 of a file, of a folder that of what its files are called and hold; or why there is none.
fn hash(path: &Path) -> String {
    if !path.is_dir() {
        return std::fs::read(path).map_or_else(|error| error.to_string(), |bytes| sha256(&bytes));
    }
    let inside = entries(path)
        .into_iter()
        .map(|entry| format!("{} {}\n", entry.file_name().unwrap_or_default().display(), hash(&entry)));
    sha256(inside.collect::<String>().as_bytes())
}

/// The hash of the code that makes a stage's result.
fn code(stage: &Stage) -> &'static str {
    match stage.family {
        "dataset" => env!("UNFOLD_CODE_DATA"),
        "train" | "sweep" => env!("UNFOLD_CODE_TRAIN"),
        "analysis" => env!("UNFOLD_CODE_ANALYSIS"),
        _ => env!("UNFOLD_CODE_FIGURE"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fingerprint() -> Fingerprint {
        let map = |name: &str| BTreeMap::from([(name.to_owned(), "1".to_owned())]);
        let text = |s: &str| s.to_owned();
        Fingerprint {
            code: text("c"),
            header: text("h"),
            settings: text("s"),
            files: map("data.csv"),
            inputs: map("train.a"),
            places: BTreeMap::from([("train.a".to_owned(), 0)]),
        }
    }

    #[test]
    fn what_changed_is_named() {
        let old = fingerprint();
        let check = |change: fn(&mut Fingerprint), expected: Option<Reason>| {
            let mut new = fingerprint();
            change(&mut new);
            assert_eq!(new.changed_since(&old), expected);
            assert_eq!(new.key() == old.key(), expected.is_none());
        };
        check(|_| (), None);
        check(|o| o.settings.push('!'), Some(Reason::Settings));
        check(|o| o.header.push('!'), Some(Reason::Header));
        check(|o| o.code.push('!'), Some(Reason::Code));
        check(|o| _ = o.files.insert("data.csv".into(), "2".into()), Some(Reason::File("data.csv".into())));
        check(|o| _ = o.places.insert("train.a".into(), 1), Some(Reason::Places));
        check(|o| _ = o.inputs.insert("train.a".into(), "2".into()), Some(Reason::Input("train.a".into())));
    }
}
