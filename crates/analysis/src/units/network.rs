//! A small dense network laid open for one input: every unit's z, a and b, and every weight.
//!
//! Layer by layer z = a⁻ · W + b and a = φ(z), where a⁻ are the activations of the layer before. Of a network with two inputs
//! also every unit's response map: its activation a over the plane of the inputs, as TensorFlow Playground shows it (Smilkov and
//! others 2017, *Direct-Manipulation Visualization of Deep Networks*).

use models::{
    Layer, Model,
    layers::{Form, Role},
};
use ndarray::{Array2, Array3, ArrayView2, s};
use registry::{Config, Problems, TrainRef};

use crate::{
    Analysis, AnalysisError, Metrics, Outcome, Planned, Results,
    geometry::decision::Window,
    select::snapshots::{OverTraining, Snapshots},
};

/// Lays a small dense network open for one input: every unit's weighted sum z, activation a and bias b, and every weight; with
/// two inputs also every unit's activation over the plane.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NetworkConfig {
    /// The trained model, of dense layers with at most 12 units each.
    pub model: TrainRef,
    /// The input, one number per feature. Default: the first training sample.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<Vec<f32>>,
    /// Each unit's activation is found on a grid of so many points squared around the training samples, for a model of two
    /// inputs. Default 24; 2 to 64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution: Option<usize>,
    /// Snapshots of training to look at too: `"all"`, `{ every = 50 }` or `{ epochs = [0, 10] }`. Default: only the trained
    /// model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshots: Option<Snapshots>,
}

impl Config for NetworkConfig {
    const KIND: &str = "network";
    const EXAMPLE: &str = "model = \"three\"\ninput = [0.0, 1.0]";
}

/// A network for one input.
#[derive(Debug, Clone, PartialEq)]
pub struct Network {
    /// The model's name.
    pub model: String,
    /// The features' names.
    pub features: Vec<String>,
    /// The part of the plane that the maps show, for two inputs.
    pub window: Option<Window>,
    /// The input first.
    pub layers: Vec<NetworkLayer>,
}

/// One layer of units.
#[derive(Debug, Clone, PartialEq)]
pub struct NetworkLayer {
    /// `x`, `hidden1`, …, `output`.
    pub name: String,
    /// The units from first to last.
    pub units: Vec<Unit>,
    /// From each unit of the layer before to each of this: units before × units; without rows for the input.
    pub weights: Array2<f32>,
    /// Each unit's activation over the window: units × rows × columns, row 0 at the least second input; no rows and columns for
    /// another number of inputs than two.
    pub maps: Array3<f32>,
}

/// One unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Unit {
    /// Weighted sum and bias; none for an input.
    pub z: Option<f32>,
    /// The activation; equal to z where there is no activation function.
    pub a: f32,
    /// The bias; none for an input, and where the layer has none.
    pub b: Option<f32>,
}

impl Analysis for NetworkConfig {
    fn check(&self, problems: &mut Problems) {
        let bad = self.input.iter().flatten().position(|v| !v.is_finite());
        problems.require(bad.is_none(), format!("input[{}]", bad.unwrap_or(0)), || "expected a finite number".into());
        let resolution = self.resolution.unwrap_or(RESOLUTION);
        problems.require((2..=64).contains(&resolution), "resolution", || {
            format!("expected 2 to 64 points, found {resolution}")
        });
    }

    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        let Some(model) = planned.model(&self.model) else { return };
        if let Some(message) = complaint(&model.layers, &model.data.shape) {
            problems.add("model", format!("{} cannot be drawn as a network: {message}", self.model.0));
        }
        let features = model.data.features();
        problems.require(features == 2 || self.resolution.is_none(), "resolution", || {
            format!("maps are of the plane of two inputs, and {} takes {features}", self.model.0)
        });
        if let Some(input) = self.input.as_ref().filter(|x| x.len() != features) {
            let given = if input.len() == 1 { "1 number".to_owned() } else { format!("{} numbers", input.len()) };
            problems.add("input", format!("{given} given, and {} takes {features}", self.model.0));
        }
        Snapshots::check(self.snapshots.as_ref(), [&self.model], planned, problems);
    }

    fn snapshots(&self) -> Option<&Snapshots> {
        self.snapshots.as_ref()
    }

    fn run(&self, _: &str, results: &Results) -> Result<Box<dyn Outcome>, AnalysisError> {
        let trained = results.trained(&self.model)?;
        let data = &trained.data.train;
        let first = || data.x.rows().into_iter().next().map(|row| row.to_vec()).unwrap_or_default();
        let x = self.input.clone().unwrap_or_else(first);
        let window = (trained.fit.model.features() == 2).then(|| Window::around(&data.x));
        let side = if window.is_some() { self.resolution.unwrap_or(RESOLUTION) } else { 0 };
        let plane = window.map_or_else(|| Array2::zeros((0, x.len())), |window| window.grid(side, side));
        let network = |model: &Model| {
            let (name, features) = (trained.name.clone(), data.feature_names.clone());
            Ok(Network { layers: layers(model, &name, &x, &plane)?, model: name, features, window })
        };
        Ok(Box::new(OverTraining::of(trained, self.snapshots.as_ref(), network)?))
    }
}

