//! What the one-dimensional regressions share: a function sampled at evenly spaced points, with Gaussian noise.

use crate::{DataError, Dataset, Spec, TargetSpec, Targets};
use ndarray::Array2;
use registry::Problems;
use tensor::{Purpose, Streams};

/// More points than this are taken for a slip of the pen: they would fill the memory.
pub const MOST_POINTS: usize = 10_000_000;

/// Evenly spaced points on [lo, hi], both ends included, and the standard deviation of the noise on the values.
pub struct Curve {
    pub lo: f64,
    pub hi: f64,
    pub points: usize,
    pub noise: f64,
}

impl Curve {
    /// Notes what is out of range: the interval has a length, there are two ends, noise is not negative.
    pub fn check(&self, problems: &mut Problems) {
        let Curve { lo, hi, .. } = *self;
        problems.require(lo.is_finite(), "lo", || format!("lo is {lo}, expected a finite number"));
        problems.require(hi.is_finite(), "hi", || format!("hi is {hi}, expected a finite number"));
        if lo.is_finite() && hi.is_finite() {
            problems.require(lo < hi, "hi", || format!("the interval from {lo} to {hi} is empty, expected lo < hi"));
        }
        points(problems, self.points, 2);
        noise(problems, self.noise);
    }

    /// n × 1 samples `x`, one value `y` each.
    pub fn spec(&self) -> Spec {
        Spec {
            n: self.points,
            shape: vec![1],
            target: TargetSpec::Values { columns: vec!["y".into()] },
            feature_names: vec!["x".into()],
        }
    }

    /// y = f(x) + noise · ε, ε ~ N(0, 1), one draw per point in order of x; `truth` is f(x).
    ///
    /// # Errors
    /// Only those of `f`.
    pub fn sample(
        &self,
        streams: &Streams,
        stage: &str,
        f: impl Fn(f64) -> Result<f64, DataError>,
    ) -> Result<Dataset, DataError> {
        let mut stream = streams.stream(stage, Purpose::Noise);
        let (mut x, mut y, mut truth) = (Vec::new(), Vec::new(), Vec::new());
        for i in 0..self.points {
            let at = spaced(self.lo, self.hi, i, self.points);
            let value = f(at)?;
            x.push(at as f32);
            truth.push(value as f32);
            y.push((value + self.noise * stream.normal()) as f32);
        }
        let spec = self.spec();
        Ok(Dataset {
            x: column(x).into(),
            shape: spec.shape,
            y: Targets::Values { values: column(y), columns: vec!["y".into()] },
            feature_names: spec.feature_names,
            truth: Some(column(truth)),
        })
    }
}

/// Point i of n evenly spaced from lo to hi, both included; lo where there is only one.
pub fn spaced(lo: f64, hi: f64, i: usize, n: usize) -> f64 {
    if i + 1 == n && n > 1 { hi } else { lo + (hi - lo) * (i as f64 / n.saturating_sub(1).max(1) as f64) }
}

/// Notes a number of points below `least` or beyond all memory.
pub fn points(problems: &mut Problems, points: usize, least: usize) {
    problems.require((least..=MOST_POINTS).contains(&points), "points", || {
        format!("{points} points, expected {least} to {MOST_POINTS}")
    });
}

/// Notes a noise that is no standard deviation.
pub fn noise(problems: &mut Problems, noise: f64) {
    problems.require(noise.is_finite() && noise >= 0.0, "noise", || format!("noise is {noise}, expected 0 or more"));
}

fn column(values: Vec<f32>) -> Array2<f32> {
    ndarray::Array1::from(values).insert_axis(ndarray::Axis(1))
}
