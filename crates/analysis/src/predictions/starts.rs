//! From how many random starts gradient descent solves a task: the runs of a sweep over seeds, counted.
//!
//! A run has solved it when every training sample's output is within the tolerance of its target, or, of classes, when every
//! sample is classified right. A run that diverged has not.

use datasets::{Dataset, Targets};
use models::Model;
use registry::{Config, Problems, SweepRef, TrainRef};

use crate::{
    Analysis, AnalysisError, Metrics, Outcome, Planned, Results, statistics::confusion::largest_scores, sweep::SweepRun,
};

/// Counts from how many of its random starts a sweep over seeds solves its task: for numbers, every output close to its target;
/// for classes, every training sample classified right.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StartsConfig {
    /// The sweep, of several seeds.
    pub sweep: SweepRef,
    /// Solved means that every output of numbers is this close to its target. Default 0.1.
    #[serde(default = "default_tolerance")]
    pub tolerance: f64,
}

fn default_tolerance() -> f64 {
    0.1
}

impl Config for StartsConfig {
    const KIND: &str = "starts";
    const EXAMPLE: &str = "sweep = \"hidden\"\ntolerance = 0.1";
}

/// How every start of a sweep ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Starts {
    /// The sweep's training stage.
    pub train: String,
    /// What was changed, in words.
    pub axis: String,
    /// The loss and its unit.
    pub loss_unit: &'static str,
    /// How close to its target an output of numbers has to be; none for classes.
    pub tolerance: Option<f64>,
    /// Training samples.
    pub samples: usize,
    /// Value by value.
    pub values: Vec<StartsOfValue>,
}

/// All starts with one value of the setting.
#[derive(Debug, Clone, PartialEq)]
pub struct StartsOfValue {
    /// The value in words.
    pub label: String,
    /// One per seed, in their order.
    pub starts: Vec<Start>,
}

/// One run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Start {
    /// Its training loss at the end.
    pub loss: f32,
    /// Whether it has solved the task.
    pub solved: bool,
}

impl StartsOfValue {
    /// How many starts solve the task.
    pub fn solved(&self) -> usize {
        self.starts.iter().filter(|start| start.solved).count()
    }
}

impl Analysis for StartsConfig {
    fn check(&self, problems: &mut Problems) {
        problems.require(self.tolerance > 0.0 && self.tolerance.is_finite(), "tolerance", || {
            format!("expected a number above 0, found {}", self.tolerance)
        });
    }

    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        let models = planned.sweep(&self.sweep).unwrap_or_default();
        let neither = models.iter().find(|model| model.needs_classes().is_some() && model.needs_numbers().is_some());
        problems.note("sweep", neither.and_then(|model| model.needs_numbers()));
        problems.note("sweep", planned.needs_same_samples(&self.sweep));
    }

    fn run(&self, _: &str, results: &Results) -> Result<Box<dyn Outcome>, AnalysisError> {
        let sweep = results.sweep(&self.sweep)?;
        let data = &results.trained(&TrainRef(sweep.train.clone()))?.data.train;
        let start = |run: &SweepRun| -> Result<Start, AnalysisError> {
            let solved = run.model.as_ref().map(|model| solves(model, data, self.tolerance)).transpose()?;
            Ok(Start { loss: run.loss, solved: solved.unwrap_or(false) && run.loss.is_finite() })
        };
        let values = sweep.points.iter().map(|point| {
            let starts = point.runs.iter().map(start).collect::<Result<_, _>>()?;
            Ok(StartsOfValue { label: point.label.clone(), starts })
        });
        Ok(Box::new(Starts {
            train: sweep.train.clone(),
            axis: sweep.axis.clone(),
            loss_unit: sweep.loss_unit,
            tolerance: data.values().is_some().then_some(self.tolerance),
            samples: data.n(),
            values: values.collect::<Result<_, AnalysisError>>()?,
        }))
    }
}

/// Whether every sample's output is near its target, or its class right.
fn solves(model: &Model, data: &Dataset, tolerance: f64) -> Result<bool, AnalysisError> {
    let outputs = model.predict(data.x.view())?;
    Ok(match &data.y {
        Targets::Values { values, .. } => {
            outputs.iter().zip(values).all(|(y, t)| (f64::from(*y) - f64::from(*t)).abs() < tolerance)
        }
        Targets::Classes { labels, .. } => {
            largest_scores(outputs.view()).zip(labels).all(|(class, label)| class == *label as usize)
        }
        // Refused before anything ran.
        Targets::None => false,
    })
}

impl Outcome for Starts {
    fn metrics(&self) -> Metrics {
        let mut metrics = Metrics::default();
        for value in &self.values {
            let mut own = Metrics::default();
            own.add("starts", value.starts.len());
            own.add("solved", value.solved());
            metrics.add(&value.label, own);
        }
        metrics
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fixture,
        sweep::{Sweep, SweepPoint},
    };
    use models::layers::Linear;

    #[test]
    fn a_start_has_solved_it_when_every_output_is_near_its_target() {
        // y = w · x + b on the fixture's targets, which are fitted or not by the bias alone.
        let trained = fixture::trained(vec![Linear::new(1).into()], &[0.0; 3]);
        let data = &trained.data.train;
        let targets: Vec<f32> = data.values().expect("numbers").iter().copied().collect();
        let (least, most) = targets.iter().fold((f32::MAX, f32::MIN), |(a, b), t| (a.min(*t), b.max(*t)));
        let run = |loss: f32, model: bool| SweepRun {
            loss,
            model: model.then(|| {
                let mut own = trained.fit.model.clone();
                own.parameters.values_mut()[2] = (least + most) / 2.0;
                own
            }),
            ..SweepRun::default()
        };
        let runs = vec![run(0.1, true), run(0.1, false), run(f32::NAN, true)];
        let point = SweepPoint { label: "1".into(), runs, ..SweepPoint::default() };
        let [train, set, axis] = ["m", "seed", "seed"].map(str::to_owned);
        let (classifies, loss_unit) = (false, "mean squared error");
        let own = None;
        let sweep = Sweep {
            name: "s".into(),
            train,
            set,
            own,
            axis,
            classifies,
            loss_unit,
            points: vec![point],
            ..Sweep::default()
        };
        let mut results = fixture::results(trained.clone());
        results.insert_sweep(sweep);
        let mut solved = |tolerance: f64| -> Vec<bool> {
            let config = StartsConfig { sweep: SweepRef("s".into()), tolerance };
            results.analyse("starts", &config).expect("runs");
            let found: &Starts = results.outcome(&registry::AnalysisRef("starts".into())).expect("starts");
            found.values[0].starts.iter().map(|start| start.solved).collect()
        };
        let half = f64::from(most - least) / 2.0;
        assert_eq!(solved(half + 1e-3), [true, false, false]);
        assert_eq!(solved(half - 1e-3), [false; 3]);
    }
}
