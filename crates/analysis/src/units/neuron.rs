//! One neuron in full: how it answers to the classes, and what becomes of the predictions when it is turned down and up.

use datasets::Split;
use models::{Effect, Found, Patch};
use ndarray::{Array2, Array3, Axis};
use registry::{Config, Problems, TrainRef};

use crate::{
    Analysis, AnalysisError, Metrics, Outcome, Planned, Results,
    select::units,
    select::{samples, samples::Present, split::SplitSelector},
    statistics::class_means::class_means,
    statistics::confusion::Confusion,
    units::selectivity::selectivity,
};

/// One unit taken apart: its mean activation and selectivity for each class; accuracy per class and mean scores while its
/// activation is multiplied by s, from one end of `scales` to the other; and who is taken for whom at s = 0 (ablated), 1 (as it
/// is) and the largest s. Fails where scaling changes nothing, because the unit is silent on every sample. A channel of
/// pictures is scaled at all of its places; its activation is the mean over them.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NeuronConfig {
    /// The trained model, of classes.
    pub model: TrainRef,
    /// The unit: `"hidden2.post[14]"`.
    pub unit: String,
    /// The least and the largest factor s. Default [0, 3].
    #[serde(default = "default_scales")]
    pub scales: [f64; 2],
    /// Steps from the least to the largest factor. Default 30.
    #[serde(default = "default_steps")]
    pub steps: usize,
    /// The split of the model's data.
    #[serde(default)]
    pub split: SplitSelector,
}

fn default_scales() -> [f64; 2] {
    [0.0, 3.0]
}

fn default_steps() -> usize {
    30
}

impl Config for NeuronConfig {
    const KIND: &str = "neuron";
    const EXAMPLE: &str = "model = \"mlp\"\nunit = \"hidden2.post[14]\"\nscales = [0, 3]\nsteps = 30";
}

/// One unit, taken apart.
#[derive(Debug, Clone, PartialEq)]
pub struct Neuron {
    /// The model's name.
    pub model: String,
    /// The unit's name.
    pub unit: String,
    /// The split of the data.
    pub split: Split,
    /// How many samples that is.
    pub n: usize,
    /// The classes' names.
    pub classes: Vec<String>,
    /// Those of which there are samples; only of these something is said class by class.
    pub present: Present,
    /// Its mean activation over the samples of each class that is there.
    pub means: Vec<f64>,
    /// Its selectivity for each of them, as [`crate::units::selectivity`] has it.
    pub selectivity: Vec<f64>,
    /// The factors, ascending.
    pub scales: Vec<f64>,
    /// How far each factor reached.
    pub effects: Vec<Effect>,
    /// The share of all samples recognised at each factor.
    pub accuracy: Vec<f64>,
    /// Of each class that is there: factors × classes.
    pub class_accuracy: Array2<f64>,
    /// Mean scores: factors × true classes that are there × scores.
    pub scores: Array3<f64>,
    /// Who is taken for whom at s = 0, 1 and the largest s.
    pub confusions: [(f64, Confusion); 3],
}

/// More steps would only make equal curves longer.
const MOST_STEPS: usize = 1000;

impl NeuronConfig {
    /// The factors of the curve, ascending.
    fn factors(&self) -> Vec<f64> {
        let [from, to] = self.scales;
        (0..=self.steps).map(|i| from + (to - from) * i as f64 / self.steps as f64).collect()
    }
}

