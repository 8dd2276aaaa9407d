//! Linear probe: how well a linear classifier reads the classes off a layer.
//!
//! Alain, Bengio, *Understanding intermediate layers using linear classifier probes*, 2017. A probe is a multinomial logistic
//! regression on a layer's activations; its accuracy says how far the layers below have pulled the classes apart.

use datasets::{Dataset, Splits, Targets};
use models::{Loss, layers::Linear};
use ndarray::Array2;
use optimizers::{Cosine, Schedule, adam::Adam};
use registry::{Config, Problems, TrainRef};
use tensor::random::Streams;
use training::{Control, TrainConfig};

use crate::{Analysis, AnalysisError, Metrics, Outcome, Planned, PlannedModel, Results};

/// Fits a linear classifier on the activations of each layer and reports its accuracy: how far the layers below have made the
/// classes linearly separable.
///
/// The activations are standardised (mean 0, standard deviation 1 per unit); the classifier is a softmax regression trained by
/// 300 full-batch steps of Adam, its rate falling from 0.1 to 0 along a cosine. Fitted and measured on the training split, as the
/// question is separability, not generalisation; measured on the test split too, where there is one.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LinearProbeConfig {
    /// The trained model to look into.
    pub model: TrainRef,
}

impl Config for LinearProbeConfig {
    const KIND: &str = "linear_probe";
    const EXAMPLE: &str = "model = \"deep\"";
}

/// Accuracy of a linear classifier on each layer.
#[derive(Debug, Clone, PartialEq)]
pub struct LinearProbe {
    /// The model's name.
    pub model: String,
    /// From the input to the last layer.
    pub layers: Vec<ProbedLayer>,
}

/// One layer's probe.
#[derive(Debug, Clone, PartialEq)]
pub struct ProbedLayer {
    /// The node: `x`, `hidden1.post`, …
    pub node: String,
    /// How many units it has.
    pub units: usize,
    /// Accuracy on the training split, 0 to 1.
    pub train: f32,
    /// Accuracy on the test split, where there is one.
    pub test: Option<f32>,
}

/// Steps of the probe's training, and the rate they start with: on standardised inputs enough for accuracy to stand still.
const STEPS: usize = 300;
const RATE: f64 = 0.1;

impl Analysis for LinearProbeConfig {
    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        problems.note("model", planned.model(&self.model).and_then(PlannedModel::needs_classes));
    }

    fn run(&self, _: &str, results: &Results) -> Result<Box<dyn Outcome>, AnalysisError> {
        let trained = results.trained(&self.model)?;
        let model = &trained.fit.model;
        let nodes = layer_nodes(&model.nodes());
        let train = model.run(&trained.data.train).read(&nodes)?.values();
        let test = match &trained.data.test {
            Some(split) => Some((split, model.run(split).read(&nodes)?.values())),
            None => None,
        };
        let layers = nodes
            .iter()
            .zip(train)
            .enumerate()
            .map(|(i, (node, x))| {
                let test = test.as_ref().map(|(split, arrays)| (*split, &arrays[i]));
                let (train, test) = probe(
                    &format!("{}.{node}", trained.name),
                    x.clone(),
                    &trained.data.train,
                    test,
                    results.streams(),
                )?;
                Ok(ProbedLayer { node: node.clone(), units: x.ncols(), train, test })
            })
            .collect::<Result<_, AnalysisError>>()?;
        Ok(Box::new(LinearProbe { model: trained.name.clone(), layers }))
    }
}

impl Outcome for LinearProbe {
    fn metrics(&self) -> Metrics {
        let mut metrics = Metrics::default();
        for layer in &self.layers {
            let mut own = Metrics::default();
            own.add("units", layer.units);
            own.add("train_accuracy", layer.train);
            if let Some(test) = layer.test {
                own.add("test_accuracy", test);
            }
            metrics.add(&layer.node, own);
        }
        metrics
    }
}

/// The input and the last node of every block: what a picture layer by layer shows. Of a block, that is its activations and what
/// comes after them; dropout, which changes nothing in a trained model, is left out.
pub fn layer_nodes(nodes: &[String]) -> Vec<String> {
    let nodes: Vec<&String> = nodes.iter().filter(|n| !n.contains(".dropout")).collect();
    let shown = |(i, node): (usize, &&String)| {
        let Some((block, word)) = node.split_once('.') else { return true };
        let goes_on = nodes.get(i + 1).is_some_and(|next| next.split_once('.').is_some_and(|(b, _)| b == block));
        !goes_on || word.starts_with("post")
    };
    let shown = nodes.iter().enumerate().filter(|(i, n)| shown((*i, n))).map(|(_, n)| (*n).clone());
    std::iter::once("x".to_owned()).chain(shown).collect()
}

