//! The plane's mesh as each layer folds it.

use analysis::{
    Planned, Results,
    geometry::folding::{Directions, FoldedLayer, Folding},
    geometry::folding_snapshots::FoldedSnapshot,
};
use ndarray::{Array2, Array3, Axis as Dim};
use registry::{AnalysisRef, Config, Problems};
use rendering::{Axis, Color, Figure, Line, Panel, Polygons, Scatter, palette};

use crate::{
    Animate, Array, Column, Drawing, FigureError, FigureKind, Table, helpers::frames, helpers::frames::Shown,
    helpers::halves::clipped, helpers::words,
};

/// The mesh of the input plane after each layer, in two directions of that layer, with the samples on it; above each the accuracy
/// of a linear classifier that sees the layer, and under the mesh its areas, where they can be told in that plane.
///
/// Along training every snapshot is seen in its own two directions, turned onto those of the next one, in units of the samples'
/// spread: activations grow a hundredfold, and in one frame for all the beginning would be a speck.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FoldedGrid {
    /// An analysis of kind "folding".
    #[schemars(extend("x-kinds" = ["folding"]))]
    pub analysis: AnalysisRef,
    /// Shows the layers as they were along training: `{ seconds = 8 }`. Default: only as they are at its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub animate: Option<Animate>,
}

impl Config for FoldedGrid {
    const KIND: &str = "folded_grid";
    const EXAMPLE: &str = "analysis = \"folding\"";
}

/// Of what moves: lines of the mesh each way, points along each, and samples at most. A fourth of what a still shows keeps twenty
/// frames of three layers at a megabyte.
const MOVING_LINES: usize = 13;
const MOVING_POINTS: usize = 61;
const MOVING_SAMPLES: usize = 400;
/// Lines of constant y and of constant x.
const ROWS: Color = palette::MUTED;
const COLUMNS: Color = palette::FAINT;

