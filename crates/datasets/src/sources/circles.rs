//! Two concentric circles, as scikit-learn's `make_circles`.

use super::plane::{self, Points, share};
use crate::{DataError, Dataset, Source, Spec};
use registry::{Config, Problems};
use std::path::Path;
use tensor::{Float, Purpose, Streams};

/// A circle inside a circle, one class each: separable by the radius alone.
///
/// Points r·(cos φ, sin φ), φ evenly spaced around, plus Gaussian noise on both coordinates; r is 1 outside and `factor` inside.
/// The outer circle has one point more where the number is odd. Features: `x`, `y`; classes: `outer`, `inner`.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Circles {
    /// How many points in all, at least 2. Default 1000.
    #[serde(default = "super::spiral::default_points")]
    pub points: usize,
    /// Radius of the inner circle, between 0 and 1, the outer's. Default 0.5.
    #[serde(default = "default_factor")]
    pub factor: f64,
    /// Standard deviation of the noise. Default 0.05.
    #[serde(default = "default_noise")]
    pub noise: f64,
}

fn default_factor() -> f64 {
    0.5
}

fn default_noise() -> f64 {
    0.05
}

impl Config for Circles {
    const KIND: &str = "circles";
    const EXAMPLE: &str = "points = 500\nfactor = 0.5\nnoise = 0.05";
}

fn names() -> Vec<String> {
    vec!["outer".into(), "inner".into()]
}

impl Source for Circles {
    fn check(&self, problems: &mut Problems) {
        plane::points(problems, self.points, 2);
        problems.require(self.factor > 0.0 && self.factor < 1.0, "factor", || {
            format!("the inner radius is {}, expected 0 < factor < 1", self.factor)
        });
        plane::noise(problems, self.noise);
    }

    fn spec(&self, _base: &Path) -> Result<Spec, DataError> {
        Ok(plane::spec(self.points, names()))
    }

    fn load(&self, _base: &Path, streams: &Streams, stage: &str) -> Result<Dataset, DataError> {
        let mut stream = streams.stream(stage, Purpose::Noise);
        let mut points = Points::default();
        for (circle, radius) in [1.0, self.factor].into_iter().enumerate() {
            let n = share(self.points, 2, circle);
            for i in 0..n {
                let phi = std::f64::consts::TAU * (i as f64 / n as f64);
                let p = [radius * Float::cos(phi), radius * Float::sin(phi)];
                points.push(plane::jitter(p, self.noise, &mut stream), circle);
            }
        }
        Ok(points.named(names()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::load;

    #[test]
    fn without_noise_lies_on_the_circles() {
        let data = load(&Circles { points: 101, factor: 0.25, noise: 0.0 });
        assert_eq!(data.class_counts().unwrap(), [51, 50]);
        for (row, &label) in data.x.rows().into_iter().zip(data.labels().unwrap()) {
            let radius = (row[0] * row[0] + row[1] * row[1]).sqrt();
            assert!((radius - [1.0, 0.25][label as usize]).abs() < 1e-6, "{radius}");
        }
        // No point twice: the last is one step short of the first.
        assert_eq!((data.x[[0, 0]], data.x[[0, 1]]), (1.0, 0.0));
        assert!(data.x[[50, 1]] < -0.1);
    }
}
