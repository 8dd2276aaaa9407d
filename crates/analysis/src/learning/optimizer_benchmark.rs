//! Training runs set against each other: where each ends, and how many steps it takes to reach given losses.
//!
//! A run has reached a loss at the end of the first epoch whose training loss is at or below it. With full batches and nothing
//! dropped that is the loss of the model after so many steps; in smaller batches it is the running mean over the epoch's batches,
//! each before its own step. What is told of a run's end is of the model that it left, measured on the whole split.

use registry::{Config, Problems, TrainRef};

use crate::{Analysis, AnalysisError, Metric, Metrics, Outcome, Planned, Results, Trained};

/// Several training runs on the same data set against each other: their last losses and accuracies, and the number of steps each
/// takes to bring the training loss down to given values.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("x-formerly" = ["rule_benchmark"]))]
pub struct OptimizerBenchmarkConfig {
    /// The training runs.
    pub models: Vec<TrainRef>,
    /// Mean training losses to be reached, in the unit of the loss: `[1.0, 0.5]`.
    pub losses: Vec<f64>,
}

impl Config for OptimizerBenchmarkConfig {
    const KIND: &str = "optimizer_benchmark";
    const EXAMPLE: &str = "models = [\"sgd\", \"adam\"]\nlosses = [1.0, 0.5]";
}

/// The runs beside each other.
#[derive(Debug, Clone, PartialEq)]
pub struct OptimizerBenchmark {
    /// The losses to be reached, in the order they were given.
    pub losses: Vec<f64>,
    /// The loss and its unit.
    pub unit: &'static str,
    /// One per training run.
    pub runs: Vec<Run>,
}

/// One training run.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// Its name.
    pub model: String,
    /// Its optimizer.
    pub optimizer: &'static str,
    /// How many epochs it was trained for.
    pub epochs: usize,
    /// Steps of an epoch.
    pub steps_per_epoch: usize,
    /// Each split's name with the loss and, for classes, accuracy of the model that was kept.
    pub last: Vec<(&'static str, f32, Option<f32>)>,
    /// One per loss: `None` where it was not reached.
    pub reached: Vec<Option<Reached>>,
}

/// When a loss was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reached {
    /// How many epochs had ended.
    pub epochs: usize,
    /// How many steps had been made.
    pub steps: usize,
}

impl Analysis for OptimizerBenchmarkConfig {
    fn check(&self, problems: &mut Problems) {
        problems.require(!self.models.is_empty(), "models", || "expected at least one training run".into());
        problems.require(!self.losses.is_empty(), "losses", || "expected at least one loss to be reached".into());
        for (i, loss) in self.losses.iter().enumerate() {
            problems.require(*loss > 0.0 && loss.is_finite(), format!("losses[{i}]"), || {
                format!("expected a loss above 0, found {loss}")
            });
        }
    }

    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        let known: Vec<_> = self.models.iter().filter_map(|m| Some((m, planned.model(m)?))).collect();
        let Some((first, expected)) = known.first() else { return };
        for (name, model) in &known[1..] {
            // Where it stands in the file.
            let at = self.models.iter().position(|m| m == *name).unwrap_or(0);
            problems.require(
                model.loss == expected.loss && model.data == expected.data,
                format!("models[{at}]"),
                || {
                    format!(
                        "{} and {} learn other data or by another loss: their losses are not comparable",
                        first.0, name.0
                    )
                },
            );
        }
    }

    fn run(&self, _: &str, results: &Results) -> Result<Box<dyn Outcome>, AnalysisError> {
        let trained = self.models.iter().map(|name| results.trained(name)).collect::<Result<Vec<_>, _>>()?;
        let unit = trained.first().map_or("loss", |t| t.fit.loss.unit());
        let runs = trained.into_iter().map(|t| run_of(t, &self.losses)).collect();
        Ok(Box::new(OptimizerBenchmark { losses: self.losses.clone(), unit, runs }))
    }
}

fn run_of(trained: &Trained, losses: &[f64]) -> Run {
    let (config, history) = (&trained.config, &trained.fit.history);
    let steps_per_epoch = trained.steps_per_epoch();
    let reached = |loss: &f64| {
        let epochs = history.train.loss.iter().position(|l| f64::from(*l) <= *loss)?;
        Some(Reached { epochs, steps: epochs * steps_per_epoch })
    };
    let last = trained.fit.scores().map(|(split, score)| (split.name(), score.loss, score.accuracy));
    Run {
        model: trained.name.clone(),
        optimizer: config.optimizer.name(),
        epochs: history.epochs(),
        steps_per_epoch,
        last: last.collect(),
        reached: losses.iter().map(reached).collect(),
    }
}

impl Outcome for OptimizerBenchmark {
    fn metrics(&self) -> Metrics {
        let mut metrics = Metrics::default();
        for run in &self.runs {
            let mut own = Metrics::default();
            own.add("optimizer", run.optimizer);
            own.add("steps", run.epochs * run.steps_per_epoch);
            for (split, loss, accuracy) in &run.last {
                own.add(format!("{split}_loss"), *loss);
                accuracy.iter().for_each(|a| own.add(format!("{split}_accuracy"), *a));
            }
            for (loss, reached) in self.losses.iter().zip(&run.reached) {
                let steps = reached.map_or(Metric::Text("not reached".into()), |r| r.steps.into());
                own.add(format!("steps_to_loss_{loss}"), steps);
            }
            metrics.add(&run.model, own);
        }
        metrics
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;
    use models::layers::Linear;
    use training::Batch;

    fn benchmark(batch: Batch) -> OptimizerBenchmark {
        let mut trained = fixture::trained(vec![Linear::new(1).into()], &[0.0; 3]);
        trained.config.batch = batch;
        trained.fit.history.train.loss = vec![0.9, 0.5, 0.25, 0.3];
        trained.fit.epoch = 3;
        let config = OptimizerBenchmarkConfig { models: vec![TrainRef("m".into())], losses: vec![2.0, 0.5, 0.28, 0.1] };
        fixture::run(&config, trained)
    }

    #[test]
    fn steps_are_counted_to_the_first_epoch_at_or_below() {
        let steps = |batch| -> Vec<Option<usize>> {
            benchmark(batch).runs[0].reached.iter().map(|r| r.map(|r| r.steps)).collect()
        };
        assert_eq!(steps(Batch::Full), [Some(0), Some(1), Some(2), None]);
        // Four samples in batches of three: two steps an epoch. Epoch 0 is the untrained model.
        assert_eq!(steps(Batch::Size(3)), [Some(0), Some(2), Some(4), None]);
    }

    #[test]
    fn metrics_are_a_table() {
        let Metrics(rows) = benchmark(Batch::Full).metrics();
        let Metric::Table(Metrics(row)) = &rows[0].1 else { panic!("a table") };
        let names: Vec<&str> = row.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(
            names,
            [
                "optimizer",
                "steps",
                "train_loss",
                "steps_to_loss_2",
                "steps_to_loss_0.5",
                "steps_to_loss_0.28",
                "steps_to_loss_0.1"
            ]
        );
        assert_eq!(row[2].1, Metric::Single(0.3));
        assert_eq!(row[6].1, Metric::Text("not reached".into()));
    }
}
