//! One map over the input per unit: what several analyses of units give, and one figure draws.

use ndarray::Array2;

use crate::{
    Metrics, Outcome, Trained,
    select::units::{Group, unit_name},
};

/// What a map shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MapKind {
    /// |∂unit/∂x|, not negative.
    Saliency,
    /// The unit's value for a single feature at 1 and all others at 0.
    Response,
    /// The unit's weights.
    Weights,
    /// The input that excites the unit most.
    Maximal,
}

/// A map over the input for each of some units.
#[derive(Debug, Clone, PartialEq)]
pub struct UnitMaps {
    /// What they show.
    pub kind: MapKind,
    /// The model's name.
    pub model: String,
    /// The units' node.
    pub node: String,
    /// The units.
    pub units: Vec<usize>,
    /// The shape of a sample.
    pub shape: Vec<usize>,
    /// A name for each feature.
    pub features: Vec<String>,
    /// units × features.
    pub maps: Array2<f32>,
    /// Numbers of each unit with their name, the first to be shown beside the map.
    pub numbers: Vec<(&'static str, Vec<f32>)>,
    /// The input that the maps are about, with its words, where there is one.
    pub subject: Option<(Vec<f32>, String)>,
    /// The range of inputs, where that matters.
    pub range: Option<[f64; 2]>,
    /// Whether the maps are of one place of channels, and show the pixels that this place looks at.
    pub one_place: bool,
}

impl UnitMaps {
    /// Maps of a group of units of a trained model, about no input in particular.
    pub(crate) fn new(
        kind: MapKind,
        trained: &Trained,
        group: Group,
        maps: Array2<f32>,
        numbers: Vec<(&'static str, Vec<f32>)>,
    ) -> Self {
        let data = &trained.data.train;
        Self {
            kind,
            model: trained.name.clone(),
            node: group.node,
            units: group.units,
            shape: data.shape.clone(),
            features: data.feature_names.clone(),
            maps,
            numbers,
            subject: None,
            range: None,
            one_place: false,
        }
    }
}

impl Outcome for UnitMaps {
    fn metrics(&self) -> Metrics {
        let mut metrics = Metrics::default();
        if let Some((_, words)) = &self.subject {
            metrics.add("sample", words.as_str());
        }
        for (i, unit) in self.units.iter().enumerate() {
            let mut own = Metrics::default();
            for (name, values) in &self.numbers {
                own.add(name.replace(' ', "_"), values[i]);
            }
            metrics.add(unit_name(&self.node, *unit), own);
        }
        metrics
    }
}
