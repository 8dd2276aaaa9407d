//! How the layers of a network fold the plane: the mesh of its input pushed through them one by one.
//!
//! Each layer's activations of the data are seen in two directions, and the mesh in the same ones: the two leading principal
//! ones, or those in which a linear classifier divides the classes. What is seen is turned, and mirrored where that is closer,
//! onto the layer before it (Schönemann 1966), so that neighbouring panels can be compared; distances are those of the layer.
//!
//! The classifier's scores wᶜ·x + bᶜ differ only by the differences of its weights. Their two leading right singular directions
//! (of wᶜ minus the mean over classes c) span all of these differences where there are three classes, so that its boundaries are
//! straight lines in this plane, without loss. Of two classes there is one such direction; the second is the principal one of
//! what is left of the data.

use datasets::Split;
use ndarray::{Array2, Array3};
use registry::{Config, Problems, TrainRef};

use crate::{
    Analysis, AnalysisError, Metrics, Outcome, Planned, Results,
    geometry::decision::Window,
    geometry::folding_snapshots::{FoldedSnapshot, folding_snapshots, procrustes, turn_points},
    geometry::linear_probe::{Probe, layer_nodes, probe},
    select::samples,
    select::snapshots::Snapshots,
    statistics::order::descending,
    statistics::pca::{Pca, symmetric_eigen},
};

/// Pushes the mesh of the input plane through each layer, seen in two directions of that layer, and fits a linear probe on each.
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
    /// In which two directions each layer is seen: the leading principal ones, or those in which the linear probe divides the
    /// classes. Default "principal".
    #[serde(default)]
    pub directions: Directions,
    /// Snapshots of training to look at too, in principal directions: `"all"`, `{ every = 50 }` or `{ epochs = [0, 10] }`.
    /// Default: only the trained model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshots: Option<Snapshots>,
}

/// The two directions in which a layer is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Directions {
    /// Along which the data vary most.
    #[default]
    Principal,
    /// In which a linear classifier divides the classes.
    Separating,
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
    /// In which directions the layers are seen.
    pub directions: Directions,
    /// From the input to the last layer.
    pub layers: Vec<FoldedLayer>,
    /// The classes of the data points.
    pub labels: Vec<u32>,
    /// The classes' names.
    pub classes: Vec<String>,
    /// The split on which the probes are judged: the test split, where there is one.
    pub probed: Split,
}

/// The plane after one layer, in two directions of the layer.
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
    /// The share of the data's variance along the two directions, before they are turned.
    pub explained: [f64; 2],
    /// The linear probe's scores in this plane, each class's weights and bias, where nothing of their differences is lost by
    /// looking at two directions only.
    pub lines: Option<Vec<([f64; 2], f64)>>,
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
        let both = self.directions == Directions::Separating && self.snapshots.is_some();
        problems.require(!both, "snapshots", || {
            "snapshots are seen in principal directions; leave them out, or `directions`".into()
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
        let mut layers: Vec<FoldedLayer> = Vec::new();
        for (((node, data_at), rows_at), columns_at) in nodes.iter().zip(of_data).zip(of_rows).zip(of_columns) {
            let test = match &tested {
                Some((test, arrays)) => Some((&arrays[layers.len()], samples::classes(test)?.0)),
                None => None,
            };
            let found = probe(&data_at, labels, classes.len(), test);
            let seen = match self.directions {
                // The input is shown as it is.
                _ if node == "x" => View::input(&data_at),
                Directions::Principal => View::principal(&data_at),
                Directions::Separating => View::separating(&data_at, &found),
            };
            let mut data = seen.frame.project(data_at.view(), 2);
            let [mut rows, mut columns] = [&rows_at, &columns_at].map(|at| seen.frame.project(at.view(), 2));
            let turn = layers.last().map_or([[1.0, 0.0], [0.0, 1.0]], |before| procrustes(&data, &before.data));
            for points in [&mut data, &mut rows, &mut columns] {
                turn_points(points.as_slice_mut(), turn);
            }
            layers.push(FoldedLayer {
                node: node.clone(),
                units: data_at.ncols(),
                rows: mesh.lines(rows),
                columns: mesh.lines(columns),
                data,
                explained: seen.explained,
                lines: seen.lines(&found, turn),
                probe: found.test.unwrap_or(found.train),
                snapshots: if node == "x" { Vec::new() } else { over_training.next().unwrap_or_default() },
            });
        }
        Ok(Box::new(Folding {
            model: trained.name.clone(),
            epochs,
            directions: self.directions,
            layers,
            labels: labels.to_vec(),
            classes: classes.to_vec(),
            probed: if tested.is_some() { Split::Test } else { Split::Train },
        }))
    }
}

