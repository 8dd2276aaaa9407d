//! The samples as the last hidden layer sees them, and the line or plane by which the output divides them.

use analysis::{
    Planned, Results,
    geometry::feature_space::{FeatureSnapshot, FeatureSpace as Found, units},
    statistics::logistic::Separator,
};
use registry::{AnalysisRef, Config, Problems};
use rendering::{
    Anchor, Axis, Camera, Cloud, Dash, Figure, Label, Line, Panel, Place, Point, Polygons, Scatter, Sheet, Space,
    palette,
};
use tensor::Float;

use crate::{
    Animate, Column, Drawing, FigureError, FigureKind, Table, Turn,
    helpers::frames,
    helpers::frames::Shown,
    helpers::halves::{boundary, clipped},
    helpers::names::unit as unit_words,
    helpers::together::Together,
    helpers::turn,
    helpers::words,
};

/// The training samples as the last hidden layer of two or three units sees them, with the line or plane at which the output
/// passes its level, and as a second opinion that of a logistic regression fitted on the same activations.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FeatureSpace {
    /// An analysis of kind "feature_space".
    #[schemars(extend("x-kinds" = ["feature_space"]))]
    pub analysis: AnalysisRef,
    /// The epoch to be shown. Default: the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<usize>,
    /// One frame per snapshot in place of one picture: `{ seconds = 8 }`. Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub animate: Option<Animate>,
    /// A slow turn about the vertical axis, for three units: `{ degrees = 90 }`. Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub turn: Option<Turn>,
}

impl Config for FeatureSpace {
    const KIND: &str = "feature_space";
    const EXAMPLE: &str = "analysis = \"features\"";
}

/// Beyond the samples on every side, as a share of their extent.
const ROOM: f64 = 0.12;
/// Samples closer than this share of the range share one label.
const CLOSE: f64 = 0.07;
/// Samples of the two sides: of unlike ones that fall on one place, both are seen.
const RADIUS: [f64; 2] = [8.5, 5.5];

impl FigureKind for FeatureSpace {
    fn check(&self, problems: &mut Problems) {
        frames::check(self.epoch, self.animate.as_ref(), problems);
        turn::check(self.turn.as_ref(), self.animate.as_ref(), problems);
    }

    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        frames::check_against(&self.analysis, self.epoch, self.animate.as_ref(), planned, problems);
        for name in planned.models_of(&self.analysis) {
            let units = planned.model(name).and_then(units);
            if let Some(units) = units.filter(|units| self.turn.is_some() && *units != 3) {
                problems.add("turn", format!("expected three units to turn around, and {} has {units}", name.0));
            }
        }
    }

    fn draw(&self, id: &str, results: &Results) -> Result<Drawing, FigureError> {
        let found: &Found = results.outcome(&self.analysis)?;
        let epochs: Vec<usize> = found.snapshots.iter().map(|m| m.epoch).collect();
        let shown = Shown::of(&found.model, &epochs, self.epoch, self.animate.as_ref())?
            .paced(results, [found.model.as_str()])
            .headlines(|i| right(found, &found.snapshots[i]));
        let ranges: Vec<[f64; 2]> = (0..found.units).map(|unit| range(found, &shown, unit)).collect();
        let end = &found.snapshots[shown.last()];
        let figure = Figure::new(id, title(found, end)).subtitle(subtitle(found, end));
        let camera = camera(&end.output);
        let figure = match (&self.turn, found.units) {
            (Some(turn), 3) => turn.apply(figure, space(found, end, &ranges, camera)),
            (None, 3) => {
                shown.animate(figure.panel(shown.space(|i| space(found, &found.snapshots[i], &ranges, camera))))
            }
            (None, _) => shown.animate(figure.panel(plane_panel(found, &shown, &ranges))),
            (Some(_), _) => return Err(turn::flat(&found.model)),
        };
        let figure = figure.caption(format!(
            "The samples in the space of the units of {} of {} after {}, the boundary at which the output is {}, and that of a logistic \
             regression fitted on the same activations.",
            found.node,
            found.model,
            words::epochs(end.epoch),
            found.level
        ));
        Ok(Drawing { figure, tables: tables(found, end), arrays: Vec::new() })
    }
}

