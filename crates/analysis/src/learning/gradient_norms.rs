//! The length of the loss's gradient, layer by layer, over training.
//!
//! ‖∂L/∂W‖ for every parameter array W at every snapshot, by one backward replay on the whole training split: training itself
//! pays nothing. A layer's norm is that of its weights and biases together.

use ndarray::Array2;
use registry::{Config, Problems, TrainRef};
use training::block;

use crate::{Analysis, AnalysisError, Metrics, Outcome, Planned, PlannedModel, Results};

/// The Euclidean norm of the loss's gradient with respect to each layer's parameters, at every snapshot of training, on the
/// whole training split.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GradientNormsConfig {
    /// The trained model, with `snapshots` of its training.
    pub model: TrainRef,
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

impl Analysis for GradientNormsConfig {
    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        problems.note("model", planned.model(&self.model).and_then(PlannedModel::needs_snapshots));
    }

    fn run(&self, _: &str, results: &Results) -> Result<Box<dyn Outcome>, AnalysisError> {
        let trained = results.trained(&self.model)?;
        let mut mean_loss = trained.fit.model.run(&trained.data.train).mean_loss(trained.fit.loss)?;
        let list = trained.fit.model.parameters.trained();
        let arrays: Vec<String> = list.iter().map(|p| p.name.clone()).collect();
        let mut layers: Vec<String> = arrays.iter().map(|name| block(name).to_owned()).collect();
        layers.dedup();
        let moments = trained.all_snapshots();
        let mut by_array = Array2::zeros((moments.len(), arrays.len()));
        let mut by_layer = Array2::<f64>::zeros((moments.len(), layers.len()));
        let mut losses = Vec::with_capacity(moments.len());
        for (i, (_, model)) in moments.iter().enumerate() {
            mean_loss.parameters_mut().copy_from_slice(model.parameters.values());
            let (loss, parameters) = mean_loss.gradient();
            losses.push(loss);
            for (j, parameter) in list.iter().enumerate() {
                let gradient = &parameters.gradients()[parameter.range.clone()];
                let squares: f64 = gradient.iter().map(|g| f64::from(*g) * f64::from(*g)).sum();
                by_array[[i, j]] = squares.sqrt();
                // Every array's layer is in the list made from them.
                let layer = layers.iter().position(|l| l == block(&parameter.name)).unwrap_or(0);
                by_layer[[i, layer]] += squares;
            }
        }
        by_layer.mapv_inplace(f64::sqrt);
        let (model, epochs) = (trained.name.clone(), moments.iter().map(|(epoch, _)| *epoch).collect());
        Ok(Box::new(GradientNorms { model, epochs, losses, arrays, by_array, layers, by_layer }))
    }
}

impl Outcome for GradientNorms {
    fn metrics(&self) -> Metrics {
        let mut metrics = Metrics::default();
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
    use models::layers::{Linear, Sigmoid};

    fn norms(trained: crate::Trained) -> GradientNorms {
        fixture::run(&GradientNormsConfig { model: TrainRef("m".into()) }, trained)
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
