//! Which class a model gives each point of the plane.

use analysis::{
    Planned, Results, Trained,
    geometry::decision::{Decision, Window, decision},
};
use models::Model;
use ndarray::{Array, Array2, ArrayD, Axis as Dim};
use registry::{Config, Problems, TrainRef};
use rendering::{Axis, Figure, Grid, Panel, Regions, Scatter, palette};

use crate::{Animate, Column, Drawing, FigureError, FigureKind, Table, helpers::animate::Moment, helpers::words};

/// The plane of a model's two inputs, each place in the colour of the class the model gives it, the training data on top.
///
/// Borders lie where the two largest outputs are equal, found by linear interpolation between the points of a grid.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DecisionRegions {
    /// The models, one panel each.
    pub models: Vec<TrainRef>,
    /// Points of the grid along each side. Default 160.
    #[serde(default = "default_resolution")]
    pub resolution: usize,
    /// Whether the training data is drawn on top. Default true.
    #[serde(default = "yes")]
    pub points: bool,
    /// Shows the regions as they were along training: `{ every = 50, seconds = 8 }`. Default: only as they are at its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub animate: Option<Animate>,
}

fn default_resolution() -> usize {
    160
}

fn yes() -> bool {
    true
}

impl Config for DecisionRegions {
    const KIND: &str = "decision_regions";
    const EXAMPLE: &str = "models = [\"polynomial\", \"deep\"]\nresolution = 160";
}

impl FigureKind for DecisionRegions {
    fn check(&self, problems: &mut Problems) {
        problems.require(!self.models.is_empty(), "models", || "expected at least one model".into());
        problems.require((2..=1000).contains(&self.resolution), "resolution", || {
            format!("expected 2 to 1000 points, found {}", self.resolution)
        });
        if let Some(animate) = &self.animate {
            animate.check(problems);
        }
    }

    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        for (i, name) in self.models.iter().enumerate() {
            let Some(model) = planned.model(name) else { continue };
            for message in [model.needs_plane(name), model.needs_classes(name)].into_iter().flatten() {
                problems.add(format!("models[{i}]"), message);
            }
        }
        if let Some(animate) = &self.animate {
            animate.check_against(&self.models, planned, problems);
        }
    }

    fn draw(&self, id: &str, results: &Results) -> Result<Drawing, FigureError> {
        let runs = self.models.iter().map(|m| results.trained(m)).collect::<Result<Vec<_>, _>>()?;
        let moments = match &self.animate {
            Some(animate) => animate.moments(&runs),
            None => vec![Moment::end(&runs)],
        };
        let (mut panels, mut arrays, mut ends) = (Vec::new(), Vec::new(), Vec::new());
        let epochs = moments.iter().map(|m| m.epoch as u64).collect();
        let mut table = Table::new("").column("epoch", Column::Counts(epochs));
        for (i, run) in runs.iter().enumerate() {
            let seen = moments.iter().map(|m| self.see(&m.models[i], run)).collect::<Result<Vec<_>, _>>()?;
            let rights: Vec<String> = seen.iter().map(|s| words::percent(s.accuracy)).collect();
            ends.push(format!("{} {}", run.name, rights.last().map_or("", String::as_str)));
            table = table.column(&run.name, Column::Doubles(seen.iter().map(|s| s.accuracy).collect()));
            let classes: Vec<_> = seen.iter().map(|s| s.decision.classes().mapv(|c| c as f32)).collect();
            panels.push(self.panel(run, &seen, rights, i == 0));
            arrays.push(crate::Array { name: format!("{}.class", run.name), values: over_time(classes) });
            if let (0, Some(Seen { decision, .. })) = (i, seen.first()) {
                for (name, places) in [("x", &decision.x), ("y", &decision.y)] {
                    let values = Array::from_iter(places.iter().map(|v| *v as f32)).into_dyn();
                    arrays.push(crate::Array { name: name.into(), values });
                }
            }
        }
        let over = if self.animate.is_some() { ", along training" } else { "" };
        let mut figure = Figure::new(id, format!("Samples put in the right class: {}", words::list(&ends)))
            .caption(format!(
                "Each place of the plane in the colour of the class the model gives it{over}, with the training samples on top. \
                 Put in the right class{}: {}.",
                if self.animate.is_some() { " at the end" } else { "" },
                words::list(&ends)
            ))
            .columns(runs.len().clamp(1, 2));
        for panel in panels {
            figure = figure.panel(panel);
        }
        let mut tables = Vec::new();
        if let Some(animate) = &self.animate {
            figure = figure.animate(animate.animation(moments.iter().map(|m| m.epoch)));
            tables.push(table);
        }
        Ok(Drawing { figure, tables, arrays })
    }
}

/// One matrix as it is; several stacked, moments × rows × columns.
fn over_time(matrices: Vec<Array2<f32>>) -> ArrayD<f32> {
    let mut views: Vec<_> = matrices.iter().map(|m| m.view().into_dyn()).collect();
    match views.len() {
        1 => views.remove(0).into_owned(),
        // All have the resolution's shape.
        _ => ndarray::stack(Dim(0), &views).unwrap_or_default(),
    }
}

/// A model seen on the plane and on its training data.
struct Seen {
    decision: Decision,
    regions: Regions,
    accuracy: f64,
}

impl DecisionRegions {
    fn see(&self, model: &Model, run: &Trained) -> Result<Seen, FigureError> {
        let data = &run.data.train;
        let (window, n) = (Window::around(&data.x), self.resolution);
        let decision = decision(model, &run.name, window, n)?;
        let (x, y) = ((window.x[0], window.x[1]), (window.y[0], window.y[1]));
        let scores = (0..decision.outputs.dim().2)
            .map(|k| {
                let values = decision.outputs.slice(ndarray::s![.., .., k]).iter().map(|v| f64::from(*v)).collect();
                Grid::new(x, y, n, n, values)
            })
            .collect::<Result<Vec<_>, _>>()?;
        let labels = data.labels().unwrap_or_default();
        let accuracy = model.accuracy(data.x.view(), labels).map_err(analysis::AnalysisError::from)?;
        let regions = Regions::largest(&scores)?.border(palette::INK, 1.2);
        Ok(Seen { decision, regions, accuracy })
    }

    fn panel(&self, run: &Trained, seen: &[Seen], rights: Vec<String>, first: bool) -> Panel {
        let data = &run.data.train;
        let window = Window::around(&data.x);
        let names = &data.feature_names;
        let mut panel = Panel::new(
            Axis::new(&names[0]).range(window.x[0], window.x[1]),
            Axis::new(&names[1]).range(window.y[0], window.y[1]),
        )
        .equal();
        panel = panel
            .titles(rights.iter().map(|right| format!("{}: {right}", run.name)))
            .frames(seen.iter().map(|s| s.regions.clone()));
        if self.points {
            let points: Vec<(f64, f64)> = data.x.rows().into_iter().map(|r| (r[0].into(), r[1].into())).collect();
            let labels = data.labels().unwrap_or_default();
            let mut scatter = Scatter::new(points).classes(labels.iter().map(|l| *l as usize)).radius(2.2);
            if first {
                let classes = data.class_names().unwrap_or_default();
                scatter = scatter.labels(classes.iter().map(|c| words::class(c)));
            }
            panel = panel.mark(scatter);
        }
        panel
    }
}
