//! How the layers of a network fold the plane: the mesh of its input pushed through them one by one.
//!
//! Each layer's activations of the data are seen in their two leading principal directions, and the mesh in the same ones.

use datasets::Split;
use ndarray::{Array2, Array3};
use registry::{Config, Problems, TrainRef};

use crate::{
    Analysis, AnalysisError, Metrics, Outcome, Planned, Results,
    geometry::decision::Window,
    geometry::folding_snapshots::{FoldedSnapshot, folding_snapshots},
    geometry::linear_probe::{Probe, layer_nodes, probe},
    select::samples,
    select::snapshots::Snapshots,
    statistics::pca::Pca,
};

/// Pushes the mesh of the input plane through each layer, seen in that layer's two leading principal directions, and fits a
/// linear probe on each.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FoldingConfig {
    /// The trained model, of two inputs.
    pub model: TrainRef,
    /// Lines of the mesh in each direction. Default 25.
    #[serde(default = "default_lines")]
    pub lines: usize,
    /// Points along each line: folds between two points are not seen. Default 121.
    #[serde(default = "default_points")]
    pub points: usize,
    /// Snapshots of training to look at too: `"all"`, `{ every = 50 }` or `{ epochs = [0, 10] }`. Default: only the trained
    /// model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshots: Option<Snapshots>,
}

fn default_lines() -> usize {
    25
}

fn default_points() -> usize {
    121
}

impl Config for FoldingConfig {
    const KIND: &str = "folding";
    const EXAMPLE: &str = "model = \"deep\"\nlines = 25";
}

/// The plane after each layer.
#[derive(Debug, Clone, PartialEq)]
pub struct Folding {
    /// The model's name.
    pub model: String,
    /// The epochs at which it is seen, the trained model last.
    pub epochs: Vec<usize>,
    /// From the input to the last layer.
    pub layers: Vec<FoldedLayer>,
    /// The classes of the data points.
    pub labels: Vec<u32>,
    /// The classes' names.
    pub classes: Vec<String>,
    /// The split on which the probes are judged: the test split, where there is one.
    pub probed: Split,
}

/// The plane after one layer, in the layer's two leading principal directions.
#[derive(Debug, Clone, PartialEq)]
pub struct FoldedLayer {
    /// The node: `x`, `hidden1.post`, …
    pub node: String,
    /// How many units it has.
    pub units: usize,
    /// Lines of constant y: lines × points × 2.
    pub rows: Array3<f64>,
    /// Lines of constant x: lines × points × 2.
    pub columns: Array3<f64>,
    /// The data: samples × 2.
    pub data: Array2<f64>,
    /// The share of the data's variance along the two directions.
    pub explained: [f64; 2],
    /// Accuracy, 0 to 1, of a linear probe that is fitted on the training samples, on the samples of the probed split.
    pub probe: f32,
    /// The same at every snapshot, so that they can follow each other; none of the input.
    pub snapshots: Vec<FoldedSnapshot>,
}

