//! Confusion matrices: how often samples of one class are taken for another, and what follows from it class by class.
//!
//! C_{tp} counts the samples of class t that are taken for class p. Of class c: recall = C_cc / Σ_p C_cp, the share of its
//! samples that are recognised (also called the class's accuracy); precision = C_cc / Σ_t C_tc, the share of right ones among
//! those taken for it; F1 = 2·C_cc / (Σ_p C_cp + Σ_t C_tc), their harmonic mean.

use std::cmp::Reverse;

use ndarray::{Array2, ArrayView1, ArrayView2, Axis};
use tensor::reduce::argmax;
use training::{ClassCounts, macro_averages};

use crate::Metrics;

/// Counts of samples by true and predicted class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confusion {
    /// The classes' names, in order.
    pub classes: Vec<String>,
    /// true class × predicted class.
    pub counts: Array2<u64>,
}

/// What the matrix says of one class. A ratio without samples below the line is NaN.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClassScores {
    /// How many samples are of this class.
    pub samples: u64,
    /// How many samples are taken for it.
    pub predicted: u64,
    /// How many of its samples are recognised.
    pub right: u64,
    /// right / samples: the class's accuracy.
    pub recall: f64,
    /// right / predicted.
    pub precision: f64,
    /// Their harmonic mean.
    pub f1: f64,
}

/// The class with the largest score of each sample (samples × classes), the first of equal ones.
pub fn largest_scores(scores: ArrayView2<'_, f32>) -> impl Iterator<Item = usize> {
    let largest = |row: ArrayView1<'_, f32>| row.as_slice().map_or_else(|| argmax(&row.to_vec()), argmax);
    (0..scores.nrows()).map(move |row| largest(scores.row(row)))
}

impl Confusion {
    /// Counts samples with these true and predicted classes, both numbered as `classes` are.
    ///
    /// # Panics
    /// If a number is not below that of the classes.
    pub fn of(classes: &[String], samples: impl IntoIterator<Item = (usize, usize)>) -> Self {
        let mut counts = Array2::zeros((classes.len(), classes.len()));
        for (target, predicted) in samples {
            counts[[target, predicted]] += 1;
        }
        Self { classes: classes.to_vec(), counts }
    }

    /// Counts samples with these labels by the largest of their scores (samples × classes), the first of equal ones.
    pub fn of_scores(classes: &[String], labels: &[u32], scores: ArrayView2<'_, f32>) -> Self {
        Self::of(classes, labels.iter().map(|label| *label as usize).zip(largest_scores(scores)))
    }

    /// How many samples there are.
    pub fn total(&self) -> u64 {
        self.counts.sum()
    }

    /// How many are taken for what they are.
    pub fn right(&self) -> u64 {
        self.counts.diag().sum()
    }

    /// Their share; NaN without samples.
    pub fn accuracy(&self) -> f64 {
        self.right() as f64 / self.total() as f64
    }

    /// What it says of each class.
    pub fn scores(&self) -> Vec<ClassScores> {
        let (samples, predicted) = (self.counts.sum_axis(Axis(1)), self.counts.sum_axis(Axis(0)));
        let one = |c: usize| {
            let (samples, predicted, right) = (samples[c], predicted[c], self.counts[[c, c]]);
            ClassScores {
                samples,
                predicted,
                right,
                recall: right as f64 / samples as f64,
                precision: right as f64 / predicted as f64,
                f1: 2.0 * right as f64 / (samples + predicted) as f64,
            }
        };
        (0..self.classes.len()).map(one).collect()
    }

    /// Means over the classes that have samples or are predicted: recall, precision, F1 ([`macro_averages`]).
    pub fn macro_scores(&self) -> [f64; 3] {
        let counts = |s: ClassScores| ClassCounts { samples: s.samples, predicted: s.predicted, right: s.right };
        let [precision, recall, f1] = macro_averages(self.scores().into_iter().map(counts));
        [recall, precision, f1]
    }

    /// Each count as a share of its row, that is of the samples of the true class; NaN in a row without samples.
    pub fn shares(&self) -> Array2<f64> {
        let samples = self.counts.sum_axis(Axis(1));
        Array2::from_shape_fn(self.counts.dim(), |(t, p)| self.counts[[t, p]] as f64 / samples[t] as f64)
    }

