//! How long the gradient is and how far a step moves, layer by layer, epoch by epoch, on the batches as they pass.
//!
//! For all parameters w of a layer together: the gradient's norm ‖∂L/∂w‖ on a batch, the update's norm ‖Δw‖ with
//! Δw = w_{t+1} − w_t, and the ratio ‖Δw‖/‖w_t‖; each a mean over the steps of an epoch. A ratio near 10⁻³ is the usual rule of
//! thumb for a learning rate that is neither too small nor too large.

use models::Model;
use ndarray::Array2;
use registry::{Config, Problems, TrainRef};
use training::{Hook, Quantity, SnapshotConfig, Statistics, block};

use crate::{Analysis, AnalysisError, Metrics, Outcome, Planned, Results};

/// The Euclidean norms of the gradient and of what a step changes, of each layer's parameters, averaged over the steps of every
/// epoch, recorded on the batches as they pass.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateSizesConfig {
    /// The model that is trained.
    pub model: TrainRef,
    /// The epochs to record, the first pass being epoch 1: `{ every = 5 }`. Default: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epochs: Option<SnapshotConfig>,
}

impl Config for UpdateSizesConfig {
    const KIND: &str = "update_sizes";
    const EXAMPLE: &str = "model = \"deep\"";
}

/// Norms over the epochs; arrays are epochs × layers.
#[derive(Debug, Clone, PartialEq)]
pub struct UpdateSizes {
    /// The model's name.
    pub model: String,
    /// Which epochs, the first pass being 1.
    pub epochs: Vec<usize>,
    /// The layers: `hidden1`, …
    pub layers: Vec<String>,
    /// ‖∂L/∂w‖, a mean over the steps of the epoch.
    pub gradients: Array2<f64>,
    /// ‖Δw‖, a mean over the steps.
    pub updates: Array2<f64>,
    /// ‖Δw‖/‖w‖, a mean over the steps.
    pub ratios: Array2<f64>,
}

impl Analysis for UpdateSizesConfig {
    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        let (Some(model), Some(epochs)) = (planned.model(&self.model), &self.epochs) else { return };
        let mut own = Problems::default();
        epochs.check(model.epochs, &mut own);
        problems.nest("epochs", own);
    }

    fn hooks(&self, model: &Model) -> Vec<Hook> {
        let hook = |layer: &String, quantity| Hook {
            epochs: self.epochs.clone(),
            ..Hook::new(format!("{layer}.*"), quantity)
        };
        let layers = layers(model);
        [Quantity::Gradient, Quantity::Update].iter().flat_map(|q| layers.iter().map(|l| hook(l, *q))).collect()
    }

    fn run(&self, stage: &str, results: &Results) -> Result<Box<dyn Outcome>, AnalysisError> {
        let trained = results.trained(&self.model)?;
        let layers = layers(&trained.fit.model);
        let (gradients, updates) = results.recordings(stage, &self.model)?.split_at(layers.len());
        let heard = |of: &[training::Recording], what: fn(&Statistics) -> f64| {
            let epochs = of.first().map_or(0, |r| r.epochs.len());
            Array2::from_shape_fn((epochs, of.len()), |(epoch, layer)| what(&of[layer].epochs[epoch]))
        };
        Ok(Box::new(UpdateSizes {
            model: trained.name.clone(),
            epochs: gradients.first().map_or_else(Vec::new, |r| r.epochs.iter().map(|s| s.epoch).collect()),
            gradients: heard(gradients, Statistics::norm),
            updates: heard(updates, Statistics::norm),
            ratios: heard(updates, Statistics::ratio),
            layers,
        }))
    }
}

/// The layers that have parameters.
fn layers(model: &Model) -> Vec<String> {
    let mut layers: Vec<String> = model.parameters.trained().iter().map(|p| block(&p.name).to_owned()).collect();
    layers.dedup();
    layers
}

impl Outcome for UpdateSizes {
    fn metrics(&self) -> Metrics {
        let ends = |values: ndarray::ArrayView1<'_, f64>| {
            let mut own = Metrics::default();
            own.add("first", values.first().copied().unwrap_or(f64::NAN));
            own.add("last", values.last().copied().unwrap_or(f64::NAN));
            own
        };
        let mut metrics = Metrics::default();
        for (i, layer) in self.layers.iter().enumerate() {
            let mut own = Metrics::default();
            own.add("gradient_norm", ends(self.gradients.column(i)));
            own.add("update_norm", ends(self.updates.column(i)));
            own.add("update_ratio", ends(self.ratios.column(i)));
            metrics.add(layer, own);
        }
        metrics
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;
    use models::layers::{Linear, Sigmoid};

    fn sizes(trained: crate::Trained) -> UpdateSizes {
        let config = UpdateSizesConfig { model: TrainRef("m".into()), epochs: None };
        fixture::run(&config, trained)
    }

    #[test]
    fn plain_descent_moves_by_the_gradient_times_the_rate() {
        let layers = vec![Linear::new(2).into(), Sigmoid {}.into(), Linear::new(1).into()];
        let mut trained = fixture::trained(layers, &[0.0; 9]);
        trained.config.epochs = 5;
        let found = sizes(trained);
        assert_eq!(
            (found.layers.as_slice(), found.epochs.as_slice()),
            (&["hidden1".into(), "output".into()][..], &[1, 2, 3, 4, 5][..])
        );
        assert_eq!(found.gradients.dim(), (5, 2));
        // Parameters near 1 are rounded to 10⁻⁷, and steps are near 10⁻³.
        for (gradient, update) in found.gradients.iter().zip(&found.updates) {
            assert!(*gradient > 0.0 && (update / (0.1 * gradient) - 1.0).abs() < 1e-3, "{gradient} {update}");
        }
        assert!(found.ratios.iter().all(|r| *r > 0.0 && *r < 1.0));
    }

    #[test]
    fn epochs_beyond_the_run_are_refused() {
        let config = UpdateSizesConfig {
            model: TrainRef("m".into()),
            epochs: Some(SnapshotConfig { every: None, epochs: vec![3, 30], most: None }),
        };
        let mut problems = Problems::default();
        config.check_against(&fixture::planned(10), &mut problems);
        let told: Vec<String> = problems.into_vec().into_iter().map(|p| format!("{}: {}", p.path, p.message)).collect();
        assert_eq!(told, ["epochs.epochs[1]: epoch 30 is beyond the 10 of the run"]);
    }
}