/// The samples' extent along one unit over all that is shown, and room around it; of activations between 0 and 1 all of that
/// range.
fn range(found: &Found, shown: &Shown, unit: usize) -> [f64; 2] {
    let values = || shown.indices.iter().flat_map(|i| found.snapshots[*i].points.column(unit).to_vec()).map(f64::from);
    let (lo, hi) = values().fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), v| (lo.min(v), hi.max(v)));
    let (lo, hi) = if lo >= 0.0 && hi <= 1.0 { (0.0, 1.0) } else { (lo, hi) };
    let room = if hi > lo { ROOM * (hi - lo) } else { 1.0 };
    [lo - room, hi + room]
}

fn sides(found: &Found) -> impl Iterator<Item = usize> {
    found.labels.iter().map(|label| usize::from(*label))
}

fn unit_name(found: &Found, unit: usize) -> String {
    format!("{}[{unit}]", found.node)
}

/// Two units: the plane, its two sides tinted.
fn plane_panel(found: &Found, shown: &Shown, ranges: &[[f64; 2]]) -> Panel {
    let [x, y] = [ranges[0], ranges[1]];
    let corners = vec![(x[0], y[0]), (x[1], y[0]), (x[1], y[1]), (x[0], y[1])];
    let panel =
        Panel::new(Axis::new(unit_name(found, 0)).range(x[0], x[1]), Axis::new(unit_name(found, 1)).range(y[0], y[1]))
            .equal();
    shown.mark(panel, |i| {
        let snapshot = &found.snapshots[i];
        let score = |separator: &Separator, (x, y): Point| separator.score([x, y]);
        let side = |sign: f64| clipped(&corners, |p| sign * score(&snapshot.output, p));
        let areas = Polygons::new([(side(-1.0), palette::class_area(0)), (side(1.0), palette::class_area(1))]);
        let mut marks = Together::default().mark(areas);
        if let Some(regression) = &snapshot.regression {
            let line = Line::new(boundary(&corners, |p| score(regression, p)));
            marks = marks
                .mark(line.color(palette::SECOND_OPINION).dash(Dash::Dashed).width(2.4).label("logistic regression"));
        }
        let line = Line::new(boundary(&corners, |p| score(&snapshot.output, p))).color(palette::INK).width(2.4);
        marks = marks.mark(line.label(format!("output {}", found.level)));
        let points: Vec<Point> = snapshot.points.rows().into_iter().map(|r| (r[0].into(), r[1].into())).collect();
        let sides = words::sides(&found.target, &found.targets, found.level);
        for (side, name) in sides.into_iter().enumerate() {
            let own =
                points.iter().zip(&found.labels).filter(|(_, label)| usize::from(**label) == side).map(|(p, _)| *p);
            marks = marks.mark(Scatter::new(own).color(palette::class(side)).label(name).radius(RADIUS[side]));
        }
        let near = CLOSE * (x[1] - x[0]);
        let names = names(found, snapshot, near).into_iter().zip(&points).filter(|(name, _)| !name.is_empty());
        let label = |(name, place): (String, &Point)| Label::new(*place, name).anchor(Anchor::Middle).offset(0.0, 18.0);
        names.map(label).fold(marks, Together::mark)
    })
}

/// Three units: the box, with both planes.
fn space(found: &Found, snapshot: &FeatureSnapshot, ranges: &[[f64; 2]], camera: Camera) -> Space {
    let axis = |unit: usize| Axis::new(unit_words(&found.node, unit)).range(ranges[unit][0], ranges[unit][1]);
    let sheet = |separator: &Separator| {
        Sheet::new([separator.weights[0], separator.weights[1], separator.weights[2]], -separator.bias)
    };
    let mut space = Space::new(axis(0), axis(1), axis(2)).camera(camera);
    if let Some(regression) = &snapshot.regression {
        let plane = sheet(regression).color(palette::SECOND_OPINION).opacity(0.2).dash(Dash::Dashed);
        space = space.body(plane.label("logistic regression"));
    }
    let plane = sheet(&snapshot.output).color(palette::INK).opacity(0.4);
    space = space.body(plane.label(format!("output {}", found.level)));
    let names = names(found, snapshot, CLOSE * (ranges[0][1] - ranges[0][0]));
    let sides = words::sides(&found.target, &found.targets, found.level);
    for (side, label) in sides.into_iter().enumerate() {
        let own = || (0..names.len()).filter(|i| usize::from(found.labels[*i]) == side);
        let place = |i: usize| -> Place {
            let at = |unit: usize| f64::from(snapshot.points[[i, unit]]);
            (at(0), at(1), at(2))
        };
        let cloud = Cloud::new(own().map(place)).color(palette::class(side)).radius(RADIUS[side]).label(label);
        space = space.body(cloud.names(own().map(|i| names[i].clone())).drops());
    }
    space
}

