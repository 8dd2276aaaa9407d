//! Two interleaved half circles, as scikit-learn's `make_moons`.

use super::plane::{self, Points, share, spaced};
use crate::{DataError, Dataset, Source, Spec};
use registry::{Config, Problems};
use std::path::Path;
use tensor::{Float, Purpose, Streams};

/// Two half moons that reach into each other, one class each.
///
/// Upper: (cos φ, sin φ); lower: (1 − cos φ, ½ − sin φ); φ evenly spaced on [0, π], plus Gaussian noise on both coordinates. The
/// upper moon has one point more where the number is odd. Features: `x`, `y`; classes: `upper`, `lower`.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Moons {
    /// How many points in all, at least 2. Default 1000.
    #[serde(default = "super::spiral::default_points")]
    pub points: usize,
    /// Standard deviation of the noise. Default 0.1.
    #[serde(default = "default_noise")]
    pub noise: f64,
}

fn default_noise() -> f64 {
    0.1
}

impl Config for Moons {
    const KIND: &str = "moons";
    const EXAMPLE: &str = "points = 500\nnoise = 0.1";
}

fn names() -> Vec<String> {
    vec!["upper".into(), "lower".into()]
}

impl Source for Moons {
    fn check(&self, problems: &mut Problems) {
        plane::points(problems, self.points, 2);
        plane::noise(problems, self.noise);
    }

    fn spec(&self, _base: &Path) -> Result<Spec, DataError> {
        Ok(plane::spec(self.points, names()))
    }

    fn load(&self, _base: &Path, streams: &Streams, stage: &str) -> Result<Dataset, DataError> {
        let mut stream = streams.stream(stage, Purpose::Noise);
        let mut points = Points::default();
        for moon in 0..2 {
            let n = share(self.points, 2, moon);
            for i in 0..n {
                let phi = spaced(0.0, std::f64::consts::PI, i, n);
                let (sin, cos) = (Float::sin(phi), Float::cos(phi));
                let p = if moon == 0 { [cos, sin] } else { [1.0 - cos, 0.5 - sin] };
                points.push(plane::jitter(p, self.noise, &mut stream), moon);
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
    fn follows_scikit_learn() {
        // sklearn.datasets.make_moons(6, shuffle=False): outer then inner, (cos, sin) and (1 − cos, 1 − sin − 0.5) of
        // linspace(0, π, 3)
        let expected = [1.0, 0.0, 0.0, 1.0, -1.0, 0.0, 0.0, 0.5, 1.0, -0.5, 2.0, 0.5];
        let data = load(&Moons { points: 6, noise: 0.0 });
        assert!(data.x.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-7), "{}", *data.x);
        assert_eq!(data.labels().unwrap(), [0, 0, 0, 1, 1, 1]);
        assert_eq!(load(&Moons { points: 7, noise: 0.0 }).class_counts().unwrap(), [4, 3]);
    }
}
