//! The length of the loss's gradient, layer by layer, over training.
//!
//! ‖∂L/∂W‖ for every parameter array W at every snapshot, found after training, which pays nothing: of the loss L as the model
//! predicts, by one backward replay on the whole training split, or as it trains, batch by batch (`gradient_norms/batches.rs`).
//! A layer's norm is that of its weights and biases together.

mod batches;

use batches::Batches;
use ndarray::Array2;
use registry::{Config, Problems, TrainRef};
use training::block;

use crate::{Analysis, AnalysisError, Metrics, Outcome, Planned, PlannedModel, Results};

/// The Euclidean norm of the loss's gradient with respect to each layer's parameters, at every snapshot of training, on the
/// whole training split.
///
/// The two modes differ for models with dropout or batch normalisation only, but for the rounding of sums.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GradientNormsConfig {
    /// The trained model, with `snapshots` of its training.
    pub model: TrainRef,
    /// Of which loss the gradient is: "evaluation", as the model predicts (nothing is dropped, batch normalisation uses the
    /// running statistics), or "training", as each step of training computes it (dropout drawn, statistics of the batch). Default
    /// "evaluation".
    #[serde(default)]
    pub mode: Mode,
}

/// Of which loss a gradient is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// The loss of the model that predicts: nothing is dropped, batch normalisation uses the running statistics.
    #[default]
    Evaluation,
    /// The loss that training makes small: the mean over an epoch of batches of training's size, whose own statistics normalise
    /// them and in which dropout draws its masks.
    Training,
}

impl Mode {
    /// As in a pipeline file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Evaluation => "evaluation",
            Self::Training => "training",
        }
    }
}

impl Config for GradientNormsConfig {
    const KIND: &str = "gradient_norms";
    const EXAMPLE: &str = "model = \"three\"";
}

/// Norms over training.
#[derive(Debug, Clone, PartialEq)]
pub struct GradientNorms {
    /// The model's name.
    pub model: String,
    /// Of which loss they are.
    pub mode: Mode,
    /// When they were taken.
    pub epochs: Vec<usize>,
    /// The loss there.
    pub losses: Vec<f32>,
    /// The parameter arrays: `hidden1.weight`, …
    pub arrays: Vec<String>,
    /// epochs × arrays.
    pub by_array: Array2<f64>,
    /// The layers: `hidden1`, …
    pub layers: Vec<String>,
    /// epochs × layers.
    pub by_layer: Array2<f64>,
}

/// The mean loss at these parameters, and its gradient.
type Gradients = Box<dyn FnMut(&[f32]) -> (f32, Vec<f64>)>;

impl Analysis for GradientNormsConfig {
    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        problems.note("model", planned.model(&self.model).and_then(PlannedModel::needs_snapshots));
    }

    fn run(&self, id: &str, results: &Results) -> Result<Box<dyn Outcome>, AnalysisError> {
        let trained = results.trained(&self.model)?;
        let mut gradients: Gradients = match self.mode {
            Mode::Evaluation => {
                let mut mean_loss = trained.fit.model.run(&trained.data.train).mean_loss(trained.fit.loss)?;
                Box::new(move |at| {
                    mean_loss.parameters_mut().copy_from_slice(at);
                    let (loss, parameters) = mean_loss.gradient();
                    (loss, parameters.gradients().iter().map(|g| f64::from(*g)).collect())
                })
            }
            Mode::Training => {
                let mut batches = Batches::new(trained, id, results.streams())?;
                Box::new(move |at| {
                    let (loss, gradient) = batches.gradient(at);
                    (loss, gradient.to_vec())
                })
            }
        };
        let list = trained.fit.model.parameters.trained();
        let arrays: Vec<String> = list.iter().map(|p| p.name.clone()).collect();
        let mut layers: Vec<String> = arrays.iter().map(|name| block(name).to_owned()).collect();
        layers.dedup();
        let moments = trained.all_snapshots();
        let mut by_array = Array2::zeros((moments.len(), arrays.len()));
        let mut by_layer = Array2::<f64>::zeros((moments.len(), layers.len()));
        let mut losses = Vec::with_capacity(moments.len());
        for (i, (_, model)) in moments.iter().enumerate() {
            let (loss, gradient) = gradients(model.parameters.values());
            losses.push(loss);
            for (j, parameter) in list.iter().enumerate() {
                let squares: f64 = gradient[parameter.range.clone()].iter().map(|g| g * g).sum();
                by_array[[i, j]] = squares.sqrt();
                // Every array's layer is in the list made from them.
                let layer = layers.iter().position(|l| l == block(&parameter.name)).unwrap_or(0);
                by_layer[[i, layer]] += squares;
            }
        }
        by_layer.mapv_inplace(f64::sqrt);
        let (model, epochs) = (trained.name.clone(), moments.iter().map(|(epoch, _)| *epoch).collect());
        Ok(Box::new(GradientNorms { model, mode: self.mode, epochs, losses, arrays, by_array, layers, by_layer }))
    }
}

