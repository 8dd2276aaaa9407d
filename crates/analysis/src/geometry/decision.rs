//! A model's outputs over a rectangle of its two inputs.

use std::sync::Arc;

use datasets::{Dataset, Split, Splits};
use ndarray::{Array2, Array3};
use registry::{Problems, TrainRef};

use crate::{
    AnalysisError, Metric, Metrics, Trained,
    select::{
        snapshots::{Snapshots, side_by_side},
        split::SplitSelector,
    },
};

/// A rectangle of the input plane: `[from, to]` in x and in y.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Window {
    /// Along the first input.
    pub x: [f64; 2],
    /// Along the second input.
    pub y: [f64; 2],
}

impl Window {
    /// The square around the points (n × 2), 8 % wider on each side than they are; ±1 around nothing.
    pub fn around(points: &Array2<f32>) -> Self {
        let range = |column: usize| {
            let finite = points.column(column).into_iter().copied().filter(|v| v.is_finite()).map(f64::from);
            finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), v| (lo.min(v), hi.max(v)))
        };
        let ranges = [range(0), range(1)];
        let widest = ranges.iter().map(|(lo, hi)| hi - lo).fold(0.0, f64::max);
        let half = if widest > 0.0 && widest.is_finite() { 0.58 * widest } else { 1.0 };
        let sides = ranges.map(|(lo, hi)| {
            let middle = if lo <= hi { (lo + hi) / 2.0 } else { 0.0 };
            [middle - half, middle + half]
        });
        Self { x: sides[0], y: sides[1] }
    }

    /// The points of a grid of `columns` × `rows`, borders included, row by row from the lowest y.
    pub fn grid(&self, columns: usize, rows: usize) -> Array2<f32> {
        let (xs, ys) = (ticks(self.x, columns), ticks(self.y, rows));
        Array2::from_shape_fn((columns * rows, 2), |(i, axis)| {
            (if axis == 0 { xs[i % columns] } else { ys[i / columns] }) as f32
        })
    }
}

/// `n` evenly spaced numbers from one end of a range to the other.
pub fn ticks([from, to]: [f64; 2], n: usize) -> Vec<f64> {
    let steps = n.saturating_sub(1).max(1) as f64;
    (0..n).map(|i| from + (to - from) * (i as f64 / steps)).collect()
}

/// A model of two inputs on the square around its training samples.
#[derive(Debug, Clone)]
pub struct OnPlane {
    /// The model's name.
    pub model: String,
    /// The data it was trained on.
    pub data: Arc<Splits>,
    /// The split whose samples are counted.
    pub split: Split,
    /// The square.
    pub window: Window,
    /// Where the columns of the grid lie.
    pub x: Vec<f64>,
    /// Where its rows lie, ascending.
    pub y: Vec<f64>,
    /// The model snapshot by snapshot, as training left it last.
    pub seen: Vec<Seen>,
}

/// One snapshot of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// How many epochs of this model had ended: its own, which is less than that asked for where training ended before it.
    pub epoch: usize,
    /// Its outputs on the grid: rows × columns × outputs.
    pub outputs: Array3<f32>,
    /// How many samples of the split it gets right.
    pub right: usize,
}

impl Seen {
    /// The largest output's index at each point, rows × columns.
    pub fn classes(&self) -> Array2<u32> {
        let (rows, columns, _) = self.outputs.dim();
        Array2::from_shape_fn((rows, columns), |(r, c)| {
            let outputs = self.outputs.slice(ndarray::s![r, c, ..]);
            outputs.as_slice().map_or(0, tensor::reduce::argmax) as u32
        })
    }
}

impl Seen {
    /// The largest of the class probabilities at each point, rows × columns: max softmax(o) = 1 / Σ exp(oₖ − max o).
    pub fn confidence(&self) -> Array2<f64> {
        let (rows, columns, _) = self.outputs.dim();
        Array2::from_shape_fn((rows, columns), |(r, c)| {
            let outputs = self.outputs.slice(ndarray::s![r, c, ..]).mapv(f64::from);
            let most = outputs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            1.0 / outputs.iter().map(|o| tensor::math::f64::exp(o - most)).sum::<f64>()
        })
    }

