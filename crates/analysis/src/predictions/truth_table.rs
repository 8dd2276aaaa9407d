//! What a model gives for each of a few samples, over training, and whether it is what it should give.
//!
//! Why a run ends outside the tolerance is not to be seen in its outputs: for two hidden units on the exclusive or, what looks
//! like a local minimum is a plateau or a minimum at infinity (Hamey, *XOR has no local minima*, Neural Networks 11, 1998). The
//! analysis `critical_point` measures slope and curvature there.

use ndarray::{Array2, Array3, Axis};
use registry::{Config, Problems, TrainRef};

use crate::{Analysis, AnalysisError, Metric, Metrics, Outcome, Planned, Results};

/// The outputs of a model for each of a few samples (at most 64), at every snapshot of its training, beside their targets, and a
/// verdict: solved, or not solved.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TruthTableConfig {
    /// The trained model, of numbers.
    pub model: TrainRef,
    /// Solved means that every output is this close to its target. Default 0.1.
    #[serde(default = "default_tolerance")]
    pub tolerance: f64,
}

fn default_tolerance() -> f64 {
    0.1
}

impl Config for TruthTableConfig {
    const KIND: &str = "truth_table";
    const EXAMPLE: &str = "model = \"three\"\ntolerance = 0.1";
}

/// More samples than a table can show.
const MOST_SAMPLES: usize = 64;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Every output is close to its target, and has been since the snapshot of this epoch.
    Solved {
        /// The first snapshot from which on all of them are.
        since: usize,
    },
    /// Some output is not.
    Unsolved,
}

/// Outputs beside targets.
#[derive(Debug, Clone, PartialEq)]
pub struct TruthTable {
    /// The model's name.
    pub model: String,
    /// How close is close enough.
    pub tolerance: f64,
    /// The samples: n × features.
    pub x: Array2<f32>,
    /// Their features' names.
    pub features: Vec<String>,
    /// The targets: n × outputs.
    pub targets: Array2<f32>,
    /// When the model was looked at, the end last.
    pub epochs: Vec<usize>,
    /// What it gave: epochs × n × outputs.
    pub outputs: Array3<f32>,
    /// How it ended.
    pub verdict: Verdict,
}

impl TruthTable {
    /// The largest distance of an output from its target at one of the epochs.
    pub fn largest_error(&self, epoch: usize) -> f64 {
        let outputs = self.outputs.index_axis(Axis(0), epoch);
        let errors = outputs.iter().zip(&self.targets).map(|(y, t)| (f64::from(*y) - f64::from(*t)).abs());
        // A NaN is no small error.
        errors.fold(0.0, |largest, e| if e <= largest { largest } else { e })
    }
}

impl Analysis for TruthTableConfig {
    fn check(&self, problems: &mut Problems) {
        problems.require(self.tolerance > 0.0 && self.tolerance.is_finite(), "tolerance", || {
            format!("expected a number above 0, found {}", self.tolerance)
        });
    }

    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        let Some(model) = planned.model(&self.model) else { return };
        problems.note("model", model.needs_numbers());
        problems.require(model.data.n <= MOST_SAMPLES, "model", || {
            format!(
                "expected data of at most {MOST_SAMPLES} samples, and {} is trained on {}",
                self.model.0, model.data.n
            )
        });
    }

    fn run(&self, _: &str, results: &Results) -> Result<Box<dyn Outcome>, AnalysisError> {
        let trained = results.trained(&self.model)?;
        let data = &trained.data.train;
        let targets =
            data.values().ok_or(models::ModelError::Targets { loss: "a truth table", expected: "numbers" })?;
        let moments = trained.all_snapshots();
        let mut outputs = Array3::zeros((moments.len(), data.n(), targets.ncols()));
        for (i, (_, model)) in moments.iter().enumerate() {
            outputs.index_axis_mut(Axis(0), i).assign(&model.predict(data)?);
        }
        let mut table = TruthTable {
            model: trained.name.clone(),
            tolerance: self.tolerance,
            x: (*data.x).clone(),
            features: data.feature_names.clone(),
            targets: targets.clone(),
            epochs: moments.iter().map(|(epoch, _)| *epoch).collect(),
            outputs,
            verdict: Verdict::Unsolved,
        };
        table.verdict = verdict(&table);
        Ok(Box::new(table))
    }
}

fn verdict(table: &TruthTable) -> Verdict {
    let close = |epoch: &usize| table.largest_error(*epoch) <= table.tolerance;
    if let Some(first) = (0..table.epochs.len()).rev().take_while(close).last() {
        return Verdict::Solved { since: table.epochs[first] };
    }
    Verdict::Unsolved
}

impl Outcome for TruthTable {
    fn metrics(&self) -> Metrics {
        let mut metrics = Metrics::default();
        let verdict = match self.verdict {
            Verdict::Solved { .. } => "solved",
            Verdict::Unsolved => "not solved",
        };
        metrics.add("verdict", verdict);
        if let Verdict::Solved { since } = self.verdict {
            metrics.add("solved_since_epoch", since);
        }
        let last = self.epochs.len() - 1;
        metrics.add("largest_error", self.largest_error(last));
        let rows = |values: ndarray::ArrayView2<'_, f32>| {
            Metric::List(values.rows().into_iter().map(|r| r.to_vec().into()).collect())
        };
        metrics.add("targets", rows(self.targets.view()));
        metrics.add("outputs", rows(self.outputs.index_axis(Axis(0), last)));
        metrics
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(outputs: &[[f32; 2]]) -> TruthTable {
        let flat: Vec<f32> = outputs.iter().flatten().copied().collect();
        TruthTable {
            model: "m".into(),
            tolerance: 0.1,
            x: ndarray::arr2(&[[0.0], [1.0]]),
            features: vec!["x".into()],
            targets: ndarray::arr2(&[[0.0], [1.0]]),
            epochs: (0..outputs.len()).map(|i| 10 * i).collect(),
            outputs: Array3::from_shape_vec((outputs.len(), 2, 1), flat).expect("two outputs an epoch"),
            verdict: Verdict::Unsolved,
        }
    }

    #[test]
    fn solved_counts_from_where_it_stays_solved() {
        let found = table(&[[0.5, 0.5], [0.05, 0.95], [0.2, 0.92], [0.08, 0.95], [0.0, 1.0]]);
        assert_eq!(verdict(&found), Verdict::Solved { since: 30 });
        assert!((found.largest_error(2) - 0.2).abs() < 1e-7);
        // A target is not met by something that is no number.
        assert_eq!(verdict(&table(&[[0.0, f32::NAN]])), Verdict::Unsolved);
    }
}