/// Two directions of a layer.
struct View {
    /// The middle of the data, and the directions first.
    frame: Pca,
    explained: [f64; 2],
}

impl View {
    /// The input's own two.
    fn input(data: &Array2<f32>) -> Self {
        let explained = Self::principal(data).explained;
        Self { frame: Pca::identity(2), explained }
    }

    fn principal(data: &Array2<f32>) -> Self {
        let frame = Pca::fit(data.view());
        let explained = frame.explained();
        Self { frame, explained: [0, 1].map(|k| explained.get(k).copied().unwrap_or(0.0)) }
    }

    /// The two in which a classifier's scores differ most.
    fn separating(data: &Array2<f32>, probe: &Probe) -> Self {
        let mut frame = Pca::fit(data.view());
        let total: f64 = frame.variances.iter().sum();
        let apart = differences(&probe.weights);
        let (values, vectors) = symmetric_eigen(product(&apart, &apart.t().to_owned()));
        let mut order: Vec<usize> = (0..values.len()).collect();
        order.sort_by(|&a, &b| descending(values[a], values[b]).then(a.cmp(&b)));
        let seen = order.iter().filter(|&&k| values[k] > ALIKE * values[order[0]]).map(|&k| vectors.column(k).to_vec());
        let principal: Vec<Vec<f64>> = frame.components.rows().into_iter().map(|row| row.to_vec()).collect();
        let mut directions: Vec<Vec<f64>> = Vec::new();
        for mut direction in seen.chain(principal) {
            for other in &directions {
                let along: f64 = direction.iter().zip(other).map(|(a, b)| a * b).sum();
                direction.iter_mut().zip(other).for_each(|(a, b)| *a -= along * b);
            }
            let length = direction.iter().map(|v| v * v).sum::<f64>().sqrt();
            if length > ALIKE && directions.len() < 2 {
                directions.push(direction.into_iter().map(|v| v / length).collect());
            }
        }
        for (k, direction) in directions.iter().enumerate() {
            direction.iter().enumerate().for_each(|(j, v)| frame.components[[k, j]] = *v);
        }
        let n = data.nrows().max(1) as f64;
        let along = frame.project(data.view(), 2);
        let explained = [0, 1].map(|k| along.column(k).iter().map(|v| v * v).sum::<f64>() / n / total);
        Self { frame, explained: explained.map(|share| if share.is_finite() { share } else { 0.0 }) }
    }

    /// The classifier's scores in this plane once that is turned, if they can be told there.
    fn lines(&self, probe: &Probe, turn: [[f64; 2]; 2]) -> Option<Vec<([f64; 2], f64)>> {
        let apart = differences(&probe.weights);
        let directions = self.frame.components.slice(ndarray::s![..apart.nrows().min(2), ..]).to_owned();
        let inside = product(&directions, &apart);
        let square = |m: &Array2<f64>| m.iter().map(|v| v * v).sum::<f64>();
        if square(&apart) - square(&inside) > ALIKE * square(&apart) {
            return None;
        }
        let at_middle = product(&self.frame.mean.clone().insert_axis(ndarray::Axis(0)), &probe.weights);
        let of = |(class, weights): (usize, ndarray::ArrayView1<'_, f64>)| {
            let [a, b] = [0, 1].map(|k| weights.get(k).copied().unwrap_or(0.0));
            (
                [a * turn[0][0] + b * turn[1][0], a * turn[0][1] + b * turn[1][1]],
                probe.biases[class] + at_middle[[0, class]],
            )
        };
        Some(inside.columns().into_iter().enumerate().map(of).collect())
    }
}

