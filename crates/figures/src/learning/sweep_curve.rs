//! Accuracy or loss against the setting that a sweep changed.

use analysis::{
    Results,
    sweep::{Sweep, SweepRun, mean_and_spread},
};
use registry::{Config, SweepRef};
use rendering::{Area, Axis, Dash, Figure, Line, Panel, Scatter, Shape, palette};

use crate::{Column, Drawing, FigureError, FigureKind, Table, helpers::words};

/// What every run of a sweep reached, against the setting that was changed: mean over the seeds, and a band of one standard
/// deviation. Accuracy for classes, loss for numbers.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SweepCurve {
    /// The sweep.
    pub sweep: SweepRef,
    /// What to draw: "accuracy" or "loss". Default: accuracy where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measure: Option<Measure>,
}

/// What a sweep's runs are compared by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Share of samples classified right.
    Accuracy,
    /// The loss, on a logarithmic axis.
    Loss,
}

impl Config for SweepCurve {
    const KIND: &str = "sweep_curve";
    const EXAMPLE: &str = "sweep = \"degree\"\nmeasure = \"accuracy\"";
}

impl FigureKind for SweepCurve {
    fn draw(&self, id: &str, results: &Results) -> Result<Drawing, FigureError> {
        let sweep = results.sweep(&self.sweep)?;
        let measure = self.measure.unwrap_or(if sweep.classifies { Measure::Accuracy } else { Measure::Loss });
        let numeric = sweep.points.iter().all(|p| p.value.is_some());
        let place = |i: usize| sweep.points[i].value.filter(|_| numeric).unwrap_or(i as f64);
        let whole = sweep.points.iter().all(|p| p.value.is_none_or(|v| v == v.trunc()));
        let x = match (numeric, whole) {
            (true, true) => Axis::new(&sweep.axis).whole(),
            (true, false) => Axis::new(&sweep.axis),
            _ => Axis::new(&sweep.axis).names(sweep.points.iter().map(|p| p.label.clone())),
        };
        let y = match measure {
            Measure::Accuracy => accuracy_axis(sweep),
            Measure::Loss => Axis::new(sweep.loss_unit).log(),
        };
        let mut panel = Panel::new(x, y);
        let labels = sweep.points.iter().map(|p| p.label.clone()).collect();
        let mut table = Table::new("")
            .column(&sweep.axis, Column::Text(labels))
            .column("parameters", Column::Counts(sweep.points.iter().map(|p| p.parameters as u64).collect()));
        let of = |run: &SweepRun, test: bool| match (measure, test) {
            (Measure::Accuracy, false) => run.accuracy,
            (Measure::Accuracy, true) => run.test_accuracy,
            (Measure::Loss, false) => Some(run.loss),
            (Measure::Loss, true) => run.test_loss,
        };
        let seeds = sweep.points.first().map_or(0, |p| p.runs.len());
        let mut train = Vec::new();
        for (k, (split, test)) in [("train", false), ("test", true)].into_iter().enumerate() {
            let values: Option<Vec<Vec<f32>>> =
                sweep.points.iter().map(|p| p.runs.iter().map(|r| of(r, test)).collect()).collect();
            let Some(values) = values else { continue };
            let curve: Vec<(f64, f64, f64)> = values
                .iter()
                .enumerate()
                .map(|(i, runs)| {
                    let (mean, spread) = mean_and_spread(runs);
                    (place(i), mean, spread)
                })
                .collect();
            let color = palette::class(k);
            if seeds > 1 {
                // No accuracy is above 1, and a band that is would only confuse.
                let most = if measure == Measure::Accuracy { 1.0 } else { f64::INFINITY };
                let band = curve.iter().map(|(x, mean, spread)| (*x, mean - spread, (mean + spread).min(most)));
                panel = panel.mark(Area::new(band).color(color));
                let single: Vec<(f64, f64)> = values
                    .iter()
                    .enumerate()
                    .flat_map(|(i, runs)| runs.iter().map(move |v| (i, f64::from(*v))))
                    .map(|(i, v)| (place(i), v))
                    .collect();
                panel = panel.mark(Scatter::new(single).color(color).radius(2.0).opacity(0.6).outlined(false));
            }
            let mean = || curve.iter().map(|(x, mean, _)| (*x, *mean));
            let dash = if test { Dash::Dashed } else { Dash::Solid };
            panel = panel.mark(Line::new(mean()).color(color).dash(dash).label(split));
            let shape = if test { Shape::Diamond } else { Shape::Circle };
            panel = panel.mark(Scatter::new(mean()).color(color).shape(shape).radius(4.0));
            let name = if measure == Measure::Accuracy { "accuracy" } else { "loss" };
            table = table
                .column(format!("{split}.{name}.mean"), Column::Doubles(curve.iter().map(|c| c.1).collect()))
                .column(format!("{split}.{name}.spread"), Column::Doubles(curve.iter().map(|c| c.2).collect()));
            if !test {
                train = curve;
            }
        }
        let best = (0..train.len()).reduce(|best, i| {
            let better = match measure {
                Measure::Accuracy => train[i].1 > train[best].1,
                Measure::Loss => train[i].1 < train[best].1,
            };
            if better { i } else { best }
        });
        let value = |i: usize| match measure {
            Measure::Accuracy => words::percent(train[i].1),
            Measure::Loss => words::quantity(train[i].1),
        };
        let last = train.len().saturating_sub(1);
        let title = match best {
            Some(best) => {
                let ends = format!("{} {} to {}", sweep.axis, sweep.points[0].label, sweep.points[last].label);
                let top = match value(best) == value(0) || value(best) == value(last) {
                    true => String::new(),
                    false => format!(", best {} at {}", value(best), sweep.points[best].label),
                };
                let right = if measure == Measure::Accuracy { " of the samples right" } else { "" };
                words::sentence(&format!("{ends}: {} to {}{right}{top}", value(0), value(last)))
            }
            None => words::sentence(&sweep.axis),
        };
        let what = if measure == Measure::Accuracy { "Share of samples classified right" } else { "Loss" };
        let over = if seeds > 1 { format!(", mean and standard deviation over {seeds} seeds") } else { String::new() };
        let mut figure = Figure::new(id, title)
            .caption(format!("{what} after training {} with {} changed{over}.", sweep.train, sweep.axis))
            .panel(panel);
        if seeds > 1 {
            figure = figure.subtitle(format!(
                "Line: mean over {seeds} seeds; band: one standard deviation; small points: single runs"
            ));
        }
        Ok(Drawing { figure, tables: vec![table], arrays: Vec::new() })
    }
}

/// From a little below the least accuracy to a little above one, as no accuracy is more.
fn accuracy_axis(sweep: &Sweep) -> Axis {
    let runs = sweep.points.iter().flat_map(|p| &p.runs);
    let values = runs.flat_map(|r| [r.accuracy, r.test_accuracy]).flatten().map(f64::from);
    let least = values.fold(1.0, f64::min).min(0.98);
    let room = 0.05 * (1.0 - least);
    Axis::new("accuracy (share of samples)").range((least - room).max(0.0), 1.0 + room)
}
