//! Accuracy or loss against the setting that a sweep changed.

use analysis::{
    Planned, Results,
    statistics::order::descending,
    sweep::{Sweep, SweepRun, median},
};
use datasets::Split;
use registry::{Config, Problems, SweepRef};
use rendering::{Axis, Color, Dash, Figure, Line, Panel, Scatter, Shape, palette};

use crate::{Column, Drawing, FigureError, FigureKind, Table, helpers::words};

/// What every run of a sweep reached, against the setting that was changed: a point for each run, and a line through the medians
/// over the seeds. Accuracy for classes, loss for numbers.
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
    #[schemars(extend("uniqueItems" = true))]
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
        let y = match measure {
            Measure::Accuracy => accuracy_axis(sweep),
            Measure::Loss => Axis::new(sweep.loss_unit).log(),
        };
        let shown = STYLES.into_iter().map(|(split, ..)| split).filter(|split| self.shows(*split, sweep));
        let curves: Vec<Curve> = shown.filter_map(|split| Curve::of(sweep, measure, split)).collect();
        let mut panel = Panel::new(places(sweep).0, y);
        for curve in &curves {
            panel = curve.drawn(panel, &places(sweep).1);
        }
        let told = curves.iter().find(|curve| curve.split == Split::Validation).or(curves.first());
        let title = match told {
            Some(curve) if !sweep.points.is_empty() => curve.told(sweep, measure),
            _ => words::sentence(&sweep.axis),
        };
        let seeds = seeds(sweep);
        let what = if measure == Measure::Accuracy { "Share of samples classified right" } else { "Loss" };
        let over = match seeds {
            0 | 1 => String::new(),
            n => format!(", with {n} seeds for each (small points), the line through their medians"),
        };
        let splits: Vec<String> =
            curves.iter().map(|c| format!("{}: {}", c.stroke(), words::of_split(c.split))).collect();
        let figure = Figure::new(id, title)
            .caption(format!(
                "{what} after training {} with {} changed{over}. {}.{}{}",
                sweep.train,
                sweep.axis,
                words::sentence(&words::list(&splits)),
                parameters(sweep),
                sweep.divergences(),
            ))
            .panel(panel);
        Ok(Drawing {
            figure,
            tables: vec![table(sweep, measure, &curves), runs_table(sweep, &curves)],
            arrays: Vec::new(),
        })
    }
}

/// One split's values.
struct Curve {
    /// Which.
    split: Split,
    /// `accuracy` or `loss`.
    name: &'static str,
    /// For each value of the setting, each run's.
    values: Vec<Vec<f32>>,
}

impl Curve {
    fn of(sweep: &Sweep, measure: Measure, split: Split) -> Option<Self> {
        let of = |run: &SweepRun| match measure {
            Measure::Accuracy => run.accuracy_on(split),
            Measure::Loss => run.loss_on(split),
        };
        let values: Option<Vec<Vec<f32>>> = sweep.points.iter().map(|p| p.runs.iter().map(of).collect()).collect();
        let name = if measure == Measure::Accuracy { "accuracy" } else { "loss" };
        values.map(|values| Curve { split, name, values })
    }

    /// How its line and its points are called.
    fn stroke(&self) -> &'static str {
        match self.split {
            Split::Train => "solid with circles",
            Split::Validation => "dotted with squares",
            Split::Test => "dashed with diamonds",
        }
    }

    fn medians(&self) -> Vec<f64> {
        self.values.iter().map(|runs| median(runs)).collect()
    }

    fn drawn(&self, mut panel: Panel, place: &[f64]) -> Panel {
        let style = STYLES.into_iter().find(|(split, ..)| *split == self.split);
        let Some((_, color, dash, shape)) = style else { return panel };
        let medians = || place.iter().copied().zip(self.medians());
        let label = words::of_split(self.split);
        panel = panel.mark(Line::new(medians()).color(color).dash(dash).label(label));
        panel = panel.mark(Scatter::new(medians()).color(color).shape(shape).radius(4.0));
        if self.values.iter().any(|runs| runs.len() > 1) {
            // Beside each other, where many runs end alike: the splits on both sides of the value, seeds from left to right.
            let gap = place.windows(2).map(|w| w[1] - w[0]).fold(f64::INFINITY, f64::min);
            let gap = if gap.is_finite() { gap } else { 1.0 };
            let side = if self.split == Split::Train { -1.0 } else { 1.0 };
            let beside = |k: usize, n: usize| side * gap * (0.06 + 0.24 * (k as f64 + 0.5) / n as f64);
            let of_value = |(x, runs): (&f64, &Vec<f32>)| {
                let (x, n) = (*x, runs.len());
                runs.iter().enumerate().map(move |(k, v)| (x + beside(k, n), f64::from(*v))).collect::<Vec<_>>()
            };
            let single = place.iter().zip(&self.values).flat_map(of_value);
            panel = panel.mark(Scatter::new(single).color(color).shape(shape).radius(2.0).opacity(0.7).outlined(false));
        }
        panel
    }

    /// What was found. Where runs of one value lie further apart than the medians, that comes first.
    fn told(&self, sweep: &Sweep, measure: Measure) -> String {
        let medians = self.medians();
        // Where all runs diverged there is no median.
        let ended: Vec<usize> = (0..medians.len()).filter(|i| !medians[*i].is_nan()).collect();
        let (Some(&from), Some(&to)) = (ended.first(), ended.last()) else { return words::sentence(&sweep.axis) };
        let (first, last) = (medians[from], medians[to]);
        let value = |v: f64| match measure {
            Measure::Accuracy => words::percent(v),
            Measure::Loss => words::quantity(v),
        };
        let name = words::of_split(self.split);
        let right = match measure {
            Measure::Accuracy => format!(" of the {name} samples right"),
            Measure::Loss => format!(" {name} loss"),
        };
        let ends = format!("{} {} to {}", sweep.axis, sweep.points[from].label, sweep.points[to].label);
        let of = if seeds(sweep) > 1 { format!(" in the median of {} runs", seeds(sweep)) } else { String::new() };
        let apart = |values: &mut dyn Iterator<Item = f64>| {
            let (lo, hi) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), v| (lo.min(v), hi.max(v)));
            match measure {
                Measure::Accuracy => hi - lo,
                Measure::Loss => hi / lo,
            }
        };
        let between = apart(&mut medians.iter().copied());
        let runs = |i: usize| apart(&mut self.values[i].iter().map(|v| f64::from(*v)));
        let widest = (0..self.values.len()).max_by(|a, b| descending(runs(*b), runs(*a))).unwrap_or_default();
        if seeds(sweep) > 1 && runs(widest) > between {
            let list = || self.values[widest].iter().map(|v| f64::from(*v));
            let (lo, hi) = (list().fold(f64::INFINITY, f64::min), list().fold(f64::NEG_INFINITY, f64::max));
            let label = &sweep.points[widest].label;
            return words::sentence(&format!(
                "{ends}: {} to {}{right}{of}, but single runs differ more, at {label} from {} to {}",
                value(first),
                value(last),
                value(lo),
                value(hi)
            ));
        }
        let better = |a: f64, b: f64| if measure == Measure::Accuracy { a > b } else { a < b };
        let best = ended.iter().copied().fold(from, |best, i| if better(medians[i], medians[best]) { i } else { best });
        let top = match value(medians[best]) {
            // The best by the test split would be a choice by it.
            _ if self.split == Split::Test => String::new(),
            told if told == value(first) || told == value(last) => String::new(),
            told => format!(", best {told} at {}", sweep.points[best].label),
        };
        words::sentence(&format!("{ends}: {} to {}{right}{of}{top}", value(first), value(last)))
    }
}

