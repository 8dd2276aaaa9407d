//! The output of a model of one number over the plane of its two inputs.

use analysis::{
    AnalysisError, Planned, Results, Trained,
    geometry::decision::{Decision, Window, decision},
};
use datasets::{Dataset, Targets};
use models::Model;
use registry::{Config, Problems, TrainRef};
use rendering::{Axis, ColorBar, ColorScale, Contours, Figure, Frames, Grid, Panel, Regions, Scatter};

use crate::{
    Animate, Array, Drawing, FigureError, FigureKind, helpers::animate::Moment, helpers::moments,
    helpers::together::Together, helpers::words,
};

/// The plane of a model's two inputs, shaded by the model's one output, with the line along which the output has a given
/// level, the training samples on top.
///
/// The line is found by linear interpolation between the points of a grid. A sample whose target reaches the level has the
/// colour of the upper side.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OutputMap {
    /// The models, one panel each.
    pub models: Vec<TrainRef>,
    /// The output at which the two sides meet. Default 0.5.
    #[serde(default = "default_level")]
    pub level: f64,
    /// Points of the grid along each side. Default 80.
    #[serde(default = "default_resolution")]
    pub resolution: usize,
    /// The epoch to be shown. Default: the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<usize>,
    /// One frame per snapshot in place of one picture: `{ every = 50, seconds = 8 }`. Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub animate: Option<Animate>,
}

fn default_level() -> f64 {
    0.5
}

fn default_resolution() -> usize {
    80
}

/// Bands of shade between the lowest and the highest output: even, so that two of them meet at the level.
const BANDS: usize = 12;

impl Config for OutputMap {
    const KIND: &str = "output_map";
    const EXAMPLE: &str = "models = [\"two\", \"three\"]\nlevel = 0.5";
}

impl FigureKind for OutputMap {
    fn check(&self, problems: &mut Problems) {
        problems.require(!self.models.is_empty(), "models", || "expected at least one model".into());
        problems.require((2..=1000).contains(&self.resolution), "resolution", || {
            format!("expected 2 to 1000 points, found {}", self.resolution)
        });
        problems.require(self.level.is_finite(), "level", || format!("expected a number, found {}", self.level));
        moments::check(self.epoch, self.animate.as_ref(), problems);
    }

    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        for (i, name) in self.models.iter().enumerate() {
            let Some(model) = planned.model(name) else { continue };
            for message in [model.needs_plane(name), model.needs_one_number(name)].into_iter().flatten() {
                problems.add(format!("models[{i}]"), message);
            }
            moments::check_against(name, self.epoch, self.animate.as_ref(), planned, problems);
        }
    }

    fn draw(&self, id: &str, results: &Results) -> Result<Drawing, FigureError> {
        let runs = self.models.iter().map(|m| results.trained(m)).collect::<Result<Vec<_>, _>>()?;
        let moments = match &self.animate {
            Some(animate) => animate.moments(&runs),
            None => vec![self.still(&runs)?],
        };
        let seen = (runs.iter().enumerate())
            .map(|(i, run)| moments.iter().map(|m| self.see(&m.models[i], run)).collect::<Result<Vec<_>, _>>())
            .collect::<Result<Vec<_>, FigureError>>()?;
        // Targets count as well as outputs, so that a net that has learnt nothing yet does not look as if it had.
        let targets = runs.iter().filter_map(|run| run.data.train.values()).flat_map(|v| v.iter());
        let outputs = seen.iter().flatten().flat_map(|s| s.decision.outputs.iter());
        let distances = targets.chain(outputs).map(|v| (f64::from(*v) - self.level).abs());
        let furthest = distances.filter(|v| v.is_finite()).fold(0.0, f64::max);
        let scale = ColorScale::sides(self.level, if furthest > 0.0 { furthest } else { 1.0 });

        let mut figure = Figure::new(id, "").columns(runs.len().clamp(1, 2));
        let (mut right, mut arrays) = (Vec::new(), Vec::new());
        for (run, seen) in runs.iter().zip(&seen) {
            figure = figure.panel(self.panel(run, seen, scale)?);
            let Some(end) = seen.last() else { continue };
            right.push(format!("{} {} of {}", run.name, end.right, run.data.train.n()));
            let values = end.decision.outputs.slice(ndarray::s![.., .., 0]).to_owned().into_dyn();
            arrays.push(Array { name: format!("{}.output", run.name), values });
            for (name, places) in [("x", &end.decision.x), ("y", &end.decision.y)] {
                let values = ndarray::Array::from_iter(places.iter().map(|v| *v as f32)).into_dyn();
                arrays.push(Array { name: format!("{}.{name}", run.name), values });
            }
        }
        let right = words::list(&right);
        let epochs = words::epochs(moments.last().map_or(0, |m| m.epoch));
        figure.title = format!("Samples on their side of {} after {epochs}: {right}", self.level);
        figure.caption = format!(
            "The plane shaded by the output of the model after {epochs}, the line where it is {}, and the training samples; on their \
             side of it: {right}.",
            self.level
        );
        figure = figure.color_bar(ColorBar::new("output", scale));
        if let Some(animate) = &self.animate {
            figure = figure.animate(animate.animation(moments.iter().map(|m| m.epoch)));
        }
        Ok(Drawing { figure, tables: Vec::new(), arrays })
    }
}