impl Network {
    /// The activations of a layer's units.
    fn activations(layer: &NetworkLayer) -> Vec<f32> {
        layer.units.iter().map(|unit| unit.a).collect()
    }

    /// What the network is given.
    pub fn input(&self) -> Vec<f32> {
        self.layers.first().map(Self::activations).unwrap_or_default()
    }

    /// What it answers.
    pub fn output(&self) -> Vec<f32> {
        self.layers.last().map(Self::activations).unwrap_or_default()
    }
}

impl Outcome for Network {
    fn metrics(&self) -> Metrics {
        let mut metrics = Metrics::default();
        metrics.add("output", self.output());
        metrics
    }
}

/// Points along each side of the maps, by default: more cannot be told apart inside a node.
const RESOLUTION: usize = 24;
/// More units in a layer cannot be told apart in a picture.
const MOST_UNITS: usize = 12;
/// More layers would leave no room for numbers.
const MOST_LAYERS: usize = 6;

/// What is wrong, if anything, with drawing these layers as nodes and edges.
fn complaint(layers: &[Layer], input: &[usize]) -> Option<String> {
    let shapes = Model::shapes(layers, input).ok()?;
    let inner = |layer: &&Layer| !layer.is_dense() && layer.role() != Role::Activation;
    if let Some(layer) = layers.iter().find(inner) {
        return Some(format!("expected dense layers and activations only, found {}", layer.kind()));
    }
    if !layers.first().is_some_and(Layer::is_dense) {
        return Some("expected a dense layer first".into());
    }
    let sizes: Vec<usize> = std::iter::once(tensor::shape::size(input))
        .chain(layers.iter().zip(&shapes).filter(|(layer, _)| layer.is_dense()).map(|(_, s)| tensor::shape::size(s)))
        .collect();
    if let Some(units) = sizes.iter().find(|units| **units > MOST_UNITS) {
        return Some(format!("expected at most {MOST_UNITS} units in a layer, found {units}"));
    }
    (sizes.len() > MOST_LAYERS).then(|| format!("expected at most {MOST_LAYERS} layers, found {}", sizes.len()))
}

/// Lays the model open for one input, and over the points of a square grid (points × inputs; of none where there is no plane).
///
/// # Errors
/// When the input has another number of features than the model, or the model is too large or not dense.
fn layers(model: &Model, name: &str, x: &[f32], plane: &Array2<f32>) -> Result<Vec<NetworkLayer>, AnalysisError> {
    if let Some(message) = complaint(model.layers(), model.input()) {
        return Err(AnalysisError::Diagram { name: name.to_owned(), message });
    }
    let wrong = || models::ModelError::Features { expected: model.features(), found: x.len() };
    let input = ArrayView2::from_shape((1, x.len()), x).map_err(|_| wrong())?;
    // The input is the first sample, the plane the others.
    let input = ndarray::concatenate(ndarray::Axis(0), &[input, plane.view()]).map_err(|_| wrong())?;
    let values = model.run(input.view()).read(model.nodes())?.values();
    let inputs = x.iter().map(|a| Unit { z: None, a: *a, b: None }).collect();
    let weights = Array2::zeros((0, x.len()));
    let mut layers = vec![NetworkLayer { name: "x".into(), units: inputs, weights, maps: maps(&input) }];
    let mut arrays = model.parameters.list().iter();
    for (layer, values) in model.layers().iter().zip(&values) {
        let Form::Dense { bias } = layer.form() else {
            // A layer of units comes first, so that there is one for the activation to belong to.
            if let Some(layer) = layers.last_mut() {
                layer.units.iter_mut().zip(values.row(0)).for_each(|(unit, a)| unit.a = *a);
                layer.maps = maps(values);
            }
            continue;
        };
        let mut next = || arrays.next().map(|p| (p, &model.parameters.values()[p.range.clone()]));
        // Every dense layer has its weight, and its bias behind it if any.
        let Some((array, weights)) = next() else { break };
        let biases = if bias { next().map(|(_, values)| values) } else { None };
        let units = values.row(0).into_iter().enumerate();
        layers.push(NetworkLayer {
            name: array.name.trim_end_matches(".weight").to_owned(),
            units: units.map(|(j, z)| Unit { z: Some(*z), a: *z, b: biases.map(|b| b[j]) }).collect(),
            weights: Array2::from_shape_fn((array.shape[0], array.shape[1]), |(i, j)| weights[i * array.shape[1] + j]),
            maps: maps(values),
        });
    }
    Ok(layers)
}

