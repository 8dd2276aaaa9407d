//! What a stage's result depends on.

use std::collections::BTreeMap;

use config::header::Numerics;
use serde::{Deserialize, Serialize};

use super::Why;
use crate::load::{Pipeline, Stage};
use crate::machine::sha256;

/// Everything that a stage's result depends on: where it is the same, the bytes are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Origin {
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
}

impl Origin {
    /// Those of all stages of a pipeline, in order.
    pub fn of_all(pipeline: &Pipeline) -> Vec<Origin> {
        let header = match pipeline.header.numerics {
            Numerics::Exact => format!("seed {}", pipeline.header.seed),
            // Then, and only then, results depend on the processor.
            Numerics::Native => format!("seed {}, native, {}", pipeline.header.seed, tensor::Path::best()),
        };
        let mut origins: Vec<Origin> = Vec::with_capacity(pipeline.stages.len());
        let mut keys: Vec<String> = Vec::with_capacity(pipeline.stages.len());
        for stage in &pipeline.stages {
            let input = |&i: &usize| (pipeline.stages[i].address(), keys[i].clone());
            let file = |path: &std::path::PathBuf| {
                let hash = std::fs::read(path).map_or_else(|e| e.to_string(), |bytes| sha256(&bytes));
                (path.display().to_string(), hash)
            };
            let origin = Origin {
                code: code(stage).to_owned(),
                header: header.clone(),
                settings: stage.settings.clone(),
                files: stage.files.iter().map(file).collect(),
                inputs: stage.inputs.iter().map(input).collect(),
            };
            keys.push(origin.key());
            origins.push(origin);
        }
        origins
    }

    /// A name for all of it together.
    pub fn key(&self) -> String {
        // A struct of strings is always JSON.
        sha256(serde_json::to_string(self).unwrap_or_default().as_bytes())
    }

    /// What is not as it was, if anything: what the user did first, then what follows from it.
    pub fn changed_since(&self, old: &Origin) -> Option<Why> {
        let differs = |new: &BTreeMap<String, String>, old: &BTreeMap<String, String>| {
            new.iter().find(|(name, hash)| old.get(*name) != Some(*hash)).map(|(name, _)| name.clone())
        };
        if self == old {
            None
        } else if self.settings != old.settings {
            Some(Why::Settings)
        } else if self.header != old.header {
            Some(Why::Header)
        } else if let Some(name) = differs(&self.files, &old.files) {
            Some(Why::File(name))
        } else if self.code != old.code {
            Some(Why::Code)
        } else {
            // Other inputs come with other settings: one of the same inputs has changed.
            Some(differs(&self.inputs, &old.inputs).map_or(Why::Settings, Why::Input))
        }
    }
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

    fn origin() -> Origin {
        let map = |name: &str| BTreeMap::from([(name.to_owned(), "1".to_owned())]);
        let text = |s: &str| s.to_owned();
        Origin {
            code: text("c"),
            header: text("h"),
            settings: text("s"),
            files: map("data.csv"),
            inputs: map("train.a"),
        }
    }

    #[test]
    fn what_changed_is_named() {
        let old = origin();
        let check = |change: fn(&mut Origin), expected: Option<Why>| {
            let mut new = origin();
            change(&mut new);
            assert_eq!(new.changed_since(&old), expected);
            assert_eq!(new.key() == old.key(), expected.is_none());
        };
        check(|_| (), None);
        check(|o| o.settings.push('!'), Some(Why::Settings));
        check(|o| o.header.push('!'), Some(Why::Header));
        check(|o| o.code.push('!'), Some(Why::Code));
        check(|o| _ = o.files.insert("data.csv".into(), "2".into()), Some(Why::File("data.csv".into())));
        check(|o| _ = o.inputs.insert("train.a".into(), "2".into()), Some(Why::Input("train.a".into())));
    }
}
