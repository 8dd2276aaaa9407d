//! The sine on an interval: y = sin x + noise · ε.

use super::curve::Curve;
use crate::{DataError, Dataset, Source, Spec};
use registry::{Config, Problems};
use std::path::Path;
use tensor::{Float, Streams};

/// A sine wave to fit: y = sin x + noise · ε, ε ~ N(0, 1).
///
/// Points are evenly spaced on [lo, hi], both ends included. Features: `x`; target: `y`.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sine {
    /// Left end of the interval, in radians. Default 0.
    #[serde(default)]
    pub lo: f64,
    /// Right end of the interval, in radians. Default 2π.
    #[serde(default = "full_turn")]
    pub hi: f64,
    /// How many points, at least 2. Default 200.
    #[serde(default = "default_points")]
    pub points: usize,
    /// Standard deviation of the noise on y. Default 0.
    #[serde(default)]
    pub noise: f64,
}

fn full_turn() -> f64 {
    std::f64::consts::TAU
}

pub(super) fn default_points() -> usize {
    200
}

impl Config for Sine {
    const KIND: &str = "sine";
    const EXAMPLE: &str = "points = 200\nnoise = 0.1";
}

impl Sine {
    fn curve(&self) -> Curve {
        Curve { lo: self.lo, hi: self.hi, points: self.points, noise: self.noise }
    }
}

impl Source for Sine {
    fn check(&self, problems: &mut Problems) {
        self.curve().check(problems);
    }

    fn spec(&self, _base: &Path) -> Result<Spec, DataError> {
        Ok(self.curve().spec())
    }

    fn load(&self, _base: &Path, streams: &Streams, stage: &str) -> Result<Dataset, DataError> {
        self.curve().sample(streams, stage, |x| Ok(Float::sin(x)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(source: Sine) -> Dataset {
        source.load(Path::new("."), &Streams::new(7), "dataset.sine").unwrap()
    }

    #[test]
    fn is_the_sine() {
        let data = load(Sine { lo: 0.0, hi: full_turn(), points: 5, noise: 0.0 });
        for (x, y) in data.x.iter().zip(data.values().unwrap()) {
            let expected = f64::from(*x) / full_turn() * 4.0;
            assert_eq!(expected.round(), (expected * 1e6).round() / 1e6);
            let quarter = [0.0, 1.0, 0.0, -1.0, 0.0][expected.round() as usize];
            assert!((y - quarter).abs() < 1e-7, "sin {x} = {y}");
        }
        assert_eq!(data.x[[4, 0]], std::f32::consts::TAU);
    }

    #[test]
    fn noise_is_normal_about_the_truth() {
        let data = load(Sine { lo: 0.0, hi: 1.0, points: 20_000, noise: 0.25 });
        let errors: Vec<f64> =
            (data.values().unwrap() - data.truth.as_ref().unwrap()).iter().map(|&e| e.into()).collect();
        let mean = errors.iter().sum::<f64>() / 20_000.0;
        let std = (errors.iter().map(|e| e * e).sum::<f64>() / 20_000.0).sqrt();
        // Four standard errors: σ/√n and σ/√2n.
        assert!(mean.abs() < 4.0 * 0.25 / 141.0 && (std - 0.25).abs() < 4.0 * 0.25 / 200.0, "{mean} ± {std}");
        let within = errors.iter().filter(|e| e.abs() < 0.25).count() as f64 / 20_000.0;
        assert!((within - 0.6827).abs() < 0.015, "{within} within one standard deviation");
    }
}
