//! Where the piecewise-linear function of a net of one input bends.

use analysis::{Results, fit::breakpoints::Breakpoints as Found};
use registry::{AnalysisRef, Config};
use rendering::{Axis, Figure, Line, Panel, Scatter, palette};

use crate::{Column, Drawing, FigureError, FigureKind, Table, helpers::words};

/// The function of a net of one input with every point at which it bends, in the colour of the layer whose unit switches there,
/// and below it the slope of each piece. For nets of several outputs the first one.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Breakpoints {
    /// An analysis of kind "breakpoints".
    #[schemars(extend("x-kinds" = ["breakpoints"]))]
    pub analysis: AnalysisRef,
    /// Whether the training data is drawn too. Default true.
    #[serde(default = "yes")]
    pub points: bool,
}

fn yes() -> bool {
    true
}

impl Config for Breakpoints {
    const KIND: &str = "breakpoints";
    const EXAMPLE: &str = "analysis = \"bends\"";
}

impl FigureKind for Breakpoints {
    fn draw(&self, id: &str, results: &Results) -> Result<Drawing, FigureError> {
        let found: &Found = results.outcome(&self.analysis)?;
        let ends = [found.pieces[0].x[0], found.pieces[found.pieces.len() - 1].x[1]];
        let axis = || Axis::new(&found.feature).range(ends[0], ends[1]);
        let mut graph = Panel::new(axis(), Axis::new("output"));
        if self.points && !found.samples.is_empty() {
            let samples = Scatter::new(found.samples.iter().copied()).color(palette::MISSING).radius(2.0);
            graph = graph.mark(samples.label("training samples"));
        }
        graph = graph.mark(Line::new(found.corners()).color(palette::INK).label("output"));
        for layer in 0..=found.breaks.iter().filter_map(layer).max().unwrap_or(0) {
            let bends = found.breaks.iter().filter(|b| layer_of(b) == layer).map(|b| (b.x, b.y[0]));
            let bends = Scatter::new(bends).color(palette::layer(layer)).radius(3.4);
            if !bends.points.is_empty() {
                graph = graph.mark(bends.label(format!("a unit of hidden layer {} switches", layer + 1)));
            }
        }
        let steps = found.pieces.iter().map(|p| (p.x[0], p.slope[0]));
        let last = found.pieces.last().map(|p| (p.x[1], p.slope[0]));
        let slopes = Line::new(steps.chain(last)).color(palette::INK).step();
        let n = words::count(found.breaks.len(), "point", "points");
        let figure = Figure::new(id, format!("{} bends at {n}", words::sentence(&found.model)))
            .caption(format!(
                "The function of {}, exact: straight pieces between {n} at which a unit switches, and below the slope of each \
                 piece.{}",
                found.model,
                match found.without_effect {
                    0 => String::new(),
                    n => format!(" At {} more a unit switches without effect.", words::count(n, "point", "points")),
                }
            ))
            .panel(graph)
            .panel(Panel::new(axis(), Axis::new("slope")).ratio(0.3).mark(slopes))
            .share_x();
        Ok(Drawing { figure, tables: tables(found), arrays: Vec::new() })
    }
}

/// The layer of the first unit that switches.
fn layer(b: &analysis::fit::breakpoints::Break) -> Option<usize> {
    b.units.first().map(|u| u.0)
}

/// The same; no break is without a unit.
fn layer_of(b: &analysis::fit::breakpoints::Break) -> usize {
    layer(b).unwrap_or(0)
}

/// The breaks with the units that switch, and the pieces.
fn tables(found: &Found) -> Vec<Table> {
    let units = |b: &analysis::fit::breakpoints::Break| {
        b.units.iter().map(|(layer, unit)| format!("{}.{unit}", layer + 1)).collect::<Vec<_>>().join(" ")
    };
    let (breaks, pieces) = (&found.breaks, &found.pieces);
    let breaks = Table::new("")
        .column("x", Column::Doubles(breaks.iter().map(|b| b.x).collect()))
        .column("y", Column::Doubles(breaks.iter().map(|b| b.y[0]).collect()))
        .column("layer.unit", Column::Text(breaks.iter().map(units).collect()));
    let pieces = Table::new("pieces")
        .column("from", Column::Doubles(pieces.iter().map(|p| p.x[0]).collect()))
        .column("to", Column::Doubles(pieces.iter().map(|p| p.x[1]).collect()))
        .column("slope", Column::Doubles(pieces.iter().map(|p| p.slope[0]).collect()))
        .column("offset", Column::Doubles(pieces.iter().map(|p| p.offset[0]).collect()));
    vec![breaks, pieces]
}
