//! What analyses record while models train: requested before a training run, given to each analysis alone.

use analysis::Results;
use models::Model;
use training::{Hook, Recording};

use crate::kinds::Config;
use crate::load::Pipeline;

/// The hooks of each analysis on one training run, by the analysis' address.
#[derive(Debug, Default)]
pub struct Hooks(Vec<(String, Vec<Hook>)>);

impl Hooks {
    /// Those that the pipeline's analyses ask for on the training run `name`.
    pub fn requested(pipeline: &Pipeline, name: &str, model: &Model) -> Self {
        let requests = pipeline.stages.iter().filter_map(|stage| {
            let Config::Analysis(analysis) = &stage.config else { return None };
            let mut inputs = stage.inputs.iter().map(|&i| &pipeline.stages[i]);
            let reads = inputs.any(|input| input.family == "train" && input.name == name);
            reads.then(|| (stage.address(), analysis.hooks(model)))
        });
        Hooks(requests.collect())
    }

    /// All of them, analysis after analysis.
    pub fn all(&self) -> Vec<Hook> {
        self.0.iter().flat_map(|(_, hooks)| hooks.iter().cloned()).collect()
    }

    /// Hands each analysis what its hooks on a training run recorded.
    pub fn hand_out(self, train: &str, recordings: Vec<Recording>, results: &mut Results) {
        let mut recordings = recordings.into_iter();
        for (analysis, hooks) in self.0 {
            results.insert_recordings(&analysis, train, recordings.by_ref().take(hooks.len()).collect());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use registry::TrainRef;
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
        let mut results = Results::new(tensor::Streams::new(1));
        let recordings = hooks.all().iter().map(|hook| recording(&hook.tensor)).collect();
        hooks.hand_out("net", recordings, &mut results);
        let names = |stage: &str| {
            let own = results.recordings(stage, &TrainRef("net".into())).expect("handed out");
            own.iter().map(|r| r.hook.tensor.clone()).collect::<Vec<_>>()
        };
        assert_eq!(names("analysis.a"), ["x", "logits"]);
        assert!(names("analysis.b").is_empty());
        assert_eq!(names("analysis.c"), ["x"]);
    }
}
