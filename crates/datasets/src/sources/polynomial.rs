//! A polynomial on an interval: y = Σ cᵢ xⁱ + noise · ε, by Horner's rule in f64.

use super::{curve::Curve, sine::default_points};
use crate::{DataError, Dataset, Source, Spec};
use registry::{Config, Problems};
use std::path::Path;
use tensor::Streams;

/// A polynomial to fit: y = c₀ + c₁x + c₂x² + … + noise · ε, ε ~ N(0, 1).
///
/// Points are evenly spaced on [lo, hi], both ends included. Features: `x`; target: `y`.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Polynomial {
    /// The coefficients c₀, c₁, c₂, …, lowest power first; at least one.
    pub coefficients: Vec<f64>,
    /// Left end of the interval. Default −1.
    #[serde(default = "default_lo")]
    pub lo: f64,
    /// Right end of the interval. Default 1.
    #[serde(default = "default_hi")]
    pub hi: f64,
    /// How many points, at least 2. Default 200.
    #[serde(default = "default_points")]
    pub points: usize,
    /// Standard deviation of the noise on y. Default 0.
    #[serde(default)]
    pub noise: f64,
}

pub(super) fn default_lo() -> f64 {
    -1.0
}

pub(super) fn default_hi() -> f64 {
    1.0
}

impl Config for Polynomial {
    const KIND: &str = "polynomial";
    const EXAMPLE: &str = "coefficients = [0.0, -1.0, 0.0, 2.0]\nlo = -1.0\nhi = 1.0";
}

impl Polynomial {
    fn curve(&self) -> Curve {
        Curve { lo: self.lo, hi: self.hi, points: self.points, noise: self.noise }
    }

    fn at(&self, x: f64) -> f64 {
        self.coefficients.iter().rev().fold(0.0, |sum, c| sum * x + c)
    }
}

impl Source for Polynomial {
    fn check(&self, problems: &mut Problems) {
        problems
            .require(!self.coefficients.is_empty(), "coefficients", || "no coefficients, expected at least one".into());
        for (i, c) in self.coefficients.iter().enumerate() {
            problems.require(c.is_finite(), format!("coefficients[{i}]"), || {
                format!("c{i} is {c}, expected a finite number")
            });
        }
        self.curve().check(problems);
        if problems.is_empty() {
            for (key, x) in [("lo", self.lo), ("hi", self.hi)] {
                let y = self.at(x);
                problems.require((y as f32).is_finite(), key, || {
                    format!("the polynomial is {y:e} at {x}, expected values within 32-bit numbers")
                });
            }
        }
    }

    fn spec(&self, _base: &Path) -> Result<Spec, DataError> {
        Ok(self.curve().spec())
    }

    fn load(&self, _base: &Path, streams: &Streams, stage: &str) -> Result<Dataset, DataError> {
        self.curve().sample(streams, stage, |x| Ok(self.at(x)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_the_polynomial() {
        let source = Polynomial { coefficients: vec![1.0, -2.0, 0.0, 4.0], lo: -2.0, hi: 2.0, points: 5, noise: 0.0 };
        let data = source.load(Path::new("."), &Streams::new(1), "dataset.p").unwrap();
        // 1 − 2x + 4x³ at −2, −1, 0, 1, 2
        assert_eq!(data.values().unwrap().iter().copied().collect::<Vec<_>>(), [-27.0, -1.0, 1.0, 3.0, 29.0]);
        assert_eq!(data.values(), data.truth.as_ref());
    }
}
