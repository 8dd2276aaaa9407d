//! The loss over two weights, with the path that training took.

use analysis::{Planned, Results, learning::loss_surface::LossSurface as Found, statistics::order::ascending};
use registry::{AnalysisRef, Config, Problems};
use rendering::{
    Axis, Camera, Cloud, ColorBar, ColorScale, Contours, Figure, Grid, Line, Panel, Place, Point, Polyline, Regions,
    Scatter, Shape, Space, Surface, palette,
};

use crate::{
    Animate, Array, Column, Drawing, FigureError, FigureKind, Table, Turn, helpers::frames, helpers::frames::Shown,
    helpers::names, helpers::together::Together, helpers::turn, helpers::words,
};

/// The training loss over two of a model's weights, all others held, as a surface or as contours, with the path that training
/// took from its start to its end.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LossSurface {
    /// An analysis of kind "loss_surface".
    #[schemars(extend("x-kinds" = ["loss_surface"]))]
    pub analysis: AnalysisRef,
    /// "surface" in three dimensions, or "contours" seen from above. Default "surface".
    #[serde(default)]
    pub view: View,
    /// The path growing epoch by epoch: `{ every = 50 }`. Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub animate: Option<Animate>,
    /// A slow turn about the vertical axis: `{ degrees = 90 }`. Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub turn: Option<Turn>,
}

/// How a surface is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum View {
    /// In three dimensions.
    #[default]
    Surface,
    /// From above.
    Contours,
}

impl Config for LossSurface {
    const KIND: &str = "loss_surface";
    const EXAMPLE: &str = "analysis = \"surface\"\nview = \"contours\"";
}

/// Bands of loss between contour lines.
const BANDS: usize = 14;

impl FigureKind for LossSurface {
    fn check(&self, problems: &mut Problems) {
        frames::check(None, self.animate.as_ref(), problems);
        turn::check(self.turn.as_ref(), self.animate.as_ref(), problems);
        problems.require(self.turn.is_none() || self.view == View::Surface, "turn", || {
            "what is seen from above has nothing to turn: use view = \"surface\"".into()
        });
    }

    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        frames::check_against(&self.analysis, None, self.animate.as_ref(), planned, problems);
    }

    fn draw(&self, id: &str, results: &Results) -> Result<Drawing, FigureError> {
        let found: &Found = results.outcome(&self.analysis)?;
        let epochs: Vec<usize> = found.path.iter().map(|p| p.epoch).collect();
        let shown = Shown::of(&found.model, &epochs, None, self.animate.as_ref())?
            .paced(results, [found.model.as_str()])
            .headlines(|i| format!("loss {:.4}", found.path[i].loss));
        let (first, last) = (found.path[0], found.path[shown.last()]);
        // What is drawn, not the loss that training had with its other weights as they were then.
        let way = if last.on_surface > first.on_surface { "up" } else { "down" };
        let title = format!(
            "On this surface {} goes from a loss of {:.3} {way} to {:.4}",
            found.model, first.on_surface, last.on_surface
        );
        let figure = Figure::new(id, title)
            .subtitle(format!("All other weights are held as they are after {}", words::epochs(found.epoch)))
            .caption(format!(
                "The training loss ({}) of {} over {} and {}, all other weights held as they are after {}, with the path of training \
                 projected onto it. With the other weights as they were at each moment, training's own loss goes from {:.3} to {:.4}.",
                found.unit,
                found.model,
                found.weights[0],
                found.weights[1],
                words::epochs(found.epoch),
                first.loss,
                last.loss
            ))
            .color_bar(ColorBar::new(found.unit, scale(found)));
        let grid = grid(found)?;
        let figure = match (self.view, &self.turn) {
            (View::Surface, Some(turn)) => turn.apply(figure, surface(found, &grid, shown.last())),
            (View::Surface, None) => shown.animate(figure.panel(shown.space(|i| surface(found, &grid, i)))),
            (View::Contours, _) => shown.animate(figure.panel(contours(found, &grid, &shown))),
        };
        let path = Table::new("")
            .column("epoch", Column::Counts(found.path.iter().map(|p| p.epoch as u64).collect()))
            .column(&found.weights[0], Column::Doubles(found.path.iter().map(|p| p.weights[0]).collect()))
            .column(&found.weights[1], Column::Doubles(found.path.iter().map(|p| p.weights[1]).collect()))
            .column("loss", Column::Doubles(found.path.iter().map(|p| p.loss).collect()))
            .column("loss.on_surface", Column::Doubles(found.path.iter().map(|p| p.on_surface).collect()));
        let arrays = vec![
            Array::new("loss", ["y", "x"], found.losses.mapv(|v| v as f32).into_dyn()),
            Array::places("x", &found.x),
            Array::places("y", &found.y),
        ];
        Ok(Drawing { figure, tables: vec![path], arrays })
    }
}

fn scale(found: &Found) -> ColorScale {
    ColorScale::magnitude_of(found.losses.as_slice().expect("a grid made in one piece"))
}

fn ends(values: &[f64]) -> (f64, f64) {
    (values.first().copied().unwrap_or(0.0), values.last().copied().unwrap_or(1.0))
}