    /// By how much the output of a class exceeds the largest of the others at each point, rows × columns: the boundary of the
    /// class is where that is 0.
    pub fn leads(&self, class: usize) -> Array2<f64> {
        let (rows, columns, _) = self.outputs.dim();
        Array2::from_shape_fn((rows, columns), |(r, c)| {
            let outputs = self.outputs.slice(ndarray::s![r, c, ..]).mapv(f64::from);
            let others = outputs.iter().enumerate().filter(|(k, _)| *k != class).map(|(_, o)| *o);
            outputs[class] - others.fold(f64::NEG_INFINITY, f64::max)
        })
    }
}

impl OnPlane {
    /// The share of the split's samples that each snapshot gets right.
    pub fn accuracies(&self) -> Vec<f64> {
        let n = self.data.get(self.split).map_or(1, Dataset::n).max(1) as f64;
        self.seen.iter().map(|seen| seen.right as f64 / n).collect()
    }
}

/// Evaluates models of two inputs on grids of `resolution`² points at the snapshots asked for; `right` counts the samples of
/// `split` whose outputs (samples × outputs) are right. Returns the epochs, the trained models' last, and one entry per model.
///
/// # Errors
/// When a model takes another number of inputs.
pub(crate) fn on_plane(
    runs: &[&Trained],
    resolution: usize,
    snapshots: Option<&Snapshots>,
    split: SplitSelector,
    right: impl Fn(&Dataset, &Array2<f32>) -> Result<usize, AnalysisError>,
) -> Result<(Vec<usize>, Vec<OnPlane>), AnalysisError> {
    let snapshots = side_by_side(runs, snapshots);
    let of_run = |(i, run): (usize, &&Trained)| {
        let (model, data) = (run.name.clone(), Arc::clone(&run.data));
        let (split, judged) = run.split(split)?;
        if run.fit.model.features() != 2 {
            let (what, expected) = ("a picture of the input plane", "two inputs");
            let found = tensor::shape::display(run.fit.model.input());
            return Err(AnalysisError::Shape { what, expected, name: model, found });
        }
        let window = Window::around(&data.train.x);
        let points = window.grid(resolution, resolution);
        let see = |(_, models): &(usize, Vec<(usize, models::Model)>)| {
            let (epoch, model) = &models[i];
            let at = model.predict(points.view())?;
            let shape = (resolution, resolution, at.ncols());
            let outputs = Array3::from_shape_fn(shape, |(r, c, k)| at[[r * resolution + c, k]]);
            let right = right(judged, &model.predict(judged.x.view())?)?;
            Ok(Seen { epoch: *epoch, outputs, right })
        };
        let seen = snapshots.iter().map(see).collect::<Result<_, AnalysisError>>()?;
        let (x, y) = (ticks(window.x, resolution), ticks(window.y, resolution));
        Ok(OnPlane { model, data, split, window, x, y, seen })
    };
    let models = runs.iter().enumerate().map(of_run).collect::<Result<_, _>>()?;
    Ok((snapshots.into_iter().map(|(epoch, _)| epoch).collect(), models))
}

/// Notes what no models on a grid can be.
pub(crate) fn check(models: &[TrainRef], resolution: usize, problems: &mut Problems) {
    problems.require(!models.is_empty(), "models", || "expected at least one model".into());
    problems.require((2..=1000).contains(&resolution), "resolution", || {
        format!("expected 2 to 1000 points, found {resolution}")
    });
}

