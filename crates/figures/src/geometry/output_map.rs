//! The output of a model of one number over the plane of its two inputs.

use analysis::{
    Planned, Results,
    geometry::{
        decision::{OnPlane, Seen},
        output_map::OutputMap as Found,
    },
};
use datasets::Targets;
use registry::{AnalysisRef, Config, Problems};
use rendering::{Axis, ColorBar, ColorScale, Contours, Figure, Grid, Panel, Regions, Scatter};

use crate::{
    Animate, Array, Column, Drawing, FigureError, FigureKind, Table, helpers::frames, helpers::frames::Shown,
    helpers::together::Together, helpers::words,
};

/// The plane of a model's two inputs, shaded by the model's one output, with the line along which the output has a given
/// level, the training samples on top; one panel per model.
///
/// The line is found by linear interpolation between the points of a grid. A sample whose target reaches the level has the
/// colour of the upper side.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OutputMap {
    /// An analysis of kind "output_map".
    #[schemars(extend("x-kinds" = ["output_map"]))]
    pub analysis: AnalysisRef,
    /// The epoch to be shown. Default: the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<usize>,
    /// One frame per snapshot in place of one picture: `{ seconds = 8 }`. Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub animate: Option<Animate>,
}

/// Bands of shade between the lowest and the highest output: even, so that two of them meet at the level.
const BANDS: usize = 12;

impl Config for OutputMap {
    const KIND: &str = "output_map";
    const EXAMPLE: &str = "analysis = \"map\"";
}

impl FigureKind for OutputMap {
    fn check(&self, problems: &mut Problems) {
        frames::check(self.epoch, self.animate.as_ref(), problems);
    }

    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        frames::check_against(&self.analysis, self.epoch, self.animate.as_ref(), planned, problems);
    }

    fn draw(&self, id: &str, results: &Results) -> Result<Drawing, FigureError> {
        let found: &Found = results.outcome(&self.analysis)?;
        let shown = Shown::of(&self.analysis.0, &found.epochs, self.epoch, self.animate.as_ref())?
            .paced(results, found.models.iter().map(|model| model.model.as_str()));
        let (models, level) = (&found.models, found.level);
        // Targets count as well as outputs, so that a net that has learnt nothing yet does not look as if it had.
        let targets = models.iter().filter_map(|model| model.data.train.values()).flat_map(|v| v.iter());
        let outputs = models.iter().flat_map(|model| shown.select(&model.seen)).flat_map(|seen| seen.outputs.iter());
        let distances = targets.chain(outputs).map(|v| (f64::from(*v) - level).abs());
        let furthest = distances.filter(|v| v.is_finite()).fold(0.0, f64::max);
        let scale = ColorScale::sides(level, if furthest > 0.0 { furthest } else { 1.0 });

        let ends: Vec<usize> = models.iter().map(|model| model.seen[shown.last()].epoch).collect();
        let together = ends.iter().all(|epoch| *epoch == ends[0]);
        let mut figure = Figure::new(id, "").columns(models.len().clamp(1, 2));
        let (mut right, mut arrays) = (Vec::new(), Vec::new());
        let ends_of = || models.iter().map(|model| &model.seen[shown.last()]);
        let table = Table::new("")
            .column("model", Column::Text(models.iter().map(|model| model.model.clone()).collect()))
            .column("epoch", Column::Counts(ends_of().map(|end| end.epoch as u64).collect()))
            .column("right", Column::Counts(ends_of().map(|end| end.right as u64).collect()))
            .column("samples", Column::Counts(models.iter().map(|model| model.data.train.n() as u64).collect()));
        for model in models {
            let seen: Vec<(usize, &Seen)> = shown.indices.iter().map(|i| (found.epochs[*i], &model.seen[*i])).collect();
            figure = figure.panel(panel(found, model, &seen, scale)?);
            let end = &model.seen[shown.last()];
            let own = if together { String::new() } else { format!(" (after {})", words::epochs(end.epoch)) };
            right.push(format!("{} {} of {}{own}", model.model, end.right, model.data.train.n()));
            let values = end.outputs.slice(ndarray::s![.., .., 0]).to_owned().into_dyn();
            arrays.push(Array::new(format!("{}.output", model.model), ["y", "x"], values));
            arrays.push(Array::places(format!("{}.x", model.model), &model.x));
            arrays.push(Array::places(format!("{}.y", model.model), &model.y));
        }
        let right = words::list(&right);
        let after = if together { format!(" after {}", words::epochs(ends[0])) } else { String::new() };
        let seen = if together { after.clone() } else { " as each was left when its own training ended".into() };
        figure.title = format!("Samples on their side of {level}{after}: {right}");
        figure.caption = format!(
            "The plane shaded by the output of the model{seen}, the line where it is {level}, and the training samples; on their side \
             of it: {right}."
        );
        let figure = shown.animate(figure.color_bar(ColorBar::new("output", scale)));
        Ok(Drawing { figure, tables: vec![table], arrays })
    }
}

/// One model, at each of some epochs.
fn panel(found: &Found, model: &OnPlane, seen: &[(usize, &Seen)], scale: ColorScale) -> Result<Panel, FigureError> {
    let (data, window, level) = (&model.data.train, model.window, found.level);
    let (x, y) = ((window.x[0], window.x[1]), (window.y[0], window.y[1]));
    let step = (scale.hi - scale.lo) / BANDS as f64;
    let levels: Vec<f64> = (1..BANDS).map(|i| scale.lo + step * i as f64).collect();
    let shade = |(_, seen): &(usize, &Seen)| -> Result<Together, FigureError> {
        let (rows, columns, _) = seen.outputs.dim();
        let grid = Grid::new(x, y, rows, columns, seen.outputs.iter().map(|v| f64::from(*v)).collect())?;
        let bands = Regions::bands(&grid, &levels, scale);
        let line = Contours::new(grid, [level]).width(2.0).label(format!("output {level}"));
        Ok(Together::default().mark(bands).mark(line))
    };
    let shades = seen.iter().map(shade).collect::<Result<Vec<_>, _>>()?;
    let titles = seen.iter().map(|(epoch, s)| {
        format!("{}: {} of {}{}", words::sentence(&model.model), s.right, data.n(), words::own_epoch(*epoch, s.epoch))
    });
    let names = &data.feature_names;
    let panel = Panel::new(Axis::new(&names[0]).range(x.0, x.1), Axis::new(&names[1]).range(y.0, y.1)).equal();
    let points: Vec<(f64, f64)> = data.x.rows().into_iter().map(|r| (r[0].into(), r[1].into())).collect();
    let (targets, name) = match &data.y {
        Targets::Values { values, columns } => (values.column(0).to_vec(), columns[0].as_str()),
        _ => (Vec::new(), "target"),
    };
    let sides = found.sides(data).into_iter().map(usize::from);
    let scatter = Scatter::new(points).classes(sides).radius(if data.n() > 50 { 3.0 } else { 7.0 });
    let scatter = scatter.labels(words::sides(name, &targets, level));
    Ok(panel.titles(titles).frames(shades).mark(scatter))
}
