//! An intervention: some units are given other values, and the predictions are compared with what they were.

use datasets::Split;
use models::{Effect, Patch};
use ndarray::{ArrayView1, ArrayView2, Axis};
use registry::{Config, Problems, TrainRef};

use crate::{
    Analysis, AnalysisError, Metrics, Outcome, Planned, Results,
    inputs::saliency::mean,
    select::samples::{self, Chosen},
    select::{split::SplitSelector, units},
    statistics::confusion::{Confusion, largest_scores},
    units::ablation::Filling,
};

/// Changes some units of a trained model and compares who is taken for whom, and the mean scores, with what they were: removes
/// the units, scales them, keeps them between bounds, or gives them the values that they have for another sample. Fails where
/// that changes no unit on any sample. A channel of pictures is changed at all of its places.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InterventionConfig {
    /// The trained model, of classes.
    pub model: TrainRef,
    /// The units: one as `"hidden2.post[14]"`, some as `"hidden2.post[3, 5]"`, or a whole node.
    pub units: String,
    /// What is done to them: `{ ablate = "zero" }`, `{ ablate = "mean" }`, `{ scale = 2 }`, `{ clamp = [0, 1] }`, or
    /// `{ patch = { first_of = "3" } }`, which gives them their values for another sample.
    pub change: Change,
    /// The split of the model's data.
    #[serde(default)]
    pub split: SplitSelector,
}

/// What is done to units.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// They always give "zero", or their "mean" over the samples, and, of a channel, over its places.
    Ablate(Filling),
    /// They give this many times as much.
    Scale(f64),
    /// They give at least the first number and at most the second.
    Clamp([f64; 2]),
    /// They give what they give for that sample (of several, on average), whatever the input.
    Patch(Chosen),
}

impl Config for InterventionConfig {
    const KIND: &str = "intervention";
    const EXAMPLE: &str = "model = \"mlp\"\nunits = \"hidden2.post[3, 5]\"\nchange = { scale = 2 }";
}

/// Predictions before and after.
#[derive(Debug, Clone, PartialEq)]
pub struct Intervention {
    /// The model's name.
    pub model: String,
    /// The units.
    pub units: String,
    /// What was done, to go on a sentence: `scaled by 2`.
    pub words: String,
    /// The split of the data.
    pub split: Split,
    /// How many samples that is.
    pub n: usize,
    /// How far it reached.
    pub effect: Effect,
    /// On how many samples the prediction became another one.
    pub predictions_changed: usize,
    /// Who was taken for whom before and after.
    pub confusions: [Confusion; 2],
    /// Mean scores over all samples before and after.
    pub scores: [Vec<f64>; 2],
}

impl Analysis for InterventionConfig {
    fn check(&self, problems: &mut Problems) {
        match &self.change {
            Change::Ablate(_) => {}
            Change::Scale(s) => problems.require(s.is_finite() && *s != 1.0, "change.scale", || {
                format!("expected a factor other than 1, found {s}")
            }),
            Change::Clamp([low, high]) => {
                problems.require(low <= high && low.is_finite() && high.is_finite(), "change.clamp", || {
                    format!("expected two bounds, the lower one first, found {low} and {high}")
                })
            }
            Change::Patch(chosen) => chosen.check("change.patch", problems),
        }
    }

    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        let Some(model) = self.split.of(&self.model, planned, problems) else { return };
        problems.note("model", model.needs_classes());
        problems.note("units", model.unknown_units(&self.units));
        if let Change::Patch(chosen) = &self.change {
            chosen.check_against("change.patch", model, self.split, problems);
        }
    }

    fn run(&self, _: &str, results: &Results) -> Result<Box<dyn Outcome>, AnalysisError> {
        let trained = results.trained(&self.model)?;
        let model = &trained.fit.model;
        let group = units::find_in(&self.units, model)?;
        let (split, data) = trained.split(self.split)?;
        let (labels, classes) = samples::classes(data)?;
        let reading = model.run(data).read([&group.node])?.readings.remove(0);
        let values = reading.units();
        let hold = |value: &dyn Fn(usize) -> f32| {
            Patch::set(&group.node, &group.units.iter().map(|u| (*u, value(*u))).collect::<Vec<_>>())
        };
        let many = group.units.len() > 1;
        // A whole node is one thing, several of its units are many.
        let its = if many && group.units.len() < group.of { "their" } else { "its" };
        let value = if many { "values" } else { "value" };
        let (patch, words) = match &self.change {
            Change::Ablate(Filling::Zero) => (hold(&|_| 0.0), "held at zero".into()),
            Change::Ablate(Filling::Mean) => {
                let means = mean(&values);
                (hold(&|u| means[u]), format!("held at {its} mean{}", if many { "s" } else { "" }))
            }
            Change::Scale(s) => {
                let units: Vec<_> = group.units.iter().map(|u| (*u, *s as f32)).collect();
                (Patch::scale(&group.node, &units), format!("scaled by {s}"))
            }
            Change::Clamp(bounds) => {
                let units: Vec<_> = group.units.iter().map(|u| (*u, bounds.map(|v| v as f32))).collect();
                (Patch::clamp(&group.node, &units), format!("kept between {} and {}", bounds[0], bounds[1]))
            }
            Change::Patch(chosen) => {
                let picked = chosen.pick(data, split)?;
                let words = format!("held at {its} {value} for {}", picked.words);
                let other = mean(&reading.values.select(Axis(0), &picked.indices));
                (Patch::transplant(&group.node, &group.units, other.view()), words)
            }
        };
        let runs = model.run(data).variants(&[vec![], vec![patch]]).read(model.nodes().last())?;
        let effect = runs[1].effect;
        if effect.samples == 0 {
            return Err(AnalysisError::NoEffect { what: format!("being {words}"), unit: group.name(), n: data.n() });
        }
        let [before, after] = [0, 1].map(|i: usize| runs[i].readings[0].values.view());
        let count = |scores| Confusion::of_scores(classes, labels, scores);
        let mean_scores = |scores: ArrayView2<'_, f32>| {
            let sum = |column: ArrayView1<'_, f32>| column.iter().map(|v| f64::from(*v)).sum::<f64>();
            scores.columns().into_iter().map(|column| sum(column) / data.n() as f64).collect()
        };
        Ok(Box::new(Intervention {
            model: trained.name.clone(),
            units: group.name(),
            words,
            split,
            n: data.n(),
            effect,
            predictions_changed: largest_scores(before).zip(largest_scores(after)).filter(|(a, b)| a != b).count(),
            confusions: [count(before), count(after)],
            scores: [mean_scores(before), mean_scores(after)],
        }))
    }
}

