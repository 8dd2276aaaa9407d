//! Error against width, beside the best lines of as many kinks and the bound that no net of that width gets below.

use analysis::{
    AnalysisError, Planned, Results,
    fit::basis,
    fit::piecewise_linear::{KnotFit, PiecewiseLinear},
    sweep::{Sweep, SweepPoint, mean_and_spread},
};
use registry::{AnalysisRef, Config, Problems, SweepRef, TrainRef};
use rendering::{Area, Axis, Dash, Figure, Line, Panel, Scatter, Shape, Ticks, palette};

use crate::{Column, Drawing, FigureError, FigureKind, Table, helpers::colours, helpers::words};

/// The error of one-hidden-layer ReLU nets against their width on logarithmic axes: the best net found and the mean over the
/// seeds in a band from the best to the worst. Beside them the best continuous piecewise-linear fit found with as many knots as
/// the net has neurons, and the lower bound for any such fit, and so for any such net. Nets need not come as low as free knots.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WidthError {
    /// A sweep of such nets of different widths, trained on the mean squared error.
    pub sweep: SweepRef,
    /// An analysis of kind "piecewise_linear" on the same data.
    #[schemars(extend("x-kinds" = ["piecewise_linear"], "x-formerly" = ["floor"]))]
    pub best_fits: AnalysisRef,
}

impl Config for WidthError {
    const KIND: &str = "width_error";
    const EXAMPLE: &str = "sweep = \"width\"\nbest_fits = \"knots\"";
}

impl FigureKind for WidthError {
    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        problems.note("sweep", planned.needs_same_samples(&self.sweep));
        problems.note("best_fits", planned.needs_data_of(&self.sweep, &self.best_fits));
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
        let fits: &PiecewiseLinear = results.outcome(&self.best_fits)?;
        let learned = &results.trained(&TrainRef(sweep.train.clone()))?.config.data.0;
        if fits.data != *learned {
            return Err(FigureError::Analysis(AnalysisError::OtherData {
                what: self.best_fits.0.clone(),
                found: fits.data.clone(),
                other: sweep.name.clone(),
                expected: learned.clone(),
            }));
        }
        let reached = sweep.points.iter().map(|p| Reached::of(p, &sweep.name)).collect::<Result<Vec<_>, _>>()?;
        let ticks = Ticks::at(reached.iter().map(|r| r.width));
        let color = colours::model(results, &sweep.train);
        let singles = sweep.points.iter().zip(&reached).flat_map(|(point, reached)| {
            point.runs.iter().map(|run| (reached.width, f64::from(run.loss))).collect::<Vec<_>>()
        });
        let means = || reached.iter().map(|r| (r.width, r.mean));
        let lines = |of: fn(&KnotFit) -> f64| {
            let fits = fits.fits.iter().filter(|f| f.knots > 0);
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
        if seeds > 1 {
            panel = panel.mark(Line::new(means()).color(color).dash(Dash::Dashed).label("nets of that width, mean"));
        }
        let best = || reached.iter().map(|r| (r.width, r.least));
        let panel = panel
            .mark(Line::new(best()).color(color).label("best net found of that width"))
            .mark(Scatter::new(best()).color(color))
            .mark(Line::new(lines(|f| f.free_knots)).color(palette::RIVAL).label("best fit found, as many free kinks"))
            .mark(Scatter::new(lines(|f| f.free_knots)).color(palette::RIVAL).shape(Shape::Diamond))
            .mark(
                Line::new(lines(|f| f.lower_bound))
                    .color(palette::MUTED)
                    .dash(Dash::Dotted)
                    .label("lower bound for any such fit or net"),
            );
        let figure = Figure::new(id, title(sweep, &reached, fits))
            .caption(format!(
                "{} after training, against {}: the best net found, of {}. Beside it the best continuous piecewise-linear fit \
                 of {} found with that many kinks, which may lie anywhere; nets need not come as low, as each neuron is flat on \
                 one side of its kink. The lower bound is for any such fit, and so for any such net: the error of as many straight \
                 pieces that need not meet.{}",
                words::sentence(sweep.loss_unit),
                sweep.axis,
                words::count(seeds, "seed", "seeds"),
                fits.data,
                sweep.divergences()
            ))
            .panel(panel);
        let doubles = |of: fn(&Reached) -> f64| Column::Doubles(reached.iter().map(of).collect());
        let nets = Table::new("")
            .column(&sweep.axis, doubles(|r| r.width))
            .column("loss.mean", doubles(|r| r.mean))
            .column("loss.spread", doubles(|r| r.spread))
            .column("loss.least", doubles(|r| r.least))
            .column("loss.most", doubles(|r| r.most));
        let lines = Table::new("knots")
            .column("knots", Column::Counts(fits.fits.iter().map(|f| f.knots as u64).collect()))
            .column("free_knots", Column::Doubles(fits.fits.iter().map(|f| f.free_knots).collect()))
            .column("knots_at_samples", Column::Doubles(fits.fits.iter().map(|f| f.knots_at_samples).collect()))
            .column("lower_bound", Column::Doubles(fits.fits.iter().map(|f| f.lower_bound).collect()));
        Ok(Drawing { figure, tables: vec![nets, lines], arrays: Vec::new() })
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
        let least = losses.iter().copied().fold(f32::NAN, f32::min).into();
        let most = losses.iter().copied().fold(f32::NAN, f32::max).into();
        let width = basis::width(point, sweep)? as f64;
        Ok(Self { width, mean, spread, least, most })
    }
}

/// "Width 64: the best net found has an error of 2.0×10⁻⁵, the best line of 64 free kinks one of 1.0×10⁻⁷", of the widest nets.
fn title(sweep: &Sweep, reached: &[Reached], fits: &PiecewiseLinear) -> String {
    let widest = reached.iter().reduce(|best, one| if one.width > best.width { one } else { best });
    let Some(widest) = widest else { return words::sentence(&sweep.axis) };
    let (axis, width) = (words::sentence(&sweep.axis), widest.width);
    let net = format!("{axis} {width}: the best net found has an error of {}", words::quantity(widest.least));
    match fits.fits.iter().find(|f| f.knots as f64 == width) {
        Some(best) => {
            let kinks = words::count(best.knots, "free kink", "free kinks");
            format!("{net}, the best line of {kinks} one of {}", words::quantity(best.free_knots))
        }
        None => net,
    }
}