impl Analysis for NeuronConfig {
    fn check(&self, problems: &mut Problems) {
        let [from, to] = self.scales;
        problems.require(from >= 0.0 && from < to && to.is_finite(), "scales", || {
            format!("expected two ascending factors from 0 on, found {from} and {to}")
        });
        problems.require((1..=MOST_STEPS).contains(&self.steps), "steps", || {
            format!("expected 1 to {MOST_STEPS} steps, found {}", self.steps)
        });
    }

    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        let Some(model) = self.split.of(&self.model, planned, problems) else { return };
        problems.note("model", model.needs_classes());
        problems.note("unit", model.unknown_unit(&self.unit));
    }

    fn run(&self, _: &str, results: &Results) -> Result<Box<dyn Outcome>, AnalysisError> {
        let trained = results.trained(&self.model)?;
        let model = &trained.fit.model;
        let (node, unit) = units::find_one(&self.unit, model)?;
        let name = units::unit_name(&node, unit);
        let (split, data) = trained.split(self.split)?;
        let (labels, classes) = samples::classes(data)?;
        let values = model.run(data).units(&node)?;
        let present = Present::of(labels, classes);
        let of_all = class_means(values.slice(ndarray::s![.., unit..=unit]), labels, classes.len());
        let means = of_all.select(Axis(1), &present.numbers);

        let curve = self.factors();
        let compared = [0.0, 1.0, self.scales[1]];
        let all: Vec<f64> = curve.iter().copied().chain(compared).collect();
        let variants: Vec<_> = all.iter().map(|s| vec![Patch::scale(&node, &[(unit, *s as f32)])]).collect();
        let runs = model.run(data).variants(&variants).read(model.nodes().last())?;
        let mut sums = Array3::<f64>::zeros((curve.len(), classes.len(), model.outputs()));
        for (run, mut sums) in runs.iter().zip(sums.outer_iter_mut()) {
            for (row, label) in run.readings[0].values.rows().into_iter().zip(labels) {
                sums.row_mut(*label as usize).zip_mut_with(&row, |sum, v| *sum += f64::from(*v));
            }
        }
        let mut effects: Vec<Effect> = runs.iter().map(|run| run.effect).collect();
        if effects.iter().all(|e| e.samples == 0) {
            return Err(AnalysisError::NoEffect { what: "scaling".into(), unit: name, n: data.n() });
        }
        effects.truncate(curve.len());
        let table = |run: &Found| Confusion::of_scores(classes, labels, run.readings[0].values.view());
        let mut tables: Vec<Confusion> = runs.iter().map(table).collect();
        let ends = tables.split_off(curve.len());
        let counts = data.class_counts().expect("data of classes");
        let mut scores = sums.select(Axis(1), &present.numbers);
        for (mut of_class, class) in scores.axis_iter_mut(Axis(1)).zip(&present.numbers) {
            of_class.mapv_inplace(|sum| sum / counts[*class] as f64);
        }
        let by_class: Vec<f64> = tables.iter().flat_map(|table| recalls(table, &present)).collect();
        // As many tables as factors that are compared.
        let end = |i: usize| (compared[i], ends[i].clone());
        Ok(Box::new(Neuron {
            model: trained.name.clone(),
            unit: name,
            split,
            n: data.n(),
            classes: classes.to_vec(),
            class_accuracy: Array2::from_shape_vec((curve.len(), present.numbers.len()), by_class)
                .expect("as many rows as factors, as many columns as classes that are there"),
            present,
            selectivity: selectivity(&means).row(0).to_vec(),
            means: means.row(0).to_vec(),
            accuracy: tables.iter().map(Confusion::accuracy).collect(),
            scales: curve,
            effects,
            scores,
            confusions: [0, 1, 2].map(end),
        }))
    }
}

impl Neuron {
    /// Mean scores over all samples: factors × scores.
    pub fn mean_scores(&self) -> Array2<f64> {
        let own = self.confusions[1].1.scores();
        let counts: Vec<f64> = self.present.numbers.iter().map(|class| own[*class].samples as f64).collect();
        let total: f64 = counts.iter().sum();
        let (factors, _, scores) = self.scores.dim();
        Array2::from_shape_fn((factors, scores), |(i, o)| {
            counts.iter().enumerate().map(|(c, n)| n * self.scores[[i, c, o]]).sum::<f64>() / total
        })
    }

