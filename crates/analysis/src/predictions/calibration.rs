//! Whether a classifier is as often right as it says.
//!
//! The probability that a model gives to its prediction, its *confidence*, is a promise: of the samples with confidence 0.8, four
//! in five should be right. Samples are put into bins of equal width by confidence, and in each bin the accuracy is compared with
//! the mean confidence. The expected calibration error is Σ_b n_b / n · |accuracy_b − confidence_b| (Guo, Pleiss, Sun,
//! Weinberger,
//! *On Calibration of Modern Neural Networks*, 2017, section 2). The Brier score is the mean of Σ_c (p_c − y_c)² over the samples
//! (Brier 1950), y being 1 for the true class.

use datasets::Split;
use registry::{Config, Problems, TrainRef};
use tensor::{math, reduce::argmax};

use crate::{
    Analysis, AnalysisError, Metrics, Outcome, Planned, Results,
    predictions::classification::softmax,
    select::{samples, split::SplitSelector},
};

/// Whether a classifier is as often right as it says: the accuracy of its predictions by their confidence, in bins of equal
/// width, and the expected calibration error, the mean distance of the two.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CalibrationConfig {
    /// The trained model, of classes.
    pub model: TrainRef,
    /// How many bins confidence is divided into, from 0 to 1. Default 10.
    #[serde(default = "ten")]
    pub bins: usize,
    /// The split of the model's data.
    #[serde(default)]
    pub split: SplitSelector,
}

fn ten() -> usize {
    10
}

impl Config for CalibrationConfig {
    const KIND: &str = "calibration";
    const EXAMPLE: &str = "model = \"mlp\"\nbins = 10";
}

/// More bins than a picture can show.
const MOST_BINS: usize = 50;

/// Accuracy by confidence.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    /// The model's name.
    pub model: String,
    /// The split of the data.
    pub split: Split,
    /// How many samples that is.
    pub n: usize,
    /// From confidence 0 on; the last one includes 1.
    pub bins: Vec<Bin>,
    /// Accuracy over all.
    pub accuracy: f64,
    /// Mean confidence over all.
    pub confidence: f64,
    /// Expected calibration error, 0 to 1.
    pub ece: f64,
    /// Brier score, 0 to 2.
    pub brier: f64,
    /// Mean negative log-likelihood of the true class, in nats.
    pub nll: f64,
}

/// The samples of one range of confidence.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Bin {
    /// How many.
    pub n: usize,
    /// How many of them are right.
    pub right: usize,
    /// The sum of their confidences.
    pub confidence: f64,
}

impl Bin {
    /// The share that is right; NaN for none.
    pub fn accuracy(&self) -> f64 {
        self.right as f64 / self.n as f64
    }

    /// The mean confidence; NaN for none.
    pub fn mean_confidence(&self) -> f64 {
        self.confidence / self.n as f64
    }
}

impl Analysis for CalibrationConfig {
    fn check(&self, problems: &mut Problems) {
        problems.require((1..=MOST_BINS).contains(&self.bins), "bins", || {
            format!("expected 1 to {MOST_BINS} bins, found {}", self.bins)
        });
    }

    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        let Some(model) = self.split.of(&self.model, planned, problems) else { return };
        problems.note("model", model.needs_classes());
    }

    fn run(&self, _: &str, results: &Results) -> Result<Box<dyn Outcome>, AnalysisError> {
        let trained = results.trained(&self.model)?;
        let (split, data) = trained.split(self.split)?;
        let (labels, _) = samples::classes(data)?;
        let logits = trained.fit.model.predict(data)?;
        let mut bins = vec![Bin::default(); self.bins];
        let (mut brier, mut nll) = (0.0, 0.0);
        for (row, label) in logits.rows().into_iter().zip(labels) {
            let (row, label) = (row.to_vec(), *label as usize);
            let (p, predicted) = (softmax(&row), argmax(&row));
            let bin = &mut bins[((p[predicted] * self.bins as f64) as usize).min(self.bins - 1)];
            bin.n += 1;
            bin.right += usize::from(predicted == label);
            bin.confidence += p[predicted];
            let misses = p.iter().enumerate().map(|(c, p)| p - f64::from(c == label));
            brier += misses.map(|miss| miss * miss).sum::<f64>();
            nll -= math::f64::ln(p[label].max(f64::MIN_POSITIVE));
        }
        let n = data.n() as f64;
        let gap = |bin: &Bin| (bin.right as f64 - bin.confidence).abs();
        Ok(Box::new(Calibration {
            model: trained.name.clone(),
            split,
            n: data.n(),
            accuracy: bins.iter().map(|bin| bin.right).sum::<usize>() as f64 / n,
            confidence: bins.iter().map(|bin| bin.confidence).sum::<f64>() / n,
            ece: bins.iter().map(gap).sum::<f64>() / n,
            brier: brier / n,
            nll: nll / n,
            bins,
        }))
    }
}

impl Outcome for Calibration {
    fn metrics(&self) -> Metrics {
        let mut metrics = Metrics::default();
        metrics.add("samples", self.n);
        metrics.add("accuracy", self.accuracy);
        metrics.add("mean_confidence", self.confidence);
        metrics.add("expected_calibration_error", self.ece);
        metrics.add("brier_score", self.brier);
        metrics.add("negative_log_likelihood", self.nll);
        metrics
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;
    use models::layers::Linear;

    #[test]
    fn errors_are_those_of_the_formulas() {
        // Logits 0 and b for every input: "other" with p = e^b / (1 + e^b) = 0.8, right for two of four.
        let b = math::f64::ln(4.0) as f32;
        let trained = fixture::classified(vec![Linear::new(2).into()], &[0.0, 0.0, 0.0, 0.0, 0.0, b]);
        let config = CalibrationConfig { model: TrainRef("m".into()), bins: 5, split: SplitSelector::default() };
        let found: Calibration = fixture::run(&config, trained);
        let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-6, "{a} {b}");
        assert_eq!(found.bins.iter().map(|bin| bin.n).sum::<usize>(), 4);
        near(found.accuracy, 0.5);
        near(found.confidence, 0.8);
        near(found.ece, 0.3);
        // Two of 2 · 0.2², two of 2 · 0.8².
        near(found.brier, (2.0 * 0.08 + 2.0 * 1.28) / 4.0);
        near(found.nll, -(2.0 * math::f64::ln(0.8) + 2.0 * math::f64::ln(0.2)) / 4.0);
    }
}
