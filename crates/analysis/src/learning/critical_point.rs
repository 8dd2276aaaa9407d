//! Whether training has come to a place where the loss has no slope, and whether it curves downwards there.
//!
//! The slope is ‖g‖ for the gradient g of the mean training loss L with respect to all p weights, in f64. The curvature is the
//! smallest eigenvalue of the Hessian H, found by Lanczos' method with full reorthogonalisation (Golub and Van Loan, *Matrix
//! Computations*, section 10.3) on differences of gradients, H v ≈ (g(w + h v) − g(w − h v))/2h for ‖v‖ = 1. After as many steps
//! as there are weights it is exact up to rounding; after fewer it is an upper bound of the smallest eigenvalue, and some
//! eigenvalue lies within the residual of it (Parlett, *The Symmetric Eigenvalue Problem*, section 4.5).
//!
//! Across the kink of a ReLU a difference of gradients is no curvature; what is found there belongs to the smooth pieces around.

use ndarray::Array2;
use registry::{Config, Problems, TrainRef};
use tensor::random::{Purpose, Stream};

use crate::{
    Analysis, AnalysisError, Metrics, Outcome, Planned, Results,
    statistics::{order::ascending, pca::symmetric_eigen},
};

/// The slope and the smallest curvature of the training loss at the model that was left, and what follows from these two numbers
/// alone: still falling, a saddle, or a minimum up to the tolerances.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CriticalPointConfig {
    /// The trained model, of at most 20,000 weights.
    pub model: TrainRef,
    /// A gradient of the mean training loss no longer than this counts as no slope. Default 1e-4.
    #[serde(default = "default_slope")]
    pub slope: f64,
    /// A curvature above minus this share of the largest one (by magnitude) counts as not curving downwards. Default 1e-6.
    #[serde(default = "default_curvature")]
    pub curvature: f64,
    /// The most steps of Lanczos' method, each of two gradients over the training split. Default 100.
    #[serde(default = "default_steps")]
    pub steps: usize,
}

fn default_slope() -> f64 {
    1e-4
}

/// Far above the error of differences in f64, about 1e-9.
fn default_curvature() -> f64 {
    1e-6
}

fn default_steps() -> usize {
    100
}

impl Config for CriticalPointConfig {
    const KIND: &str = "critical_point";
    const EXAMPLE: &str = "model = \"two\"\nslope = 1e-4";
}

/// More weights than whose curvature is found in reasonable time and memory.
const MOST_WEIGHTS: usize = 20_000;
/// Half the distance of the gradients that are compared, along a direction of length 1.
const STEP: f64 = 1e-5;

/// What slope and curvature say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// There is a slope: training on with small steps would make the loss less.
    Falling,
    /// No slope, and a direction in which the loss curves downwards.
    Saddle,
    /// No slope, and no direction curves downwards.
    Minimum,
    /// No slope, and too few steps to tell.
    Undecided,
}

impl Place {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Falling => "still falling",
            Self::Saddle => "a saddle",
            Self::Minimum => "a minimum to tolerance",
            Self::Undecided => "no slope, curvature undecided",
        }
    }
}

/// Slope and curvature where training ended.
#[derive(Debug, Clone, PartialEq)]
pub struct CriticalPoint {
    /// The model's name.
    pub model: String,
    /// The mean training loss there.
    pub loss: f64,
    /// ‖g‖.
    pub gradient_norm: f64,
    /// The smallest eigenvalue of the Hessian that was found, and the largest.
    pub curvatures: [f64; 2],
    /// Some eigenvalue lies within this distance of the smallest one found; 0 where all were found.
    pub residual: f64,
    /// Steps of Lanczos' method.
    pub steps: usize,
    /// What follows.
    pub place: Place,
}

