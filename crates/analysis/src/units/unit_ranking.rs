//! Which units speak for a class: three answers, and where they agree.
//!
//! For the samples of class c, the units of a node are ranked by
//!
//! - their mean activation, E[aᵢ | c];
//! - the mean gradient of the loss, E[∂L/∂aᵢ | c], L being a sample's own loss: what raising the unit does to the loss;
//! - the mean gradient of the class's own logit, E[∂z_c/∂aᵢ | c]: what raising the unit does to the score of the right class.
//!
//! A unit that is active does not need to matter, and one that matters to the score need not matter to the loss where the sample
//! is classified with confidence: so the lists differ.

use datasets::Split;
use models::{Reading, Root};
use ndarray::{Array2, Axis};
use registry::{Config, Problems, TrainRef};

use crate::{
    Analysis, AnalysisError, Metric, Metrics, Outcome, Planned, Results,
    select::units,
    select::{samples, samples::Present, split::SplitSelector},
    statistics::class_means::{class_means, largest},
};

/// The k units of a node that speak most for each class, three times: by their mean activation, by the mean gradient of the loss
/// and by the mean gradient of the class's own logit with respect to them, all over the samples of that class; and the units that
/// are in several of the lists.
///
/// Of pictures the units are the channels: their activation is the mean over their places, and the gradient with respect to them
/// the sum of those with respect to their places, by how much raising the whole channel moves what is differentiated.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UnitRankingConfig {
    /// The trained model, of classes.
    pub model: TrainRef,
    /// The nodes whose units are ranked, each by itself: `["hidden1.post"]`. Default: the last node of every hidden layer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("uniqueItems" = true))]
    pub nodes: Vec<String>,
    /// How many units a list has. Default 5.
    #[serde(default = "five")]
    pub k: usize,
    /// How gradients are ranked. Default "support".
    #[serde(default)]
    pub order: Order,
    /// The split of the model's data.
    #[serde(default)]
    pub split: SplitSelector,
}

/// How gradients are ranked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// First the units that, raised, help the class most: lower the loss, raise the logit.
    #[default]
    Support,
    /// First those of the largest magnitude, whether they help or harm.
    Magnitude,
}

pub(crate) fn five() -> usize {
    5
}

impl Config for UnitRankingConfig {
    const KIND: &str = "unit_ranking";
    const EXAMPLE: &str = "model = \"mlp\"\nnodes = [\"hidden2.post\"]\nk = 5";
}

/// What the three lists are ranked by.
pub const LISTS: [&str; 3] = ["activation", "loss_gradient", "logit_gradient"];

/// Rankings of units.
#[derive(Debug, Clone, PartialEq)]
pub struct UnitRanking {
    /// The model's name.
    pub model: String,
    /// The split of the data, and how many samples it has.
    pub split: Split,
    /// How many samples that is.
    pub n: usize,
    /// The names of the classes of which there are samples.
    pub classes: Vec<String>,
    /// The names of the others.
    pub absent: Vec<String>,
    /// How many units a list has.
    pub k: usize,
    /// How gradients were ranked.
    pub order: Order,
    /// One by one.
    pub nodes: Vec<RankedNode>,
}

/// The units of one node.
#[derive(Debug, Clone, PartialEq)]
pub struct RankedNode {
    /// The node's name.
    pub node: String,
    /// Mean activation, gradient of the loss, gradient of the logit: each units × classes.
    pub means: [Array2<f64>; 3],
    /// For each list and class the units, first the one that speaks most for the class.
    pub top: [Vec<Vec<usize>>; 3],
}

impl RankedNode {
    /// In how many of a class's lists a unit is.
    pub fn lists_with(&self, class: usize, unit: usize) -> usize {
        self.top.iter().filter(|list| list[class].contains(&unit)).count()
    }

    /// The units that are in all three lists of a class, in the order of the first.
    pub fn in_all(&self, class: usize) -> Vec<usize> {
        self.top[0][class].iter().copied().filter(|unit| self.lists_with(class, *unit) == LISTS.len()).collect()
    }
}

/// Notes what is wrong with a list of nodes of a classifier, and a split.
pub(crate) fn check_nodes(
    nodes: &[String],
    model: &TrainRef,
    split: SplitSelector,
    planned: &Planned,
    problems: &mut Problems,
) {
    let Some(model) = split.of(model, planned, problems) else { return };
    problems.note("model", model.needs_classes());
    for (i, node) in nodes.iter().enumerate() {
        problems.note(format!("nodes[{i}]"), model.unknown_node(node));
    }
}

/// The nodes asked for, or the hidden ones.
pub(crate) fn nodes_or_hidden(asked: &[String], model: &models::Model) -> Vec<String> {
    if asked.is_empty() { units::hidden_nodes(&model.nodes()) } else { asked.to_vec() }
}

