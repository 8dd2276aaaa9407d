//! The paths of training runs over a plane through the loss surface.

use analysis::{
    Results,
    learning::loss_landscape::{LossLandscape, Path},
    statistics::order::descending,
};
use registry::{AnalysisRef, Config};
use rendering::{
    Axis, ColorBar, ColorScale, Contours, Figure, Grid, Line, Panel, Point, Regions, Scatter, Shape, Tick, Ticks,
    palette,
};
use tensor::math::f64::log10;

use crate::{Array, Column, Drawing, FigureError, FigureKind, Table, helpers::colours, helpers::names, helpers::words};

/// The training loss over the plane that shows most of how training runs vary, as contours, with the path of each run from the
/// common start to its end.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("x-formerly" = ["trajectories"]))]
pub struct OptimizationTrajectories {
    /// An analysis of kind "loss_landscape".
    #[schemars(extend("x-kinds" = ["loss_landscape"]))]
    pub analysis: AnalysisRef,
    /// Whether contours are spread evenly over the loss's logarithm. Default true.
    #[serde(default = "yes")]
    pub log: bool,
}

fn yes() -> bool {
    true
}

impl Config for OptimizationTrajectories {
    const KIND: &str = "optimization_trajectories";
    const EXAMPLE: &str = "analysis = \"plane\"";
}

/// Bands of loss between contour lines.
const BANDS: usize = 14;
/// Losses below this share of the greatest are drawn as if they were it: a loss of zero has no logarithm.
const LEAST: f64 = 1e-6;

impl FigureKind for OptimizationTrajectories {
    fn draw(&self, id: &str, results: &Results) -> Result<Drawing, FigureError> {
        let found: &LossLandscape = results.outcome(&self.analysis)?;
        let greatest = found.losses.iter().copied().filter(|l| l.is_finite()).fold(0.0, f64::max);
        let height = |loss: f64| if self.log { log10(loss.max(LEAST * greatest)) } else { loss };
        let heights: Vec<f64> = found.losses.iter().map(|l| height(*l)).collect();
        // Gray, so that the paths' own colours stand out.
        let ends = ColorScale::magnitude_of(&heights);
        let scale = ColorScale::gray(ends.lo, ends.hi);
        let (x, y) = (extent(&found.x), extent(&found.y));
        let grid = Grid::new(x, y, found.y.len(), found.x.len(), heights)?;
        let step = (scale.hi - scale.lo) / BANDS as f64;
        let levels: Vec<f64> = (1..BANDS).map(|i| scale.lo + step * i as f64).collect();
        let direction = |k: usize, name: &str| {
            format!("distance along the {name} direction ({} of the variance)", words::percent(found.shares[k]))
        };
        let mut panel = Panel::new(
            Axis::new(direction(0, "first")).range(x.0, x.1),
            Axis::new(direction(1, "second")).range(y.0, y.1),
        )
        .ratio(0.8)
        .mark(Regions::bands(&grid, &levels, scale))
        .mark(Contours::new(grid, levels).color(palette::PAPER).width(0.6));
        for path in &found.paths {
            let color = colours::model(results, &path.model);
            let line = |wider: f64| Line::new(places(path)).width(2.8 + wider);
            let end = Scatter::new(places(path).last().copied()).color(color).shape(Shape::Diamond);
            panel = panel
                .mark(line(1.6).color(palette::PAPER))
                .mark(line(0.0).color(color).dash(colours::model_dash(results, &path.model)))
                .mark(end.radius(5.0).label(names::display(&path.model)));
        }
        let start = found.paths.iter().filter_map(|path| places(path).first().copied());
        panel = panel.mark(Scatter::new(start.take(1)).color(palette::INK).radius(6.0).label("start"));
        let figure = Figure::new(id, title(found))
            .caption(format!(
                "The training loss ({}, of {}) on the plane through the space of all weights and biases that shows the largest share of \
                 how the runs' snapshots vary: their first two principal directions. Each line is one run seen from above the plane, \
                 from the start to the diamond. Both axes are distances \
                 from the mean of all snapshots. {}.",
                found.unit,
                words::count(found.samples, "training sample", "training samples"),
                off(found)
            ))
            .color_bar(ColorBar::new(found.unit, scale).ticks(if self.log { log_ticks(scale) } else { Ticks::Auto }))
            .panel(panel);
        let arrays = vec![
            Array::new("loss", ["y", "x"], found.losses.mapv(|v| v as f32).into_dyn()),
            Array::places("x", &found.x),
            Array::places("y", &found.y),
        ];
        let ends = Table::new("ends")
            .column("model", Column::Text(found.paths.iter().map(|path| path.model.clone()).collect()))
            .column("distance.from.start", Column::Doubles(found.paths.iter().map(|path| path.distance).collect()));
        Ok(Drawing { figure, tables: found.paths.iter().map(table).chain([ends]).collect(), arrays })
    }
}

