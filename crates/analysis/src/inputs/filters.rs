//! The filters of a convolution: what each of them looks for under its window.

use models::Model;
use ndarray::Array4;
use registry::{Config, Problems, TrainRef};

use crate::{
    Analysis, AnalysisError, Metrics, Outcome, Planned, Results,
    inputs::convolutions::{self, Convolution},
    select::order::{Damage, Order},
    select::snapshots::{OverTraining, Snapshots},
};

/// The weights of every filter of a convolution, with their biases: what each filter looks for under its window.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FiltersConfig {
    /// The trained model.
    pub model: TrainRef,
    /// The convolution. Default "conv1", the first.
    #[serde(default = "first")]
    pub layer: String,
    /// In which order filters are shown: "index", by their numbers, or "damage", of a model of classes: the one first without
    /// which the trained model loses most accuracy over the test split (the training split where there is none). Default "index".
    #[serde(default, skip_serializing_if = "is_index")]
    pub order: Order,
    /// Snapshots of training to look at too: `"all"`, `{ every = 1 }` or `{ epochs = [0, 5] }`. Default: only the trained model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshots: Option<Snapshots>,
}

fn is_index(order: &Order) -> bool {
    *order == Order::Index
}

fn first() -> String {
    "conv1".into()
}

impl Config for FiltersConfig {
    const KIND: &str = "filters";
    const EXAMPLE: &str = "model = \"cnn\"\nlayer = \"conv2\"";
}

/// The filters of a convolution.
#[derive(Debug, Clone, PartialEq)]
pub struct Filters {
    /// The model's name.
    pub model: String,
    /// The convolution.
    pub layer: String,
    /// The node whose channels the filters read: `x`, `conv1.pool`.
    pub reads: String,
    /// filters × channels that each reads × rows × columns.
    pub weights: Array4<f32>,
    /// One per filter.
    pub biases: Vec<f32>,
    /// What is lost without each filter, where they are ordered by that.
    pub damage: Option<Damage>,
}

impl Filters {
    /// The filters as they are shown.
    pub fn order(&self) -> Vec<usize> {
        self.damage.as_ref().map_or_else(|| (0..self.biases.len()).collect(), Damage::order)
    }
}

impl Analysis for FiltersConfig {
    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        let Some(model) = planned.model(&self.model) else { return };
        if Model::shapes(&model.layers, &model.data.shape).is_ok() {
            let found = Convolution::of(&model.layers, &model.data.shape, model.loss.head());
            let path = if found.is_empty() { "model" } else { "layer" };
            problems.note(path, convolutions::unknown(&found, &self.layer));
        }
        let damage = self.order == Order::Damage;
        problems.note("order", model.needs_classes().filter(|_| damage).map(|told| told + "; leave this out"));
        Snapshots::check(self.snapshots.as_ref(), [&self.model], planned, problems);
    }

    fn snapshots(&self) -> Option<&Snapshots> {
        self.snapshots.as_ref()
    }

    fn run(&self, _: &str, results: &Results) -> Result<Box<dyn Outcome>, AnalysisError> {
        let trained = results.trained(&self.model)?;
        let model = &trained.fit.model;
        let all = Convolution::of(model.layers(), model.input(), model.head());
        let none = || AnalysisError::Unit { message: convolutions::unknown(&all, &self.layer).unwrap_or_default() };
        let layer = all.iter().find(|c| c.name() == self.layer).ok_or_else(none)?;
        let damage = (self.order == Order::Damage).then(|| Damage::of(trained, &layer.node, layer.layer.channels));
        let damage = damage.transpose()?;
        let found = OverTraining::of(trained, self.snapshots.as_ref(), |model| {
            let convolutions::Weights { weights, biases } = layer.weights(model);
            let (layer, reads) = (self.layer.clone(), layer.reads.clone());
            Ok(Filters { model: trained.name.clone(), layer, reads, weights, biases, damage: damage.clone() })
        })?;
        Ok(Box::new(found))
    }
}

impl Outcome for Filters {
    fn metrics(&self) -> Metrics {
        let mut metrics = Metrics::default();
        metrics.add("filters", self.weights.dim().0);
        metrics.add("channels", self.weights.dim().1);
        metrics.add("largest_weight", self.weights.iter().fold(0.0_f32, |most, w| most.max(w.abs())));
        metrics.add("biases", self.biases.clone());
        if let Some(damage) = &self.damage {
            metrics.add("accuracy", damage.accuracy);
            metrics.add("accuracy_without", damage.without.clone());
        }
        metrics
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;
    use models::layers::{Conv2d, Flatten, Linear, Relu};

    fn config(layer: &str, order: Order) -> FiltersConfig {
        FiltersConfig { model: TrainRef("m".into()), layer: layer.into(), order, snapshots: None }
    }

    #[test]
    fn ordered_by_damage_the_filter_comes_first_without_which_most_is_lost() {
        use crate::units::ablation::{Ablation, AblationConfig, Filling};
        let trained = fixture::classifier(&[1, 5, 5], fixture::conv_layers());
        let found: OverTraining<Filters> = fixture::run(&config("conv1", Order::Damage), trained.clone());
        let ablation = AblationConfig {
            model: TrainRef("m".into()),
            units: vec!["conv1.pre".into()],
            by: Filling::Zero,
            pairs: false,
            split: crate::select::split::SplitSelector::default(),
        };
        let ablation: Ablation = fixture::run(&ablation, trained.clone());
        let damage = found.trained().damage.as_ref().expect("what is lost");
        assert_eq!(damage.without, ablation.accuracy);
        let order = found.trained().order();
        assert!(order.windows(2).all(|pair| damage.lost(pair[0]) >= damage.lost(pair[1])));
        assert!(damage.lost(order[0]) > 0.0);
        let plain: OverTraining<Filters> = fixture::run(&config("conv1", Order::Index), trained);
        assert_eq!((plain.trained().order(), &plain.trained().damage), (vec![0, 1, 2, 3], &None));
    }

    #[test]
    fn a_filter_is_what_its_channel_answers_to_a_single_pixel_turned_round() {
        let layers = vec![
            Conv2d::new(3, 2).into(),
            Relu {}.into(),
            Conv2d::new(2, 2).into(),
            Flatten {}.into(),
            Linear::new(3).into(),
        ];
        let trained = fixture::classifier(&[1, 4, 4], layers);
        let of = |layer: &str| config(layer, Order::Index);
        let found: OverTraining<Filters> = fixture::run(&of("conv1"), trained.clone());
        let Filters { weights, biases, reads, .. } = found.trained();
        assert_eq!((weights.dim(), reads.as_str()), ((3, 1, 2, 2), "x"));
        // The pixel in row 1, column 2 is under tap (u, v) of the window at (1 − u, 2 − v).
        let mut x = ndarray::Array2::zeros((1, 16));
        x[[0, 6]] = 1.0;
        let map = trained.fit.model.run(&x).values("conv1.pre").expect("a node");
        for (filter, u, v) in [(0, 0, 0), (1, 0, 1), (2, 1, 0), (1, 1, 1)] {
            let place = filter * 9 + (1 - u) * 3 + 2 - v;
            assert_eq!(map[[0, place]], weights[[filter, 0, u, v]] + biases[filter]);
        }
        let deeper: OverTraining<Filters> = fixture::run(&of("conv2"), trained.clone());
        assert_eq!((deeper.trained().weights.dim(), deeper.trained().reads.as_str()), ((2, 3, 2, 2), "conv1.post"));
        assert_eq!(fixture::failure(&of("conv3"), trained), "there is no convolution conv3, there are conv1, conv2");
    }
}