impl Analysis for UnitRankingConfig {
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
        let own: Vec<usize> = labels.iter().map(|l| *l as usize).collect();
        let of_loss = model.run(data).gradient_of(Root::Loss(trained.fit.loss)).read(&names)?.readings;
        let of_logit = model.run(data).gradient_of(Root::Units(&units::scores(model), &own)).read(&names)?.readings;
        let ranked = |(loss, logit): (Reading, Reading)| {
            let of_all = |x: &Array2<f32>| class_means(x.view(), labels, classes.len());
            let mean = |x: &Array2<f32>| of_all(x).select(Axis(1), &present.numbers);
            let means = [mean(&loss.units()), mean(&loss.unit_gradients()), mean(&logit.unit_gradients())];
            let key = |list: usize, mean: f64| match (list, self.order) {
                (0, _) => mean,
                (_, Order::Magnitude) => mean.abs(),
                (1, _) => -mean,
                _ => mean,
            };
            let top = [0, 1, 2].map(|list| {
                let columns = means[list].columns();
                columns.into_iter().map(|c| largest(c.iter().map(|m| key(list, *m)), self.k)).collect()
            });
            RankedNode { node: loss.node, means, top }
        };
        let nodes = of_loss.into_iter().zip(of_logit).map(ranked).collect();
        let (model, Present { names: classes, absent, .. }) = (trained.name.clone(), present);
        Ok(Box::new(UnitRanking { model, split, n: data.n(), classes, absent, k: self.k, order: self.order, nodes }))
    }
}

impl Outcome for UnitRanking {
    fn metrics(&self) -> Metrics {
        let mut metrics = Metrics::default();
        for node in &self.nodes {
            let mut own = Metrics::default();
            for (c, class) in self.classes.iter().enumerate() {
                let mut lists = Metrics::default();
                for (name, list) in LISTS.iter().zip(&node.top) {
                    lists.add(*name, list[c].clone());
                }
                lists.add("in_all_three", Metric::from(node.in_all(c)));
                own.add(class, lists);
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

    fn ranking(trained: crate::Trained, order: Order) -> UnitRanking {
        let config = UnitRankingConfig {
            model: TrainRef("m".into()),
            nodes: Vec::new(),
            k: 2,
            order,
            split: SplitSelector::default(),
        };
        fixture::run(&config, trained)
    }

    #[test]
    fn means_are_those_of_the_samples() {
        let trained = fixture::classifier(&[2], fixture::tanh_layers());
        let (model, data) = (trained.fit.model.clone(), trained.data.train.clone());
        let found = ranking(trained, Order::Support);
        assert_eq!((found.split, found.n), (Split::Train, data.n()));
        let [node] = &found.nodes[..] else { panic!("one hidden layer") };
        assert_eq!(node.node, "hidden1.post");
        let a = model.run(&data).values("hidden1.post").expect("a node");
        let of_class: Vec<usize> = (0..data.n()).filter(|i| i % 3 == 1).collect();
        let mean = of_class.iter().map(|i| f64::from(a[[*i, 2]])).sum::<f64>() / of_class.len() as f64;
        assert!((node.means[0][[2, 1]] - mean).abs() < 1e-12);
        // The logits lie directly above: their gradient is the weight, and that of the loss Σ_k (p_k − [k = c]) w_k.
        let w = model.parameters.value(model.parameters.find("output.weight").expect("a parameter"));
        assert!((node.means[2][[2, 1]] - f64::from(w[2 * 3 + 1])).abs() < 1e-7);
        let logits = model.predict(data.x.view()).expect("two features").mapv(f64::from);
        let gradient = |i: usize| {
            let e: Vec<f64> = logits.row(i).iter().map(|z| tensor::math::f64::exp(*z)).collect();
            let p = |k: usize| e[k] / e.iter().sum::<f64>() - if k == 1 { 1.0 } else { 0.0 };
            (0..3).map(|k| p(k) * f64::from(w[2 * 3 + k])).sum::<f64>()
        };
        let expected = of_class.iter().map(|i| gradient(*i)).sum::<f64>() / of_class.len() as f64;
        assert!((node.means[1][[2, 1]] - expected).abs() < 1e-6, "{} and {expected}", node.means[1][[2, 1]]);
        let first = node.top[1][1][0];
        assert!((0..3).all(|u| node.means[1][[first, 1]] <= node.means[1][[u, 1]]));
    }

    #[test]
    fn pictures_are_ranked_too_layer_by_layer() {
        let found = ranking(fixture::classifier(&[1, 3, 4], fixture::relu_layers()), Order::Magnitude);
        let names: Vec<&str> = found.nodes.iter().map(|n| n.node.as_str()).collect();
        assert_eq!(names, ["hidden1.post", "hidden2.post"]);
        for node in &found.nodes {
            for class in 0..3 {
                assert!(node.top.iter().all(|list| list[class].len() == 2));
                let in_all = node.in_all(class);
                assert!(in_all.iter().all(|u| node.lists_with(class, *u) == 3));
                let first = node.top[2][class][0];
                assert!(
                    (0..node.means[2].nrows())
                        .all(|u| node.means[2][[first, class]].abs() >= node.means[2][[u, class]].abs())
                );
            }
        }
        assert_eq!(found.metrics().0.len(), 2);
    }
}