    /// The class that loses most when the unit is ablated: its number, its accuracy as it is and without the unit.
    pub fn most_hurt(&self) -> (usize, f64, f64) {
        let [(_, without), (_, with), _] = &self.confusions;
        let (with, without) = (with.scores(), without.scores());
        let worst =
            crate::statistics::class_means::largest(with.iter().zip(&without).map(|(a, b)| a.recall - b.recall), 1);
        let class = worst.first().copied().unwrap_or(0);
        (class, with[class].recall, without[class].recall)
    }
}

/// The share of the samples recognised of each class that is there.
fn recalls(confusion: &Confusion, present: &Present) -> Vec<f64> {
    let scores = confusion.scores();
    present.numbers.iter().map(|class| scores[*class].recall).collect()
}

impl Outcome for Neuron {
    fn metrics(&self) -> Metrics {
        let mut metrics = Metrics::default();
        metrics.add("unit", self.unit.as_str());
        metrics.add("samples", self.n);
        metrics.add("samples_changed", self.effects.iter().map(|e| e.samples).max().unwrap_or(0));
        let by_class = |values: &[f64]| {
            let mut own = Metrics::default();
            self.present.names.iter().zip(values).for_each(|(class, value)| own.add(class, *value));
            own
        };
        metrics.add("mean_activation", by_class(&self.means));
        metrics.add("selectivity", by_class(&self.selectivity));
        for (name, (scale, confusion)) in ["ablated", "as_it_is", "most"].into_iter().zip(&self.confusions) {
            let mut own = Metrics::default();
            own.add("scale", *scale);
            own.add("accuracy", confusion.accuracy());
            own.add("class_accuracy", by_class(&recalls(confusion, &self.present)));
            metrics.add(name, own);
        }
        metrics
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    fn config(unit: &str) -> NeuronConfig {
        NeuronConfig {
            model: TrainRef("m".into()),
            unit: unit.into(),
            scales: [0.0, 3.0],
            steps: 30,
            split: SplitSelector::default(),
        }
    }

    #[test]
    fn a_neuron_is_turned_down_and_up() {
        for (shape, layers, unit) in
            [(&[2][..], fixture::tanh_layers(), "hidden1.post[1]"), (&[1, 3, 4][..], fixture::relu_layers(), "x[0]")]
        {
            let trained = fixture::classifier(shape, layers);
            let (model, data) = (trained.fit.model.clone(), trained.data.train.clone());
            let found: Neuron = fixture::run(&config(unit), trained);
            assert_eq!((found.scales.len(), found.class_accuracy.dim()), (31, (31, 3)));
            // As it is, the unit leaves everything as it is.
            let accuracy = model.accuracy(data.x.view(), data.labels().expect("classes")).expect("fits");
            assert_eq!(found.accuracy[10], accuracy);
            assert_eq!(found.effects[10], Effect::default());
            assert!(found.effects[0].samples > 0 && found.effects[30].units == 1);
            assert_eq!(found.confusions.clone().map(|c| (c.0, c.1.total())), [(0.0, 60), (1.0, 60), (3.0, 60)]);
            let scores = model.predict(data.x.view()).expect("fits");
            let mean = scores.column(2).iter().map(|v| f64::from(*v)).sum::<f64>() / 60.0;
            assert!((found.mean_scores()[[10, 2]] - mean).abs() < 1e-9);
            // Scores of the layer below the logits move on a line.
            if shape == [2] {
                let bend = found.scores[[0, 1, 1]] - 2.0 * found.scores[[15, 1, 1]] + found.scores[[30, 1, 1]];
                assert!(bend.abs() < 1e-5, "{bend}");
            }
        }
    }

    #[test]
    fn a_silent_unit_is_an_error() {
        let mut trained = fixture::classifier(&[1, 3, 4], fixture::relu_layers());
        let model = &mut trained.fit.model;
        let bias = model.parameters.find("hidden2.bias").expect("a parameter");
        model.parameters.value_mut(bias)[2] = -1e6;
        let error = fixture::failure(&config("hidden2.post[2]"), trained);
        assert_eq!(
            error,
            "scaling changes nothing: hidden2.post[2] has the same value with and without it on all 60 samples"
        );
    }
}