/// A model seen on the plane and on its training data.
struct Seen {
    decision: Decision,
    right: usize,
}

impl OutputMap {
    /// The one moment of a picture that does not move.
    fn still(&self, runs: &[&Trained]) -> Result<Moment, FigureError> {
        let Some(epoch) = self.epoch else { return Ok(Moment::end(runs)) };
        let models = runs.iter().map(|run| Ok(run.model_after(Some(epoch))?.1)).collect::<Result<_, FigureError>>()?;
        Ok(Moment { epoch, models })
    }

    fn see(&self, model: &Model, run: &Trained) -> Result<Seen, FigureError> {
        let data = &run.data.train;
        let decision = decision(model, &run.name, Window::around(&data.x), self.resolution)?;
        let outputs = model.predict(data.x.view()).map_err(AnalysisError::from)?;
        let correct = outputs.iter().zip(self.sides(data)).filter(|(y, side)| usize::from(self.reaches(**y)) == *side);
        Ok(Seen { right: correct.count(), decision })
    }

    fn reaches(&self, value: f32) -> bool {
        f64::from(value) >= self.level
    }

    /// 1 for each sample whose target reaches the level.
    fn sides(&self, data: &Dataset) -> Vec<usize> {
        data.values().map(|v| v.column(0).iter().map(|v| usize::from(self.reaches(*v))).collect()).unwrap_or_default()
    }

    fn panel(&self, run: &Trained, seen: &[Seen], scale: ColorScale) -> Result<Panel, FigureError> {
        let data = &run.data.train;
        let window = Window::around(&data.x);
        let (x, y, n) = ((window.x[0], window.x[1]), (window.y[0], window.y[1]), self.resolution);
        let step = (scale.hi - scale.lo) / BANDS as f64;
        let levels: Vec<f64> = (1..BANDS).map(|i| scale.lo + step * i as f64).collect();
        let shade = |seen: &Seen| -> Result<Together, FigureError> {
            let grid = Grid::new(x, y, n, n, seen.decision.outputs.iter().map(|v| f64::from(*v)).collect())?;
            let bands = Regions::bands(&grid, &levels, scale);
            let line = Contours::new(grid, [self.level]).width(2.0).label(format!("output {}", self.level));
            Ok(Together::default().mark(bands).mark(line))
        };
        let mut shades = seen.iter().map(shade).collect::<Result<Vec<_>, _>>()?;
        let titles = seen.iter().map(|s| format!("{}: {} of {}", words::sentence(&run.name), s.right, data.n()));
        let names = &data.feature_names;
        let panel = Panel::new(Axis::new(&names[0]).range(x.0, x.1), Axis::new(&names[1]).range(y.0, y.1)).equal();
        let panel = match (shades.len(), shades.pop()) {
            (1, Some(only)) => panel.title(titles.collect::<String>()).mark(only),
            (_, last) => panel.titles(titles).mark(Frames::new(shades.into_iter().chain(last))),
        };
        let points: Vec<(f64, f64)> = data.x.rows().into_iter().map(|r| (r[0].into(), r[1].into())).collect();
        let (targets, name) = match &data.y {
            Targets::Values { values, columns } => (values.column(0).to_vec(), columns[0].as_str()),
            _ => (Vec::new(), "target"),
        };
        let scatter = Scatter::new(points).classes(self.sides(data)).radius(if data.n() > 50 { 3.0 } else { 7.0 });
        Ok(panel.mark(scatter.labels(words::sides(name, &targets, self.level))))
    }
}