/// Fits a probe on activations (samples × units) of the samples of `data`; accuracy there and on the test split.
///
/// # Errors
/// When the data has no classes.
pub fn probe(
    stage: &str,
    mut x: Array2<f32>,
    data: &Dataset,
    test: Option<(&Dataset, &Array2<f32>)>,
    streams: &Streams,
) -> Result<(f32, Option<f32>), AnalysisError> {
    let mut test = test.map(|(split, x)| (split, x.clone()));
    for unit in 0..x.ncols() {
        let (mean, deviation) = moments(&x, unit);
        let standardise =
            |x: &mut Array2<f32>| x.column_mut(unit).mapv_inplace(|v| ((f64::from(v) - mean) / deviation) as f32);
        standardise(&mut x);
        if let Some((_, x)) = &mut test {
            standardise(x);
        }
    }
    let classes = data.classes().unwrap_or(0);
    let of = |x: Array2<f32>, y: &Targets| Dataset {
        shape: vec![x.ncols()],
        feature_names: (0..x.ncols()).map(|i| format!("unit {i}")).collect(),
        y: y.clone(),
        truth: None,
        x: x.into(),
    };
    let test = test.map(|(split, x)| of(x, &split.y));
    let splits = Splits { test, ..Splits::undivided(of(x, &data.y)) };
    let layers = vec![Linear::new(classes).into()];
    let config = TrainConfig {
        schedule: Schedule::Cosine(Cosine { to: 0.0 }),
        ..TrainConfig::new(stage, layers, Loss::CrossEntropy, Adam::new(RATE).into(), STEPS)
    };
    let fit = training::fit(&config, stage, &splits, streams, &mut |_| Control::Continue)?;
    let accuracy = |split: &Dataset| -> Result<f32, AnalysisError> {
        Ok(fit.model.accuracy(split, split.labels().unwrap_or_default())? as f32)
    };
    Ok((accuracy(&splits.train)?, splits.test.as_ref().map(accuracy).transpose()?))
}

/// Mean and standard deviation of one unit; 1 in place of a deviation of zero.
fn moments(x: &Array2<f32>, unit: usize) -> (f64, f64) {
    let n = x.nrows().max(1) as f64;
    let column = || x.column(unit).into_iter().map(|v| f64::from(*v));
    let mean = column().sum::<f64>() / n;
    let variance = column().map(|v| (v - mean) * (v - mean)).sum::<f64>() / n;
    (mean, if variance > 0.0 { variance.sqrt() } else { 1.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labelled(labels: Vec<u32>) -> Dataset {
        Dataset {
            x: Array2::zeros((labels.len(), 1)).into(),
            shape: vec![1],
            y: Targets::Classes { labels, names: ["a", "b"].map(String::from).into() },
            feature_names: vec!["x".into()],
            truth: None,
        }
    }

    #[test]
    fn a_line_separates_what_a_line_can() {
        // A unit of tiny scale that tells the classes apart, beside a large constant.
        let x = Array2::from_shape_fn((40, 2), |(i, j)| if j == 0 { 1e-4 * i as f32 } else { 1e4 });
        let data = labelled((0..40).map(|i| u32::from(i >= 20)).collect());
        let (train, test) = probe("p", x.clone(), &data, Some((&data, &x)), &Streams::new(1)).expect("classes");
        assert_eq!((train, test), (1.0, Some(1.0)));
    }

    #[test]
    fn exclusive_or_is_not_for_a_line() {
        let corners = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]];
        let data = labelled(vec![0, 1, 1, 0]);
        let (train, _) = probe("p", ndarray::arr2(&corners), &data, None, &Streams::new(1)).expect("classes");
        assert!(train <= 0.75, "{train}");
    }

    #[test]
    fn one_node_stands_for_each_layer() {
        let nodes = ["polynomial", "hidden1.pre", "hidden1.post", "hidden2.pre", "logits"].map(String::from);
        assert_eq!(layer_nodes(&nodes), ["x", "polynomial", "hidden1.post", "hidden2.pre", "logits"]);
        let nodes = ["hidden1.pre", "hidden1.norm", "hidden1.post", "hidden1.dropout", "hidden2.pre", "hidden2.norm"];
        let nodes = nodes.into_iter().chain(["logits", "output"]).map(String::from).collect::<Vec<_>>();
        assert_eq!(layer_nodes(&nodes), ["x", "hidden1.post", "hidden2.norm", "logits", "output"]);
    }
}
