//! How selective a unit is for a class.
//!
//! Sᵢᶜ = (μᵢᶜ − μ̄ᵢ^¬ᶜ) / (μᵢᶜ + μ̄ᵢ^¬ᶜ + ε)
//!
//! | symbol | here | what |
//! |---|---|---|
//! | μᵢᶜ | `means[[i, c]]` | mean activation of unit i over the samples of class c |
//! | μ̄ᵢ^¬ᶜ | `others` | mean of the other classes' means μᵢᵏ, k ≠ c |
//! | ε | [`EPSILON`] | 0.001: keeps units that are almost silent everywhere from looking selective |
//!
//! For activations that are not negative S lies between −1 (silent for the class) and 1 (silent for all others); 0 is
//! indifferent. Morcos, Barrett, Rabinowitz, Botvinick, *On the importance of single directions for generalization*, 2018,
//! section 2.2, has the index for the best class; this is the same for any.

use datasets::Split;
use models::Reading;
use ndarray::{Array2, Axis};
use registry::{Config, Problems, TrainRef};

use crate::{
    Analysis, AnalysisError, Metrics, Outcome, Planned, Results,
    select::{samples, samples::Present, split::SplitSelector},
    statistics::class_means::{class_means, largest},
    units::unit_ranking::{check_nodes, five, nodes_or_hidden},
};

/// Small against activations of order one.
pub const EPSILON: f64 = 0.001;

/// How selective each unit is for each class: S = (μ − μ̄) / (μ + μ̄ + 0.001), where μ is the unit's mean activation over the
/// samples of the class and μ̄ the mean of its means over the other classes: 1 where only the class excites it, 0 where it makes
/// no difference, −1 where all but the class do. Meant for activations that are not negative. Of pictures the units are the
/// channels, whose activation is the mean over their places.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SelectivityConfig {
    /// The trained model, of classes.
    pub model: TrainRef,
    /// The nodes to look at: `["hidden1.post"]`. Default: the last node of every hidden layer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("uniqueItems" = true))]
    pub nodes: Vec<String>,
    /// How many units per class the table names. Default 5.
    #[serde(default = "five")]
    pub k: usize,
    /// The split of the model's data.
    #[serde(default)]
    pub split: SplitSelector,
}

impl Config for SelectivityConfig {
    const KIND: &str = "selectivity";
    const EXAMPLE: &str = "model = \"mlp\"\nnodes = [\"hidden2.post\"]\nk = 3";
}

/// Selectivity of units.
#[derive(Debug, Clone, PartialEq)]
pub struct Selectivity {
    /// The model's name.
    pub model: String,
    /// The split of the data.
    pub split: Split,
    /// How many samples that is.
    pub n: usize,
    /// The names of the classes of which there are samples.
    pub classes: Vec<String>,
    /// The names of the others.
    pub absent: Vec<String>,
    /// One by one.
    pub nodes: Vec<SelectiveNode>,
}

/// The units of one node.
#[derive(Debug, Clone, PartialEq)]
pub struct SelectiveNode {
    /// The node's name.
    pub node: String,
    /// Mean activations, units × classes.
    pub means: Array2<f64>,
    /// S, units × classes.
    pub selectivity: Array2<f64>,
    /// Units that hardly ever answer: their mean is for no class above a hundredth of the largest mean of the node, in
    /// magnitude. Their selectivity says little.
    pub silent: Vec<bool>,
    /// For each class the most selective units, the most selective one first; silent ones come after all others.
    pub top: Vec<Vec<usize>>,
}

/// The share of the largest mean of a node that the largest mean of a unit reaches unless it is silent.
pub const SILENT: f64 = 0.01;

/// Which units are silent, from mean activations, units × classes.
pub fn silent(means: &Array2<f64>) -> Vec<bool> {
    let largest =
        |row: &mut dyn Iterator<Item = &f64>| row.map(|m| m.abs()).filter(|m| !m.is_nan()).fold(0.0, f64::max);
    let floor = SILENT * largest(&mut means.iter());
    means.rows().into_iter().map(|row| largest(&mut row.iter()) <= floor).collect()
}

/// S from mean activations, units × classes.
pub fn selectivity(means: &Array2<f64>) -> Array2<f64> {
    Array2::from_shape_fn(means.dim(), |(unit, class)| {
        let row = means.row(unit);
        let others = || row.iter().enumerate().filter(|(k, m)| *k != class && !m.is_nan()).map(|(_, m)| *m);
        let others = others().sum::<f64>() / others().count() as f64;
        (row[class] - others) / (row[class] + others + EPSILON)
    })
}