fn grid(found: &Found) -> Result<Grid, FigureError> {
    let values = found.losses.iter().copied().collect();
    Ok(Grid::new(ends(&found.x), ends(&found.y), found.y.len(), found.x.len(), values)?)
}

/// From above.
fn contours(found: &Found, grid: &Grid, shown: &Shown) -> Panel {
    let (x, y, scale) = (grid.x(), grid.y(), scale(found));
    let step = (scale.hi - scale.lo) / BANDS as f64;
    let levels: Vec<f64> = (1..BANDS).map(|i| scale.lo + step * i as f64).collect();
    let places: Vec<Point> = found.path.iter().map(|p| (p.weights[0], p.weights[1])).collect();
    let panel = Panel::new(Axis::new(&found.weights[0]).range(x.0, x.1), Axis::new(&found.weights[1]).range(y.0, y.1))
        .ratio(0.75)
        .mark(Regions::bands(grid, &levels, scale))
        .mark(Contours::new(grid.clone(), levels).color(palette::PAPER).width(0.5));
    let start = Scatter::new([places[0]]).color(palette::PATH).radius(5.0).label("start");
    let panel = shown.mark(panel, |i| {
        let path = || Line::new(places[..=i].iter().copied());
        let end = Scatter::new([places[i]]).color(palette::PATH).shape(Shape::Diamond).radius(6.0).label("end");
        let rim = path().color(palette::PAPER).width(4.5);
        Together::default().mark(rim).mark(path().color(palette::PATH).width(2.2).label("path")).mark(end)
    });
    panel.mark(start)
}

/// In three dimensions, the path up to one of its points.
fn surface(found: &Found, grid: &Grid, until: usize) -> Space {
    // Lifted by a hair, so that the surface does not swallow the path.
    let scale = scale(found);
    let lift = 0.006 * (scale.hi - scale.lo);
    let on = |(x, y): Point| -> Place { (x, y, height(grid, (x, y)) + lift) };
    let places: Vec<Point> = found.path[..=until].iter().map(|p| (p.weights[0], p.weights[1])).collect();
    let between = places.windows(2).flat_map(|pair| {
        let [a, b] = [pair[0], pair[1]];
        (0..PIECES).map(move |i| {
            let t = f64::from(i) / f64::from(PIECES);
            (a.0 + t * (b.0 - a.0), a.1 + t * (b.1 - a.1))
        })
    });
    let path: Vec<Place> = between.chain(places.last().copied()).map(on).collect();
    let (x, y) = (grid.x(), grid.y());
    let ends = [path[0], path[path.len() - 1]];
    Space::new(
        Axis::new(names::label(&found.weights[0])).range(x.0, x.1),
        Axis::new(names::label(&found.weights[1])).range(y.0, y.1),
        Axis::new(found.unit),
    )
    .body(Surface::new(grid.clone(), scale))
    .body(Polyline::new(path).color(palette::PATH).width(3.0).label("path"))
    .body(Cloud::new(ends).color(palette::PATH).names(["start", "end"]))
    .camera(camera(grid))
}

/// Pieces into which the path between two snapshots is cut, each of them on the surface.
const PIECES: u32 = 4;

/// Looks over the corner where the loss is lowest, so that slopes face the viewer, from well above.
fn camera(grid: &Grid) -> Camera {
    let (rows, columns) = (grid.rows() - 1, grid.columns() - 1);
    // The azimuths from which each corner is the nearest.
    let corners = [((0, 0), -120.0), ((0, columns), -60.0), ((rows, columns), 30.0), ((rows, 0), 150.0)];
    let lowest = corners.into_iter().min_by(|a, b| ascending(grid.at(a.0.0, a.0.1), grid.at(b.0.0, b.0.1)));
    // There are four corners.
    Camera::new(lowest.map_or(-60.0, |(_, azimuth)| azimuth), 38.0)
}

/// The height of a surface between the nodes of its grid, by bilinear interpolation; beyond its edge, that of the edge.
fn height(grid: &Grid, (x, y): Point) -> f64 {
    let along = |v: f64, (lo, hi): (f64, f64), n: usize| {
        let place = ((v - lo) / (hi - lo) * (n - 1) as f64).clamp(0.0, (n - 1) as f64);
        let node = (place.floor() as usize).min(n - 2);
        (node, place - node as f64)
    };
    let ((c, s), (r, t)) = (along(x, grid.x(), grid.columns()), along(y, grid.y(), grid.rows()));
    let row = |r: usize| grid.at(r, c) * (1.0 - s) + grid.at(r, c + 1) * s;
    row(r) * (1.0 - t) + row(r + 1) * t
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heights_between_nodes_are_bilinear() -> Result<(), rendering::RenderingError> {
        let f = |x: f64, y: f64| 1.0 + 2.0 * x - y + 0.5 * x * y;
        let grid = Grid::sample((-1.0, 1.0), (0.0, 3.0), 4, 5, f)?;
        for (x, y) in [(-1.0, 0.0), (1.0, 3.0), (0.3, 0.7), (-0.9, 2.99)] {
            assert!((height(&grid, (x, y)) - f(x, y)).abs() < 1e-12);
        }
        assert!((height(&grid, (7.0, 3.0)) - f(1.0, 3.0)).abs() < 1e-12);
        Ok(())
    }
}