/// A part of a whole below which it is rounding.
const ALIKE: f64 = 1e-9;

/// A · B, in one order everywhere.
fn product(a: &Array2<f64>, b: &Array2<f64>) -> Array2<f64> {
    let sum = |(i, j)| (0..a.ncols()).map(|k| a[[i, k]] * b[[k, j]]).sum();
    Array2::from_shape_fn((a.nrows(), b.ncols()), sum)
}

/// Each class's weights (units × classes) minus their mean: what scores differ by.
fn differences(weights: &Array2<f64>) -> Array2<f64> {
    let mean = |unit: usize| weights.row(unit).iter().sum::<f64>() / weights.ncols() as f64;
    let means: Vec<f64> = (0..weights.nrows()).map(mean).collect();
    Array2::from_shape_fn(weights.dim(), |(unit, class)| weights[[unit, class]] - means[unit])
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Three classes around the corners of a triangle in space, with a third feature that only varies.
    fn samples() -> (Array2<f32>, Vec<u32>) {
        let corners = [[0.0, 3.0], [-3.0, -2.0], [3.0, -2.0]];
        let jitter = |i: usize, k: usize| ((i * 7 + k * 5) % 11) as f32 / 11.0 - 0.5;
        let x = Array2::from_shape_fn((60, 3), |(i, k)| match k {
            2 => 40.0 * jitter(i, 9),
            _ => corners[i % 3][k] + jitter(i, k),
        });
        (x, (0..60).map(|i| (i % 3) as u32).collect())
    }

    #[test]
    fn three_classes_are_divided_in_the_plane_as_in_the_layer() {
        let (x, labels) = samples();
        let found = probe(&x, &labels, 3, None);
        let seen = View::separating(&x, &found);
        // The third feature has nearly all the variance, and is not looked at.
        assert!(seen.explained[0] + seen.explained[1] < 0.3, "{:?}", seen.explained);
        let (c, s) = (0.6, 0.8);
        let turn = [[c, s], [-s, c]];
        let lines = seen.lines(&found, turn).expect("three classes differ in two directions");
        let mut plane = seen.frame.project(x.view(), 2);
        turn_points(plane.as_slice_mut(), turn);
        for (i, at) in plane.rows().into_iter().enumerate() {
            let here: Vec<f64> = lines.iter().map(|([a, b], bias)| a * at[0] + b * at[1] + bias).collect();
            let there = |class: usize| {
                let along = |unit: usize| f64::from(x[[i, unit]]) * found.weights[[unit, class]];
                (0..3).map(along).sum::<f64>() + found.biases[class]
            };
            for class in 1..3 {
                let off = (here[class] - here[0]) - (there(class) - there(0));
                assert!(off.abs() < 1e-9, "sample {i}, class {class}: {off}");
            }
        }
    }

    #[test]
    fn in_principal_directions_lines_are_told_only_where_nothing_is_lost() {
        let (x, labels) = samples();
        let found = probe(&x, &labels, 3, None);
        assert_eq!(View::principal(&x).lines(&found, [[1.0, 0.0], [0.0, 1.0]]), None);
        let two = x.slice(ndarray::s![.., ..2]).to_owned();
        let found = probe(&two, &labels, 3, None);
        assert!(View::principal(&two).lines(&found, [[1.0, 0.0], [0.0, 1.0]]).is_some());
    }
}
