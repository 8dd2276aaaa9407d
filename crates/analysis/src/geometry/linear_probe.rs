//! Linear probe: how well a linear classifier reads the classes off a layer.
//!
//! Alain, Bengio, *Understanding intermediate layers using linear classifier probes*, 2017. A probe is a multinomial logistic
//! regression on a layer's activations; its accuracy says how far the layers below have pulled the classes apart.

use models::Model;
use ndarray::Array2;
use registry::{Config, Problems, TrainRef};
use tensor::shape::size;

use crate::{
    Analysis, AnalysisError, Metrics, Outcome, Planned, PlannedModel, Results, select::samples, statistics::softmax,
};

/// Fits a linear classifier on the activations of each layer and reports its accuracy: how far the layers below have made the
/// classes linearly separable. It sees every number of a layer, of pictures every channel at every place.
///
/// The activations are standardised (mean 0, standard deviation 1 per unit); the classifier is a softmax regression that makes
/// the mean cross-entropy + 10⁻⁴/2 · ‖W‖² least, the biases without penalty (scikit-learn's `LogisticRegression` with C = 10⁴/n
/// of n samples). It is fitted until no element of the gradient is above 10⁻⁸, by L-BFGS in f64. Fitted and measured on the
/// training split, as the question is separability, not generalisation; measured on the test split too, where there is one.
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
    /// The gradient's largest element where fitting stopped.
    pub gradient: f64,
}

/// λ of the penalty λ/2 · ‖W‖² on the weights: small enough to leave the classes to be told apart, large enough that the weights
/// of separable ones do not grow for ever.
const RIDGE: f64 = 1e-4;

/// So many numbers of layers are read at most, 2 GB of them: a probe of more takes hours, too.
const MOST: usize = 1 << 29;

/// How many numbers are read of a model's layers, over all samples that probes see; of layers that do not fit, which is told
/// elsewhere, none.
fn numbers(model: &PlannedModel) -> usize {
    let shapes = Model::node_shapes(&model.layers, &model.data.shape, model.loss.head()).unwrap_or_default();
    let names: Vec<String> = shapes.iter().map(|(name, _)| name.clone()).collect();
    let read = layer_nodes(&names);
    let sizes = shapes.iter().filter(|(name, _)| read.contains(name)).map(|(_, shape)| size(shape));
    let own = sizes.chain([size(&model.data.shape)]).fold(0, usize::saturating_add);
    own.saturating_mul(model.sizes[0].saturating_add(model.sizes[2]))
}

/// What is wrong, if anything, with probing a model's layers.
fn too_large(model: &PlannedModel) -> Option<String> {
    let numbers = numbers(model);
    (numbers > MOST).then(|| {
        format!(
            "the layers of {} give {numbers} numbers for all samples of the training and test splits, and probes read at most \
             {MOST}; train on fewer samples, or with larger strides and pooling",
            model.name
        )
    })
}

