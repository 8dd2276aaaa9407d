//! What analyses want to hear while models train: asked before a training run, handed to each analysis alone, gone after it.

use std::collections::BTreeMap;

use models::Model;
use registry::TrainRef;
use training::{Hook, Recording};

use crate::kinds::Config;
use crate::load::Pipeline;

/// The hooks of each analysis on one training run, by the analysis' address.
#[derive(Debug, Default)]
pub struct Shares(Vec<(String, Vec<Hook>)>);

impl Shares {
    /// All of them, analysis after analysis.
    pub fn hooks(&self) -> Vec<Hook> {
        self.0.iter().flat_map(|(_, hooks)| hooks.iter().cloned()).collect()
    }
}

/// What the pipeline's analyses want to hear of the training run `name`.
pub fn wanted(pipeline: &Pipeline, name: &str, model: &Model) -> Shares {
    let name = TrainRef(name.to_owned());
    let asks = pipeline.stages.iter().filter_map(|stage| match &stage.config {
        Config::Analysis(analysis) if analysis.models().contains(&&name) => {
            Some((stage.address(), analysis.hooks(&name, model)))
        }
        _ => None,
    });
    Shares(asks.collect())
}

/// Recordings that wait for their analysis, by its address and the training run's name.
#[derive(Debug, Default)]
pub struct Heard(BTreeMap<(String, String), Vec<Recording>>);

impl Heard {
    /// Keeps what a training run's hooks heard, each analysis' share apart.
    pub fn keep(&mut self, train: &str, shares: Shares, recordings: Vec<Recording>) {
        let mut recordings = recordings.into_iter();
        for (analysis, hooks) in shares.0 {
            let own = recordings.by_ref().take(hooks.len()).collect();
            self.0.insert((analysis, train.to_owned()), own);
        }
    }

    /// One analysis' share of one training run.
    pub fn by(&self, analysis: &str, train: &str) -> Option<&[Recording]> {
        self.0.get(&(analysis.to_owned(), train.to_owned())).map(Vec::as_slice)
    }

    /// Forgets what an analysis has heard.
    pub fn forget(&mut self, analysis: &str) {
        self.0.retain(|(asker, _), _| asker != analysis);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use training::Quantity;

    #[test]
    fn each_analysis_has_its_own_share() {
        let recording = |name: &str| Recording { hook: Hook::new(name, Quantity::Value), epochs: Vec::new() };
        let hooks = |names: &[&str]| names.iter().map(|n| recording(n).hook).collect::<Vec<_>>();
        let shares = Shares(vec![
            ("analysis.a".into(), hooks(&["x", "logits"])),
            ("analysis.b".into(), Vec::new()),
            ("analysis.c".into(), hooks(&["x"])),
        ]);
        let mut heard = Heard::default();
        let recordings = shares.hooks().iter().map(|hook| recording(&hook.tensor)).collect();
        heard.keep("net", shares, recordings);
        let names = |heard: &Heard, stage: &str, train: &str| {
            Some(heard.by(stage, train)?.iter().map(|r| r.hook.tensor.clone()).collect::<Vec<_>>())
        };
        assert_eq!(names(&heard, "analysis.a", "net"), Some(vec!["x".into(), "logits".into()]));
        assert_eq!(names(&heard, "analysis.b", "net"), Some(vec![]));
        assert_eq!(names(&heard, "analysis.a", "other"), None);
        heard.forget("analysis.a");
        assert_eq!(names(&heard, "analysis.a", "net"), None);
        assert_eq!(names(&heard, "analysis.c", "net"), Some(vec!["x".into()]));
    }
}