/// Each model's accuracy, and where there are several snapshots that at each of them.
pub(crate) fn metrics(epochs: &[usize], models: &[OnPlane]) -> Metrics {
    let mut metrics = Metrics::default();
    for model in models {
        let accuracies = model.accuracies();
        let of = |(accuracy, seen): (&f64, &Seen)| {
            let accuracy = ("accuracy".to_owned(), Metric::Double(*accuracy));
            Metrics(vec![accuracy, ("after_epochs".to_owned(), seen.epoch.into())])
        };
        let each = || accuracies.iter().zip(&model.seen).map(of);
        let at_end = each().next_back().unwrap_or_default();
        let over_training = epochs.iter().copied().zip(each());
        metrics.add(&model.model, at_end.with_snapshots(over_training));
    }
    metrics
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fixture,
        geometry::decision_regions::{DecisionRegions, DecisionRegionsConfig},
    };
    use models::layers::Linear;

    #[test]
    fn confidence_is_the_largest_of_the_softmax() {
        // Logits (0, ln 3, 0) are probabilities 1/5, 3/5, 1/5.
        let outputs = ndarray::arr3(&[[[0.0, tensor::math::f64::ln(3.0) as f32, 0.0]], [[1000.0, 0.0, 0.0]]]);
        let seen = Seen { epoch: 0, outputs, right: 0 };
        let found = seen.confidence();
        assert!((found[[0, 0]] - 0.6).abs() < 1e-7 && found[[1, 0]] == 1.0, "{found}");
        assert!((seen.leads(1)[[0, 0]] - tensor::math::f64::ln(3.0)).abs() < 1e-6);
        assert!((seen.leads(0)[[0, 0]] + tensor::math::f64::ln(3.0)).abs() < 1e-6 && seen.leads(0)[[1, 0]] == 1000.0);
    }

    #[test]
    fn a_linear_model_divides_the_plane_where_its_weights_say() {
        // Class 1 where x + 2y > 0.5.
        let trained = fixture::classified(vec![Linear::new(2).into()], &[0.0, 1.0, 0.0, 2.0, 0.0, -0.5]);
        let config = DecisionRegionsConfig {
            models: vec![TrainRef("m".into())],
            split: SplitSelector::default(),
            resolution: 21,
            snapshots: None,
        };
        let found: DecisionRegions = fixture::run(&config, trained);
        let model = &found.models[0];
        let classes = model.seen[0].classes();
        for (r, y) in model.y.iter().enumerate() {
            for (c, x) in model.x.iter().enumerate() {
                let score = x + 2.0 * y - 0.5;
                if score.abs() > 1e-6 {
                    assert_eq!(classes[[r, c]] == 1, score > 0.0, "at {x}, {y}");
                }
            }
        }
        assert_eq!((model.x[0], model.y[20]), (model.window.x[0], model.window.y[1]));
        // Of (0, 0), (0, 1), (1, 0) and (1, 1) all but the last are on their side.
        assert_eq!((model.seen[0].right, model.accuracies()), (3, vec![0.75]));
    }

    #[test]
    fn samples_are_counted_on_the_test_split_where_there_is_one() {
        let mut trained = fixture::classified(vec![Linear::new(2).into()], &[0.0, 1.0, 0.0, 2.0, 0.0, -0.5]);
        let test = trained.data.train.subset(&[0, 3]);
        trained.data = Arc::new(Splits { test: Some(test), ..(*trained.data).clone() });
        let found = |split: Option<Split>| {
            let models = vec![TrainRef("m".into())];
            let config = DecisionRegionsConfig { models, split: SplitSelector(split), resolution: 3, snapshots: None };
            let found: DecisionRegions = fixture::run(&config, trained.clone());
            (found.models[0].split, found.models[0].accuracies())
        };
        // (0, 0) is on its side and (1, 1) is not.
        assert_eq!(found(None), (Split::Test, vec![0.5]));
        assert_eq!(found(Some(Split::Train)), (Split::Train, vec![0.75]));
    }

    #[test]
    fn windows_hold_their_points() {
        let points = ndarray::arr2(&[[0.0, 0.0], [1.0, 3.0], [f32::NAN, 1.0]]);
        let window = Window::around(&points);
        assert!(window.x[0] < 0.0 && window.x[1] > 1.0 && window.y[0] < 0.0 && window.y[1] > 3.0);
        assert!(((window.x[1] - window.x[0]) - (window.y[1] - window.y[0])).abs() < 1e-12, "square");
        assert_eq!(Window::around(&Array2::zeros((0, 2))), Window { x: [-1.0, 1.0], y: [-1.0, 1.0] });
        assert_eq!(Window::around(&Array2::zeros((3, 2))), Window { x: [-1.0, 1.0], y: [-1.0, 1.0] });
    }
}
