//! Any function of x, written as a formula: y = f(x) + noise · ε.

use super::{
    curve::Curve,
    formula::Formula,
    polynomial::{default_hi, default_lo},
    sine::default_points,
};
use crate::{DataError, Dataset, Source, Spec};
use registry::{Config, Problems};
use std::path::Path;
use tensor::Streams;

/// A function to fit, written as a formula of x: y = f(x) + noise · ε, ε ~ N(0, 1).
///
/// A formula has numbers, `x`, `pi`, `e`, the operators `+ - * / ^`, parentheses, and the functions `sin`, `cos`, `tanh`, `exp`,
/// `ln`, `sqrt`, `abs`. Points are evenly spaced on [lo, hi], both ends included. Features: `x`; target: `y`.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Expression {
    /// The formula, such as `"exp(-x^2) * sin(5*x)"`.
    pub y: String,
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

impl Config for Expression {
    const KIND: &str = "expression";
    const EXAMPLE: &str = "y = \"exp(-x^2) * sin(5*x)\"\nlo = -2.0\nhi = 2.0";
}

impl Expression {
    fn curve(&self) -> Curve {
        Curve { lo: self.lo, hi: self.hi, points: self.points, noise: self.noise }
    }
}

impl Source for Expression {
    fn check(&self, problems: &mut Problems) {
        if let Err(error) = Formula::parse(&self.y) {
            problems.add("y", error.to_string());
        }
        self.curve().check(problems);
    }

    fn spec(&self, _base: &Path) -> Result<Spec, DataError> {
        Formula::parse(&self.y)?;
        Ok(self.curve().spec())
    }

    fn load(&self, _base: &Path, streams: &Streams, stage: &str) -> Result<Dataset, DataError> {
        let formula = Formula::parse(&self.y)?;
        self.curve().sample(streams, stage, |x| {
            let value = formula.at(x);
            if (value as f32).is_finite() {
                Ok(value)
            } else {
                Err(DataError::Formula { formula: self.y.clone(), x, value })
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(formula: &str) -> Expression {
        Expression { y: formula.into(), lo: -2.0, hi: 2.0, points: 5, noise: 0.0 }
    }

    #[test]
    fn is_the_formula() {
        let data = source("x^2 - 1").load(Path::new("."), &Streams::new(1), "dataset.e").unwrap();
        assert_eq!(data.values().unwrap().iter().copied().collect::<Vec<_>>(), [3.0, 0.0, -1.0, 0.0, 3.0]);
    }

    #[test]
    fn a_pole_is_named() {
        let error = source("1/x").load(Path::new("."), &Streams::new(1), "dataset.e").unwrap_err();
        assert_eq!(error.to_string(), "formula `1/x` is inf at x = 0, expected a finite number");
        let mut problems = Problems::default();
        source("sin(").check(&mut problems);
        assert_eq!(problems.into_vec()[0].path, "y");
    }
}
