//! What the two-dimensional classifications share: counts per class, points with labels, their names.

use crate::{Dataset, Spec, TargetSpec, Targets};
use ndarray::Array2;
use registry::Problems;
use tensor::Stream;

pub use super::curve::{noise, points, spaced};

/// More classes than this are taken for a slip of the pen.
const MOST_CLASSES: usize = 1000;

/// Notes a number of classes that is none.
pub fn classes(problems: &mut Problems, classes: usize) {
    problems.require((2..=MOST_CLASSES).contains(&classes), "classes", || {
        format!("{classes} classes, expected 2 to {MOST_CLASSES}")
    });
}

/// How many of `n` points class `k` of `classes` gets: the first n mod K classes get one more than the others.
pub fn share(n: usize, classes: usize, k: usize) -> usize {
    let classes = classes.max(1);
    n / classes + usize::from(k < n % classes)
}

/// Class names `word 0`, `word 1`, ….
pub fn numbered(word: &str, classes: usize) -> Vec<String> {
    (0..classes).map(|k| format!("{word} {k}")).collect()
}

/// n × 2 samples `x`, `y` in classes of these names.
pub fn spec(n: usize, names: Vec<String>) -> Spec {
    Spec { n, shape: vec![2], target: TargetSpec::Classes { names }, feature_names: vec!["x".into(), "y".into()] }
}

/// `p` plus Gaussian noise of standard deviation `sigma` on both coordinates: x drawn first.
pub fn jitter([x, y]: [f64; 2], sigma: f64, stream: &mut Stream) -> [f64; 2] {
    [x + sigma * stream.normal(), y + sigma * stream.normal()]
}

/// Points in the plane as they are made.
#[derive(Default)]
pub struct Points {
    x: Vec<f32>,
    labels: Vec<u32>,
}

impl Points {
    /// Adds a point of class `label`.
    pub fn push(&mut self, p: [f64; 2], label: usize) {
        self.x.extend(p.map(|c| c as f32));
        self.labels.push(label as u32);
    }

    /// The points as a data set with classes of these names.
    pub fn named(self, names: Vec<String>) -> Dataset {
        let spec = spec(self.labels.len(), Vec::new());
        Dataset {
            // Two coordinates were pushed with each label.
            x: Array2::from_shape_fn((spec.n, 2), |(i, j)| self.x[2 * i + j]).into(),
            shape: spec.shape,
            y: Targets::Classes { labels: self.labels, names },
            feature_names: spec.feature_names,
            truth: None,
        }
    }
}
