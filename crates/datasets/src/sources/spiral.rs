//! The K-arm spiral: x = t·(sin θ + ε₁σ²), y = t·(cos θ + ε₂σ²), θ = (2π/K)(2t + k), t ∈ [0, 1], ε ~ N(0, 1).
//!
//! After Karpathy's toy data in the CS231n notes and Canziani's deep-learning course. Noise enters through σ² and grows with t,
//! so that the arms meet cleanly in the centre.

use super::plane::{self, Points, share, spaced};
use crate::{DataError, Dataset, Source, Spec};
use registry::{Config, Problems};
use std::path::Path;
use tensor::{Float, Purpose, Streams};

/// A spiral of interleaved arms, one class each: no straight line separates any two.
///
/// Arm k of K: x = t·(sin θ + ε₁σ²), y = t·(cos θ + ε₂σ²), θ = (2π/K)(2t + k), with t evenly spaced on [0, 1] and ε ~ N(0, 1).
/// The noise's standard deviation is thus t·σ². Of n points each arm has n/K; the first n mod K arms have one more.
/// Features: `x`, `y`; classes: `arm 0`, `arm 1`, ….
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Spiral {
    /// How many points in all, at least one per class. Default 1000.
    #[serde(default = "default_points")]
    pub points: usize,
    /// How many arms K, at least 2. Default 3.
    #[serde(default = "default_classes")]
    pub classes: usize,
    /// σ; the noise at the end of an arm has standard deviation σ². Default 0.2.
    #[serde(default = "default_noise")]
    pub noise: f64,
}

pub(super) fn default_points() -> usize {
    1000
}

fn default_classes() -> usize {
    3
}

fn default_noise() -> f64 {
    0.2
}

impl Config for Spiral {
    const KIND: &str = "spiral";
    const EXAMPLE: &str = "points = 1000\nclasses = 3\nnoise = 0.2";
}

impl Source for Spiral {
    fn check(&self, problems: &mut Problems) {
        plane::classes(problems, self.classes);
        plane::points(problems, self.points, self.classes);
        plane::noise(problems, self.noise);
    }

    fn spec(&self, _base: &Path) -> Result<Spec, DataError> {
        Ok(plane::spec(self.points, plane::numbered("arm", self.classes)))
    }

    fn load(&self, _base: &Path, streams: &Streams, stage: &str) -> Result<Dataset, DataError> {
        let mut stream = streams.stream(stage, Purpose::Noise);
        let variance = self.noise * self.noise;
        let mut points = Points::default();
        for k in 0..self.classes {
            let n = share(self.points, self.classes, k);
            for i in 0..n {
                let t = spaced(0.0, 1.0, i, n);
                let theta = std::f64::consts::TAU / self.classes as f64 * (2.0 * t + k as f64);
                let [x, y] = plane::jitter([Float::sin(theta), Float::cos(theta)], variance, &mut stream);
                points.push([t * x, t * y], k);
            }
        }
        Ok(points.named(plane::numbered("arm", self.classes)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::load;

    #[test]
    fn without_noise_lies_on_the_arms() {
        let data = load(&Spiral { points: 1000, classes: 3, noise: 0.0 });
        assert_eq!(data.class_counts().unwrap(), [334, 333, 333]);
        let mut start = 0;
        for (k, n) in [334, 333, 333].into_iter().enumerate() {
            for i in 0..n {
                let (x, y) = (f64::from(data.x[[start + i, 0]]), f64::from(data.x[[start + i, 1]]));
                let t = i as f64 / (n - 1) as f64;
                assert!(((x * x + y * y).sqrt() - t).abs() < 1e-7, "radius at t = {t}");
                let theta = std::f64::consts::TAU / 3.0 * (2.0 * t + k as f64);
                assert!((x * Float::cos(theta) - y * Float::sin(theta)).abs() < 1e-7, "angle at t = {t}");
            }
            start += n;
        }
    }

    #[test]
    fn noise_grows_with_t_and_has_deviation_t_times_sigma_squared() {
        let (clean, noisy) =
            (Spiral { points: 30_000, classes: 3, noise: 0.0 }, Spiral { points: 30_000, classes: 3, noise: 0.5 });
        let difference = &*load(&noisy).x - &*load(&clean).x;
        let mut sum = 0.0;
        for (i, row) in difference.rows().into_iter().enumerate() {
            let t = (i % 10_000) as f64 / 9_999.0;
            if t > 0.01 {
                sum += row.iter().map(|&e| Float::powi(f64::from(e) / t, 2)).sum::<f64>() / (2.0 * 29_700.0);
            }
        }
        assert!((sum.sqrt() - 0.25).abs() < 0.005, "σ² = {}", sum.sqrt());
    }
}
