//! The loss over two of a model's weights, and the path that training took across it.
//!
//! All other parameters keep the values they have at one moment of training, so that the surface is a slice through the loss,
//! and the path is seen as its projection onto the slice: where the other parameters were elsewhere, its own loss lies above or
//! below the surface. At the moment itself the two meet.

use ndarray::Array2;
use registry::{Config, Problems, TrainRef};

use crate::{
    Analysis, AnalysisError, Metrics, Outcome, Planned, Results, geometry::decision::ticks, select::parameter_path,
    select::snapshots::Snapshots,
};

/// The training loss over a grid of values of two weights, all others held as they are after `epoch`, with the path of training.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LossSurfaceConfig {
    /// The trained model, with `snapshots` of its training.
    pub model: TrainRef,
    /// The two weights, by array and place, counted from 0: `["hidden1.weight[0,0]", "output.weight[0,0]"]`. Weights are inputs ×
    /// units.
    pub weights: [String; 2],
    /// The epoch at which the other parameters are held. Default: the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<usize>,
    /// Values of each weight. Default 60.
    #[serde(default = "default_resolution")]
    pub resolution: usize,
    /// How far the surface reaches beyond the path on each side, as a share of the path's extent. Default 0.3.
    #[serde(default = "default_margin")]
    pub margin: f64,
}

fn default_resolution() -> usize {
    60
}

fn default_margin() -> f64 {
    0.3
}

impl Config for LossSurfaceConfig {
    const KIND: &str = "loss_surface";
    const EXAMPLE: &str =
        "model = \"three\"\nweights = [\"hidden1.weight[0,0]\", \"output.weight[0,0]\"]\nresolution = 60";
}

/// The loss around the path.
#[derive(Debug, Clone, PartialEq)]
pub struct LossSurface {
    /// The model's name.
    pub model: String,
    /// The loss and its unit.
    pub unit: &'static str,
    /// The two weights' names.
    pub weights: [String; 2],
    /// The epoch at which the other parameters are held.
    pub epoch: usize,
    /// Values of the first weight, ascending.
    pub x: Vec<f64>,
    /// Values of the second weight, ascending.
    pub y: Vec<f64>,
    /// The loss, y × x.
    pub losses: Array2<f64>,
    /// The path, from the start to the end.
    pub path: Vec<PathPoint>,
}

/// One moment of training.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PathPoint {
    /// How many epochs had ended.
    pub epoch: usize,
    /// The two weights.
    pub weights: [f64; 2],
    /// The loss there and then.
    pub loss: f64,
    /// The loss of the surface below or above: with the other parameters as they are held.
    pub on_surface: f64,
}

impl Analysis for LossSurfaceConfig {
    fn check(&self, problems: &mut Problems) {
        problems.require((2..=400).contains(&self.resolution), "resolution", || {
            format!("expected 2 to 400 values, found {}", self.resolution)
        });
        problems.require((0.0..=10.0).contains(&self.margin), "margin", || {
            format!("expected a share from 0 to 10, found {}", self.margin)
        });
        problems
            .require(self.weights[0] != self.weights[1], "weights[1]", || "expected two different weights".to_owned());
    }

    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        let Some(model) = planned.model(&self.model) else { return };
        if !problems.note("model", model.needs_snapshots()) {
            problems.note("epoch", model.needs_epoch(self.epoch));
        }
        let Ok(arrays) = models::Model::arrays(&model.layers, &model.data.shape, model.loss.head()) else { return };
        for (i, weight) in self.weights.iter().enumerate() {
            problems.note(format!("weights[{i}]"), parameter_path::complaint(weight, &arrays));
        }
    }

    fn snapshots(&self) -> Option<&Snapshots> {
        Some(&Snapshots::All)
    }

    fn run(&self, _: &str, results: &Results) -> Result<Box<dyn Outcome>, AnalysisError> {
        let trained = results.trained(&self.model)?;
        let (epoch, held) = trained.model_after(self.epoch)?;
        let places = [
            parameter_path::find(&self.weights[0], &held.parameters)?,
            parameter_path::find(&self.weights[1], &held.parameters)?,
        ];
        let mut mean_loss = trained.fit.model.run(&trained.data.train).mean_loss(trained.fit.loss)?;
        let moments = trained.all_snapshots();
        let mut path: Vec<PathPoint> = Vec::with_capacity(moments.len());
        for (epoch, model) in &moments {
            let values = model.parameters.values();
            mean_loss.parameters_mut().copy_from_slice(values);
            let weights = places.map(|p| f64::from(values[p]));
            path.push(PathPoint { epoch: *epoch, weights, loss: mean_loss.value().into(), on_surface: 0.0 });
        }
        mean_loss.parameters_mut().copy_from_slice(held.parameters.values());
        let mut at = |x: f64, y: f64| {
            let parameters = mean_loss.parameters_mut();
            parameters[places[0]] = x as f32;
            parameters[places[1]] = y as f32;
            f64::from(mean_loss.value())
        };
        for point in &mut path {
            point.on_surface = at(point.weights[0], point.weights[1]);
        }
        let [x, y] = [0, 1].map(|axis| ticks(self.range(path.iter().map(|p| p.weights[axis])), self.resolution));
        let losses = Array2::from_shape_fn((y.len(), x.len()), |(r, c)| at(x[c], y[r]));
        let (model, unit) = (trained.name.clone(), trained.fit.loss.unit());
        Ok(Box::new(LossSurface { model, unit, weights: self.weights.clone(), epoch, x, y, losses, path }))
    }
}

