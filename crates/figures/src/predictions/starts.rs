//! How every random start of a sweep ended, as a point.

use analysis::{
    Results,
    predictions::starts::{Start, Starts as Found, StartsOfValue},
};
use registry::{AnalysisRef, Config};
use rendering::{Axis, Figure, Panel, Point, Scatter, palette};
use tensor::math::f64::log10;

use crate::{Column, Drawing, FigureError, FigureKind, Table, helpers::words};

/// Every random start of a sweep as a point at the loss it ended with, one row per value of the setting, starts that solved the
/// task apart from those that did not. Starts of nearly the same loss are piled up.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Starts {
    /// An analysis of kind "starts".
    #[schemars(extend("x-kinds" = ["starts"]))]
    pub analysis: AnalysisRef,
}

impl Config for Starts {
    const KIND: &str = "starts";
    const EXAMPLE: &str = "analysis = \"starts\"";
}

/// Columns of points over the axis, in each of which points are piled up.
const COLUMNS: f64 = 90.0;
/// How much of a row its highest pile fills, and the most that a point is above the one below it.
const FILLED: f64 = 0.8;
const STEP: f64 = 0.08;

impl FigureKind for Starts {
    fn draw(&self, id: &str, results: &Results) -> Result<Drawing, FigureError> {
        let found: &Found = results.outcome(&self.analysis)?;
        let logs: Vec<f64> = starts(found).filter_map(|(_, start)| height(start)).collect();
        let (lo, hi) = logs.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), v| (lo.min(*v), hi.max(*v)));
        let (lo, hi) = if lo < hi { (lo, hi) } else { (hi.min(0.0) - 0.5, hi.max(0.0) + 0.5) };
        let width = (hi - lo) / COLUMNS;
        let piles: Vec<Vec<(Point, bool)>> = found.values.iter().map(|value| piled(value, lo, width)).collect();
        let rows = found.values.len();
        // The first value on top.
        let row = |i: usize| (rows - 1 - i) as f64;
        let names = found.values.iter().rev().map(|value| value.label.clone());
        let mut panel = Panel::new(
            Axis::new(format!("{} at the end", found.loss_unit)).log(),
            Axis::new(&found.axis).names(names).range(-0.15, rows as f64 - 0.05),
        )
        .ratio((0.22 * rows as f64).clamp(0.3, 1.4));
        let highest = piles.iter().flatten().map(|(p, _)| p.1).fold(0.0, f64::max);
        let step = if highest > 0.0 { (FILLED / highest).min(STEP) } else { STEP };
        for (solved, color, label) in [(false, palette::MISSED, "not solved"), (true, palette::REACHED, "solved")] {
            let points = piles.iter().enumerate().flat_map(|(i, pile)| {
                let own = pile.iter().filter(move |(_, s)| *s == solved);
                own.map(move |(p, _)| (p.0, row(i) + step * p.1))
            });
            panel = panel.mark(Scatter::new(points.collect::<Vec<_>>()).color(color).radius(3.0).label(label));
        }
        let told = words::list(&found.values.iter().map(counted).collect::<Vec<_>>());
        let n = found.values.iter().map(|value| value.starts.len()).max().unwrap_or(0);
        let figure = Figure::new(id, format!("Starts that solve it, by {}: {told}", found.axis))
            .subtitle(format!("Each point is one of {n} random starts of each row"))
            .caption(format!(
                "The loss ({}) on the training samples with which every one of {n} random starts of {} ended, with {} changed. \
                 Starts that solve it, by {}: {told}. {}",
                found.loss_unit,
                found.train,
                found.axis,
                found.axis,
                definition(found)
            ))
            .panel(panel);
        let table = Table::new("")
            .column(&found.axis, Column::Text(starts(found).map(|(value, _)| value.label.clone()).collect()))
            .column("loss", Column::Singles(starts(found).map(|(_, start)| start.loss).collect()))
            .column("solved", Column::Counts(starts(found).map(|(_, start)| u64::from(start.solved)).collect()));
        Ok(Drawing { figure, tables: vec![table], arrays: Vec::new() })
    }
}

fn starts(found: &Found) -> impl Iterator<Item = (&StartsOfValue, &Start)> {
    found.values.iter().flat_map(|value| value.starts.iter().map(move |start| (value, start)))
}

/// "87 of 100 with 2".
fn counted(value: &StartsOfValue) -> String {
    format!("{} of {} with {}", value.solved(), value.starts.len(), value.label)
}

/// When a start counts as solved.
fn definition(found: &Found) -> String {
    match found.tolerance {
        Some(tolerance) => format!(
            "A start has solved the task when the output for each of the {} samples is less than {tolerance} from its target.",
            found.samples
        ),
        None => format!("A start has solved the task when each of the {} samples is classified right.", found.samples),
    }
}

/// The logarithm of a loss; none of a run that diverged, or of no loss at all.
fn height(start: &Start) -> Option<f64> {
    let loss = f64::from(start.loss);
    (loss.is_finite() && loss > 0.0).then(|| log10(loss))
}

/// The starts of one value: the loss, the place in the pile of its column from 0 on, and whether it is solved. Within a pile
/// those that are not solved lie below.
fn piled(value: &StartsOfValue, lo: f64, width: f64) -> Vec<(Point, bool)> {
    let column = |start: &&Start| height(start).map(|log| ((log - lo) / width).floor() as i64);
    let mut starts: Vec<&Start> = value.starts.iter().filter(|start| height(start).is_some()).collect();
    starts.sort_by(|a, b| (column(a), a.solved).cmp(&(column(b), b.solved)).then(a.loss.total_cmp(&b.loss)));
    let in_place = |pile: &[&Start]| -> Vec<(Point, bool)> {
        let point = |(k, start): (usize, &&Start)| ((f64::from(start.loss), k as f64), start.solved);
        pile.iter().enumerate().map(point).collect()
    };
    starts.chunk_by(|a, b| column(a) == column(b)).flat_map(in_place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_of_nearly_one_loss_are_piled_up() {
        let start = |loss: f32, solved: bool| Start { loss, solved };
        let starts = vec![
            start(0.125, true),
            start(1e-4, true),
            start(0.1251, false),
            start(f32::NAN, false),
            start(0.126, true),
        ];
        let value = StartsOfValue { label: "2".into(), starts };
        let found: Vec<(f64, bool)> = piled(&value, -4.0, 0.5).into_iter().map(|(p, s)| (p.1, s)).collect();
        assert_eq!(found, [(0.0, true), (0.0, false), (1.0, true), (2.0, true)]);
    }
}