impl Analysis for SelectivityConfig {
    fn check(&self, problems: &mut Problems) {
        problems.require(self.k > 0, "k", || "expected at least 1 unit, found 0".into());
    }

    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        check_nodes(&self.nodes, &self.model, self.split, planned, problems);
    }

    fn run(&self, _: &str, results: &Results) -> Result<Box<dyn Outcome>, AnalysisError> {
        let trained = results.trained(&self.model)?;
        let model = &trained.fit.model;
        let (split, data) = trained.split(self.split)?;
        let (labels, classes) = samples::classes(data)?;
        let present = Present::of(labels, classes);
        let names = nodes_or_hidden(&self.nodes, model);
        let readings = model.run(data).read(&names)?.readings;
        let of = |reading: Reading| {
            let of_all = class_means(reading.units().view(), labels, classes.len());
            let means = of_all.select(Axis(1), &present.numbers);
            let selectivity = selectivity(&means);
            let silent = silent(&means);
            let ranked = |(s, silent): (&f64, &bool)| if *silent { f64::NEG_INFINITY } else { *s };
            let columns = selectivity.columns().into_iter();
            let top = columns.map(|c| largest(c.iter().zip(&silent).map(ranked), self.k)).collect();
            SelectiveNode { node: reading.node, means, selectivity, silent, top }
        };
        let nodes = readings.into_iter().map(of).collect();
        let Present { names: classes, absent, .. } = present;
        Ok(Box::new(Selectivity { model: trained.name.clone(), split, n: data.n(), classes, absent, nodes }))
    }
}

impl Outcome for Selectivity {
    fn metrics(&self) -> Metrics {
        let mut metrics = Metrics::default();
        for node in &self.nodes {
            let mut own = Metrics::default();
            for (c, class) in self.classes.iter().enumerate() {
                let mut top = Metrics::default();
                top.add("units", node.top[c].clone());
                top.add("selectivity", node.top[c].iter().map(|u| node.selectivity[[*u, c]]).collect::<Vec<_>>());
                own.add(class, top);
            }
            metrics.add(&node.node, own);
        }
        metrics
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;
    use ndarray::arr2;

    #[test]
    fn a_unit_that_hardly_ever_answers_is_silent() {
        let means = arr2(&[[1.0, 0.5], [0.001, 0.0], [0.0, 0.0], [0.0, f64::NAN], [0.02, 0.0], [-0.5, 0.0]]);
        assert_eq!(silent(&means), [false, true, true, true, false, false]);
        // Where all are zero, all are.
        assert_eq!(silent(&Array2::zeros((2, 2))), [true, true]);
    }

    #[test]
    fn selectivity_is_the_formula() {
        // By hand: (3 − 1.5) / (3 + 1.5 + 0.001), and a unit that only the first class excites.
        let s = selectivity(&arr2(&[[3.0, 1.0, 2.0], [5.0, 0.0, 0.0], [0.0, 0.0, 0.0]]));
        assert!((s[[0, 0]] - 1.5 / 4.501).abs() < 1e-15);
        assert!((s[[1, 0]] - 5.0 / 5.001).abs() < 1e-15);
        assert!((s[[1, 1]] + 2.5 / 2.501).abs() < 1e-15);
        assert_eq!(s.row(2), ndarray::arr1(&[0.0, 0.0, 0.0]));
        // A class without samples counts for nothing.
        let s = selectivity(&arr2(&[[3.0, 1.0, f64::NAN]]));
        assert!((s[[0, 0]] - 2.0 / 4.001).abs() < 1e-15 && s[[0, 2]].is_nan());
    }

    #[test]
    fn any_model_of_classes_has_it() {
        for (shape, layers, nodes) in [
            (&[2][..], fixture::tanh_layers(), vec!["x".to_owned(), "hidden1.post".into()]),
            (&[1, 3, 4][..], fixture::relu_layers(), Vec::new()),
        ] {
            let config =
                SelectivityConfig { model: TrainRef("m".into()), nodes, k: 2, split: SplitSelector::default() };
            let found: Selectivity = fixture::run(&config, fixture::classifier(shape, layers));
            assert_eq!(found.nodes.len(), 2);
            for node in &found.nodes {
                for (class, top) in node.top.iter().enumerate() {
                    assert_eq!(top.len(), 2);
                    assert!(node.selectivity.column(class).iter().all(|s| *s <= node.selectivity[[top[0], class]]));
                }
            }
        }
    }
}
