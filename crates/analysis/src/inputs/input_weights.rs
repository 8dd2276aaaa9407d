//! The weights of the first layer: what each of its units looks for in the input.

use models::{Head, Layer, Model, layers::Form};
use ndarray::Array2;
use registry::{Config, Problems, TrainRef};

use crate::{
    Analysis, AnalysisError, Outcome, Planned, Results,
    inputs::unit_maps::{MapKind, UnitMaps},
    select::units::{self, Group},
};

/// The weights of each unit of the first dense layer, laid out as the input is: pictures of what a unit looks for, where inputs
/// are pictures. With each unit's bias.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InputWeightsConfig {
    /// The trained model, whose first layer (but for "flatten" and "dropout") is dense.
    pub model: TrainRef,
    /// Which of the layer's units, by number. Default: all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("uniqueItems" = true))]
    pub units: Vec<usize>,
}

impl Config for InputWeightsConfig {
    const KIND: &str = "input_weights";
    const EXAMPLE: &str = "model = \"mlp\"";
}

/// The node of the first dense layer, the array of its weights and how many units it has, where it sees the input as it is.
fn first(layers: &[Layer], input: &[usize], head: Head) -> Option<(String, String, usize)> {
    let place = layers.iter().position(|layer| layer.form() != Form::Identity)?;
    let (node, _) = Model::node_shapes(layers, input, head).ok()?.into_iter().nth(place)?;
    let (array, shape) = Model::arrays(layers, input, head).ok()?.into_iter().next()?;
    layers[place].is_dense().then(|| (node, array, shape[1]))
}

impl Analysis for InputWeightsConfig {
    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        let Some(model) = planned.model(&self.model) else { return };
        // Layers that do not fit are told elsewhere.
        if Model::shapes(&model.layers, &model.data.shape).is_err() {
            return;
        }
        match first(&model.layers, &model.data.shape, model.loss.head()) {
            None => problems.add(
                "model",
                format!("expected a model whose first layer is dense, and that of {} is not", self.model.0),
            ),
            Some((node, _, units)) => {
                for (i, unit) in self.units.iter().enumerate() {
                    problems.require(*unit < units, format!("units[{i}]"), || {
                        format!("there is no unit {unit} in {node}: its {units} units are 0 to {}", units - 1)
                    });
                }
            }
        }
    }

    fn run(&self, _: &str, results: &Results) -> Result<Box<dyn Outcome>, AnalysisError> {
        let trained = results.trained(&self.model)?;
        let model = &trained.fit.model;
        let data = &trained.data.train;
        let none = || AnalysisError::Shape {
            what: "a map of weights",
            expected: "a dense first layer",
            name: trained.name.clone(),
            found: "another one".into(),
        };
        let (node, array, of) = first(model.layers(), model.input(), model.head()).ok_or_else(none)?;
        let units = if self.units.is_empty() { (0..of).collect() } else { self.units.clone() };
        if let Some(unit) = units.iter().find(|u| **u >= of) {
            // The complaint of a unit's name holds here too.
            units::find_in(&units::unit_name(&node, *unit), model)?;
        }
        let weights =
            model.parameters.value(model.parameters.find(&array).expect("a layer of weights behind the node"));
        let bias = model.parameters.find(&array.replace(".weight", ".bias")).map(|id| model.parameters.value(id));
        let biases = units.iter().map(|u| bias.map_or(0.0, |b| b[*u])).collect();
        let maps = Array2::from_shape_fn((units.len(), data.features()), |(i, j)| weights[j * of + units[i]]);
        let group = Group { node, units, of };
        Ok(Box::new(UnitMaps::new(MapKind::Weights, trained, group, maps, vec![("bias", biases)])))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;
    use models::layers::{Linear, Polynomial, Relu};

    #[test]
    fn weights_are_laid_out_as_the_input() {
        let config = |units: &[usize]| InputWeightsConfig { model: TrainRef("m".into()), units: units.to_vec() };
        for (shape, layers, units) in
            [(&[2][..], fixture::tanh_layers(), 3), (&[1, 3, 4][..], fixture::relu_layers(), 6)]
        {
            let trained = fixture::classifier(shape, layers);
            let found: UnitMaps = fixture::run(&config(&[]), trained.clone());
            assert_eq!((found.node.as_str(), found.maps.nrows()), ("hidden1.pre", units));
            let parameters = &trained.fit.model.parameters;
            assert_eq!(found.maps[[2, 1]], parameters.values()[units + 2]);
            let some: UnitMaps = fixture::run(&config(&[2]), trained.clone());
            assert_eq!(some.maps.row(0), found.maps.row(2));
            assert!(fixture::failure(&config(&[9]), trained).starts_with("there is no unit 9 in hidden1.pre"));
        }
    }

    #[test]
    fn only_a_dense_layer_on_the_input_has_them() {
        let of = |layers: &[Layer]| first(layers, &[2], Head::Logits).map(|f| f.0);
        assert_eq!(of(&[Linear::new(3).into()]), Some("logits".into()));
        assert_eq!(of(&[Polynomial { degree: 2 }.into(), Linear::new(3).into()]), None);
        assert_eq!(of(&[Relu {}.into(), Linear::new(3).into()]), None);
    }
}
