//! Saliency: which parts of an input a unit would answer to.
//!
//! |∂zᵢ/∂x| for unit i at an input x: by how much the unit moves when a feature is moved a little. Simonyan, Vedaldi, Zisserman,
//! *Deep Inside Convolutional Networks*, 2014, section 3.

use models::Root;
use ndarray::Array2;
use registry::{Config, Problems, TrainRef};

use crate::{
    Analysis, AnalysisError, Outcome, Planned, Results,
    inputs::unit_maps::{MapKind, UnitMaps},
    select::units,
    select::{samples::Chosen, split::SplitSelector},
};

/// |∂z/∂x| for each of some units at one sample: by how much each unit would move if a feature of the input were moved a little.
/// Of several samples, the mean of these magnitudes. A channel of pictures is looked at by its mean over all places.
///
/// A unit behind a ReLU that is silent for the sample answers to nothing there: look at its `.pre` node.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SaliencyConfig {
    /// The trained model.
    pub model: TrainRef,
    /// The units: a node as `"hidden2.pre"`, or some of its units as `"hidden2.pre[3, 5]"`.
    pub units: String,
    /// The sample: `{ index = 7 }`, `{ first_of = "3" }`, or, on average, `{ all_of = "3" }`.
    pub sample: Chosen,
    /// The split of the model's data.
    #[serde(default)]
    pub split: SplitSelector,
}

impl Config for SaliencyConfig {
    const KIND: &str = "saliency";
    const EXAMPLE: &str = "model = \"mlp\"\nunits = \"hidden2.pre\"\nsample = { first_of = \"3\" }";
}

impl Analysis for SaliencyConfig {
    fn check(&self, problems: &mut Problems) {
        self.sample.check("sample", problems);
    }

    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        let Some(model) = self.split.of(&self.model, planned, problems) else { return };
        problems.note("units", model.unknown_units(&self.units));
        self.sample.check_against("sample", model, self.split, problems);
    }

    fn run(&self, _: &str, results: &Results) -> Result<Box<dyn Outcome>, AnalysisError> {
        let trained = results.trained(&self.model)?;
        let model = &trained.fit.model;
        let group = units::find_in(&self.units, model)?;
        let (split, data) = trained.split(self.split)?;
        let picked = self.sample.pick(data, split)?;
        let x = picked.rows(data);
        let mut maps = Array2::zeros((group.units.len(), data.features()));
        let mut values = Vec::new();
        for (i, &unit) in group.units.iter().enumerate() {
            let found = model.run(&x).gradient_of(Root::Unit(&group.node, unit)).read(["x", &group.node])?;
            maps.row_mut(i).assign(&mean(&found["x"].gradients.mapv(f32::abs)));
            values.push(mean(&found[&*group.node].units())[unit]);
        }
        Ok(Box::new(UnitMaps {
            subject: Some((mean(&x).to_vec(), picked.words)),
            ..UnitMaps::new(MapKind::Saliency, trained, group, maps, vec![("value", values)])
        }))
    }
}

/// The mean over samples, in f64.
pub(crate) fn mean(x: &Array2<f32>) -> ndarray::Array1<f32> {
    let sum = |column: ndarray::ArrayView1<'_, f32>| column.iter().map(|v| f64::from(*v)).sum::<f64>();
    x.columns().into_iter().map(|c| (sum(c) / x.nrows() as f64) as f32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn saliency_is_the_size_of_the_slope() {
        for (shape, layers, unit) in [
            (&[2][..], fixture::tanh_layers(), "hidden1.post[1]"),
            (&[1, 3, 4][..], fixture::relu_layers(), "logits[2]"),
        ] {
            let trained = fixture::classifier(shape, layers);
            let (model, data) = (trained.fit.model.clone(), trained.data.train.clone());
            let (name, m) = (unit.to_owned(), TrainRef("m".into()));
            let config =
                SaliencyConfig { model: m, units: name, sample: Chosen::index(4), split: SplitSelector::default() };
            let found: UnitMaps = fixture::run(&config, trained);
            let (node, index) = units::find_one(unit, &model).expect("a unit");
            let value = |x: &Array2<f32>| model.run(x).values(&node).expect("a node")[[0, index]];
            let x = data.subset(&[4]).x.clone();
            assert_eq!(found.numbers[0].1, [value(&x)]);
            for j in 0..data.features() {
                let moved = |by: f32| {
                    let mut x = (*x).clone();
                    x[[0, j]] += by;
                    f64::from(value(&x))
                };
                let slope = (moved(1e-2) - moved(-1e-2)) / 2e-2;
                assert!((f64::from(found.maps[[0, j]]) - slope.abs()).abs() < 2e-3, "{unit} {j}");
            }
        }
    }

    #[test]
    fn a_set_has_the_mean_of_its_magnitudes() {
        let trained = fixture::classifier(&[2], fixture::tanh_layers());
        let of = |sample: Chosen| -> UnitMaps {
            let config = SaliencyConfig {
                model: TrainRef("m".into()),
                units: "logits".into(),
                sample,
                split: SplitSelector::default(),
            };
            fixture::run(&config, trained.clone())
        };
        let all = of(Chosen { all_of: Some("b".into()), ..Chosen::default() });
        let sum: f64 = (0..20).map(|i| f64::from(of(Chosen::index(3 * i + 1)).maps[[2, 0]])).sum();
        assert!((f64::from(all.maps[[2, 0]]) - sum / 20.0).abs() < 1e-6);
    }
}