fn places(path: &Path) -> Vec<Point> {
    path.points.iter().map(|p| (p.at[0], p.at[1])).collect()
}

fn extent(values: &[f64]) -> (f64, f64) {
    (values.first().copied().unwrap_or(0.0), values.last().copied().unwrap_or(1.0))
}

/// Ticks at 1, 2 and 5 times powers of ten, where the axis holds logarithms.
fn log_ticks(scale: ColorScale) -> Ticks {
    let (lo, hi) = (scale.lo.floor() as i32, scale.hi.ceil() as i32);
    let digits: &[i32] = if scale.hi - scale.lo > 2.5 { &[1] } else { &[1, 2, 5] };
    let tick = |exponent: i32, digit: i32| {
        let decimals = usize::try_from(-exponent).unwrap_or(0);
        let label = match exponent {
            ..=3 => rendering::text::fixed(f64::from(digit) * tensor::math::f64::powi(10.0, exponent), decimals),
            _ => format!("{digit}×{}", rendering::text::power_of_ten(exponent)),
        };
        Tick { value: f64::from(exponent) + log10(f64::from(digit)), label }
    };
    Ticks::Given((lo..=hi).flat_map(|e| digits.iter().map(move |d| tick(e, *d))).collect())
}

/// Who goes furthest.
fn title(found: &LossLandscape) -> String {
    let mut by_distance: Vec<&Path> = found.paths.iter().collect();
    by_distance.sort_by(|a, b| descending(a.distance, b.distance));
    match by_distance.as_slice() {
        [] => String::new(),
        [only] => {
            format!("In the space of all weights {} ends {} from its start", only.model, words::quantity(only.distance))
        }
        [first, .., last] => format!(
            "In the space of all weights {} ends {} from the start, {} {}",
            first.model,
            words::quantity(first.distance),
            last.model,
            words::quantity(last.distance)
        ),
    }
}

/// How far the ends are from the plane, in terms of loss.
fn off(found: &LossLandscape) -> String {
    let ends: Vec<String> = found
        .paths
        .iter()
        .filter_map(|path| path.points.last().map(|end| (path, end)))
        .map(|(path, end)| {
            format!(
                "{} {} ({}), {} ({})",
                path.model,
                words::quantity(end.loss),
                words::quantity(end.on_plane),
                words::quantity(path.distance),
                words::quantity(within(path))
            )
        })
        .collect();
    format!(
        "At the end, the loss (and that on the plane below it), and the distance from the start (and that within the plane): {}",
        ends.join("; ")
    )
}

/// How far the end is from the start as the plane shows it.
fn within(path: &Path) -> f64 {
    match places(path)[..] {
        [(x, y), .., (to_x, to_y)] => ((to_x - x) * (to_x - x) + (to_y - y) * (to_y - y)).sqrt(),
        _ => 0.0,
    }
}

fn table(path: &Path) -> Table {
    let column = |of: fn(&analysis::learning::loss_landscape::PathPoint) -> f64| {
        Column::Doubles(path.points.iter().map(of).collect())
    };
    Table::new(&path.model)
        .column("epoch", Column::Counts(path.points.iter().map(|p| p.epoch as u64).collect()))
        .column("first", column(|p| p.at[0]))
        .column("second", column(|p| p.at[1]))
        .column("loss", column(|p| p.loss))
        .column("loss.on_plane", column(|p| p.on_plane))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_have_round_ticks() {
        let labels = |lo, hi| match log_ticks(ColorScale::gray(lo, hi)) {
            Ticks::Given(ticks) => ticks.into_iter().map(|t| t.label).collect::<Vec<_>>(),
            _ => panic!("given"),
        };
        assert_eq!(labels(-1.5, 0.2), ["0.01", "0.02", "0.05", "0.1", "0.2", "0.5", "1", "2", "5", "10", "20", "50"]);
        assert_eq!(labels(-3.0, 1.5), ["0.001", "0.01", "0.1", "1", "10", "100"]);
    }
}