impl Analysis for FoldingConfig {
    fn check(&self, problems: &mut Problems) {
        problems.require((2..=500).contains(&self.lines), "lines", || {
            format!("expected 2 to 500 lines, found {}", self.lines)
        });
        problems.require((2..=5000).contains(&self.points), "points", || {
            format!("expected 2 to 5000 points, found {}", self.points)
        });
    }

    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        let Some(model) = planned.model(&self.model) else { return };
        problems.note("model", model.needs_plane());
        problems.note("model", model.needs_classes());
        Snapshots::check(self.snapshots.as_ref(), [&self.model], planned, problems);
    }

    fn snapshots(&self) -> Option<&Snapshots> {
        self.snapshots.as_ref()
    }

    fn run(&self, _: &str, results: &Results) -> Result<Box<dyn Outcome>, AnalysisError> {
        let trained = results.trained(&self.model)?;
        let (model, data) = (&trained.fit.model, &trained.data.train);
        if model.features() != 2 {
            return Err(AnalysisError::Shape {
                what: "folding",
                expected: "two inputs",
                name: trained.name.clone(),
                found: tensor::shape::display(model.input()),
            });
        }
        let (labels, classes) = samples::classes(data)?;
        let mesh = Mesh::around(&data.x, self.lines, self.points);
        let nodes = layer_nodes(&model.nodes());
        let of_data = model.run(data).read(&nodes)?.values();
        let tested = match &trained.data.test {
            Some(test) => Some((test, model.run(test).read(&nodes)?.values())),
            None => None,
        };
        let of_rows = model.run(&mesh.rows).read(&nodes)?.values();
        let of_columns = model.run(&mesh.columns).read(&nodes)?.values();
        let (epochs, models): (Vec<_>, Vec<_>) = trained.snapshots(self.snapshots.as_ref()).into_iter().unzip();
        let hidden: Vec<&str> = nodes.iter().map(String::as_str).filter(|node| *node != "x").collect();
        let mut over_training = folding_snapshots(&models, &hidden, &data.x, &mesh)?.into_iter();
        let mut layers = Vec::new();
        for (((node, data_at), rows_at), columns_at) in nodes.iter().zip(of_data).zip(of_rows).zip(of_columns) {
            // The input is shown as it is.
            let pca = if node == "x" { Pca::identity(2) } else { Pca::fit(data_at.view()) };
            let explained = Pca::fit(data_at.view()).explained();
            let lines = |at: &Array2<f32>| mesh.lines(pca.project(at.view(), 2));
            let test = match &tested {
                Some((test, arrays)) => Some((&arrays[layers.len()], samples::classes(test)?.0)),
                None => None,
            };
            let Probe { train: on_train, test: on_test, .. } = probe(&data_at, labels, classes.len(), test);
            layers.push(FoldedLayer {
                node: node.clone(),
                units: data_at.ncols(),
                rows: lines(&rows_at),
                columns: lines(&columns_at),
                data: pca.project(data_at.view(), 2),
                explained: [explained[0], explained.get(1).copied().unwrap_or(0.0)],
                probe: on_test.unwrap_or(on_train),
                snapshots: if node == "x" { Vec::new() } else { over_training.next().unwrap_or_default() },
            });
        }
        Ok(Box::new(Folding {
            model: trained.name.clone(),
            epochs,
            layers,
            labels: labels.to_vec(),
            classes: classes.to_vec(),
            probed: if tested.is_some() { Split::Test } else { Split::Train },
        }))
    }
}

/// A regular mesh over the plane, as points to push through a network.
pub(crate) struct Mesh {
    lines: usize,
    points: usize,
    /// Lines of constant y, one after the other: lines · points × 2.
    pub rows: Array2<f32>,
    /// Lines of constant x.
    pub columns: Array2<f32>,
}

impl Mesh {
    /// So many lines each way around the data, of so many points.
    pub fn around(x: &Array2<f32>, lines: usize, points: usize) -> Self {
        let window = Window::around(x);
        let rows = window.grid(points, lines);
        // The same grid with the axes exchanged, so that each line's points lie one after another.
        let turned = Window { x: window.y, y: window.x }.grid(points, lines);
        let columns = Array2::from_shape_fn(turned.dim(), |(i, axis)| turned[[i, 1 - axis]]);
        Self { lines, points, rows, columns }
    }

    /// Points in the plane as lines again: lines × points × 2.
    pub fn lines(&self, plane: Array2<f64>) -> Array3<f64> {
        Array3::from_shape_fn((self.lines, self.points, 2), |(l, p, k)| plane[[l * self.points + p, k]])
    }
}

impl Outcome for Folding {
    fn metrics(&self) -> Metrics {
        let mut metrics = Metrics::default();
        for layer in &self.layers {
            let mut own = Metrics::default();
            own.add("units", layer.units);
            own.add("probe_accuracy", layer.probe);
            own.add("explained_variance", layer.explained.to_vec());
            let each = layer
                .snapshots
                .iter()
                .map(|s| Metrics(vec![("explained_variance".into(), s.explained.to_vec().into())]));
            metrics.add(&layer.node, own.with_snapshots(self.epochs.iter().copied().zip(each)));
        }
        metrics
    }
}