impl LossSurfaceConfig {
    /// The extent of the path and the margin beyond; ±1 around a path that stays where it is.
    fn range(&self, values: impl Iterator<Item = f64>) -> [f64; 2] {
        let (lo, hi) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), v| (lo.min(v), hi.max(v)));
        let extent = hi - lo;
        let room = if extent > 0.0 { self.margin * extent } else { 1.0 };
        [lo - room, hi + room]
    }
}

impl Outcome for LossSurface {
    fn metrics(&self) -> Metrics {
        let mut metrics = Metrics::default();
        let mut lowest = (f64::INFINITY, [f64::NAN; 2]);
        for ((r, c), loss) in self.losses.indexed_iter() {
            if *loss < lowest.0 {
                lowest = (*loss, [self.x[c], self.y[r]]);
            }
        }
        metrics.add("lowest_loss", lowest.0);
        metrics.add("lowest_at", lowest.1.to_vec());
        if let Some(end) = self.path.last() {
            metrics.add("end_loss", end.loss);
            metrics.add("end_at", end.weights.to_vec());
        }
        metrics
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;
    use models::layers::Linear;
    use training::Snapshot;

    fn config() -> LossSurfaceConfig {
        LossSurfaceConfig {
            model: TrainRef("m".into()),
            weights: ["output.weight[0,0]".into(), "output.bias[0]".into()],
            epoch: None,
            resolution: 21,
            margin: 0.5,
        }
    }

    /// y = w₁ x₁ + w₂ x₂ + b on the four corners has the loss of least squares.
    fn loss([w1, w2, b]: [f64; 3]) -> f64 {
        let square = |y: f64, t: f64| (y - t) * (y - t) / 4.0;
        square(b, 0.0) + square(w2 + b, 1.0) + square(w1 + b, 1.0) + square(w1 + w2 + b, 0.0)
    }

    #[test]
    fn a_line_has_the_bowl_of_least_squares() {
        let mut trained = fixture::trained(vec![Linear::new(1).into()], &[0.25, -0.5, 1.0]);
        trained.fit.snapshots = vec![
            Snapshot { epoch: 0, parameters: vec![-1.0, 3.0, 0.0] },
            Snapshot { epoch: 5, parameters: vec![1.0, 2.0, 2.0] },
        ];
        trained.fit.history.train.loss = vec![0.0; 10];
        trained.fit.epoch = 9;
        let found: LossSurface = fixture::run(&config(), trained);
        assert_eq!((found.x[0], found.x[20]), (-2.0, 2.0));
        assert_eq!((found.y[0], found.y[20]), (-1.0, 3.0));
        for ((r, c), value) in found.losses.indexed_iter() {
            assert!((value - loss([found.x[c], -0.5, found.y[r]])).abs() < 1e-5);
        }
        assert_eq!(found.path.iter().map(|p| p.epoch).collect::<Vec<_>>(), [0, 5, 9]);
        assert!((found.path[0].loss - loss([-1.0, 3.0, 0.0])).abs() < 1e-5);
        assert!((found.path[0].on_surface - loss([-1.0, -0.5, 0.0])).abs() < 1e-5);
        // Where the others are held, path and surface meet.
        assert_eq!(found.path[2].loss, found.path[2].on_surface);
    }

    #[test]
    fn a_path_that_stays_has_room_around_it() {
        assert_eq!(config().range([2.0, 2.0].into_iter()), [1.0, 3.0]);
        assert_eq!(config().range([0.0, 4.0, 1.0].into_iter()), [-2.0, 6.0]);
    }
}
