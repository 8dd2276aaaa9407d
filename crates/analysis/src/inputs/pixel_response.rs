//! What a unit gives when a single feature of the input is at 1 and all others are at 0.

use ndarray::Array2;
use registry::{Config, Problems, TrainRef};

use crate::{
    Analysis, AnalysisError, Outcome, Planned, Results,
    inputs::unit_maps::{MapKind, UnitMaps},
    select::units,
};

/// The value of each of some units for inputs that are 0 but for a single feature (of a picture, a single pixel), which is 1: a
/// map over the features; and the unit's value for an input of zeros. A channel's value is the mean over its places.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PixelResponseConfig {
    /// The trained model.
    pub model: TrainRef,
    /// The units: a node as `"hidden2.pre"`, or some of its units as `"hidden2.pre[3, 5]"`.
    pub units: String,
}

impl Config for PixelResponseConfig {
    const KIND: &str = "pixel_response";
    const EXAMPLE: &str = "model = \"mlp\"\nunits = \"hidden2.pre\"";
}

/// As many inputs as features are given to the model.
const MOST_FEATURES: usize = 4096;

impl Analysis for PixelResponseConfig {
    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        let Some(model) = planned.model(&self.model) else { return };
        problems.note("units", model.unknown_units(&self.units));
        problems.note("model", model.needs_few_features(MOST_FEATURES));
    }

    fn run(&self, _: &str, results: &Results) -> Result<Box<dyn Outcome>, AnalysisError> {
        let trained = results.trained(&self.model)?;
        let model = &trained.fit.model;
        let group = units::find_in(&self.units, model)?;
        let data = &trained.data.train;
        let n = data.features();
        // The last input has no feature at 1.
        let x = Array2::from_shape_fn((n + 1, n), |(i, j)| if i == j { 1.0 } else { 0.0 });
        let values = model.run(&x).units(&group.node)?;
        let blank = group.units.iter().map(|u| values[[n, *u]]).collect();
        let maps = Array2::from_shape_fn((group.units.len(), n), |(i, j)| values[[j, group.units[i]]]);
        Ok(Box::new(UnitMaps::new(MapKind::Response, trained, group, maps, vec![("blank", blank)])))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn first_layer_responses_are_weight_plus_bias() {
        for (shape, layers) in [(&[2][..], fixture::tanh_layers()), (&[1, 3, 4][..], fixture::relu_layers())] {
            let trained = fixture::classifier(shape, layers);
            let model = trained.fit.model.clone();
            let config = PixelResponseConfig { model: TrainRef("m".into()), units: "hidden1.pre[2, 0]".into() };
            let found: UnitMaps = fixture::run(&config, trained);
            let value = |name: &str| model.parameters.value(model.parameters.find(name).expect("a parameter"));
            let (w, b) = (value("hidden1.weight"), value("hidden1.bias"));
            let units = b.len();
            for (i, unit) in [2, 0].into_iter().enumerate() {
                assert_eq!(found.numbers[0].1[i], b[unit]);
                for j in 0..model.features() {
                    assert_eq!(found.maps[[i, j]], w[j * units + unit] + b[unit]);
                }
            }
        }
    }
}