impl Outcome for GradientNorms {
    fn metrics(&self) -> Metrics {
        let mut metrics = Metrics::default();
        metrics.add("mode", self.mode.name());
        for (layer, norms) in self.layers.iter().zip(self.by_layer.columns()) {
            let mut own = Metrics::default();
            own.add("first", norms.first().copied().unwrap_or(f64::NAN));
            own.add("largest", norms.iter().copied().fold(0.0, f64::max));
            own.add("last", norms.last().copied().unwrap_or(f64::NAN));
            metrics.add(layer, own);
        }
        metrics
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;
    use models::layers::{BatchNorm, Dropout, Linear, Sigmoid};
    use tensor::random::Streams;
    use training::{Batch, Control, SnapshotConfig, TrainConfig};

    fn in_mode(mode: Mode, trained: crate::Trained) -> GradientNorms {
        fixture::run(&GradientNormsConfig { model: TrainRef("m".into()), mode }, trained)
    }

    fn norms(trained: crate::Trained) -> GradientNorms {
        in_mode(Mode::Evaluation, trained)
    }

    /// The exclusive or, trained for two epochs in batches of this size.
    fn learned(layers: Vec<models::Layer>, batch: Batch) -> crate::Trained {
        let mut trained = fixture::trained(vec![Linear::new(1).into()], &[0.0; 3]);
        let (epochs, snapshots) = (2, Some(SnapshotConfig { every: Some(1), ..SnapshotConfig::default() }));
        trained.config = TrainConfig { model: layers, batch, epochs, snapshots, ..trained.config };
        let streams = Streams::new(1);
        trained.fit =
            training::fit(&trained.config, "m", &trained.data, &streams, &mut |_| Control::Continue).expect("trains");
        trained
    }

    #[test]
    fn in_training_mode_it_is_the_gradient_by_which_training_steps() {
        // Gradient descent with a step of 0.1 on all samples at once: ∂L/∂W = (W before − W after) / 0.1, with the batch's own
        // statistics, which the running ones are far from after no epoch.
        let norm = BatchNorm { momentum: 0.1, eps: 1e-5 };
        let layers = vec![Linear::new(3).into(), norm.into(), Sigmoid {}.into(), Linear::new(1).into()];
        let trained = learned(layers, Batch::Full);
        let [before, after, _] = &trained.fit.snapshots[..] else { panic!("epochs 0, 1 and 2") };
        let steps = |range: std::ops::Range<usize>| -> f64 {
            let pairs = before.parameters[range.clone()].iter().zip(&after.parameters[range]);
            pairs.map(|(b, a)| (f64::from(b - a) / 0.1) * (f64::from(b - a) / 0.1)).sum::<f64>().sqrt()
        };
        let expected: Vec<f64> =
            trained.fit.model.parameters.trained().iter().map(|p| steps(p.range.clone())).collect();
        let [training, evaluation] = [Mode::Training, Mode::Evaluation].map(|mode| in_mode(mode, trained.clone()));
        for (array, expected) in expected.iter().enumerate() {
            let found = training.by_array[[0, array]];
            assert!((found - expected).abs() < 1e-5, "{}: {found} and {expected}", training.arrays[array]);
        }
        // In passing, before the only step of epoch 1; entry 0 is the model as it predicts.
        assert!(trained.fit.history.running);
        assert!((training.losses[0] - trained.fit.history.train.loss[1]).abs() < 1e-6);
        assert!(
            (training.by_layer[[0, 0]] - evaluation.by_layer[[0, 0]]).abs() > 1e-3,
            "the running statistics differ"
        );
    }

    #[test]
    fn dropout_is_drawn_in_training_mode_only_and_batches_are_averaged() {
        let plain = || vec![Linear::new(2).into(), Sigmoid {}.into(), Linear::new(1).into()];
        // Without layers that train in another way, the mean of batches of 3 and 1 is the whole split's, but for rounding.
        let trained = learned(plain(), Batch::Size(3));
        let [training, evaluation] = [Mode::Training, Mode::Evaluation].map(|mode| in_mode(mode, trained.clone()));
        assert!(training.by_array.iter().zip(&evaluation.by_array).all(|(t, e)| (t - e).abs() < 1e-6));
        let dropped: Vec<models::Layer> =
            plain().into_iter().chain([Dropout { p: 0.5, channels: false }.into()]).collect();
        let trained = learned(dropped, Batch::Size(3));
        let [training, again, evaluation] =
            [Mode::Training, Mode::Training, Mode::Evaluation].map(|mode| in_mode(mode, trained.clone()));
        assert_eq!(training, again);
        assert_ne!(training.losses, evaluation.losses);
    }

    #[test]
    fn a_line_has_the_gradient_of_least_squares() {
        // y = w·x + b with w = (1, 2), b = 3 on the four corners: residuals r = 3, 4, 3, 6 (targets 0, 1, 1, 0), and
        // ∂L/∂w₁ = 2/4 (3 + 6), ∂L/∂w₂ = 2/4 (4 + 6), ∂L/∂b = 2/4 (3 + 4 + 3 + 6).
        let found = norms(fixture::trained(vec![Linear::new(1).into()], &[1.0, 2.0, 3.0]));
        assert_eq!(found.arrays, ["output.weight", "output.bias"]);
        assert_eq!(found.layers, ["output"]);
        assert_eq!(found.losses, [17.5]);
        assert!((found.by_array[[0, 0]] - (4.5_f64 * 4.5 + 25.0).sqrt()).abs() < 1e-6);
        assert!((found.by_array[[0, 1]] - 8.0).abs() < 1e-6);
        assert!((found.by_layer[[0, 0]] - (4.5_f64 * 4.5 + 25.0 + 64.0).sqrt()).abs() < 1e-6);
    }

    #[test]
    fn a_minimum_has_none() {
        let layers = vec![Linear::new(2).into(), Sigmoid {}.into(), Linear::new(1).into()];
        // Output weights zero, bias the mean of the targets: no weight of either layer would help.
        let found = norms(fixture::trained(layers, &[1.0, -1.0, 0.5, 0.5, 0.1, 0.2, 0.0, 0.0, 0.5]));
        assert_eq!(found.layers, ["hidden1", "output"]);
        assert_eq!(found.by_array.ncols(), 4);
        assert!(found.by_layer[[0, 0]] < 1e-7);
    }
}
