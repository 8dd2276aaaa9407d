//! Gaussian clouds around the corners of a regular polygon.

use super::plane::{self, Points, share};
use crate::{DataError, Dataset, Source, Spec};
use registry::{Config, Problems};
use std::path::Path;
use tensor::{Float, Purpose, Streams};

/// Round Gaussian clouds, one class each: the case that a linear classifier solves best.
///
/// The centre of cloud k of K is radius·(cos φ, sin φ), φ = 2πk/K; points have standard deviation `noise` in both
/// coordinates. The first n mod K clouds have one point more. Features: `x`, `y`; classes: `cloud 0`, `cloud 1`, ….
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Gaussians {
    /// How many points in all, at least one per class. Default 1000.
    #[serde(default = "super::spiral::default_points")]
    pub points: usize,
    /// How many clouds K, at least 2. Default 2.
    #[serde(default = "default_classes")]
    pub classes: usize,
    /// Distance of the centres from the origin, above 0. Default 1.
    #[serde(default = "default_radius")]
    pub radius: f64,
    /// Standard deviation of a cloud. Default 0.3.
    #[serde(default = "default_noise")]
    pub noise: f64,
}

fn default_classes() -> usize {
    2
}

fn default_radius() -> f64 {
    1.0
}

fn default_noise() -> f64 {
    0.3
}

impl Config for Gaussians {
    const KIND: &str = "gaussians";
    const EXAMPLE: &str = "points = 600\nclasses = 3\nnoise = 0.3";
}

impl Source for Gaussians {
    fn check(&self, problems: &mut Problems) {
        plane::classes(problems, self.classes);
        plane::points(problems, self.points, self.classes);
        problems.require(self.radius.is_finite() && self.radius > 0.0, "radius", || {
            format!("the radius is {}, expected a number above 0", self.radius)
        });
        plane::noise(problems, self.noise);
    }

    fn spec(&self, _base: &Path) -> Result<Spec, DataError> {
        Ok(plane::spec(self.points, plane::numbered("cloud", self.classes)))
    }

    fn load(&self, _base: &Path, streams: &Streams, stage: &str) -> Result<Dataset, DataError> {
        let mut stream = streams.stream(stage, Purpose::Noise);
        let mut points = Points::default();
        for k in 0..self.classes {
            let phi = std::f64::consts::TAU * (k as f64 / self.classes as f64);
            let centre = [self.radius * Float::cos(phi), self.radius * Float::sin(phi)];
            for _ in 0..share(self.points, self.classes, k) {
                points.push(plane::jitter(centre, self.noise, &mut stream), k);
            }
        }
        Ok(points.named(plane::numbered("cloud", self.classes)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::load;

    #[test]
    fn clouds_have_their_centre_and_spread() {
        let data = load(&Gaussians { points: 40_001, classes: 4, radius: 3.0, noise: 0.5 });
        assert_eq!(data.class_counts().unwrap(), [10_001, 10_000, 10_000, 10_000]);
        let centres = [[3.0, 0.0], [0.0, 3.0], [-3.0, 0.0], [0.0, -3.0]];
        for (k, centre) in centres.into_iter().enumerate() {
            for axis in 0..2 {
                let values: Vec<f64> = (0..data.n())
                    .filter(|&i| data.labels().unwrap()[i] == k as u32)
                    .map(|i| f64::from(data.x[[i, axis]]) - centre[axis])
                    .collect();
                let n = values.len() as f64;
                let (mean, square) = (values.iter().sum::<f64>() / n, values.iter().map(|v| v * v).sum::<f64>() / n);
                // Four standard errors of a mean and of a standard deviation.
                assert!(
                    mean.abs() < 0.02 && (square.sqrt() - 0.5).abs() < 0.015,
                    "cloud {k}: {mean} ± {}",
                    square.sqrt()
                );
            }
        }
    }
}
