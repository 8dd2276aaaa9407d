//! The output of models of one number over the plane of their two inputs, and which samples lie on their side of a level of it.

use datasets::{Dataset, Split};
use registry::{Config, Problems, TrainRef};

use crate::{
    Analysis, AnalysisError, Metrics, Outcome, Planned, Results,
    geometry::decision::{self, OnPlane},
    select::snapshots::Snapshots,
};

/// The output of models of one number on a grid over the plane of their two inputs, and how many training samples lie on their
/// side of a level of it.
///
/// The grid covers the square around a model's training samples, 8 % wider than they are. A sample lies on its side where output
/// and target both reach the level, or neither does.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OutputMapConfig {
    /// The trained models, of two inputs and one output.
    pub models: Vec<TrainRef>,
    /// The output at which the two sides meet. Default 0.5.
    #[serde(default = "default_level")]
    pub level: f64,
    /// Points of the grid along each side. Default 80.
    #[serde(default = "default_resolution")]
    pub resolution: usize,
    /// Snapshots of training to look at too: `"all"`, `{ every = 50 }` or `{ epochs = [0, 10] }`. Default: only the trained
    /// models.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshots: Option<Snapshots>,
}

fn default_level() -> f64 {
    0.5
}

fn default_resolution() -> usize {
    80
}

impl Config for OutputMapConfig {
    const KIND: &str = "output_map";
    const EXAMPLE: &str = "models = [\"two\", \"three\"]\nlevel = 0.5";
}

/// Models of one number on the plane.
#[derive(Debug, Clone)]
pub struct OutputMap {
    /// The output at which the two sides meet.
    pub level: f64,
    /// The epochs at which they are seen, the trained models last.
    pub epochs: Vec<usize>,
    /// One per model.
    pub models: Vec<OnPlane>,
}

impl OutputMap {
    /// For each sample whether its target reaches the level.
    pub fn sides(&self, data: &Dataset) -> Vec<bool> {
        sides(data, self.level)
    }
}

fn sides(data: &Dataset, level: f64) -> Vec<bool> {
    data.values().map(|v| v.column(0).iter().map(|v| f64::from(*v) >= level).collect()).unwrap_or_default()
}

impl Analysis for OutputMapConfig {
    fn check(&self, problems: &mut Problems) {
        decision::check(&self.models, self.resolution, problems);
        problems.require(self.level.is_finite(), "level", || format!("expected a number, found {}", self.level));
    }

    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        for (i, name) in self.models.iter().enumerate() {
            let Some(model) = planned.model(name) else { continue };
            problems.note(format!("models[{i}]"), model.needs_plane());
            problems.note(format!("models[{i}]"), model.needs_one_number());
        }
        Snapshots::check(self.snapshots.as_ref(), &self.models, planned, problems);
    }

    fn snapshots(&self) -> Option<&Snapshots> {
        self.snapshots.as_ref()
    }

    fn run(&self, _: &str, results: &Results) -> Result<Box<dyn Outcome>, AnalysisError> {
        let runs = self.models.iter().map(|name| results.trained(name)).collect::<Result<Vec<_>, _>>()?;
        let (level, which) = (self.level, self.snapshots.as_ref());
        let (epochs, models) =
            decision::on_plane(&runs, self.resolution, which, Split::Train.into(), |data, outputs| {
                Ok(outputs
                    .iter()
                    .zip(sides(data, level))
                    .filter(|(y, side)| (f64::from(**y) >= level) == *side)
                    .count())
            })?;
        Ok(Box::new(OutputMap { level, epochs, models }))
    }
}

impl Outcome for OutputMap {
    fn metrics(&self) -> Metrics {
        decision::metrics(&self.epochs, &self.models)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;
    use models::layers::Linear;

    #[test]
    fn samples_are_counted_on_their_side() {
        // y = x₁, so that of (0, 0), (0, 1), (1, 0) and (1, 1), in this order, the second and the last are on the wrong side.
        let trained = fixture::trained(vec![Linear::new(1).into()], &[1.0, 0.0, 0.0]);
        let config = OutputMapConfig { models: vec![TrainRef("m".into())], level: 0.5, resolution: 3, snapshots: None };
        let found: OutputMap = fixture::run(&config, trained);
        let model = &found.models[0];
        assert_eq!((found.epochs.as_slice(), model.seen[0].right), (&[0][..], 2));
        assert_eq!(found.sides(&model.data.train), [false, true, true, false]);
        let outputs = &model.seen[0].outputs;
        assert!(model.x.iter().enumerate().all(|(c, x)| (f64::from(outputs[[0, c, 0]]) - x).abs() < 1e-6));
    }
}
