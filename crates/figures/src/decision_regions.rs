//! Which class a model gives each point of the plane.

use analysis::{
    Context, Planned,
    decision::{Window, decision},
};
use ndarray::Array;
use registry::{Config, Problems, TrainRef};
use rendering::{Axis, Figure, Grid, Panel, Regions, Scatter, palette};

use crate::{Drawing, FigureError, FigureKind, words};

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
    }

    fn check_against(&self, planned: &dyn Planned, problems: &mut Problems) {
        for (i, name) in self.models.iter().enumerate() {
            let Some(model) = planned.model(name) else { continue };
            for message in [model.needs_plane(name), model.needs_classes(name)].into_iter().flatten() {
                problems.add(format!("models[{i}]"), message);
            }
        }
    }

    fn draw(&self, id: &str, context: &dyn Context) -> Result<Drawing, FigureError> {
        let models = self.models.iter().map(|m| context.trained(m)).collect::<Result<Vec<_>, _>>()?;
        let (mut panels, mut arrays, mut ends) = (Vec::new(), Vec::new(), Vec::new());
        for (i, trained) in models.iter().enumerate() {
            let data = &trained.data.train;
            let window = Window::around(&data.x);
            let n = self.resolution;
            let decision = decision(&trained.fit.model, &trained.name, window, n)?;
            let (x, y) = ((window.x[0], window.x[1]), (window.y[0], window.y[1]));
            let scores = (0..decision.outputs.dim().2)
                .map(|k| {
                    let values = decision.outputs.slice(ndarray::s![.., .., k]).iter().map(|v| f64::from(*v)).collect();
                    Grid::new(x, y, n, n, values)
                })
                .collect::<Result<Vec<_>, _>>()?;
            let names = data.feature_names.iter().map(String::as_str).collect::<Vec<_>>();
            let accuracy = trained.fit.model.predict(data.x.view()).map_err(analysis::AnalysisError::from)?;
            let labels = data.labels().unwrap_or_default();
            let correct = accuracy
                .rows()
                .into_iter()
                .zip(labels)
                .filter(|(row, label)| row.as_slice().map_or(0, tensor::reduce::argmax) == **label as usize);
            let right = words::percent(correct.count() as f64 / data.n().max(1) as f64);
            ends.push(format!("{} {right}", trained.name));
            let mut panel = Panel::new(Axis::new(names[0]).range(x.0, x.1), Axis::new(names[1]).range(y.0, y.1))
                .title(format!("{}: {right}", trained.name))
                .equal()
                .mark(Regions::largest(&scores)?.border(palette::INK, 1.2));
            if self.points {
                let points: Vec<(f64, f64)> = data.x.rows().into_iter().map(|r| (r[0].into(), r[1].into())).collect();
                let mut scatter = Scatter::new(points).classes(labels.iter().map(|l| *l as usize)).radius(2.2);
                if i == 0 {
                    let classes = data.class_names().unwrap_or_default();
                    scatter = scatter.labels(classes.iter().map(|c| words::class(c)));
                }
                panel = panel.mark(scatter);
            }
            panels.push(panel);
            arrays.push(crate::Array {
                name: format!("{}.class", trained.name),
                values: decision.classes().mapv(|c| c as f32).into_dyn(),
            });
            if i == 0 {
                arrays.push(crate::Array {
                    name: "x".into(),
                    values: Array::from_iter(decision.x.iter().map(|v| *v as f32)).into_dyn(),
                });
                arrays.push(crate::Array {
                    name: "y".into(),
                    values: Array::from_iter(decision.y.iter().map(|v| *v as f32)).into_dyn(),
                });
            }
        }
        let ends: Vec<&str> = ends.iter().map(String::as_str).collect();
        let mut figure = Figure::new(id, format!("Samples put in the right class: {}", words::list(&ends)))
            .caption(format!(
                "Each place of the plane in the colour of the class the model gives it, with the training samples on top. \
                 Put in the right class: {}.",
                words::list(&ends)
            ))
            .columns(models.len().clamp(1, 2));
        for panel in panels {
            figure = figure.panel(panel);
        }
        Ok(Drawing { figure, tables: Vec::new(), arrays })
    }
}
