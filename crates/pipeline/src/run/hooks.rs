//! What analyses record while models train: asked before a training run, handed to each analysis alone, gone after it.

use std::collections::BTreeMap;

use models::Model;
use registry::TrainRef;
use training::{Hook, Recording};

use crate::kinds::Config;
use crate::load::Pipeline;

/// The hooks of each analysis on one training run, by the analysis' address.
#[derive(Debug, Default)]
pub struct Hooks(Vec<(String, Vec<Hook>)>);

impl Hooks {
    /// Those that the pipeline's analyses ask for on the training run `name`.
    pub fn requested(pipeline: &Pipeline, name: &str, model: &Model) -> Self {
        let name = TrainRef(name.to_owned());
        let requests = pipeline.stages.iter().filter_map(|stage| match &stage.config {
            Config::Analysis(analysis) if analysis.models().contains(&&name) => {
                Some((stage.address(), analysis.hooks(&name, model)))
            }
            _ => None,
        });
        Hooks(requests.collect())
    }

    /// All of them, analysis after analysis.
    pub fn all(&self) -> Vec<Hook> {
        self.0.iter().flat_map(|(_, hooks)| hooks.iter().cloned()).collect()
    }
}

/// Recordings that wait for their analysis, by its address and the training run's name.
#[derive(Debug, Default)]
pub struct Recordings(BTreeMap<(String, String), Vec<Recording>>);

impl Recordings {
    /// Adds what the hooks on a training run recorded, for each analysis apart.
    pub fn add(&mut self, train: &str, hooks: Hooks, recordings: Vec<Recording>) {
        let mut recordings = recordings.into_iter();
        for (analysis, hooks) in hooks.0 {
            let own = recordings.by_ref().take(hooks.len()).collect();
            self.0.insert((analysis, train.to_owned()), own);
        }
    }

    /// Those of one analysis on one training run.
    pub fn of(&self, analysis: &str, train: &str) -> Option<&[Recording]> {
        self.0.get(&(analysis.to_owned(), train.to_owned())).map(Vec::as_slice)
    }

    /// Removes those of an analysis.
    pub fn remove(&mut self, analysis: &str) {
        self.0.retain(|(owner, _), _| owner != analysis);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use training::Quantity;

    #[test]
    fn each_analysis_has_its_own_recordings() {
        let recording = |name: &str| Recording { hook: Hook::new(name, Quantity::Value), epochs: Vec::new() };
        let hooks_on = |names: &[&str]| names.iter().map(|n| recording(n).hook).collect::<Vec<_>>();
        let hooks = Hooks(vec![
            ("analysis.a".into(), hooks_on(&["x", "logits"])),
            ("analysis.b".into(), Vec::new()),
            ("analysis.c".into(), hooks_on(&["x"])),
        ]);
        let mut all = Recordings::default();
        let recordings = hooks.all().iter().map(|hook| recording(&hook.tensor)).collect();
        all.add("net", hooks, recordings);
        let names = |all: &Recordings, stage: &str, train: &str| {
            Some(all.of(stage, train)?.iter().map(|r| r.hook.tensor.clone()).collect::<Vec<_>>())
        };
        assert_eq!(names(&all, "analysis.a", "net"), Some(vec!["x".into(), "logits".into()]));
        assert_eq!(names(&all, "analysis.b", "net"), Some(vec![]));
        assert_eq!(names(&all, "analysis.a", "other"), None);
        all.remove("analysis.a");
        assert_eq!(names(&all, "analysis.a", "net"), None);
        assert_eq!(names(&all, "analysis.c", "net"), Some(vec!["x".into()]));
    }
}