impl Analysis for LinearProbeConfig {
    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        let model = planned.model(&self.model);
        problems.note("model", model.and_then(|model| model.needs_classes().or_else(|| too_large(model))));
    }

    fn run(&self, _: &str, results: &Results) -> Result<Box<dyn Outcome>, AnalysisError> {
        let trained = results.trained(&self.model)?;
        let model = &trained.fit.model;
        let nodes = layer_nodes(&model.nodes());
        let train = model.run(&trained.data.train).read(&nodes)?.values();
        let (labels, classes) = samples::classes(&trained.data.train)?;
        let test = match &trained.data.test {
            Some(split) => Some((samples::classes(split)?.0, model.run(split).read(&nodes)?.values())),
            None => None,
        };
        let layers = nodes.iter().zip(train).enumerate().map(|(i, (node, x))| {
            let test = test.as_ref().map(|(labels, arrays)| (&arrays[i], *labels));
            let Probe { train, test, gradient, .. } = probe(&x, labels, classes.len(), test);
            ProbedLayer { node: node.clone(), units: x.ncols(), train, test, gradient }
        });
        let layers = layers.collect();
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
            own.add("largest_gradient", layer.gradient);
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

/// A probe and how well it reads the classes.
#[derive(Debug, Clone, PartialEq)]
pub struct Probe {
    /// Accuracy on the samples it was fitted on, 0 to 1.
    pub train: f32,
    /// Accuracy on the test split, where there is one.
    pub test: Option<f32>,
    /// The gradient's largest element where it stopped.
    pub gradient: f64,
    /// W: units × classes, of activations as they are.
    pub weights: Array2<f64>,
    /// b, one per class.
    pub biases: Vec<f64>,
}

/// Fits a probe on activations (samples × units) of samples with these labels of so many classes; accuracy there and on
/// others.
pub fn probe(x: &Array2<f32>, labels: &[u32], classes: usize, test: Option<(&Array2<f32>, &[u32])>) -> Probe {
    let moments: Vec<(f64, f64)> = (0..x.ncols()).map(|unit| moments(x, unit)).collect();
    let standardised = |x: &Array2<f32>| {
        Array2::from_shape_fn(x.dim(), |(i, unit)| (f64::from(x[[i, unit]]) - moments[unit].0) / moments[unit].1)
    };
    let accuracy = |right: usize, n: usize| (right as f64 / n.max(1) as f64) as f32;
    let rows = standardised(x);
    let fitted = softmax::fit(rows.view(), labels, classes, RIDGE);
    let test = test.map(|(x, labels)| accuracy(fitted.right(standardised(x).view(), labels), labels.len()));
    let weights = Array2::from_shape_fn((x.ncols(), classes), |(unit, class)| {
        fitted.weights[unit * classes + class] / moments[unit].1
    });
    let shift = |class: usize| (0..x.ncols()).map(|unit| moments[unit].0 * weights[[unit, class]]).sum::<f64>();
    let biases = fitted.biases.iter().enumerate().map(|(class, b)| b - shift(class)).collect();
    let train = accuracy(fitted.right(rows.view(), labels), labels.len());
    Probe { train, test, gradient: fitted.gradient, weights, biases }
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

    #[test]
    fn more_numbers_than_can_be_read_are_refused_before_anything_runs() {
        use models::layers::{Conv2d, Flatten, Linear, MaxPool, Relu};
        let told = |samples: usize| {
            let mut planned = Planned::default();
            let pool = MaxPool { size: 2, stride: None, padding: 0 };
            let data = datasets::Spec {
                n: samples,
                shape: vec![1, 28, 28],
                target: datasets::TargetSpec::Classes { names: vec!["a".into(), "b".into()] },
                feature_names: Vec::new(),
            };
            planned.insert_model(PlannedModel {
                name: "m".into(),
                data: data.into(),
                sizes: [samples, 0, 0],
                layers: vec![
                    Conv2d::new(8, 3).into(),
                    Relu {}.into(),
                    pool.into(),
                    Flatten {}.into(),
                    Linear::new(2).into(),
                ],
                loss: models::Loss::CrossEntropy,
                measures: vec![training::Measure::Loss],
                augmented: None,
                epochs: 1,
                snapshots: Vec::new(),
            });
            let mut problems = Problems::default();
            LinearProbeConfig { model: TrainRef("m".into()) }.check_against(&planned, &mut problems);
            problems.into_vec().into_iter().map(|p| format!("{}: {}", p.path, p.message)).collect::<Vec<_>>()
        };
        assert_eq!(told(1_000), Vec::<String>::new());
        let [told] = &told(100_000)[..] else { panic!("one problem") };
        assert!(told.starts_with("model: the layers of m give ") && told.contains("train on fewer samples"), "{told}");
    }

    #[test]
    fn a_line_separates_what_a_line_can() {
        // A unit of tiny scale that tells the classes apart, beside a large constant.
        let x = Array2::from_shape_fn((40, 2), |(i, j)| if j == 0 { 1e-4 * i as f32 } else { 1e4 });
        let labels: Vec<u32> = (0..40).map(|i| u32::from(i >= 20)).collect();
        let found = probe(&x, &labels, 2, Some((&x, &labels)));
        assert_eq!((found.train, found.test), (1.0, Some(1.0)));
        assert!(found.gradient <= softmax::CLOSE);
    }

    #[test]
    fn exclusive_or_is_not_for_a_line() {
        let corners = ndarray::arr2(&[[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]);
        assert!(probe(&corners, &[0, 1, 1, 0], 2, None).train <= 0.75);
    }

    #[test]
    fn steep_data_is_fitted_to_the_end() {
        // Two classes of a thousand samples that overlap on a diagonal of two units, nearly the same: the direction that tells
        // them apart has 1/1000 of their spread, and takes many steps. scikit-learn 1.9.1 on the standardised units,
        // LogisticRegression(C=20, tol=1e-12, max_iter=1000000, solver="newton-cholesky"), whose one vector of weights for two
        // classes is penalised half as much: score 0.955. Three hundred steps of Adam leave it at 0.807.
        let at = |i: usize| (i as f32 * 0.618_034).fract() - 0.5;
        let side = |i: usize| if i.is_multiple_of(2) { 1.0 } else { -1.0 };
        let off = |i: usize| 1e-3 * (side(i) + 2.2 * ((i as f32 * 0.754_877).fract() - 0.5));
        let x = Array2::from_shape_fn((1000, 2), |(i, j)| if j == 0 { at(i) } else { at(i) + off(i) });
        let labels: Vec<u32> = (0..1000).map(|i| i % 2).collect();
        let found = probe(&x, &labels, 2, None);
        assert!(found.gradient <= softmax::CLOSE, "{found:?}");
        assert!((found.train - 0.955).abs() < 0.0025, "{found:?}");
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