impl Analysis for CriticalPointConfig {
    fn check(&self, problems: &mut Problems) {
        for (path, value) in [("slope", self.slope), ("curvature", self.curvature)] {
            problems.require(value > 0.0 && value.is_finite(), path, || {
                format!("expected a number above 0, found {value}")
            });
        }
        problems.require(self.steps >= 2, "steps", || format!("expected at least 2 steps, found {}", self.steps));
    }

    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        let Some(model) = planned.model(&self.model) else { return };
        let weights = models::Model::trained_numbers(&model.layers, &model.data.shape, model.loss.head());
        let weights = weights.unwrap_or_default();
        problems.require(weights <= MOST_WEIGHTS, "model", || {
            format!("expected a model of at most {MOST_WEIGHTS} weights, and {} has {weights}", self.model.0)
        });
    }

    fn run(&self, stage: &str, results: &Results) -> Result<Box<dyn Outcome>, AnalysisError> {
        let trained = results.trained(&self.model)?;
        let mut exact = trained.fit.model.exact_loss(&trained.data.train, trained.fit.loss)?;
        let at = exact.weights_mut().to_vec();
        let (loss, gradient) = exact.gradient();
        let gradient_norm = norm(gradient);
        let product = |v: &[f64]| {
            let [up, down] = [STEP, -STEP].map(|h| {
                exact.weights_mut().iter_mut().zip(at.iter().zip(v)).for_each(|(w, (at, v))| *w = at + h * v);
                exact.gradient().1.to_vec()
            });
            up.iter().zip(&down).map(|(up, down)| (up - down) / (2.0 * STEP)).collect()
        };
        let stream = &mut results.streams().stream(stage, Purpose::Sample);
        let found = lanczos(at.len(), self.steps, stream, product);
        let scale = found.curvatures.iter().fold(0.0, |scale: f64, c| scale.max(c.abs()));
        let least = -self.curvature * scale;
        let place = match found.curvatures[0] {
            _ if gradient_norm > self.slope => Place::Falling,
            smallest if smallest < least => Place::Saddle,
            _ if found.residual <= self.curvature * scale => Place::Minimum,
            _ => Place::Undecided,
        };
        let Lanczos { curvatures, residual, steps } = found;
        let model = trained.name.clone();
        Ok(Box::new(CriticalPoint { model, loss, gradient_norm, curvatures, residual, steps, place }))
    }
}

/// The ends of a spectrum.
struct Lanczos {
    curvatures: [f64; 2],
    residual: f64,
    steps: usize,
}