impl FigureKind for FoldedGrid {
    fn check(&self, problems: &mut Problems) {
        frames::check(None, self.animate.as_ref(), problems);
    }

    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        frames::check_against(&self.analysis, None, self.animate.as_ref(), planned, problems);
    }

    fn draw(&self, id: &str, results: &Results) -> Result<Drawing, FigureError> {
        let folding: &Folding = results.outcome(&self.analysis)?;
        if self.animate.is_some() {
            let shown = Shown::of(&self.analysis.0, &folding.epochs, None, self.animate.as_ref())?
                .paced(results, [folding.model.as_str()]);
            return Ok(moving(id, folding, &shown));
        }
        let how = match folding.directions {
            Directions::Principal => "along which that layer's activations vary most",
            Directions::Separating => "in which a linear classifier divides the classes",
        };
        let mut figure = Figure::new(id, title(folding))
            .caption(format!(
                "The plane's mesh and the training samples after each layer of {}, seen in the two directions {how}, turned to match \
                 the panel before; in brackets the share of {} samples that a linear classifier, fitted on the training samples, \
                 gets right when it is given the layer{}.",
                folding.model,
                words::of_split(folding.probed),
                if folding.layers.iter().any(|layer| layer.lines.is_some()) { "; where its boundaries can be seen in this plane, they divide the areas" } else { "" }
            ))
            .subtitle(format!(
                "Each layer in two directions {how}; in brackets the share of {} samples that the classifier gets right",
                words::of_split(folding.probed)
            ))
            .columns(2);
        let (mut arrays, mut tables) = (Vec::new(), Vec::new());
        for (i, layer) in folding.layers.iter().enumerate() {
            let (x, y) = match layer.node == "x" {
                true => ("first input".to_owned(), "second input"),
                false => (
                    format!("{} of the variance is in this plane", words::percent(layer.explained.iter().sum())),
                    "2nd direction",
                ),
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
            let [across, up] = [0, 1].map(|axis| extent(layer, axis));
            let mut panel = Panel::new(Axis::new(x).range(across[0], across[1]), Axis::new(y).range(up[0], up[1]))
                .equal()
                .title(format!("{} ({})", name(layer), words::percent(f64::from(layer.probe))));
            if let Some(scores) = &layer.lines {
                panel = panel.mark(areas(scores, across, up));
            }
            figure =
                figure.panel(panel.mark(lines(&layer.columns, COLUMNS)).mark(lines(&layer.rows, ROWS)).mark(scatter));
            for (name, lines) in [("rows", &layer.rows), ("columns", &layer.columns)] {
                let values = lines.mapv(|v| v as f32).into_dyn();
                arrays.push(Array::new(format!("{}.{name}", layer.node), ["line", "point", "direction"], values));
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
        let layers = &folding.layers;
        tables.push(
            Table::new("probe")
                .column("layer", Column::Text(layers.iter().map(|layer| layer.node.clone()).collect()))
                .column("accuracy", Column::Singles(layers.iter().map(|layer| layer.probe).collect())),
        );
        Ok(Drawing { figure, tables, arrays })
    }
}

/// The layers along training.
fn moving(id: &str, folding: &Folding, shown: &Shown) -> Drawing {
    let step = folding.labels.len().div_ceil(MOVING_SAMPLES).max(1);
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
        .columns(2);
    if let Some(input) = folding.layers.first().filter(|l| l.node == "x") {
        figure = figure.panel(
            Panel::new(Axis::new("first input"), Axis::new("second input"))
                .title(name(input))
                .mark(lines(&input.columns, COLUMNS))
                .mark(lines(&input.rows, ROWS))
                .mark(cloud(&input.data).labels(folding.classes.iter().map(|c| words::class(c)))),
        );
    }
    let epochs = shown.select(&folding.epochs).into_iter().map(|epoch| *epoch as u64);
    let mut table = Table::new("").column("epoch", Column::Counts(epochs.collect()));
    let mut arrays = Vec::new();
    for layer in folding.layers.iter().filter(|l| l.node != "x") {
        let seen = shown.select(&layer.snapshots);
        let mesh = |of: fn(&FoldedSnapshot) -> &Array3<f64>| seen.iter().map(|s| coarse(of(s))).collect::<Vec<_>>();
        let (rows, columns) = (mesh(|s| &s.rows), mesh(|s| &s.columns));
        figure = figure.panel(
            Panel::new(Axis::new("1st direction"), Axis::new("2nd direction"))
                .title(name(layer))
                .frames(columns.iter().map(|c| lines(c, COLUMNS)))
                .frames(rows.iter().map(|r| lines(r, ROWS)))
                .frames(seen.iter().map(|s| cloud(&s.data))),
        );
        for (name, lines) in [("rows", rows), ("columns", columns)] {
            let views: Vec<_> = lines.iter().map(|l| l.view()).collect();
            let values =
                ndarray::stack(Dim(0), &views).expect("all have the mesh's shape").mapv(|v| v as f32).into_dyn();
            let axes = ["snapshot", "line", "point", "direction"];
            arrays.push(Array::new(format!("{}.{name}", layer.node), axes, values));
        }
        for k in 0..2 {
            let shares = Column::Doubles(seen.iter().map(|s| s.explained[k]).collect());
            table = table.column(format!("{}.explained{}", layer.node, k + 1), shares);
        }
    }
    Drawing { figure: shown.animate(figure), tables: vec![table], arrays }
}

/// Some of the lines and some of the points along them, evenly spread, with the first and the last.
fn coarse(lines: &Array3<f64>) -> Array3<f64> {
    let some = |n: usize, most: usize| training::thin(&(0..n).collect::<Vec<_>>(), most);
    let (l, p) = (some(lines.dim().0, MOVING_LINES), some(lines.dim().1, MOVING_POINTS));
    Array3::from_shape_fn((l.len(), p.len(), 2), |(i, j, k)| lines[[l[i], p[j], k]])
}

/// "hidden1.post, 64 units".
fn name(layer: &FoldedLayer) -> String {
    let name = if layer.node == "x" { "input" } else { &layer.node };
    format!("{}, {}", words::sentence(name), words::count(layer.units, "unit", "units"))
}

/// All lines of one family as one mark, a gap after each.
fn lines(lines: &Array3<f64>, color: Color) -> Line {
    let points = lines.outer_iter().flat_map(|line| {
        let points: Vec<(f64, f64)> = line.rows().into_iter().map(|p| (p[0], p[1])).collect();
        points.into_iter().chain([(f64::NAN, f64::NAN)])
    });
    Line::new(points).color(color).width(0.6)
}

/// How far the mesh and the samples reach along an axis of the picture, with a little room.
fn extent(layer: &FoldedLayer, axis: usize) -> [f64; 2] {
    let along = |lines: &Array3<f64>| lines.index_axis(Dim(2), axis).iter().copied().collect::<Vec<f64>>();
    let all = [along(&layer.rows), along(&layer.columns), layer.data.column(axis).to_vec()].concat();
    let (lo, hi) = all.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), v| (lo.min(*v), hi.max(*v)));
    let room = if hi > lo { 0.03 * (hi - lo) } else { 1.0 };
    [lo - room, hi + room]
}

/// Where each class has the largest score.
fn areas(scores: &[([f64; 2], f64)], [left, right]: [f64; 2], [bottom, top]: [f64; 2]) -> Polygons {
    let of = |class: usize| {
        let ([a, b], bias) = scores[class];
        let all = vec![(left, bottom), (right, bottom), (right, top), (left, top)];
        let rest =
            scores.iter().enumerate().filter(|(other, _)| *other != class).fold(all, |area, (_, ([c, d], other))| {
                clipped(&area, |(x, y)| (a - c) * x + (b - d) * y + bias - other)
            });
        (rest, palette::class_area(class))
    };
    Polygons::new((0..scores.len()).map(of))
}

fn title(folding: &Folding) -> String {
    match folding.layers.as_slice() {
        [first, .., last] => format!(
            "{} folds the plane until lines divide the classes: {} of the {} samples right at the input, {} after the last layer",
            words::sentence(&folding.model),
            words::percent(f64::from(first.probe)),
            words::of_split(folding.probed),
            words::percent(f64::from(last.probe))
        ),
        _ => words::sentence(&folding.model),
    }
}
