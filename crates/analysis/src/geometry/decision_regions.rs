//! Which class models of two inputs give each place of the plane, and how many samples these put in the right one.

use registry::{Config, Problems, TrainRef};

use crate::{
    Analysis, AnalysisError, Metrics, Outcome, Planned, Results,
    geometry::decision::{self, OnPlane},
    select::{samples, snapshots::Snapshots, split::SplitSelector},
};

/// The outputs of models of classes on a grid over the plane of their two inputs, and the share of a split's samples that each
/// puts in the right class.
///
/// The grid covers the square around a model's training samples, 8 % wider than they are.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DecisionRegionsConfig {
    /// The trained models, of two inputs and classes.
    pub models: Vec<TrainRef>,
    /// The split of the models' data whose samples are counted.
    #[serde(default)]
    pub split: SplitSelector,
    /// Points of the grid along each side. Default 160.
    #[serde(default = "default_resolution")]
    pub resolution: usize,
    /// Snapshots of training to look at too: `"all"`, `{ every = 50 }` or `{ epochs = [0, 10] }`. Default: only the trained
    /// models.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshots: Option<Snapshots>,
}

fn default_resolution() -> usize {
    160
}

impl Config for DecisionRegionsConfig {
    const KIND: &str = "decision_regions";
    const EXAMPLE: &str = "models = [\"polynomial\", \"deep\"]\nresolution = 160";
}

/// Models of classes on the plane.
#[derive(Debug, Clone)]
pub struct DecisionRegions {
    /// The epochs at which they are seen, the trained models last.
    pub epochs: Vec<usize>,
    /// One per model.
    pub models: Vec<OnPlane>,
}

impl Analysis for DecisionRegionsConfig {
    fn check(&self, problems: &mut Problems) {
        decision::check(&self.models, self.resolution, problems);
    }

    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        for (i, name) in self.models.iter().enumerate() {
            let Some(model) = planned.model(name) else { continue };
            problems.note(format!("models[{i}]"), model.needs_plane());
            problems.note(format!("models[{i}]"), model.needs_classes());
            problems.note("split", model.needs_split(self.split));
        }
        Snapshots::check(self.snapshots.as_ref(), &self.models, planned, problems);
    }

    fn snapshots(&self) -> Option<&Snapshots> {
        self.snapshots.as_ref()
    }

    fn run(&self, _: &str, results: &Results) -> Result<Box<dyn Outcome>, AnalysisError> {
        let runs = self.models.iter().map(|name| results.trained(name)).collect::<Result<Vec<_>, _>>()?;
        let (epochs, models) =
            decision::on_plane(&runs, self.resolution, self.snapshots.as_ref(), self.split, |data, outputs| {
                let labels = samples::classes(data)?.0;
                let class = |row: ndarray::ArrayView1<'_, f32>| row.as_slice().map_or(0, tensor::reduce::argmax);
                Ok(outputs
                    .rows()
                    .into_iter()
                    .zip(labels)
                    .filter(|(row, label)| class(*row) == **label as usize)
                    .count())
            })?;
        Ok(Box::new(DecisionRegions { epochs, models }))
    }
}

impl Outcome for DecisionRegions {
    fn metrics(&self) -> Metrics {
        decision::metrics(&self.epochs, &self.models)
    }
}