/// A view from a little above that looks along the plane rather than onto it, so that the samples of its two sides are seen
/// apart.
fn camera(plane: &Separator) -> Camera {
    const ELEVATION: f64 = 20.0;
    /// Sine of the angle between view and plane: flat, but not so flat that the plane becomes a line.
    const FLAT: f64 = 0.25;
    let radians = |degrees: f64| degrees * (std::f64::consts::PI / 180.0);
    let length = plane.weights.iter().map(|w| w * w).sum::<f64>().sqrt();
    let onto = |azimuth: &f64| {
        let (a, e) = (radians(*azimuth), radians(ELEVATION));
        let towards = [Float::cos(e) * Float::cos(a), Float::cos(e) * Float::sin(a), Float::sin(e)];
        let product: f64 = plane.weights.iter().zip(towards).map(|(w, t)| w * t).sum();
        (product.abs() / length.max(f64::MIN_POSITIVE) - FLAT).abs()
    };
    let azimuths = (0..24).map(|i| -60.0 + 15.0 * f64::from(i));
    // There are some to choose from.
    Camera::new(azimuths.min_by(|a, b| onto(a).total_cmp(&onto(b))).unwrap_or(-60.0), ELEVATION)
}

/// What stands beside each sample: its input; the first of those that lie together says it for all, and the others nothing.
fn names(found: &Found, snapshot: &FeatureSnapshot, near: f64) -> Vec<String> {
    let mut names: Vec<String> = vec![String::new(); found.x.nrows()];
    // More names than this would cover the picture.
    if names.len() > 16 {
        return names;
    }
    let place = |i: usize| snapshot.points.row(i);
    let together = |i: usize, j: usize| place(i).iter().zip(place(j)).all(|(a, b)| f64::from((a - b).abs()) < near);
    for (i, x) in found.x.rows().into_iter().enumerate() {
        let name = words::point(&x.to_vec());
        match (0..i).find(|j| !names[*j].is_empty() && together(i, *j)) {
            Some(first) => names[first] = format!("{} {name}", names[first]),
            None => names[i] = name,
        }
    }
    names
}

fn title(found: &Found, end: &FeatureSnapshot) -> String {
    let what = if found.units == 2 { "line" } else { "plane" };
    let epochs = words::epochs(end.epoch);
    format!("After {epochs} the {what} of {} has {}", found.model, right(found, end))
}

/// "4 of 4 samples on their side".
fn right(found: &Found, at: &FeatureSnapshot) -> String {
    let right = at.output.right(at.points.view(), &found.labels);
    format!("{right} of {} samples on their side", found.labels.len())
}

fn subtitle(found: &Found, end: &FeatureSnapshot) -> String {
    let of = |separator: &Separator| separator.right(end.points.view(), &found.labels);
    let right =
        end.regression.as_ref().map(|r| format!("A logistic regression fitted on the same activations has {}", of(r)));
    right.unwrap_or_default()
}

fn tables(found: &Found, end: &FeatureSnapshot) -> Vec<Table> {
    let mut points = Table::new("")
        .column("input", Column::Text(found.x.rows().into_iter().map(|x| words::point(&x.to_vec())).collect()))
        .column("side", Column::Counts(sides(found).map(|s| s as u64).collect()));
    for (unit, column) in end.points.columns().into_iter().enumerate() {
        points = points.column(unit_name(found, unit), Column::Singles(column.to_vec()));
    }
    let mut separators = vec![("output", &end.output)];
    separators.extend(end.regression.as_ref().map(|r| ("logistic regression", r)));
    let mut table = Table::new("separators")
        .column("of", Column::Text(separators.iter().map(|(name, _)| (*name).into()).collect()));
    for unit in 0..found.units {
        let weights = separators.iter().map(|(_, s)| s.weights[unit]).collect();
        table = table.column(unit_name(found, unit), Column::Doubles(weights));
    }
    let biases = separators.iter().map(|(_, s)| s.bias).collect();
    vec![points, table.column("bias", Column::Doubles(biases))]
}