    /// The wrong cells that have samples, those with most first, of equal ones the first of the matrix: true class, predicted
    /// class, count.
    pub fn mistakes(&self) -> Vec<(usize, usize, u64)> {
        let wrong = self.counts.indexed_iter().filter(|((t, p), n)| t != p && **n > 0);
        let mut mistakes: Vec<_> = wrong.map(|((t, p), n)| (t, p, *n)).collect();
        mistakes.sort_by_key(|(_, _, n)| Reverse(*n));
        mistakes
    }

    /// The first of the [mistakes](Self::mistakes).
    pub fn worst(&self) -> Option<(usize, usize, u64)> {
        self.mistakes().first().copied()
    }

    /// Its numbers for `metrics.json`.
    pub fn metrics(&self) -> Metrics {
        let mut metrics = Metrics::default();
        metrics.add("samples", self.total() as usize);
        metrics.add("accuracy", self.accuracy());
        let [recall, precision, f1] = self.macro_scores();
        metrics.add("macro_recall", recall);
        metrics.add("macro_precision", precision);
        metrics.add("macro_f1", f1);
        let mut classes = Metrics::default();
        for (name, scores) in self.classes.iter().zip(self.scores()) {
            let mut own = Metrics::default();
            own.add("samples", scores.samples as usize);
            own.add("recall", scores.recall);
            own.add("precision", scores.precision);
            own.add("f1", scores.f1);
            classes.add(name, own);
        }
        metrics.add("classes", classes);
        let row = |row: ndarray::ArrayView1<'_, u64>| row.iter().map(|n| *n as usize).collect::<Vec<_>>();
        metrics.add("confusion", self.counts.rows().into_iter().map(row).collect::<Vec<_>>());
        metrics
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    fn confusion(targets: &[usize], predicted: &[usize]) -> Confusion {
        let names = ["a", "b", "c", "d"].map(String::from);
        Confusion::of(&names, targets.iter().copied().zip(predicted.iter().copied()))
    }

    #[test]
    fn scores_are_those_of_scikit_learn() {
        // sklearn.metrics.precision_recall_fscore_support(t, p, labels=[0, 1, 2, 3], zero_division=nan): precision
        // (2/3, 1/2, nan, nan), recall (2/3, 2/3, 0, nan), F1 (2/3, 4/7, 0, nan); macro over a, b, c with zero_division=0.
        let found = confusion(&[0, 0, 0, 1, 1, 1, 2], &[0, 1, 0, 1, 1, 0, 1]);
        assert_eq!(found.counts, array![[2, 1, 0, 0], [1, 2, 0, 0], [0, 1, 0, 0], [0, 0, 0, 0]]);
        let scores = found.scores();
        let close = |a: f64, b: f64| (a - b).abs() < 1e-15 || (a.is_nan() && b.is_nan());
        let expected = [
            (2.0 / 3.0, 2.0 / 3.0, 2.0 / 3.0),
            (0.5, 2.0 / 3.0, 4.0 / 7.0),
            (f64::NAN, 0.0, 0.0),
            (f64::NAN, f64::NAN, f64::NAN),
        ];
        for (scores, (precision, recall, f1)) in scores.iter().zip(expected) {
            assert!(close(scores.precision, precision) && close(scores.recall, recall) && close(scores.f1, f1));
        }
        let means = found.macro_scores();
        let expected = [4.0 / 9.0, (2.0 / 3.0 + 0.5) / 3.0, (2.0 / 3.0 + 4.0 / 7.0) / 3.0];
        assert!(means.iter().zip(expected).all(|(a, b)| close(*a, b)), "{means:?}");
        assert_eq!((found.total(), found.right(), found.accuracy()), (7, 4, 4.0 / 7.0));
        assert_eq!(found.worst(), Some((0, 1, 1)));
        assert_eq!(found.shares()[[2, 1]], 1.0);
        assert!(found.shares()[[3, 0]].is_nan());
    }

    #[test]
    fn nothing_is_not_a_mistake() {
        assert_eq!(confusion(&[1, 2], &[1, 2]).worst(), None);
        let empty = confusion(&[], &[]);
        assert!(empty.accuracy().is_nan() && empty.macro_scores()[0].is_nan());
        assert_eq!((empty.total(), empty.worst()), (0, None));
    }

    #[test]
    fn the_largest_score_decides_and_the_first_of_equals() {
        let names = ["a", "b"].map(String::from);
        let found = Confusion::of_scores(&names, &[1, 0, 1], array![[0.0, 1.0], [2.0, 2.0], [f32::NAN, 3.0]].view());
        assert_eq!(found.counts, array![[1, 0], [0, 2]]);
    }
}