/// What the samples behind the first, those of a square grid, are to each unit: units × rows × columns.
fn maps(values: &Array2<f32>) -> Array3<f32> {
    let plane = values.slice(s![1.., ..]);
    let side = plane.nrows().isqrt();
    Array3::from_shape_fn((plane.ncols(), side, side), |(unit, row, column)| plane[[row * side + column, unit]])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;
    use models::layers::{Linear, Polynomial, Relu};

    #[test]
    fn units_by_hand() {
        let layers = vec![Linear::new(2).into(), Relu {}.into(), Linear { bias: false, ..Linear::new(1) }.into()];
        let model = fixture::trained(layers, &[1.0, -2.0, 3.0, 4.0, 0.5, -9.0, 10.0, 20.0]).fit.model;
        let found =
            super::layers(&model, "m", &[1.0, 2.0], &ndarray::arr2(&[[0.0, 0.0], [1.0, 0.0], [0.0, 9.0], [-1.0, 0.0]]))
                .expect("two inputs");
        let names: Vec<&str> = found.iter().map(|l| l.name.as_str()).collect();
        assert_eq!(names, ["x", "hidden1", "output"]);
        let unit = |z, a, b| Unit { z, a, b };
        assert_eq!(found[0].units, [unit(None, 1.0, None), unit(None, 2.0, None)]);
        // 1·1 + 2·3 + 0.5 and −2·1 + 4·2 − 9.
        assert_eq!(found[1].units, [unit(Some(7.5), 7.5, Some(0.5)), unit(Some(-3.0), 0.0, Some(-9.0))]);
        assert_eq!(found[1].weights, ndarray::arr2(&[[1.0, -2.0], [3.0, 4.0]]));
        assert_eq!(found[2].units, [unit(Some(75.0), 75.0, None)]);
        // The first unit is ReLU(x₁ + 3x₂ + 0.5), the second ReLU(−2x₁ + 4x₂ − 9).
        assert_eq!(found[0].maps, ndarray::arr3(&[[[0.0, 1.0], [0.0, -1.0]], [[0.0, 0.0], [9.0, 0.0]]]));
        assert_eq!(found[1].maps, ndarray::arr3(&[[[0.5, 1.5], [27.5, 0.0]], [[0.0, 0.0], [27.0, 0.0]]]));
        assert_eq!(found[2].maps, ndarray::arr3(&[[[5.0, 15.0], [815.0, 0.0]]]));
        let none = super::layers(&model, "m", &[1.0, 2.0], &Array2::zeros((0, 2))).expect("two inputs");
        assert_eq!((none[1].maps.dim(), &none[1].units), ((2, 0, 0), &found[1].units));
        let error = super::layers(&model, "m", &[1.0], &Array2::zeros((0, 1))).expect_err("one input").to_string();
        assert_eq!(error, "the model takes 2 features, and the data has 1");
    }

    #[test]
    fn every_snapshot_gets_the_same_input() {
        let mut trained = fixture::trained(vec![Linear::new(1).into()], &[1.0, 2.0, 3.0]);
        trained.fit.snapshots = vec![training::Snapshot { epoch: 0, parameters: vec![0.0, 0.0, 0.5] }];
        trained.fit.epoch = 4;
        let (model, input) = (TrainRef("m".into()), Some(vec![10.0, 1.0]));
        let config = NetworkConfig { model, input, resolution: Some(3), snapshots: Some(Snapshots::All) };
        let found: OverTraining<Network> = fixture::run(&config, trained.clone());
        let answers: Vec<_> = found.0.iter().map(|(epoch, n)| (*epoch, n.input(), n.output())).collect();
        let shapes = found.0.iter().flat_map(|(_, n)| n.layers.iter().map(|l| l.maps.dim()));
        assert_eq!(shapes.collect::<Vec<_>>(), [(2, 3, 3), (1, 3, 3), (2, 3, 3), (1, 3, 3)]);
        assert_eq!(answers, [(0, vec![10.0, 1.0], vec![0.5]), (4, vec![10.0, 1.0], vec![15.0])]);
        let config = NetworkConfig { input: None, snapshots: None, ..config };
        let found: OverTraining<Network> = fixture::run(&config, trained);
        assert_eq!(
            (found.epochs(), found.trained().input(), found.trained().output()),
            (vec![4], vec![0.0; 2], vec![3.0])
        );
    }

    #[test]
    fn what_cannot_be_drawn_is_told() {
        let complain = |layers: &[Layer]| complaint(layers, &[2]).expect("too much");
        assert_eq!(complain(&[Linear::new(13).into()]), "expected at most 12 units in a layer, found 13");
        let deep: Vec<Layer> = (0..6).map(|_| Linear::new(1).into()).collect();
        assert_eq!(complain(&deep), "expected at most 6 layers, found 7");
        let lifted = [Polynomial { degree: 2 }.into(), Linear::new(1).into()];
        assert_eq!(complain(&lifted), "expected dense layers and activations only, found polynomial");
        assert_eq!(complaint(&[Linear::new(3).into(), Relu {}.into(), Linear::new(1).into()], &[2]), None);
    }
}
