//! In which order units are shown, and what is lost without each of them.

use datasets::Split;
use models::Patch;
use ndarray::Array2;

use crate::{
    AnalysisError, Trained,
    select::{samples, split::SplitSelector, units},
    statistics::{class_means::largest, confusion::Confusion},
};

/// The order of units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// By their numbers.
    #[default]
    Index,
    /// By damage: the unit first without which, when it gives 0 in place of its value, most accuracy is lost.
    Damage,
}

/// What accuracy is without each unit of a node.
#[derive(Debug, Clone, PartialEq)]
pub struct Damage {
    /// Over which split.
    pub split: Split,
    /// Of how many samples.
    pub n: usize,
    /// Accuracy with all units.
    pub accuracy: f64,
    /// Accuracy when the unit gives 0, of each.
    pub without: Vec<f64>,
}

impl Damage {
    /// Of so many units of a node of a model of classes, over the split that is looked at by default.
    pub(crate) fn of(trained: &Trained, node: &str, count: usize) -> Result<Self, AnalysisError> {
        let model = &trained.fit.model;
        let (split, data) = trained.split(SplitSelector::default())?;
        let (labels, classes) = samples::classes(data)?;
        let removals = (0..count).map(|unit| vec![Patch::set(node, &[(unit, 0.0)])]);
        let removals: Vec<Vec<Patch>> = [Vec::new()].into_iter().chain(removals).collect();
        let found = model.run(data).variants(&removals).read([units::scores(model)])?;
        let accuracy = |scores: &Array2<f32>| Confusion::of_scores(classes, labels, scores.view()).accuracy();
        let mut all: Vec<f64> = found.iter().map(|found| accuracy(&found.readings[0].values)).collect();
        Ok(Self { split, n: data.n(), accuracy: all.remove(0), without: all })
    }

    /// What is lost without a unit: below 0 where the model is better without it.
    pub fn lost(&self, unit: usize) -> f64 {
        self.accuracy - self.without[unit]
    }

    /// The units, that without which most is lost first.
    pub fn order(&self) -> Vec<usize> {
        largest((0..self.without.len()).map(|unit| self.lost(unit)), self.without.len())
    }
}
