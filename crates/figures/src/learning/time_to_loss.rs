//! How many steps, or seconds, training runs take to reach given losses.

use analysis::{
    Results,
    learning::optimizer_benchmark::{OptimizerBenchmark, Reached, Run},
    statistics::order::ascending,
};
use registry::{AnalysisRef, Config, TrainRef};
use rendering::{Axis, Bars, ColorScale, Figure, Label, Panel, Series};

use crate::{Column, Drawing, FigureError, FigureKind, Table, helpers::words};

/// How long training runs take to bring the training loss down to given values, in steps or in seconds.
///
/// Seconds are measured, so that they differ from run to run: such a figure lies in the folder `timings`, and is never pinned.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TimeToLoss {
    /// An analysis of kind "optimizer_benchmark".
    #[schemars(extend("x-kinds" = ["optimizer_benchmark"]))]
    pub analysis: AnalysisRef,
    /// "steps" or "seconds". Default "steps".
    #[serde(default)]
    pub unit: TimeUnit,
}

/// How time is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TimeUnit {
    /// Updates of the weights.
    #[default]
    Steps,
    /// Seconds of training as they were measured.
    Seconds,
}

impl TimeUnit {
    fn name(self) -> &'static str {
        match self {
            Self::Steps => "steps",
            Self::Seconds => "seconds",
        }
    }

    /// So many of them.
    fn words(self, time: f64) -> String {
        match self {
            Self::Steps => words::thousands(time as usize),
            Self::Seconds => words::quantity(time),
        }
    }
}

impl Config for TimeToLoss {
    const KIND: &str = "time_to_loss";
    const EXAMPLE: &str = "analysis = \"benchmark\"\nunit = \"steps\"";
}

impl FigureKind for TimeToLoss {
    fn measures_time(&self) -> bool {
        self.unit == TimeUnit::Seconds
    }

    fn draw(&self, id: &str, results: &Results) -> Result<Drawing, FigureError> {
        let found: &OptimizerBenchmark = results.outcome(&self.analysis)?;
        let unit = self.unit.name();
        let time = |run: &Run, reached: Option<Reached>| -> Result<f64, FigureError> {
            let Some(Reached { epochs, steps }) = reached else { return Ok(f64::NAN) };
            Ok(match self.unit {
                TimeUnit::Steps => steps as f64,
                TimeUnit::Seconds => {
                    results.trained(&TrainRef(run.model.clone()))?.seconds.iter().take(epochs).sum::<f64>()
                }
            })
        };
        let times = found
            .runs
            .iter()
            .map(|run| run.reached.iter().map(|r| time(run, *r)).collect::<Result<Vec<f64>, _>>())
            .collect::<Result<Vec<_>, _>>()?;
        let column = |loss: usize| times.iter().map(move |of_run| of_run[loss]);
        // Grays: the palette's colours are those of models and classes.
        let shade =
            |i: usize| ColorScale::gray(0.0, 1.0).at(0.3 + 0.55 * i as f64 / (found.losses.len().max(2) - 1) as f64);
        let series = (found.losses.iter().enumerate())
            .map(|(i, loss)| Series::new(format!("loss {loss}"), column(i)).color(shade(i)));
        let longest = times.iter().flatten().copied().filter(|t| t.is_finite()).fold(0.0, f64::max);
        // Room for the number at the end of the longest bar.
        let longest = if longest > 0.0 { 1.15 * longest } else { 1.0 };
        let y = Axis::new("").names(found.runs.iter().map(|run| run.model.as_str())).reversed();
        let mut panel = Panel::new(Axis::new(format!("{unit} until the loss is reached")).range(0.0, longest), y)
            .mark(Bars::new(series)?.horizontal());
        // The middle of a bar, in units of the axis of names.
        let slot = 0.8 / found.losses.len().max(1) as f64;
        for (r, of_run) in times.iter().enumerate() {
            for (i, time) in of_run.iter().enumerate() {
                let middle = r as f64 + (i as f64 + 0.5) * slot - 0.4;
                let (end, words) =
                    if time.is_nan() { (0.0, "not reached".into()) } else { (*time, self.unit.words(*time)) };
                panel = panel.mark(Label::new((end, middle), words).offset(6.0, 0.0).size(13.0));
            }
        }
        let mut each: Vec<usize> = found.runs.iter().map(|run| run.steps_per_epoch).collect();
        each.dedup();
        let figure = Figure::new(id, title(found, &times, self.unit))
            .caption(format!(
                "How many {unit} each training run takes until the mean training loss ({}) of an epoch is at or below {}; \
                 it is known at the end of each epoch{}.{}",
                found.unit,
                words::list(&found.losses.iter().map(ToString::to_string).collect::<Vec<_>>()),
                match each[..] {
                    [steps] => format!(", that is every {}", words::count(steps, "step", "steps")),
                    _ => String::new(),
                },
                if self.measures_time() { " Seconds are measured and differ from run to run and machine to machine." } else { "" }
            ))
            .panel(panel);
        let mut table =
            Table::new("").column("model", Column::Text(found.runs.iter().map(|run| run.model.clone()).collect()));
        for (i, loss) in found.losses.iter().enumerate() {
            table = table.column(format!("{unit}_to_loss_{loss}"), Column::Doubles(column(i).collect()));
        }
        Ok(Drawing { figure, tables: vec![table], arrays: Vec::new() })
    }
}

/// Who is first at the lowest loss that anyone reaches.
fn title(found: &OptimizerBenchmark, times: &[Vec<f64>], unit: TimeUnit) -> String {
    let fastest = |loss: usize| {
        let reached = times.iter().map(|t| t[loss]).filter(|time| time.is_finite());
        reached.min_by(f64::total_cmp)
    };
    let mut losses: Vec<usize> = (0..found.losses.len()).collect();
    losses.sort_by(|a, b| ascending(found.losses[*a], found.losses[*b]));
    let Some((loss, time)) = losses.into_iter().find_map(|loss| Some((loss, fastest(loss)?))) else {
        return "No run reaches the loss".to_owned();
    };
    let first: Vec<&str> =
        found.runs.iter().zip(times).filter(|(_, t)| t[loss] == time).map(|(run, _)| run.model.as_str()).collect();
    format!(
        "{} {} first at a loss of {}, after {} {}",
        words::sentence(&words::list(&first)),
        if first.len() == 1 { "is" } else { "are" },
        found.losses[loss],
        unit.words(time),
        unit.name()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_at_the_lowest_loss_is_told() {
        let run = |model: &str| Run {
            model: model.into(),
            optimizer: "sgd",
            epochs: 1,
            steps_per_epoch: 1,
            last: Vec::new(),
            reached: Vec::new(),
        };
        let found = OptimizerBenchmark { losses: vec![0.5, 0.1], unit: "nats", runs: vec![run("a"), run("b")] };
        let nan = f64::NAN;
        assert_eq!(
            title(&found, &[vec![10.0, nan], vec![20.0, 4000.0]], TimeUnit::Steps),
            "B is first at a loss of 0.1, after 4,000 steps"
        );
        assert_eq!(
            title(&found, &[vec![0.25, nan], vec![0.5, nan]], TimeUnit::Seconds),
            "A is first at a loss of 0.5, after 0.25 seconds"
        );
        assert_eq!(
            title(&found, &[vec![10.0, 30.0], vec![10.0, 30.0]], TimeUnit::Steps),
            "A and b are first at a loss of 0.1, after 30 steps"
        );
        assert_eq!(title(&found, &[vec![nan; 2], vec![nan; 2]], TimeUnit::Steps), "No run reaches the loss");
    }
}
