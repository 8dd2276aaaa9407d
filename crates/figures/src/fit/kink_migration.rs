//! Where the kinks of a one-hidden-layer ReLU net go while it learns.

use analysis::{Results, fit::kink_migration::KinkMigration as Migration};
use registry::{AnalysisRef, Config};
use rendering::{Axis, Dash, Figure, Line, Panel, Rule, palette};

use crate::{Column, Drawing, FigureError, FigureKind, Table, helpers::words};

/// The kinks of a one-hidden-layer ReLU net over the epochs of its training, one line per neuron.
///
/// A kink whose slope passes through zero leaves the picture at one side, by way of infinity, and comes back from the other.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KinkMigration {
    /// An analysis of kind "kink_migration".
    #[schemars(extend("x-kinds" = ["kink_migration"]))]
    pub analysis: AnalysisRef,
}

impl Config for KinkMigration {
    const KIND: &str = "kink_migration";
    const EXAMPLE: &str = "analysis = \"kinks\"";
}

/// How far beyond the data the picture goes, as a share of the data's width: kinks further out are out of the net's reach.
const BEYOND: f64 = 0.25;

impl FigureKind for KinkMigration {
    fn draw(&self, id: &str, results: &Results) -> Result<Drawing, FigureError> {
        let migration: &Migration = results.outcome(&self.analysis)?;
        let [lo, hi] = migration.data;
        let room = BEYOND * (hi - lo);
        let last = migration.epochs.len() - 1;
        let mut panel = Panel::new(
            Axis::new("epoch").whole(),
            Axis::new("position of the kink, x = −b/w_in").range(lo - room, hi + room),
        );
        let inside = |i: usize| lo < migration.kinks[[last, i]] && migration.kinks[[last, i]] < hi;
        // Those that end outside first, so that the others lie on top.
        for (ends_inside, color, label) in
            [(false, palette::MISSED, "ends outside the data"), (true, palette::REACHED, "ends inside the data")]
        {
            let points: Vec<_> = (0..migration.kinks.ncols())
                .filter(|&i| inside(i) == ends_inside)
                .flat_map(|i| line(migration, i))
                .collect();
            if !points.is_empty() {
                panel = panel.mark(Line::new(points).color(color).opacity(0.85).label(label));
            }
        }
        let edge = |y: f64| Rule::horizontal(y).dash(Dash::Dashed);
        let panel = panel.mark(edge(lo).label("ends of the data")).mark(edge(hi));

        let (before, after) = (migration.inside(0), migration.inside(last));
        let title = format!(
            "{} {} inside the data at the start, {after} at the end",
            words::count(before, "kink", "kinks"),
            if before == 1 { "is" } else { "are" }
        );
        let figure = Figure::new(id, title)
            .caption(format!(
                "The kink of every hidden neuron of {} from epoch {} to epoch {}. A line that is cut off left by way of infinity, as \
                 the neuron's slope passed through zero.",
                migration.model, migration.epochs[0], migration.epochs[last]
            ))
            .panel(panel);
        let mut table =
            Table::new("").column("epoch", Column::Counts(migration.epochs.iter().map(|e| *e as u64).collect()));
        for (i, kinks) in migration.kinks.columns().into_iter().enumerate() {
            table = table.column(format!("unit{i}"), Column::Doubles(kinks.to_vec()));
        }
        let data = Table::new("data").column("from", Column::Doubles(vec![lo])).column("to", Column::Doubles(vec![hi]));
        Ok(Drawing { figure, tables: vec![table, data], arrays: Vec::new() })
    }
}

/// One kink over the epochs, broken where it passes infinity.
fn line(migration: &Migration, neuron: usize) -> Vec<(f64, f64)> {
    let mut points = Vec::new();
    for (s, epoch) in migration.epochs.iter().enumerate() {
        points.push((*epoch as f64, migration.kinks[[s, neuron]]));
        if s + 1 == migration.epochs.len() || migration.passes_infinity(s, neuron) {
            points.push((f64::NAN, f64::NAN));
        }
    }
    points
}
