//! Error against width, and the floor that no net of that width gets below.

use analysis::{
    AnalysisError, Planned, Results,
    fit::basis,
    fit::piecewise_linear::{KnotFit, PiecewiseLinear},
    sweep::{Sweep, SweepPoint, mean_and_spread},
};
use registry::{AnalysisRef, Config, Problems, SweepRef, TrainRef};
use rendering::{Area, Axis, Dash, Figure, Line, Panel, Scatter, Shape, Ticks, palette};

use crate::{Column, Drawing, FigureError, FigureKind, Table, helpers::words};

/// The error of one-hidden-layer ReLU nets against their width on logarithmic axes, mean over the seeds in a band from the best
/// to the worst, and as the floor the best continuous piecewise-linear fit with as many knots as the net has neurons.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WidthError {
    /// A sweep of such nets of different widths, trained on the mean squared error.
    pub sweep: SweepRef,
    /// An analysis of kind "piecewise_linear" on the same data.
    #[schemars(extend("x-kinds" = ["piecewise_linear"]))]
    pub floor: AnalysisRef,
}

impl Config for WidthError {
    const KIND: &str = "width_error";
    const EXAMPLE: &str = "sweep = \"width\"\nfloor = \"knots\"";
}

impl FigureKind for WidthError {
    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        for model in planned.sweep(&self.sweep).unwrap_or_default() {
            let other_loss = (model.loss.kind() != "mean_squared_error")
                .then(|| format!("expected the loss mean_squared_error, and {} has {}", model.name, model.loss.kind()));
            // One complaint is enough: the others will be like it.
            if problems.note("sweep", model.needs_bent_lines().or(other_loss)) {
                return;
            }
        }
    }

    fn draw(&self, id: &str, results: &Results) -> Result<Drawing, FigureError> {
        let sweep = results.sweep(&self.sweep)?;
        let floor: &PiecewiseLinear = results.outcome(&self.floor)?;
        let learned = &results.trained(&TrainRef(sweep.train.clone()))?.config.data.0;
        if floor.data != *learned {
            return Err(FigureError::Analysis(AnalysisError::OtherData {
                what: self.floor.0.clone(),
                found: floor.data.clone(),
                other: sweep.name.clone(),
                expected: learned.clone(),
            }));
        }
        let reached = sweep.points.iter().map(|p| Reached::of(p, &sweep.name)).collect::<Result<Vec<_>, _>>()?;
        let ticks = Ticks::at(reached.iter().map(|r| r.width));
        let color = palette::class(0);
        let singles = sweep.points.iter().zip(&reached).flat_map(|(point, reached)| {
            point.runs.iter().map(|run| (reached.width, f64::from(run.loss))).collect::<Vec<_>>()
        });
        let means = || reached.iter().map(|r| (r.width, r.mean));
        let floors = |of: fn(&KnotFit) -> f64| {
            let fits = floor.fits.iter().filter(|f| f.knots > 0);
            fits.map(move |f| (f.knots as f64, of(f))).collect::<Vec<_>>()
        };
        let seeds = sweep.points.first().map_or(0, |p| p.runs.len());
        let mut panel = Panel::new(Axis::new(&sweep.axis).log().ticks(ticks), Axis::new(sweep.loss_unit).log());
        if seeds > 1 {
            let band = reached.iter().map(|r| (r.width, r.least, r.most));
            panel = panel
                .mark(Area::new(band).color(color).label("best to worst seed"))
                .mark(Scatter::new(singles).color(color).radius(2.0).opacity(0.6).outlined(false));
        }
        let panel = panel
            .mark(Line::new(means()).color(color).label(if seeds > 1 { "trained net, mean" } else { "trained net" }))
            .mark(Scatter::new(means()).color(color))
            .mark(Line::new(floors(|f| f.mse)).color(palette::class(1)).label("best fit with as many knots"))
            .mark(Scatter::new(floors(|f| f.mse)).color(palette::class(1)).shape(Shape::Diamond))
            .mark(
                Line::new(floors(|f| f.lower_bound))
                    .color(palette::MUTED)
                    .width(1.4)
                    .dash(Dash::Dotted)
                    .label("bound for any knots"),
            );
        let figure = Figure::new(id, title(sweep, &reached, floor))
            .caption(format!(
                "{} after training, against {}; the best continuous piecewise-linear fit of {} with that many knots at samples, and \
                 the error of as many straight pieces that need not meet, which no choice of knots beats.",
                words::sentence(sweep.loss_unit),
                sweep.axis,
                floor.data
            ))
            .panel(panel);
        let doubles = |of: fn(&Reached) -> f64| Column::Doubles(reached.iter().map(of).collect());
        let nets = Table::new("")
            .column(&sweep.axis, doubles(|r| r.width))
            .column("loss.mean", doubles(|r| r.mean))
            .column("loss.spread", doubles(|r| r.spread))
            .column("loss.least", doubles(|r| r.least))
            .column("loss.most", doubles(|r| r.most));
        let fits = Table::new("floor")
            .column("knots", Column::Counts(floor.fits.iter().map(|f| f.knots as u64).collect()))
            .column("mean_squared_error", Column::Doubles(floor.fits.iter().map(|f| f.mse).collect()))
            .column("lower_bound", Column::Doubles(floor.fits.iter().map(|f| f.lower_bound).collect()));
        Ok(Drawing { figure, tables: vec![nets, fits], arrays: Vec::new() })
    }
}

/// What the runs of one width reached.
struct Reached {
    width: f64,
    mean: f64,
    spread: f64,
    least: f64,
    most: f64,
}

impl Reached {
    fn of(point: &SweepPoint, sweep: &str) -> Result<Self, AnalysisError> {
        let losses: Vec<f32> = point.runs.iter().map(|r| r.loss).collect();
        let (mean, spread) = mean_and_spread(&losses);
        let least = losses.iter().copied().fold(f32::INFINITY, f32::min).into();
        let most = losses.iter().copied().fold(f32::NEG_INFINITY, f32::max).into();
        let width = basis::width(point, sweep)? as f64;
        Ok(Self { width, mean, spread, least, most })
    }
}

fn title(sweep: &Sweep, reached: &[Reached], floor: &PiecewiseLinear) -> String {
    let Some(last) = reached.last() else { return words::sentence(&sweep.axis) };
    let error = format!("{} {}: {} on average", words::sentence(&sweep.axis), last.width, words::quantity(last.mean));
    match floor.fits.iter().find(|f| f.knots as f64 == last.width) {
        Some(best) => format!("{error}, where {} is possible", words::quantity(best.mse)),
        None => error,
    }
}