/// The horizontal axis, and where on it each value lies.
fn places(sweep: &Sweep) -> (Axis, Vec<f64>) {
    let numbers: Option<Vec<f64>> = sweep.points.iter().map(|p| p.value).collect();
    match numbers {
        Some(numbers) if numbers.iter().all(|v| v.fract() == 0.0) => (Axis::new(&sweep.axis).whole(), numbers),
        Some(numbers) => (Axis::new(&sweep.axis), numbers),
        None => {
            let names = sweep.points.iter().map(|p| p.label.clone());
            (Axis::new(&sweep.axis).names(names), (0..sweep.points.len()).map(|i| i as f64).collect())
        }
    }
}

fn seeds(sweep: &Sweep) -> usize {
    sweep.points.first().map_or(0, |p| p.runs.len())
}

/// How many numbers each model trains, in a sentence.
fn parameters(sweep: &Sweep) -> String {
    let counts: Vec<usize> = sweep.points.iter().map(|p| p.parameters).collect();
    match counts[..] {
        [] => String::new(),
        [first, ..] if counts.iter().all(|n| *n == first) => {
            format!(" All models have {} parameters.", words::thousands(first))
        }
        _ => {
            let each: Vec<String> = counts.iter().map(|n| words::thousands(*n)).collect();
            format!(" Parameters of the models, in this order: {}.", words::list(&each))
        }
    }
}

/// Each value with its parameters, and of each split the median, the least and the most of its runs.
fn table(sweep: &Sweep, measure: Measure, curves: &[Curve]) -> Table {
    let labels = sweep.points.iter().map(|p| p.label.clone()).collect();
    let mut table = Table::new("")
        .column(&sweep.axis, Column::Text(labels))
        .column("parameters", Column::Counts(sweep.points.iter().map(|p| p.parameters as u64).collect()));
    for curve in curves {
        let split = curve.split.name();
        let name = if measure == Measure::Accuracy { "accuracy" } else { "loss" };
        let of = |f: fn(f32, f32) -> f32| {
            Column::Singles(curve.values.iter().map(|runs| runs.iter().copied().fold(f32::NAN, f)).collect())
        };
        table = table
            .column(format!("{split}.{name}.median"), Column::Doubles(curve.medians()))
            .column(format!("{split}.{name}.least"), of(f32::min))
            .column(format!("{split}.{name}.most"), of(f32::max));
    }
    table
}

/// Every run: its value, its seed, what it reached.
fn runs_table(sweep: &Sweep, curves: &[Curve]) -> Table {
    let runs = || sweep.points.iter().flat_map(|p| (0..p.runs.len()).map(move |seed| (p, seed)));
    let mut table = Table::new("runs")
        .column(&sweep.axis, Column::Text(runs().map(|(p, _)| p.label.clone()).collect()))
        .column("seed", Column::Counts(runs().map(|(_, seed)| seed as u64).collect()));
    for curve in curves {
        let split = curve.split.name();
        table = table.column(format!("{split}.{}", curve.name), Column::Singles(curve.values.concat()));
    }
    table
}

/// Each split's colour, stroke and shape.
const STYLES: [(Split, Color, Dash, Shape); 3] = [
    (Split::Train, palette::TRAINING, Dash::Solid, Shape::Circle),
    (Split::Validation, palette::VALIDATION, Dash::Dotted, Shape::Square),
    (Split::Test, palette::TEST, Dash::Dashed, Shape::Diamond),
];

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
