//! Accuracy or loss against the setting that a sweep changed.

use analysis::{
    Planned, Results,
    sweep::{Sweep, SweepRun, mean_and_spread},
};
use datasets::Split;
use registry::{Config, Problems, SweepRef};
use rendering::{Area, Axis, Dash, Figure, Line, Panel, Scatter, Shape, palette};

use crate::{Column, Drawing, FigureError, FigureKind, Table, helpers::words};

/// What every run of a sweep reached, against the setting that was changed: mean over the seeds, and a band of one standard
/// deviation. Accuracy for classes, loss for numbers.
///
/// Beside the training split stands the validation split, by which settings are chosen, or the test split where there is none.
/// The headline speaks of the validation split, else of the training split, and of another one where only that is shown.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SweepCurve {
    /// The sweep.
    pub sweep: SweepRef,
    /// What to draw: "accuracy" or "loss". Default: accuracy where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measure: Option<Measure>,
    /// The splits of the data to show: `["test"]`. Default: the training split, and the validation split or else the test split.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub splits: Vec<Split>,
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
    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        for (i, split) in self.splits.iter().enumerate() {
            let models = planned.sweep(&self.sweep).unwrap_or_default();
            problems.note(format!("splits[{i}]"), models.iter().find_map(|model| model.needs_split(*split)));
        }
    }

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
        let of = |run: &SweepRun, split: Split| match measure {
            Measure::Accuracy => run.accuracy_on(split),
            Measure::Loss => run.loss_on(split),
        };
        let seeds = sweep.points.first().map_or(0, |p| p.runs.len());
        let mut told = (Split::Train, Vec::new());
        for (split, k, dash, shape) in STYLES.into_iter().filter(|(split, ..)| self.shows(*split, sweep)) {
            let values: Option<Vec<Vec<f32>>> =
                sweep.points.iter().map(|p| p.runs.iter().map(|r| of(r, split)).collect()).collect();
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
            let name = spoken(split);
            panel = panel.mark(Line::new(mean()).color(color).dash(dash).label(name));
            panel = panel.mark(Scatter::new(mean()).color(color).shape(shape).radius(4.0));
            let column = format!("{}.{}", split.name(), if measure == Measure::Accuracy { "accuracy" } else { "loss" });
            table = table
                .column(format!("{column}.mean"), Column::Doubles(curve.iter().map(|c| c.1).collect()))
                .column(format!("{column}.spread"), Column::Doubles(curve.iter().map(|c| c.2).collect()));
            if split == Split::Validation || told.1.is_empty() {
                told = (split, curve);
            }
        }
        let (split, told) = told;
        let best = (0..told.len()).reduce(|best, i| {
            let better = match measure {
                Measure::Accuracy => told[i].1 > told[best].1,
                Measure::Loss => told[i].1 < told[best].1,
            };
            if better { i } else { best }
        });
        let value = |i: usize| match measure {
            Measure::Accuracy => words::percent(told[i].1),
            Measure::Loss => words::quantity(told[i].1),
        };
        let last = told.len().saturating_sub(1);
        let title = match best {
            Some(best) => {
                let ends = format!("{} {} to {}", sweep.axis, sweep.points[0].label, sweep.points[last].label);
                // The best by the test split would be a choice by it.
                let top = match split == Split::Test || value(best) == value(0) || value(best) == value(last) {
                    true => String::new(),
                    false => format!(", best {} at {}", value(best), sweep.points[best].label),
                };
                let name = spoken(split);
                let (loss, right) = match measure {
                    Measure::Accuracy => (String::new(), format!(" of the {name} samples right")),
                    Measure::Loss => (format!("{name} loss "), String::new()),
                };
                words::sentence(&format!("{ends}: {loss}{} to {}{right}{top}", value(0), value(last)))
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

/// Each split's colour, stroke and shape.
const STYLES: [(Split, usize, Dash, Shape); 3] = [
    (Split::Train, 0, Dash::Solid, Shape::Circle),
    (Split::Validation, 2, Dash::Dotted, Shape::Square),
    (Split::Test, 1, Dash::Dashed, Shape::Diamond),
];

/// What a split is called.
fn spoken(split: Split) -> &'static str {
    if split == Split::Train { "training" } else { split.name() }
}

impl SweepCurve {
    /// Whether a split is shown: one asked for, or by itself the training split and the first of the others.
    fn shows(&self, split: Split, sweep: &Sweep) -> bool {
        let has = |split| sweep.points.iter().flat_map(|p| &p.runs).all(|run| run.loss_on(split).is_some());
        match split {
            _ if !self.splits.is_empty() => self.splits.contains(&split),
            Split::Train | Split::Validation => true,
            Split::Test => !has(Split::Validation),
        }
    }
}

/// From a little below the least accuracy to a little above one, as no accuracy is more.
fn accuracy_axis(sweep: &Sweep) -> Axis {
    let runs = sweep.points.iter().flat_map(|p| &p.runs);
    let values = runs.flat_map(|r| [r.accuracy, r.validation_accuracy, r.test_accuracy]).flatten().map(f64::from);
    let least = values.fold(1.0, f64::min).min(0.98);
    let room = 0.05 * (1.0 - least);
    Axis::new("accuracy (share of samples)").range((least - room).max(0.0), 1.0 + room)
}
