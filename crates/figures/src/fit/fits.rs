//! The curves that the models of a sweep have learned, beside each other.

use analysis::{
    AnalysisError, Planned, Results,
    geometry::decision::ticks,
    sweep::{Sweep, SweepPoint},
};
use datasets::Dataset;
use ndarray::Array2;
use registry::{Config, Problems, SweepRef, TrainRef};
use rendering::{Axis, Figure, Line, Panel, Scatter, palette};

use crate::{Column, Drawing, FigureError, FigureKind, Table, helpers::words};

/// What every model of a sweep has learned of a function of one input: a panel per value, the median run as a bold line, the
/// other seeds as thin ones, the ground truth behind.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fits {
    /// The sweep, of models of one input and one output.
    pub sweep: SweepRef,
}

impl Config for Fits {
    const KIND: &str = "fits";
    const EXAMPLE: &str = "sweep = \"width\"";
}

/// Points along each curve: two per drawing unit of a panel at three columns.
const POINTS: usize = 400;

impl FigureKind for Fits {
    fn check(&self, _: &mut Problems) {}

    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        if let Some(message) = needs_curves(planned, &self.sweep) {
            problems.add("sweep", message);
        }
    }

    fn draw(&self, id: &str, results: &Results) -> Result<Drawing, FigureError> {
        let sweep = results.sweep(&self.sweep)?;
        let data = &results.trained(&TrainRef(sweep.train.clone()))?.data.train;
        let x = grid(data);
        let columns = sweep.points.len().clamp(1, 3);
        let behind_them = if data.truth.is_some() { "ground truth" } else { "samples" };
        let mut figure = Figure::new(id, title(sweep))
            .subtitle(format!("Beside each {}: the {} of the median run", sweep.axis, sweep.loss_unit))
            .caption(format!(
                "The curves that {} has learned with {} changed: the run of median loss as a bold line, the other seeds as thin \
                 ones, and the {behind_them} behind them.",
                sweep.train, sweep.axis
            ))
            .columns(columns)
            .share_x()
            .share_y();
        let at: Vec<f32> = x.column(0).to_vec();
        let mut table = Table::new("").column("x", Column::Singles(at.clone()));
        for point in &sweep.points {
            let median = median_run(point);
            let error = median.map(|m| format!(": {}", words::quantity(point.runs[m].loss.into()))).unwrap_or_default();
            let head = format!("{} {}{error}", sweep.axis, point.label);
            let mut panel = behind(Panel::new(Axis::new("x"), Axis::new("y")).title(head).ratio(0.8), data);
            let order = (0..point.runs.len()).filter(|r| Some(*r) != median).chain(median);
            for r in order {
                let Some(model) = &point.runs[r].model else { continue };
                let y = model.predict(x.view()).map_err(AnalysisError::from)?.column(0).to_vec();
                let curve = at.iter().zip(&y).map(|(x, y)| (f64::from(*x), f64::from(*y)));
                let bold = Some(r) == median;
                let (color, width, label) =
                    if bold { (palette::class(0), 1.8, "median run") } else { (palette::MUTED, 0.8, "other seeds") };
                panel = panel.mark(Line::new(curve).color(color).width(width).label(label));
                table = table.column(format!("{}.seed{r}", point.label), Column::Singles(y));
            }
            figure = figure.panel(panel);
        }
        Ok(Drawing { figure, tables: vec![table], arrays: Vec::new() })
    }
}

/// What is wrong, if anything, with drawing the models of a sweep as curves y(x).
fn needs_curves(planned: &Planned, name: &SweepRef) -> Option<String> {
    let odd = planned.sweep(name)?.iter().find(|m| m.data.shape != [1] || m.data.outputs() != Some(1))?;
    let (shape, outputs) = (tensor::shape::display(&odd.data.shape), odd.data.outputs().unwrap_or(0));
    Some(format!(
        "expected models of one input and one output, and those of {} take {shape} and give {}",
        name.0,
        words::count(outputs, "output", "outputs")
    ))
}

/// Evenly spaced places from the smallest to the largest sample.
fn grid(data: &Dataset) -> Array2<f32> {
    let (lo, hi) = data.x.iter().fold((f32::INFINITY, f32::NEG_INFINITY), |(lo, hi), x| (lo.min(*x), hi.max(*x)));
    let places = ticks([lo.into(), hi.into()], POINTS);
    Array2::from_shape_fn((POINTS, 1), |(i, _)| places[i] as f32)
}

/// With the ground truth, or else the samples.
fn behind(panel: Panel, data: &Dataset) -> Panel {
    let mut order: Vec<usize> = (0..data.n()).collect();
    order.sort_by(|&i, &j| data.x[[i, 0]].total_cmp(&data.x[[j, 0]]));
    let points = |y: &Array2<f32>| order.iter().map(|&i| (data.x[[i, 0]].into(), y[[i, 0]].into())).collect::<Vec<_>>();
    match (&data.truth, data.values()) {
        (Some(truth), _) => {
            panel.mark(Line::new(points(truth)).color(palette::class(1)).width(4.0).opacity(0.6).label("ground truth"))
        }
        (None, Some(values)) => {
            let samples = Scatter::new(points(values)).color(palette::class(1)).radius(1.6);
            panel.mark(samples.opacity(0.6).outlined(false).label("samples"))
        }
        (None, None) => panel,
    }
}

/// The run whose loss is in the middle; the lower one of two.
fn median_run(point: &SweepPoint) -> Option<usize> {
    let mut order: Vec<usize> = (0..point.runs.len()).collect();
    order.sort_by(|&i, &j| point.runs[i].loss.total_cmp(&point.runs[j].loss));
    order.get(point.runs.len().saturating_sub(1) / 2).copied()
}

fn title(sweep: &Sweep) -> String {
    let end = |point: &SweepPoint| {
        let loss = point.runs[median_run(point)?].loss;
        Some((point.label.clone(), words::quantity(loss.into())))
    };
    match (sweep.points.first().and_then(end), sweep.points.last().and_then(end)) {
        (Some((from, most)), Some((to, least))) if sweep.points.len() > 1 => {
            format!("The {} falls from {most} at {} {from} to {least} at {to}", sweep.loss_unit, sweep.axis)
        }
        _ => words::sentence(&sweep.axis),
    }
}
