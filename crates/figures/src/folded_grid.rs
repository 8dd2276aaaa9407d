//! The plane's mesh as each layer folds it.

use analysis::{Context, Planned, folding::Folding, outcome_as};
use ndarray::Array3;
use registry::{AnalysisRef, Config, Problems};
use rendering::{Axis, Color, Figure, Line, Panel, Scatter, palette};

use crate::{Array, Column, Drawing, FigureError, FigureKind, Table, words};

/// The mesh of the input plane after each layer, in that layer's two leading principal directions, with the samples on it; above
/// each the accuracy of a linear classifier that sees the layer.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FoldedGrid {
    /// An analysis of kind "folding".
    #[schemars(extend("x-kinds" = ["folding"]))]
    pub analysis: AnalysisRef,
}

impl Config for FoldedGrid {
    const KIND: &str = "folded_grid";
    const EXAMPLE: &str = "analysis = \"folding\"";
}

/// Lines of constant y and of constant x.
const ROWS: Color = palette::MUTED;
const COLUMNS: Color = Color::hex(0xa8a8a8);

impl FigureKind for FoldedGrid {
    fn check(&self, _: &mut Problems) {}

    fn check_against(&self, _: &dyn Planned, _: &mut Problems) {}

    fn draw(&self, id: &str, context: &dyn Context) -> Result<Drawing, FigureError> {
        let folding: &Folding = outcome_as(context.outcome(&self.analysis)?, &self.analysis)?;
        let mut figure = Figure::new(id, title(folding))
            .caption(format!(
                "The plane's mesh and the training samples after each layer of {}, seen in that layer's two leading principal \
                 directions; in brackets the share of samples that a linear classifier gets right when it is given the layer.",
                folding.model
            ))
            .subtitle("In brackets: the share of samples that a linear classifier gets right on that layer")
            .columns(2);
        let (mut arrays, mut tables) = (Vec::new(), Vec::new());
        for (i, layer) in folding.layers.iter().enumerate() {
            let (x, y) = if layer.node == "x" {
                ("first input".to_owned(), "second input".to_owned())
            } else {
                let share = |k: usize| words::percent(layer.explained[k]);
                (format!("1st direction ({} of variance)", share(0)), format!("2nd direction ({})", share(1)))
            };
            let points: Vec<(f64, f64)> = layer.data.rows().into_iter().map(|r| (r[0], r[1])).collect();
            let mut scatter = Scatter::new(points)
                .classes(folding.labels.iter().map(|l| *l as usize))
                .radius(2.0)
                .outlined(false)
                .opacity(0.8);
            if i == 0 {
                scatter = scatter.labels(folding.classes.iter().map(|c| words::class(c)));
            }
            let units = words::count(layer.units, "unit", "units");
            let name = if layer.node == "x" { "input" } else { &layer.node };
            figure = figure.panel(
                Panel::new(Axis::new(x), Axis::new(y))
                    .title(format!("{name}, {units} ({})", words::percent(f64::from(layer.probe))))
                    .mark(lines(&layer.columns, COLUMNS))
                    .mark(lines(&layer.rows, ROWS))
                    .mark(scatter),
            );
            for (name, lines) in [("rows", &layer.rows), ("columns", &layer.columns)] {
                arrays.push(Array {
                    name: format!("{}.{name}", layer.node),
                    values: lines.mapv(|v| v as f32).into_dyn(),
                });
            }
            tables.push(
                Table::new(&layer.node)
                    .column("first", Column::Doubles(layer.data.column(0).to_vec()))
                    .column("second", Column::Doubles(layer.data.column(1).to_vec()))
                    .column(
                        "class",
                        Column::Text(folding.labels.iter().map(|l| folding.classes[*l as usize].clone()).collect()),
                    ),
            );
        }
        Ok(Drawing { figure, tables, arrays })
    }
}

/// All lines of one family as one mark, a gap after each.
fn lines(lines: &Array3<f64>, color: Color) -> Line {
    let points = lines.outer_iter().flat_map(|line| {
        let points: Vec<(f64, f64)> = line.rows().into_iter().map(|p| (p[0], p[1])).collect();
        points.into_iter().chain([(f64::NAN, f64::NAN)])
    });
    Line::new(points).color(color).width(0.6)
}

fn title(folding: &Folding) -> String {
    match folding.layers.as_slice() {
        [first, .., last] => format!(
            "{} folds the plane until lines divide the classes: {} right at the input, {} after the last layer",
            words::sentence(&folding.model),
            words::percent(f64::from(first.probe)),
            words::percent(f64::from(last.probe))
        ),
        _ => words::sentence(&folding.model),
    }
}
