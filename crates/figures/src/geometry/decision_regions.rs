//! Which class a model gives each point of the plane.

use analysis::{
    Planned, Results,
    geometry::{
        decision::{OnPlane, Seen},
        decision_regions::DecisionRegions as Found,
    },
    select::samples,
};
use ndarray::{Array2, ArrayD, Axis as Dim};
use registry::{AnalysisRef, Config, Problems};
use rendering::{Axis, Figure, Grid, Panel, Regions, Scatter, palette};

use crate::{
    Animate, Array, Column, Drawing, FigureError, FigureKind, Table, helpers::frames, helpers::frames::Shown,
    helpers::words,
};

/// The plane of a model's two inputs, each place in the colour of the class the model gives it, the training data on top; one
/// panel per model.
///
/// Borders lie where the two largest outputs are equal, found by linear interpolation between the points of a grid.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DecisionRegions {
    /// An analysis of kind "decision_regions".
    #[schemars(extend("x-kinds" = ["decision_regions"]))]
    pub analysis: AnalysisRef,
    /// Whether the training data is drawn on top. Default true.
    #[serde(default = "yes")]
    pub points: bool,
    /// Shows the regions as they were along training: `{ seconds = 8 }`. Default: only as they are at its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub animate: Option<Animate>,
}

fn yes() -> bool {
    true
}

impl Config for DecisionRegions {
    const KIND: &str = "decision_regions";
    const EXAMPLE: &str = "analysis = \"regions\"";
}

impl FigureKind for DecisionRegions {
    fn check(&self, problems: &mut Problems) {
        frames::check(None, self.animate.as_ref(), problems);
    }

    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        frames::check_against(&self.analysis, None, self.animate.as_ref(), planned, problems);
    }

    fn draw(&self, id: &str, results: &Results) -> Result<Drawing, FigureError> {
        let found: &Found = results.outcome(&self.analysis)?;
        let shown = Shown::of("", &found.epochs, None, self.animate.as_ref())?
            .paced(results, found.models.iter().map(|model| model.model.as_str()));
        let epochs = Column::Counts(shown.select(&found.epochs).into_iter().map(|e| *e as u64).collect());
        let mut table = Table::new("").column("epoch", epochs);
        let (mut panels, mut arrays, mut ends) = (Vec::new(), Vec::new(), Vec::new());
        for (i, model) in found.models.iter().enumerate() {
            let accuracies: Vec<f64> = shown.select(&model.accuracies()).into_iter().copied().collect();
            let rights: Vec<String> = accuracies.iter().map(|a| words::percent(*a)).collect();
            ends.extend(rights.last().map(|right| format!("{} {right}", model.model)));
            table = table.column(&model.model, Column::Doubles(accuracies));
            let seen = shown.select(&model.seen);
            let own = shown.indices.iter().map(|i| words::own_epoch(found.epochs[*i], model.seen[*i].epoch));
            let rights = rights.iter().zip(own).map(|(right, own)| right.clone() + &own).collect();
            panels.push(self.panel(model, &seen, rights, i == 0)?);
            let classes = seen.iter().map(|s| s.classes().mapv(|c| c as f32)).collect();
            let (name, values) = (format!("{}.class", model.model), over_time(classes));
            arrays.push(match values.ndim() {
                2 => Array::new(name, ["y", "x"], values),
                _ => Array::new(name, ["snapshot", "y", "x"], values),
            });
            if i == 0 {
                arrays.push(Array::places("x", &model.x));
                arrays.push(Array::places("y", &model.y));
            }
        }
        let (over, at_end) = if self.animate.is_some() { (", along training", " at the end") } else { ("", "") };
        let ends = words::list(&ends);
        let of = found.models.first().map_or("", |model| words::of_split(model.split));
        let figure = Figure::new(id, words::sentence(&format!("{of} samples put in the right class: {ends}")))
            .caption(format!(
                "Each place of the plane in the colour of the class the model gives it{over}, with the training samples on top. \
                 Of the {of} samples put in the right class{at_end}: {ends}.",
            ))
            .columns(found.models.len().clamp(1, 2));
        let figure = shown.animate(panels.into_iter().fold(figure, Figure::panel));
        Ok(Drawing { figure, tables: vec![table], arrays })
    }
}

/// One matrix as it is; several stacked, snapshots × rows × columns.
fn over_time(matrices: Vec<Array2<f32>>) -> ArrayD<f32> {
    let mut views: Vec<_> = matrices.iter().map(|m| m.view().into_dyn()).collect();
    match views.len() {
        1 => views.remove(0).into_owned(),
        // All have the resolution's shape.
        _ => ndarray::stack(Dim(0), &views).unwrap_or_default(),
    }
}

/// Each place in the colour of the largest output.
fn regions(model: &OnPlane, seen: &Seen) -> Result<Regions, FigureError> {
    let ([left, right], [bottom, top]) = (model.window.x, model.window.y);
    let (rows, columns, classes) = seen.outputs.dim();
    let score = |k: usize| {
        let values = seen.outputs.slice(ndarray::s![.., .., k]).iter().map(|v| f64::from(*v)).collect();
        Grid::new((left, right), (bottom, top), rows, columns, values)
    };
    let scores = (0..classes).map(score).collect::<Result<Vec<_>, _>>()?;
    Ok(Regions::largest(&scores)?.border(palette::INK, 1.2))
}

impl DecisionRegions {
    fn panel(&self, model: &OnPlane, seen: &[&Seen], rights: Vec<String>, first: bool) -> Result<Panel, FigureError> {
        let (data, window) = (&model.data.train, model.window);
        let names = &data.feature_names;
        let regions = seen.iter().map(|seen| regions(model, seen)).collect::<Result<Vec<_>, _>>()?;
        let panel = Panel::new(
            Axis::new(&names[0]).range(window.x[0], window.x[1]),
            Axis::new(&names[1]).range(window.y[0], window.y[1]),
        )
        .equal()
        .titles(rights.iter().map(|right| format!("{}: {right}", model.model)))
        .frames(regions);
        if !self.points {
            return Ok(panel);
        }
        let points: Vec<(f64, f64)> = data.x.rows().into_iter().map(|r| (r[0].into(), r[1].into())).collect();
        let (labels, classes) = samples::classes(data)?;
        let mut scatter = Scatter::new(points).classes(labels.iter().map(|l| *l as usize)).radius(2.2);
        if first {
            scatter = scatter.labels(classes.iter().map(|c| words::class(c)));
        }
        Ok(panel.mark(scatter))
    }
}
