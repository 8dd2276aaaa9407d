//! The plane's mesh as each layer folds it.

use analysis::{
    Planned, Results, Trained,
    geometry::folding::{FoldedLayer, Folding},
    geometry::folding_snapshots::folding_moments,
};
use ndarray::{Array2, Array3, Axis as Dim};
use registry::{AnalysisRef, Config, Problems, TrainRef};
use rendering::{Axis, Color, Figure, Line, Panel, Scatter, palette};

use crate::{Animate, Array, Column, Drawing, FigureError, FigureKind, Table, helpers::words};

/// The mesh of the input plane after each layer, in that layer's two leading principal directions, with the samples on it; above
/// each the accuracy of a linear classifier that sees the layer.
///
/// Along training every moment is seen in its own two directions, turned onto those of the next one, in units of the samples' spread:
/// activations grow a hundredfold, and in one frame for all the beginning would be a speck.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FoldedGrid {
    /// An analysis of kind "folding".
    #[schemars(extend("x-kinds" = ["folding"]))]
    pub analysis: AnalysisRef,
    /// Shows the layers as they were along training: `{ every = 50, seconds = 8 }`. Default: only as they are at its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub animate: Option<Animate>,
}

impl Config for FoldedGrid {
    const KIND: &str = "folded_grid";
    const EXAMPLE: &str = "analysis = \"folding\"";
}

/// Of what moves: lines of the mesh each way, points along each, and samples at most. A third of what a still shows keeps twenty
/// frames of three layers at a megabyte.
const MOVING_LINES: usize = 13;
const MOVING_POINTS: usize = 61;
const MOVING_SAMPLES: usize = 400;
/// Lines of constant y and of constant x.
const ROWS: Color = palette::MUTED;
const COLUMNS: Color = Color::hex(0xa8a8a8);

impl FigureKind for FoldedGrid {
    fn check(&self, problems: &mut Problems) {
        if let Some(animate) = &self.animate {
            animate.check(problems);
        }
    }

    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        if let Some(animate) = &self.animate {
            animate.check_against(planned.models_of(&self.analysis), planned, problems);
        }
    }

    fn draw(&self, id: &str, results: &Results) -> Result<Drawing, FigureError> {
        let folding: &Folding = results.outcome(&self.analysis)?;
        if let Some(animate) = &self.animate {
            return moving(id, folding, results.trained(&TrainRef(folding.model.clone()))?, animate);
        }
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
            figure = figure.panel(
                Panel::new(Axis::new(x), Axis::new(y))
                    .title(format!("{} ({})", name(layer), words::percent(f64::from(layer.probe))))
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

/// The layers along training.
fn moving(id: &str, folding: &Folding, run: &Trained, animate: &Animate) -> Result<Drawing, FigureError> {
    let moments = animate.moments(&[run]);
    let models: Vec<_> = moments.iter().flat_map(|m| m.models.iter().cloned()).collect();
    let nodes: Vec<&str> = folding.layers.iter().map(|l| l.node.as_str()).filter(|n| *n != "x").collect();
    let x = &run.data.train.x;
    let seen = folding_moments(&models, &nodes, x, MOVING_LINES, MOVING_POINTS)?;
    let step = x.nrows().div_ceil(MOVING_SAMPLES).max(1);
    let cloud = |data: &Array2<f64>| {
        Scatter::new(data.rows().into_iter().step_by(step).map(|r| (r[0], r[1])))
            .classes(folding.labels.iter().step_by(step).map(|l| *l as usize))
            .radius(2.0)
            .joined()
    };
    let mut figure = Figure::new(id, format!("{} learns to fold the plane, layer by layer", words::sentence(&folding.model)))
        .subtitle("Each layer in its two leading principal directions, in units of the samples' spread")
        .caption(format!(
            "The plane's mesh and the training samples after each layer of {} along its training. Each moment is seen in the layer's \
             own two leading principal directions, turned onto those of the next moment, in units of the samples' spread.",
            folding.model
        ))
        .columns(2)
        .animate(animate.animation(moments.iter().map(|m| m.epoch)));
    if let Some(input) = folding.layers.first().filter(|l| l.node == "x") {
        figure = figure.panel(
            Panel::new(Axis::new("first input"), Axis::new("second input"))
                .title(name(input))
                .mark(lines(&input.columns, COLUMNS))
                .mark(lines(&input.rows, ROWS))
                .mark(cloud(&input.data).labels(folding.classes.iter().map(|c| words::class(c)))),
        );
    }
    let mut arrays = Vec::new();
    for (layer, moments) in folding.layers.iter().filter(|l| l.node != "x").zip(&seen) {
        figure = figure.panel(
            Panel::new(Axis::new("1st direction"), Axis::new("2nd direction"))
                .title(name(layer))
                .frames(moments.iter().map(|m| lines(&m.columns, COLUMNS)))
                .frames(moments.iter().map(|m| lines(&m.rows, ROWS)))
                .frames(moments.iter().map(|m| cloud(&m.data))),
        );
        let rows: Vec<_> = moments.iter().map(|m| m.rows.view()).collect();
        let columns: Vec<_> = moments.iter().map(|m| m.columns.view()).collect();
        for (name, lines) in [("rows", rows), ("columns", columns)] {
            // All have the mesh's shape.
            let values = ndarray::stack(Dim(0), &lines).unwrap_or_default().mapv(|v| v as f32).into_dyn();
            arrays.push(Array { name: format!("{}.{name}", layer.node), values });
        }
    }
    let epochs = Column::Counts(moments.iter().map(|m| m.epoch as u64).collect());
    let mut table = Table::new("").column("epoch", epochs);
    for (node, moments) in nodes.iter().zip(&seen) {
        for k in 0..2 {
            let shares = Column::Doubles(moments.iter().map(|m| m.explained[k]).collect());
            table = table.column(format!("{node}.explained{}", k + 1), shares);
        }
    }
    Ok(Drawing { figure, tables: vec![table], arrays })
}

/// "hidden1.post, 64 units".
fn name(layer: &FoldedLayer) -> String {
    let name = if layer.node == "x" { "input" } else { &layer.node };
    format!("{name}, {}", words::count(layer.units, "unit", "units"))
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