impl Outcome for Intervention {
    fn metrics(&self) -> Metrics {
        let mut metrics = Metrics::default();
        metrics.add("units", self.units.as_str());
        metrics.add("change", self.words.as_str());
        metrics.add("units_changed", self.effect.units);
        metrics.add("samples", self.n);
        metrics.add("samples_changed", self.effect.samples);
        metrics.add("predictions_changed", self.predictions_changed);
        for (name, (confusion, scores)) in ["before", "after"].into_iter().zip(self.confusions.iter().zip(&self.scores))
        {
            let mut own = Metrics::default();
            own.add("accuracy", confusion.accuracy());
            let mut by_class = Metrics::default();
            confusion
                .classes
                .iter()
                .zip(confusion.scores())
                .for_each(|(class, scores)| by_class.add(class, scores.recall));
            own.add("class_accuracy", by_class);
            own.add("mean_scores", scores.clone());
            metrics.add(name, own);
        }
        metrics
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    fn run(units: &str, change: Change, trained: crate::Trained) -> Intervention {
        fixture::run(&config(units, change), trained)
    }

    fn config(units: &str, change: Change) -> InterventionConfig {
        InterventionConfig { model: TrainRef("m".into()), units: units.into(), change, split: SplitSelector::default() }
    }

    #[test]
    fn every_change_has_its_effect_on_either_model() {
        for (shape, layers) in [(&[2][..], fixture::tanh_layers()), (&[1, 3, 4][..], fixture::relu_layers())] {
            let trained = fixture::classifier(shape, layers);
            for change in [
                Change::Ablate(Filling::Zero),
                Change::Ablate(Filling::Mean),
                Change::Scale(-2.0),
                Change::Clamp([0.1, 0.2]),
                Change::Patch(Chosen { first_of: Some("b".into()), ..Chosen::default() }),
            ] {
                let found = run("hidden1.post", change.clone(), trained.clone());
                assert!(found.effect.units > 1 && found.effect.samples > 30, "{change:?}: {:?}", found.effect);
                assert_eq!(found.confusions.clone().map(|c| c.total()), [60, 60]);
                let data = &trained.data.train;
                let labels = data.labels().expect("classes");
                assert_eq!(
                    found.confusions[0].accuracy(),
                    trained.fit.model.accuracy(data.x.view(), labels).expect("fits")
                );
            }
        }
    }

    #[test]
    fn a_layer_patched_from_a_sample_predicts_that_sample() {
        let trained = fixture::classifier(&[2], fixture::tanh_layers());
        let scores = trained.fit.model.predict(trained.data.train.x.view()).expect("fits");
        let found = run("hidden1.post", Change::Patch(Chosen::index(7)), trained);
        let guess = tensor::reduce::argmax(scores.row(7).as_slice().expect("a row"));
        assert_eq!(found.confusions[1].counts.column(guess).sum(), 60);
        assert_eq!(found.words, "held at its values for training sample 7, a \"b\"");
        assert!((found.scores[1][2] - f64::from(scores[[7, 2]])).abs() < 1e-9);
        assert_eq!(found.effect.samples, 59);
    }

    #[test]
    fn no_effect_is_an_error() {
        let trained = fixture::classifier(&[2], fixture::tanh_layers());
        let error = fixture::failure(&config("hidden1.post[0, 2]", Change::Clamp([-2.0, 2.0])), trained);
        assert_eq!(
            error,
            "being kept between -2 and 2 changes nothing: hidden1.post[0, 2] has the same value with and without it on all 60 samples"
        );
    }
}
