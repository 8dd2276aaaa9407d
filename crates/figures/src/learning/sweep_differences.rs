//! What each of several repeated training runs gains over the first of them, seed by seed.

use analysis::{
    Results,
    sweep::{Sweep, SweepRun, mean_and_spread},
};
use registry::{Config, SweepRef};
use rendering::{Axis, Dash, Figure, Line, Panel, Rule, Scatter, Shape, palette};

use crate::{Column, Drawing, FigureError, FigureKind, Table, helpers::colours, helpers::words};

/// By how much each model of a sweep differs from the first, its baseline, with the same seed: a point for each seed, their mean
/// as a diamond, and a line over the mean ± one standard deviation. Accuracy in percentage points for classes, loss for numbers.
///
/// Runs of one seed share the initial weights of their common layers and the order of the batches, so that their difference shows
/// less chance than two runs of different seeds would.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SweepDifferences {
    /// The sweep, whose first value or model is the baseline.
    pub sweep: SweepRef,
}

impl Config for SweepDifferences {
    const KIND: &str = "sweep_differences";
    const EXAMPLE: &str = "sweep = \"controls\"";
}

impl FigureKind for SweepDifferences {
    fn draw(&self, id: &str, results: &Results) -> Result<Drawing, FigureError> {
        let sweep = results.sweep(&self.sweep)?;
        let found = Differences::of(sweep);
        let rows = &found.others;
        // The first on top.
        let height = |i: usize| (rows.len() - 1 - i) as f64;
        let names: Vec<String> = rows.iter().rev().map(|(name, _)| name.clone()).collect();
        let what = match found.percent {
            true => format!("{} accuracy minus that of {} (percentage points)", found.split, found.baseline),
            false => format!("{} {} minus that of {}", found.split, sweep.loss_unit, found.baseline),
        };
        let mut panel = Panel::new(Axis::new(what), Axis::new("").names(names))
            .mark(Rule::vertical(0.0).color(palette::MUTED).label(&found.baseline));
        for (i, (_, differences)) in rows.iter().enumerate() {
            let (mean, spread) = mean_and_spread(differences);
            let y = height(i);
            let n = differences.len();
            let beside = |k: usize| y + 0.12 + 0.16 * (k as f64 + 0.5) / n as f64;
            let single = differences.iter().enumerate().map(|(k, d)| (f64::from(*d), beside(k)));
            let color = colours::value(results, sweep, i + 1);
            panel = panel
                .mark(Line::new([(mean - spread, y), (mean + spread, y)]).color(color).dash(Dash::Solid))
                .mark(Scatter::new([(mean, y)]).color(color).shape(Shape::Diamond).radius(5.0))
                .mark(Scatter::new(single).color(color).radius(3.0).opacity(0.8).outlined(false));
        }
        let figure = Figure::new(id, found.told())
            .caption(format!(
                "{} minus that of {} with the same seed, for each of {} seeds (points), and their mean ± one standard deviation \
                 (diamond and line). Runs of one seed share the initial weights of their common layers and the order of the batches.{}",
                if found.percent { "Accuracy" } else { "Loss" },
                found.baseline,
                found.seeds,
                sweep.divergences()
            ))
            .panel(panel.ratio(0.5));
        Ok(Drawing { figure, tables: vec![found.table()], arrays: Vec::new() })
    }
}

/// What the others gained over the baseline.
struct Differences {
    baseline: String,
    split: &'static str,
    /// Accuracy in percentage points, more being better; otherwise a loss.
    percent: bool,
    seeds: usize,
    /// Each model's name, and its difference for each seed.
    others: Vec<(String, Vec<f32>)>,
}

/// One number of a run.
type Measure = fn(&SweepRun) -> Option<f32>;

impl Differences {
    fn of(sweep: &Sweep) -> Self {
        // What was not learned from tells more.
        let splits: [(&str, Measure, Measure); 3] = [
            ("test", |r| r.test_accuracy, |r| r.test_loss),
            ("validation", |r| r.validation_accuracy, |r| r.validation_loss),
            ("training", |r| r.accuracy, |r| Some(r.loss)),
        ];
        let percent = sweep.classifies;
        let measures = splits.map(|(name, accuracy, loss)| (name, if percent { accuracy } else { loss }));
        let everywhere = |of: &Measure| sweep.points.iter().flat_map(|p| &p.runs).all(|run| of(run).is_some());
        let (split, of) = measures.into_iter().find(|(_, of)| everywhere(of)).unwrap_or(measures[2]);
        let scale = if percent { 100.0 } else { 1.0 };
        let minus = |(a, b): (&SweepRun, &SweepRun)| Some(((f64::from(of(a)?) - f64::from(of(b)?)) * scale) as f32);
        let first = sweep.points.first();
        let base = first.map_or(&[][..], |p| &p.runs);
        let others = sweep
            .points
            .iter()
            .skip(1)
            .map(|point| (point.label.clone(), point.runs.iter().zip(base).filter_map(minus).collect()));
        Differences {
            baseline: first.map_or_else(String::new, |p| p.label.clone()),
            split,
            percent,
            seeds: base.len(),
            others: others.collect(),
        }
    }

    /// Which models are better with every seed, which worse, and which are now one and now the other, each with its mean.
    fn told(&self) -> String {
        let better = |v: &f32| if self.percent { *v > 0.0 } else { *v < 0.0 };
        let worse = |v: &f32| if self.percent { *v < 0.0 } else { *v > 0.0 };
        // A run that diverged has no difference.
        let all = |d: &[f32], is: &dyn Fn(&f32) -> bool| d.iter().filter(|v| !v.is_nan()).all(is);
        let side = |d: &[f32]| match () {
            () if d.iter().all(|v| v.is_nan()) => 3,
            () if all(d, &better) => 0,
            () if all(d, &worse) => 1,
            () => 2,
        };
        let told =
            ["better with every seed", "worse with every seed", "better or worse by seed"].into_iter().enumerate();
        let told = told.filter_map(|(k, words)| {
            let own = self.others.iter().filter(|(_, d)| side(d) == k);
            let own: Vec<String> = own.map(|(name, d)| format!("{name} {}", self.mean(d))).collect();
            (!own.is_empty()).then(|| format!("{words}: {}", words::list(&own)))
        });
        let told: Vec<String> = told.collect();
        let unit = if self.percent { "points of" } else { "in" };
        let what = if self.percent { "accuracy" } else { "loss" };
        match told[..] {
            [] => "Nothing to compare".into(),
            _ => format!("Against {}, {} ({unit} {} {what})", self.baseline, told.join("; "), self.split),
        }
    }

    /// The mean with its sign: +2.1, −0.3.
    fn mean(&self, differences: &[f32]) -> String {
        let mean = mean_and_spread(differences).0;
        let (sign, decimals) = (if mean < 0.0 { "−" } else { "+" }, if self.percent { 1 } else { 4 });
        format!("{sign}{:.decimals$}", mean.abs())
    }

    fn table(&self) -> Table {
        let rows =
            || self.others.iter().flat_map(|(name, d)| d.iter().enumerate().map(move |(seed, v)| (name, seed, *v)));
        let unit = if self.percent { "accuracy.difference.points" } else { "loss.difference" };
        Table::new("")
            .column("model", Column::Text(rows().map(|r| r.0.clone()).collect()))
            .column("seed", Column::Counts(rows().map(|r| r.1 as u64).collect()))
            .column(format!("{}.{unit}", self.split), Column::Singles(rows().map(|r| r.2).collect()))
    }
}
