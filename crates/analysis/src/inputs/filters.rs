//! The filters of a convolution: what each of them looks for under its window.

use models::Model;
use ndarray::Array4;
use registry::{Config, Problems, TrainRef};

use crate::{
    Analysis, AnalysisError, Metrics, Outcome, Planned, Results,
    inputs::convolutions::{self, Convolution},
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
    /// Snapshots of training to look at too: `"all"`, `{ every = 1 }` or `{ epochs = [0, 5] }`. Default: only the trained model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshots: Option<Snapshots>,
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
}

impl Analysis for FiltersConfig {
    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        let Some(model) = planned.model(&self.model) else { return };
        if Model::shapes(&model.layers, &model.data.shape).is_ok() {
            let found = Convolution::of(&model.layers, &model.data.shape, model.loss.head());
            let path = if found.is_empty() { "model" } else { "layer" };
            problems.note(path, convolutions::unknown(&found, &self.layer));
        }
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
        let found = OverTraining::of(trained, self.snapshots.as_ref(), |model| {
            let convolutions::Weights { weights, biases } = layer.weights(model);
            let (layer, reads) = (self.layer.clone(), layer.reads.clone());
            Ok(Filters { model: trained.name.clone(), layer, reads, weights, biases })
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
        metrics
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;
    use models::layers::{Conv2d, Flatten, Linear, Relu};

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
        let of = |layer: &str| FiltersConfig { model: TrainRef("m".into()), layer: layer.into(), snapshots: None };
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
