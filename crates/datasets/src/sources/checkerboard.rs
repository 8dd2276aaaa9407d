//! A checkerboard: uniform points on the square, coloured by field.

use super::plane::{self, Points};
use crate::{DataError, Dataset, Source, Spec};
use registry::{Config, Problems};
use std::path::Path;
use tensor::{Purpose, Streams};

/// A checkerboard of two classes: many separate regions, which take many bends to carve out.
///
/// Points are uniform on [−1, 1)²; field (i, j) of cells × cells has colour (i + j) mod 2, the lower left one being dark.
/// Noise moves a point after it got its colour. Features: `x`, `y`; classes: `dark`, `light`.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Checkerboard {
    /// How many points in all, at least 2. Default 1000.
    #[serde(default = "super::spiral::default_points")]
    pub points: usize,
    /// Fields along one side, 2 to 100. Default 4.
    #[serde(default = "default_cells")]
    pub cells: usize,
    /// Standard deviation of the noise on both coordinates. Default 0.
    #[serde(default)]
    pub noise: f64,
}

fn default_cells() -> usize {
    4
}

impl Config for Checkerboard {
    const KIND: &str = "checkerboard";
    const EXAMPLE: &str = "points = 2000\ncells = 4";
}

fn names() -> Vec<String> {
    vec!["dark".into(), "light".into()]
}

impl Source for Checkerboard {
    fn check(&self, problems: &mut Problems) {
        plane::points(problems, self.points, 2);
        problems.require((2..=100).contains(&self.cells), "cells", || {
            format!("{} fields a side, expected 2 to 100", self.cells)
        });
        plane::noise(problems, self.noise);
    }

    fn spec(&self, _base: &Path) -> Result<Spec, DataError> {
        Ok(plane::spec(self.points, names()))
    }

    fn load(&self, _base: &Path, streams: &Streams, stage: &str) -> Result<Dataset, DataError> {
        let mut sample = streams.stream(stage, Purpose::Sample);
        let mut noise = streams.stream(stage, Purpose::Noise);
        let mut points = Points::default();
        for _ in 0..self.points {
            let unit = [sample.uniform_f64(), sample.uniform_f64()];
            // The largest u below 1 times the number of fields may round up to that number.
            let [i, j] = unit.map(|u| ((u * self.cells as f64) as usize).min(self.cells - 1));
            let p = unit.map(|u| 2.0 * u - 1.0);
            points.push(plane::jitter(p, self.noise, &mut noise), (i + j) % 2);
        }
        Ok(points.named(names()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::load;

    #[test]
    fn colours_alternate() {
        let data = load(&Checkerboard { points: 4000, cells: 4, noise: 0.0 });
        for (row, &label) in data.x.rows().into_iter().zip(data.labels().unwrap()) {
            let [i, j] = [row[0], row[1]].map(|c| {
                assert!((-1.0..=1.0).contains(&c));
                ((c + 1.0) * 2.0).floor().min(3.0) as u32
            });
            assert_eq!(label, (i + j) % 2, "{row}");
        }
        // Half of the board is dark: four standard errors of a coin.
        let dark = data.class_counts().unwrap()[0] as f64 / 4000.0;
        assert!((dark - 0.5).abs() < 4.0 * 0.5 / 63.2, "{dark}");
    }
}
