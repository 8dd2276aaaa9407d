//! How many steps, or seconds, training runs take to reach given losses.

use analysis::{
    Context, Planned, outcome_as,
    rule_benchmark::{Reached, RuleBenchmark, Run},
};
use registry::{AnalysisRef, Config, Problems, TrainRef};
use rendering::{Axis, Bars, Figure, Label, Panel, Series};

use crate::{Column, Drawing, FigureError, FigureKind, Table, words};

/// How long training runs take to bring the training loss down to given values, in steps or in seconds.
///
/// Seconds are measured, so that they differ from run to run: such a figure lies in the folder `timings`, and is never pinned.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TimeToLoss {
    /// An analysis of kind "rule_benchmark".
    #[schemars(extend("x-kinds" = ["rule_benchmark"]))]
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
}

impl Config for TimeToLoss {
    const KIND: &str = "time_to_loss";
    const EXAMPLE: &str = "analysis = \"benchmark\"\nunit = \"steps\"";
}

impl FigureKind for TimeToLoss {
    fn check(&self, _: &mut Problems) {}

    fn check_against(&self, _: &dyn Planned, _: &mut Problems) {}

    fn measures_time(&self) -> bool {
        self.unit == TimeUnit::Seconds
    }

    fn draw(&self, id: &str, context: &dyn Context) -> Result<Drawing, FigureError> {
        let found: &RuleBenchmark = outcome_as(context.outcome(&self.analysis)?, &self.analysis)?;
        let unit = self.unit.name();
        let time = |run: &Run, reached: Option<Reached>| -> Result<f64, FigureError> {
            let Some(Reached { epochs, steps }) = reached else { return Ok(f64::NAN) };
            Ok(match self.unit {
                TimeUnit::Steps => steps as f64,
                TimeUnit::Seconds => {
                    context.trained(&TrainRef(run.model.clone()))?.seconds.iter().take(epochs).sum::<f64>()
                }
            })
        };
        let times = found
            .runs
            .iter()
            .map(|run| run.reached.iter().map(|r| time(run, *r)).collect::<Result<Vec<f64>, _>>())
            .collect::<Result<Vec<_>, _>>()?;
        let column = |loss: usize| times.iter().map(move |of_run| of_run[loss]);
        let series = found.losses.iter().enumerate().map(|(i, loss)| Series::new(format!("loss {loss}"), i, column(i)));
        let y = Axis::new("").names(found.runs.iter().map(|run| run.model.as_str())).reversed();
        let mut panel =
            Panel::new(Axis::new(format!("{unit} until the loss is reached")), y).mark(Bars::new(series)?.horizontal());
        // The middle of a bar that is not there, in units of the axis of names.
        let slot = 0.8 / found.losses.len().max(1) as f64;
        for (r, of_run) in times.iter().enumerate() {
            for (i, _) in of_run.iter().enumerate().filter(|(_, time)| time.is_nan()) {
                let middle = r as f64 + (i as f64 + 0.5) * slot - 0.4;
                panel = panel.mark(Label::new((0.0, middle), "not reached").offset(6.0, 0.0).size(13.0));
            }
        }
        let figure = Figure::new(id, title(found, &times, unit))
            .caption(format!(
                "How many {unit} each training run takes until the mean training loss ({}) of an epoch is at or below {}.{}",
                found.unit,
                words::list(&found.losses.iter().map(ToString::to_string).collect::<Vec<_>>().iter().map(String::as_str).collect::<Vec<_>>()),
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
fn title(found: &RuleBenchmark, times: &[Vec<f64>], unit: &str) -> String {
    let fastest = |loss: usize| {
        let reached = times.iter().enumerate().filter(|(_, t)| t[loss].is_finite());
        reached.min_by(|a, b| a.1[loss].total_cmp(&b.1[loss]))
    };
    let mut losses: Vec<usize> = (0..found.losses.len()).collect();
    losses.sort_by(|a, b| found.losses[*a].total_cmp(&found.losses[*b]));
    let Some((loss, (run, of_run))) = losses.into_iter().find_map(|loss| Some((loss, fastest(loss)?))) else {
        return "No run reaches the loss".to_owned();
    };
    let time = of_run[loss];
    let time = if unit == "steps" { words::thousands(time as usize) } else { words::quantity(time) };
    format!(
        "{} is first at a loss of {}, after {time} {unit}",
        words::sentence(&found.runs[run].model),
        found.losses[loss]
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_at_the_lowest_loss_is_told() {
        let run = |model: &str| Run {
            model: model.into(),
            rule: "sgd",
            epochs: 1,
            steps_per_epoch: 1,
            last: Vec::new(),
            reached: Vec::new(),
        };
        let found = RuleBenchmark { losses: vec![0.5, 0.1], unit: "nats", runs: vec![run("a"), run("b")] };
        let nan = f64::NAN;
        assert_eq!(
            title(&found, &[vec![10.0, nan], vec![20.0, 4000.0]], "steps"),
            "B is first at a loss of 0.1, after 4,000 steps"
        );
        assert_eq!(
            title(&found, &[vec![0.25, nan], vec![0.5, nan]], "seconds"),
            "A is first at a loss of 0.5, after 0.25 seconds"
        );
        assert_eq!(title(&found, &[vec![nan; 2], vec![nan; 2]], "steps"), "No run reaches the loss");
    }
}