/// The smallest and the largest eigenvalue of a symmetric matrix of n rows, of which only products with vectors are known.
fn lanczos(n: usize, most: usize, stream: &mut Stream, mut product: impl FnMut(&[f64]) -> Vec<f64>) -> Lanczos {
    let mut basis: Vec<Vec<f64>> = Vec::new();
    let (mut diagonal, mut beside) = (Vec::new(), Vec::new());
    let mut next: Vec<f64> = (0..n).map(|_| stream.normal()).collect();
    let mut scale: f64 = 0.0;
    while basis.len() < most.min(n) {
        let length = norm(&next);
        // What is left after the directions seen so far is rounding: they span all that the start has a part in.
        if !basis.is_empty() && length <= 1e-10 * scale {
            beside.pop();
            beside.push(0.0);
            break;
        }
        next.iter_mut().for_each(|v| *v /= length);
        let mut image = product(&next);
        scale = scale.max(norm(&image));
        diagonal.push(dot(&next, &image));
        basis.push(next);
        // Twice is enough (Parlett, section 6.9).
        for _ in 0..2 {
            for seen in &basis {
                let part = dot(seen, &image);
                image.iter_mut().zip(seen).for_each(|(v, seen)| *v -= part * seen);
            }
        }
        beside.push(norm(&image));
        next = image;
    }
    let k = diagonal.len();
    let mut small = Array2::zeros((k, k));
    for i in 0..k {
        small[[i, i]] = diagonal[i];
        if i + 1 < k {
            small[[i, i + 1]] = beside[i];
            small[[i + 1, i]] = beside[i];
        }
    }
    let (values, vectors) = symmetric_eigen(small);
    let least = (0..k).min_by(|&a, &b| ascending(values[a], values[b])).unwrap_or(0);
    let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let rest = if k == n { 0.0 } else { beside.last().copied().unwrap_or(0.0) };
    let residual = if k == 0 { 0.0 } else { (rest * vectors[[k - 1, least]]).abs() };
    Lanczos { curvatures: [values.get(least).copied().unwrap_or(f64::NAN), most], residual, steps: k }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn norm(a: &[f64]) -> f64 {
    dot(a, a).sqrt()
}

impl Outcome for CriticalPoint {
    fn metrics(&self) -> Metrics {
        let mut metrics = Metrics::default();
        metrics.add("place", self.place.words());
        metrics.add("loss", self.loss);
        metrics.add("gradient_norm", self.gradient_norm);
        metrics.add("smallest_curvature", self.curvatures[0]);
        metrics.add("largest_curvature", self.curvatures[1]);
        metrics.add("residual", self.residual);
        metrics.add("lanczos_steps", self.steps);
        metrics
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;
    use models::layers::{Linear, Tanh};
    use tensor::random::Streams;

    fn found(layers: Vec<models::Layer>, parameters: &[f32]) -> CriticalPoint {
        let config: CriticalPointConfig = toml::from_str("model = \"m\"").expect("parses");
        fixture::run(&config, fixture::trained(layers, parameters))
    }

    #[test]
    fn a_line_at_its_optimum_is_a_minimum_and_not_stuck() {
        // y = w·x + b on the exclusive or: the best line is the constant ½ with loss ¼, and H = 2 E[(x, 1)(x, 1)ᵀ], that is
        // 2 (½, ¼, ½; ¼, ½, ½; ½, ½, 1), has the eigenvalues ½ and (7 ± √33)/4.
        let best = found(vec![Linear::new(1).into()], &[0.0, 0.0, 0.5]);
        assert_eq!((best.place, best.loss, best.steps), (Place::Minimum, 0.25, 3));
        let root = 33.0_f64.sqrt();
        assert!((best.curvatures[0] - (7.0 - root) / 4.0).abs() < 1e-8, "{best:?}");
        assert!((best.curvatures[1] - (7.0 + root) / 4.0).abs() < 1e-8, "{best:?}");
        // Away from it the gradient is that of the tests of gradient norms: (−½, −½, −1).
        let away = found(vec![Linear::new(1).into()], &[0.0; 3]);
        assert_eq!(away.place, Place::Falling);
        assert!((away.gradient_norm - 1.5_f64.sqrt()).abs() < 1e-12, "{away:?}");
    }

    #[test]
    fn a_place_without_slope_from_which_the_loss_can_fall_is_a_saddle() {
        // y = ½ + v (tanh(w·x + 1) − tanh(u·x + 1)) at w = u = 0: every output is ½ and the two units cancel, so that no weight
        // moves the loss to first order. To second order w₁w₂ moves y by v tanh″(1) x₁x₂, which goes with the targets.
        let zero = |bias: [f32; 2], v: f32| [0.0, 0.0, 0.0, 0.0, bias[0], bias[1], v, -v, 0.5];
        let layers = || vec![Linear::new(2).into(), Tanh {}.into(), Linear::new(1).into()];
        let flat = found(layers(), &zero([1.0, 1.0], 1.0));
        assert!(flat.gradient_norm < 1e-7, "{flat:?}");
        assert_eq!(flat.place, Place::Saddle, "{flat:?}");
        assert!(flat.curvatures[0] < -0.05, "{flat:?}");
    }

    #[test]
    fn the_ends_of_a_known_spectrum_are_found() {
        // Diagonal, from −1 to 3.
        let n = 40;
        let values: Vec<f64> = (0..n).map(|i| -1.0 + 4.0 * i as f64 / (n - 1) as f64).collect();
        let product = |v: &[f64]| v.iter().zip(&values).map(|(v, d)| v * d).collect();
        let all = lanczos(n, 100, &mut Streams::new(1).stream("s", Purpose::Sample), product);
        assert!((all.curvatures[0] + 1.0).abs() < 1e-10 && (all.curvatures[1] - 3.0).abs() < 1e-10);
        assert_eq!((all.steps, all.residual), (n, 0.0));
        // Fewer steps give a bound from above, and say how far off it may be.
        let product = |v: &[f64]| v.iter().zip(&values).map(|(v, d)| v * d).collect();
        let some = lanczos(n, 8, &mut Streams::new(1).stream("s", Purpose::Sample), product);
        assert!(some.curvatures[0] >= -1.0 - 1e-12 && some.residual > 0.0);
        assert!(values.iter().any(|v| (v - some.curvatures[0]).abs() <= some.residual));
    }
}
