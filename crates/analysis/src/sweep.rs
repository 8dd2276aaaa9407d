//! The result of training one model many times, one setting changed.

use datasets::Split;
use models::{Layer, Model};

use crate::{Metrics, statistics};

/// Every run of a sweep.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sweep {
    /// The sweep's name.
    pub name: String,
    /// The training stage that was varied; of several that were repeated, the first.
    pub train: String,
    /// All that were repeated, one per value; none where a setting was changed.
    pub models: Vec<String>,
    /// The setting that was changed, as a dotted path below the stage; empty where several stages were repeated.
    pub set: String,
    /// What the setting is in the training stage itself, where it is a number.
    pub own: Option<f64>,
    /// What the horizontal axis of a picture says.
    pub axis: String,
    /// Whether the runs have an accuracy.
    pub classifies: bool,
    /// The loss and its unit.
    pub loss_unit: &'static str,
    /// One per value, in the order given.
    pub points: Vec<SweepPoint>,
}

/// All runs with one value.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SweepPoint {
    /// The value in words.
    pub label: String,
    /// The value, where it is a number.
    pub value: Option<f64>,
    /// The layers of its models.
    pub layers: Vec<Layer>,
    /// How many numbers are trained.
    pub parameters: usize,
    /// One per seed.
    pub runs: Vec<SweepRun>,
}

/// One run: what the model that it left gives on each split.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SweepRun {
    /// Loss on the training split.
    pub loss: f32,
    /// Accuracy on the training split, 0 to 1.
    pub accuracy: Option<f32>,
    /// Loss on the validation split.
    pub validation_loss: Option<f32>,
    /// Accuracy on the validation split.
    pub validation_accuracy: Option<f32>,
    /// Loss on the test split.
    pub test_loss: Option<f32>,
    /// Accuracy on the test split.
    pub test_accuracy: Option<f32>,
    /// The trained model; none where no analysis reads it, and of a run that diverged.
    pub model: Option<Model>,
    /// What training said where it diverged: then losses and accuracies are NaN.
    pub diverged: Option<String>,
}

impl SweepRun {
    /// Loss on a split, where there is such a one.
    pub fn loss_on(&self, split: Split) -> Option<f32> {
        match split {
            Split::Train => Some(self.loss),
            Split::Validation => self.validation_loss,
            Split::Test => self.test_loss,
        }
    }

    /// Accuracy on a split, where there is one.
    pub fn accuracy_on(&self, split: Split) -> Option<f32> {
        match split {
            Split::Train => self.accuracy,
            Split::Validation => self.validation_accuracy,
            Split::Test => self.test_accuracy,
        }
    }
}

/// The median of those that are numbers: the middle one, or the mean of the two in the middle; NaN of none.
pub fn median(values: &[f32]) -> f64 {
    let mut sorted: Vec<f64> = numbers(values).collect();
    sorted.sort_by(f64::total_cmp);
    statistics::median::median(&sorted)
}

/// Those that are numbers: a run that diverged has NaN.
fn numbers(values: &[f32]) -> impl Iterator<Item = f64> {
    values.iter().filter(|v| !v.is_nan()).map(|v| f64::from(*v))
}

/// Mean and sample standard deviation of those that are numbers; the latter 0 for a single one.
pub fn mean_and_spread(values: &[f32]) -> (f64, f64) {
    let count = numbers(values).count();
    let n = count.max(1) as f64;
    let mean = numbers(values).sum::<f64>() / n;
    let squares: f64 = numbers(values).map(|v| (v - mean) * (v - mean)).sum();
    (mean, if count > 1 { (squares / (n - 1.0)).sqrt() } else { 0.0 })
}

impl Sweep {
    /// A sentence about runs that diverged, with a space before it: none where all came to an end.
    pub fn divergences(&self) -> String {
        let diverged = |point: &&SweepPoint| point.runs.iter().any(|run| run.diverged.is_some());
        let labels: Vec<&str> = self.points.iter().filter(diverged).map(|point| point.label.as_str()).collect();
        let runs = || self.points.iter().flat_map(|point| &point.runs);
        match runs().filter(|run| run.diverged.is_some()).count() {
            0 => String::new(),
            n => format!(
                " Runs that diverged have no point, and no part in medians and means: {n} of {}, at {} {}.",
                runs().count(),
                self.axis,
                labels.join(", ")
            ),
        }
    }

    /// One table per value: parameters, and each measure as the list over seeds.
    pub fn metrics(&self) -> Metrics {
        let mut metrics = Metrics::default();
        for point in &self.points {
            let mut own = Metrics::default();
            own.add("parameters", point.parameters);
            match point.runs.iter().filter(|run| run.diverged.is_some()).count() {
                0 => {}
                diverged => own.add("diverged", diverged),
            }
            own.add("loss", point.runs.iter().map(|r| r.loss).collect::<Vec<_>>());
            let lists: [(&str, Vec<Option<f32>>); 5] = [
                ("accuracy", point.runs.iter().map(|r| r.accuracy).collect()),
                ("validation_loss", point.runs.iter().map(|r| r.validation_loss).collect()),
                ("validation_accuracy", point.runs.iter().map(|r| r.validation_accuracy).collect()),
                ("test_loss", point.runs.iter().map(|r| r.test_loss).collect()),
                ("test_accuracy", point.runs.iter().map(|r| r.test_accuracy).collect()),
            ];
            for (name, list) in lists {
                if let Some(list) = list.into_iter().collect::<Option<Vec<f32>>>() {
                    own.add(name, list);
                }
            }
            metrics.add(&point.label, own);
        }
        metrics
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Metric;

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!([median(&[3.0, 1.0, 2.0]), median(&[4.0, 1.0, 2.0, 8.0])], [2.0, 3.0]);
        assert!(median(&[]).is_nan());
    }

    #[test]
    fn runs_that_diverged_are_counted_and_left_out() {
        let ended = SweepRun { loss: 0.5, ..SweepRun::default() };
        let diverged = SweepRun { loss: f32::NAN, diverged: Some("diverged".into()), ..SweepRun::default() };
        let point = |label: &str, runs| SweepPoint { label: label.into(), runs, ..SweepPoint::default() };
        let axis = "rate".to_owned();
        let points = vec![point("0.1", vec![ended.clone(), ended.clone()]), point("9", vec![diverged, ended])];
        let sweep = Sweep { axis, points, ..Sweep::default() };
        let told = " Runs that diverged have no point, and no part in medians and means: 1 of 4, at rate 9.";
        assert_eq!(sweep.divergences(), told);
        let Metric::Table(found) = &sweep.metrics().0[1].1 else { panic!("a table") };
        assert_eq!(found.0[1], ("diverged".to_owned(), Metric::Count(1)));
        assert_eq!(sweep.metrics().infinite(), None);
        assert_eq!((median(&[f32::NAN, 2.0]), mean_and_spread(&[2.0, f32::NAN, 4.0]).0), (2.0, 3.0));
        let mut lists = Metrics::default();
        lists.add("norms", vec![1.0, f64::INFINITY]);
        let mut all = Metrics::default();
        all.add("hidden1", lists);
        assert_eq!(all.infinite().as_deref(), Some("hidden1.norms"));
    }

    #[test]
    fn spread_is_the_sample_standard_deviation() {
        assert_eq!(mean_and_spread(&[1.0, 2.0, 3.0, 4.0]), (2.5, (5.0_f64 / 3.0).sqrt()));
        assert_eq!(mean_and_spread(&[7.0]), (7.0, 0.0));
        assert_eq!(mean_and_spread(&[]), (0.0, 0.0));
    }
}
