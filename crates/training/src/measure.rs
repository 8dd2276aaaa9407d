//! The numbers that tell how good a model is.
//!
//! Of class c: recall = right / samples, the share of its samples that are recognised; precision = right / predicted, the share
//! of right ones among those taken for it; F1 = 2·right / (samples + predicted), their harmonic mean. A ratio of nothing is 0. A
//! model's are the means over the classes that have samples or are predicted, as scikit-learn's
//! `precision_recall_fscore_support(average="macro", zero_division=0)` has them.

/// A number that tells how good a model is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// The mean loss; lower is better.
    #[default]
    Loss,
    /// The share of samples classified right; higher is better.
    Accuracy,
    /// Of the samples taken for a class, the share that is of it, as a mean over the classes; higher is better.
    Precision,
    /// Of the samples of a class, the share taken for it, as a mean over the classes; higher is better.
    Recall,
    /// The harmonic mean of a class's precision and recall, as a mean over the classes; higher is better.
    F1,
}

impl Measure {
    /// All of them, in the order in which they are told.
    pub const ALL: [Self; 5] = [Self::Loss, Self::Accuracy, Self::Precision, Self::Recall, Self::F1];

    /// `loss`, `accuracy`, `precision`, `recall` or `f1`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Loss => "loss",
            Self::Accuracy => "accuracy",
            Self::Precision => "precision",
            Self::Recall => "recall",
            Self::F1 => "f1",
        }
    }

    /// Whether it is a mean over the classes.
    pub fn is_macro(self) -> bool {
        matches!(self, Self::Precision | Self::Recall | Self::F1)
    }
}

/// What is counted of one class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ClassCounts {
    /// How many samples are of it.
    pub samples: u64,
    /// How many samples are taken for it.
    pub predicted: u64,
    /// How many of its samples are taken for it.
    pub right: u64,
}

/// Precision, recall and F1 as means over the classes that have samples or are predicted; NaN without any.
pub fn macro_averages(classes: impl Iterator<Item = ClassCounts>) -> [f64; 3] {
    let share = |part: u64, of: u64| if of > 0 { part as f64 / of as f64 } else { 0.0 };
    let (mut sums, mut n) = ([0.0; 3], 0.0);
    for ClassCounts { samples, predicted, right } in classes.filter(|class| class.samples + class.predicted > 0) {
        let own = [share(right, predicted), share(right, samples), share(2 * right, samples + predicted)];
        sums.iter_mut().zip(own).for_each(|(sum, own)| *sum += own);
        n += 1.0;
    }
    sums.map(|sum| sum / n)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn averages_are_those_of_scikit_learn() {
        // scikit-learn 1.9.1: precision_recall_fscore_support([0, 0, 0, 1, 1, 1, 2], [0, 1, 0, 1, 1, 0, 3], average="macro",
        // zero_division=0) = (1/3, 1/3, 1/3): class 2 is never predicted, and class 3 has no samples.
        let mut counts = [ClassCounts::default(); 5];
        for (label, predicted) in [0, 0, 0, 1, 1, 1, 2].into_iter().zip([0, 1, 0, 1, 1, 0, 3]) {
            counts[label].samples += 1;
            counts[predicted].predicted += 1;
            counts[label].right += u64::from(label == predicted);
        }
        let third = 1.0_f64 / 3.0;
        assert!(macro_averages(counts.into_iter()).iter().all(|v| (v - third).abs() < 1e-15));
        // ([0, 1, 2, 0, 1, 2], [0, 2, 1, 0, 0, 1]): the numbers of scikit-learn's own documentation.
        let mut counts = [ClassCounts::default(); 3];
        for (label, predicted) in [0, 1, 2, 0, 1, 2].into_iter().zip([0, 2, 1, 0, 0, 1]) {
            counts[label].samples += 1;
            counts[predicted].predicted += 1;
            counts[label].right += u64::from(label == predicted);
        }
        let [precision, recall, f1] = macro_averages(counts.into_iter());
        assert!((precision - 2.0 / 9.0).abs() < 1e-15 && (recall - third).abs() < 1e-15, "{precision} {recall}");
        assert!((f1 - 4.0 / 15.0).abs() < 1e-15, "{f1}");
        assert!(macro_averages(std::iter::empty()).iter().all(|v| v.is_nan()));
    }
}
