//! The linear regions of a piecewise-linear net, coloured by how steep it is there.

use analysis::{
    Planned, Results,
    geometry::linear_regions::{LinearRegions as Found, Region},
    select::snapshots::OverTraining,
};
use registry::{AnalysisRef, Config, Problems};
use rendering::{Axis, Color, ColorBar, ColorScale, Figure, Image, Line, Panel, Polygons, Scatter, palette};

use crate::{
    Animate, Column, Drawing, FigureError, FigureKind, Table, helpers::frames, helpers::frames::Shown, helpers::words,
};

/// The exact linear regions of a net of two inputs as polygons, each in the colour of its slope, and the exact decision boundary
/// on top.
///
/// A region is a connected set of places with one affine map, made of one or more activation patterns (which units are on).
/// The slope of a region is the largest singular value of its affine map: by how much the outputs change at most per unit of
/// distance. Colours end at the slope below which 99 % of the area lie, so that a few slivers do not use up the scale; its last
/// number is then marked ≥.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LinearRegions {
    /// An analysis of kind "linear_regions".
    #[schemars(extend("x-kinds" = ["linear_regions"]))]
    pub analysis: AnalysisRef,
    /// Whether lines are drawn between the regions. Default true.
    #[serde(default = "yes")]
    pub edges: bool,
    /// Whether the training data is drawn on top. Default false.
    #[serde(default)]
    pub points: bool,
    /// Shows the regions as they were along training: `{ seconds = 8 }`. Default: only as they are at its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub animate: Option<Animate>,
}

fn yes() -> bool {
    true
}

impl Config for LinearRegions {
    const KIND: &str = "linear_regions";
    const EXAMPLE: &str = "analysis = \"regions\"";
}

/// Regions that are drawn one by one: some 80 bytes each keep the file below 1 MB. Of more than a reader can tell apart there is
/// a picture of dots.
const MOST_DRAWN: usize = 10_000;
/// Dots of such pictures, all frames together.
const DOTS: usize = 400_000;
/// Colours of such a picture: one byte a dot.
const SHADES: f64 = 250.0;

/// The share of the area whose slopes the colours tell apart.
const SHOWN: f64 = 0.99;

impl FigureKind for LinearRegions {
    fn check(&self, problems: &mut Problems) {
        frames::check(None, self.animate.as_ref(), problems);
    }

    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        frames::check_against(&self.analysis, None, self.animate.as_ref(), planned, problems);
    }

    fn draw(&self, id: &str, results: &Results) -> Result<Drawing, FigureError> {
        let all: &OverTraining<Found> = results.outcome(&self.analysis)?;
        let shown = Shown::of(&self.analysis.0, &all.epochs(), None, self.animate.as_ref())?
            .paced(results, [all.trained().model.as_str()]);
        let (found, seen) = (all.trained(), shown.select(&all.0));
        let most = seen.iter().map(|(_, found)| found.regions.len()).max().unwrap_or(0);
        let many = most > MOST_DRAWN;
        let regions = &found.regions;
        // One scale for all snapshots: that of the end, from the least slope at any.
        let least = seen.iter().map(|(_, found)| scale(&found.regions).lo).fold(f64::INFINITY, f64::min);
        let scale = ColorScale { lo: least, ..scale(regions) };
        let steepest = seen.iter().flat_map(|(_, found)| &found.regions).map(|r| r.slope).fold(scale.hi, f64::max);
        let clipped = steepest > scale.hi;
        let axis = |i: usize, [from, to]: [f64; 2]| Axis::new(&found.features[i]).range(from, to);
        let panel = Panel::new(axis(0, found.window.x), axis(1, found.window.y)).equal();
        let panel = match many {
            true => panel.frames(pictures(&seen, scale)?),
            false => panel.frames(seen.iter().map(|(_, found)| self.polygons(found, scale))),
        };
        let mut panel = panel.color_bar(ColorBar::new("slope (largest singular value)", scale).open_above(clipped));
        if seen.iter().any(|(_, found)| !found.boundary.is_empty()) {
            let lines = |color, width| seen.iter().map(move |(_, f)| Line::new(boundary(f)).color(color).width(width));
            panel = panel.frames(lines(palette::INK, 4.4)).frames(lines(palette::PAPER, 2.4));
        }
        if self.points {
            panel = panel.mark(samples(found));
        }
        let (n, made_of) = (count(found), patterns(found));
        let mut figure =
            Figure::new(id, format!("{} is linear on each of {n} ({made_of})", words::sentence(&found.model)));
        let mut caption = format!(
            "The plane in the regions on which {} is linear, {n} in all, coloured by the largest singular value of its slope \
             there, from {} to {}{}. They are made of {made_of} (which units are on); patterns side by side with the same affine \
             map are one region.",
            found.model,
            number(scale.lo),
            number(scale.hi),
            if clipped { format!(" (≥: the steepest has {})", number(steepest)) } else { String::new() }
        );
        if many {
            caption += " There are too many to be drawn one by one: each dot has the colour of the region in which its middle lies.";
        }
        if !found.boundary.is_empty() {
            figure = figure.subtitle("The white line is the exact decision boundary");
            let pieces = words::count(found.straight_pieces(), "straight piece", "straight pieces");
            caption += &format!(" The decision boundary, {pieces}, is drawn on top in white.");
        }
        if self.animate.is_none() {
            let figure = figure.caption(caption).panel(panel);
            return Ok(Drawing { figure, tables: tables(found), arrays: Vec::new() });
        }
        figure.title = format!("{} comes to be linear on each of {n} ({made_of})", words::sentence(&found.model));
        let figure = figure
            .caption(format!("Along training, as at its end: {caption}"))
            .panel(panel.titles(seen.iter().map(|(_, found)| format!("{} ({})", count(found), patterns(found)))));
        Ok(Drawing { figure: shown.animate(figure), tables: vec![counts(&seen)], arrays: Vec::new() })
    }
}

impl LinearRegions {
    /// Regions of one colour together, which the file states once; those with holes first, from the widest on, so that what lies
    /// in a hole is drawn over it.
    fn polygons(&self, found: &Found, scale: ColorScale) -> Polygons {
        let mut shapes: Vec<(f64, f64, Ring)> = Vec::new();
        for (region, Region { slope, .. }) in found.regions.iter().enumerate() {
            let (around, holes): (Vec<_>, Vec<_>) =
                rings(found, region).into_iter().partition(|ring| area(ring) >= 0.0);
            let order = |ring: &[(f64, f64)]| if holes.is_empty() { 0.0 } else { -area(ring) };
            shapes.extend(around.into_iter().map(|ring| (order(&ring), *slope, ring)));
        }
        shapes.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let polygons = Polygons::new(shapes.into_iter().map(|(_, slope, ring)| (ring, scale.color(slope))));
        if !self.edges {
            return polygons;
        }
        polygons.outline(EDGE, if found.regions.len() > 3000 { 0.25 } else { 0.4 })
    }
}

/// The regions as dots, each in the colour of the region it lies in: one picture per snapshot.
fn pictures(seen: &[&(usize, Found)], scale: ColorScale) -> Result<Vec<Image>, FigureError> {
    let side = ((DOTS / seen.len().max(1)) as f64).sqrt() as usize;
    let side = side.clamp(60, 480);
    let one = |(_, found): &&(usize, Found)| {
        let ([left, right], [bottom, top]) = (found.window.x, found.window.y);
        let span = (scale.hi - scale.lo).max(f64::MIN_POSITIVE);
        let value = |slope: f64| scale.lo + ((slope.min(scale.hi) - scale.lo) / span * SHADES).round() / SHADES * span;
        let mut dots = vec![f64::NAN; side * side];
        for piece in &found.pieces {
            let slope = value(found.regions[piece.region].slope);
            let corners = points(found, &piece.corners).into_iter();
            let corners = corners.map(|(x, y)| ((x - left) / (right - left), (y - bottom) / (top - bottom)));
            fill(&corners.collect::<Vec<_>>(), side, |dot| dots[dot] = slope);
        }
        Ok(Image::new(side, side, &dots, scale)?.over((left, bottom), (right, top)))
    };
    seen.iter().map(one).collect()
}

/// The dots of a square of side × side whose middles lie inside a polygon of the unit square, row by row.
fn fill(corners: &[(f64, f64)], side: usize, mut dot: impl FnMut(usize)) {
    let n = side as f64;
    // The first middle at or above a place.
    let first = |place: f64| (place * n - 0.5).ceil().clamp(0.0, n) as usize;
    let (lo, hi) = corners.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), c| (lo.min(c.1), hi.max(c.1)));
    for row in first(lo)..first(hi) {
        let y = (row as f64 + 0.5) / n;
        let sides = (0..corners.len()).map(|i| (corners[i], corners[(i + 1) % corners.len()]));
        let crossed = sides.filter(|(a, b)| (a.1 > y) != (b.1 > y));
        let mut places: Vec<f64> = crossed.map(|(a, b)| a.0 + (y - a.1) / (b.1 - a.1) * (b.0 - a.0)).collect();
        places.sort_by(f64::total_cmp);
        for pair in places.chunks_exact(2) {
            (first(pair[0])..first(pair[1])).for_each(|column| dot(row * side + column));
        }
    }
}

/// "3 regions".
fn count(found: &Found) -> String {
    words::count(found.regions.len(), "region", "regions")
}

/// "4 activation patterns".
fn patterns(found: &Found) -> String {
    words::count(found.pieces.len(), "activation pattern", "activation patterns")
}

/// Corners, the last one joining the first.
type Ring = Vec<(f64, f64)>;

/// A region's outlines: that of its only piece, or of all together.
fn rings(found: &Found, region: usize) -> Vec<Ring> {
    match found.regions[region].pieces[..] {
        [piece] => vec![points(found, &found.pieces[piece].corners)],
        _ => found.outlines_of(region).iter().map(|ring| points(found, ring)).collect(),
    }
}

/// The area inside a ring, negative where it runs clockwise.
fn area(ring: &[(f64, f64)]) -> f64 {
    let next = ring.iter().cycle().skip(1);
    ring.iter().zip(next).map(|((ax, ay), (bx, by))| ax * by - bx * ay).sum::<f64>() / 2.0
}

/// How many patterns, regions and straight pieces of the boundary there are at each snapshot.
pub(crate) fn counts(seen: &[&(usize, Found)]) -> Table {
    let column = |of: fn(&Found) -> usize| Column::Counts(seen.iter().map(|(_, f)| of(f) as u64).collect());
    Table::new("")
        .column("epoch", Column::Counts(seen.iter().map(|(epoch, _)| *epoch as u64).collect()))
        .column("patterns", column(|f| f.pieces.len()))
        .column("regions", column(|f| f.regions.len()))
        .column("boundary_pieces", column(Found::straight_pieces))
        .column("boundary_length", Column::Doubles(seen.iter().map(|(_, f)| f.boundary_length()).collect()))
}

/// Between regions.
const EDGE: Color = Color::hex(0xffffff);

/// Viridis from the least slope to that below which nearly all the area lies.
fn scale(regions: &[Region]) -> ColorScale {
    let mut slopes: Vec<(f64, f64)> = regions.iter().map(|r| (r.slope, r.area)).collect();
    slopes.sort_by(|a, b| a.0.total_cmp(&b.0));
    let whole: f64 = slopes.iter().map(|s| s.1).sum();
    let mut below = 0.0;
    let high = slopes.iter().find(|(_, area)| {
        below += area;
        below >= SHOWN * whole
    });
    let low = slopes.first().map_or(0.0, |s| s.0);
    ColorScale::magnitude_of(&[low, high.map_or(low, |s| s.0)])
}

/// Three digits are enough in words.
fn number(value: f64) -> String {
    format!("{}", (value * 100.0).round() / 100.0)
}

/// Where corners lie.
pub(crate) fn points(found: &Found, corners: &[u32]) -> Vec<(f64, f64)> {
    found.places(corners).into_iter().map(|[x, y]| (x, y)).collect()
}

/// All lines of the boundary as one, a gap after each.
pub(crate) fn boundary(found: &Found) -> Vec<(f64, f64)> {
    found.boundary.iter().flat_map(|(_, line)| points(found, line).into_iter().chain([(f64::NAN, f64::NAN)])).collect()
}

/// The training samples, in the colours of their classes where they have any.
pub(crate) fn samples(found: &Found) -> Scatter {
    let mut scatter = Scatter::new(found.samples.rows().into_iter().map(|r| (r[0], r[1])));
    scatter.radius = scatter.radius.min(if scatter.points.len() > 300 { 2.2 } else { 4.0 });
    let Some(labels) = &found.labels else { return scatter.label("training samples") };
    let classes = labels.iter().map(|l| *l as usize);
    scatter.classes(classes).labels(found.classes.iter().map(|c| words::class(c)))
}

/// Every region with its numbers, the corners of its patterns, and the boundary's segments.
fn tables(found: &Found) -> Vec<Table> {
    let regions = &found.regions;
    let class = |r: &Region| r.class.map_or("several".to_owned(), |c| found.classes[c].clone());
    let mut table = Table::new("")
        .column("region", Column::Counts((0..regions.len() as u64).collect()))
        .column("patterns", Column::Counts(regions.iter().map(|r| r.pieces.len() as u64).collect()))
        .column("area", Column::Doubles(regions.iter().map(|r| r.area).collect()))
        .column("slope", Column::Doubles(regions.iter().map(|r| r.slope).collect()));
    if found.classes.len() > 1 {
        table = table.column("class", Column::Text(regions.iter().map(class).collect()));
    }
    let corners: Vec<[usize; 3]> = (found.pieces.iter().enumerate())
        .flat_map(|(i, piece)| piece.corners.iter().map(move |corner| [piece.region, i, *corner as usize]))
        .collect();
    let count = |what: usize| Column::Counts(corners.iter().map(|row| row[what] as u64).collect());
    let corner = |axis: usize| Column::Doubles(corners.iter().map(|row| found.points[row[2]][axis]).collect());
    let corners = Table::new("corners")
        .column("region", count(0))
        .column("pattern", count(1))
        .column("x", corner(0))
        .column("y", corner(1));
    let mut tables = vec![table, corners];
    if found.classes.len() > 1 {
        tables.push(segments(found));
    }
    tables
}

/// The boundary's segments: both ends and the classes that meet.
pub(crate) fn segments(found: &Found) -> Table {
    let end = |which: fn(&analysis::geometry::linear_regions::Segment) -> u32, axis: usize| {
        Column::Doubles(found.segments.iter().map(|s| found.points[which(s) as usize][axis]).collect())
    };
    let class =
        |which: usize| Column::Text(found.segments.iter().map(|s| found.classes[s.classes[which]].clone()).collect());
    Table::new("boundary")
        .column("x1", end(|s| s.from, 0))
        .column("y1", end(|s| s.from, 1))
        .column("x2", end(|s| s.to, 0))
        .column("y2", end(|s| s.to, 1))
        .column("class1", class(0))
        .column("class2", class(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{fit::breakpoints::Breakpoints, geometry::exact_boundary::ExactBoundary};
    use analysis::{
        Outcome,
        fit::breakpoints,
        geometry::decision::Window,
        geometry::linear_regions::{Verdict, linear_regions},
    };
    use models::{
        Head, Layer, Model,
        layers::{Linear, Relu},
    };
    use tensor::random::{Purpose, Streams};

    /// One finished analysis and nothing else.
    fn only(name: &str, outcome: impl Outcome) -> Results {
        let mut results = Results::new(Streams::new(1));
        results.insert_outcome(name, Box::new(outcome));
        results
    }

    fn model(inputs: usize, units: usize) -> Model {
        let layers: Vec<Layer> = vec![Linear::new(units).into(), Relu {}.into(), Linear::new(2).into()];
        Model::new(layers, &[inputs], Head::Logits, &mut Streams::new(1).stream("m", Purpose::Init)).expect("fits")
    }

    fn results(units: usize) -> Results {
        let window = Window { x: [-2.0, 2.0], y: [-2.0, 2.0] };
        let verdict = Verdict::Largest(["a", "b"].map(String::from).into());
        only(
            "regions",
            OverTraining(vec![(0, linear_regions(&model(2, units), "m", window, &verdict).expect("suits"))]),
        )
    }

    fn kinds() -> [Box<dyn FigureKind>; 3] {
        let analysis = AnalysisRef("regions".into());
        [
            Box::new(LinearRegions { analysis: analysis.clone(), edges: true, points: false, animate: None }),
            Box::new(LinearRegions { analysis: analysis.clone(), edges: false, points: true, animate: None }),
            Box::new(ExactBoundary { analysis, points: true, animate: None }),
        ]
    }

    #[test]
    fn as_many_regions_as_are_drawn_fit_in_a_megabyte() {
        let results = results(130);
        for kind in kinds() {
            let drawing = kind.draw("f", &results).expect("draws");
            let size = drawing.figure.to_svg().expect("is small enough").len();
            assert!(size < 1_000_000, "{size} bytes");
            assert!(drawing.tables.iter().all(|t| t.columns.iter().all(|(_, c)| c.len() == t.columns[0].1.len())));
        }
        let regions = kinds()[0].draw("f", &results).expect("draws").tables[0].columns[0].1.len();
        assert!((MOST_DRAWN / 2..=MOST_DRAWN).contains(&regions), "{regions} regions are nearly the most");
    }

    #[test]
    fn more_are_drawn_as_dots() {
        let [kind, ..] = kinds();
        let drawing = kind.draw("f", &results(250)).expect("draws");
        assert!(drawing.tables[0].columns[0].1.len() > MOST_DRAWN);
        let svg = drawing.figure.to_svg().expect("is small enough");
        assert!(svg.len() < 1_000_000 && svg.contains("<image "), "{} bytes", svg.len());
    }

    #[test]
    fn a_dot_is_in_the_polygon_in_which_its_middle_lies() {
        let dots = |corners: &[(f64, f64)]| {
            let mut dots = Vec::new();
            fill(corners, 4, |dot| dots.push(dot));
            dots
        };
        // The triangle below the diagonal: of each row, the dots whose middles are left of it.
        assert_eq!(dots(&[(0.0, 0.0), (1.01, 0.0), (0.0, 1.01)]), [0, 1, 2, 3, 4, 5, 6, 8, 9, 12]);
        // Squares side by side share no dot, and leave none out.
        let square = |x: f64, y: f64| [(x, y), (x + 0.5, y), (x + 0.5, y + 0.5), (x, y + 0.5)];
        let mut all = [square(0.0, 0.0), square(0.5, 0.0), square(0.0, 0.5), square(0.5, 0.5)].concat();
        let mut found: Vec<usize> = all.chunks_mut(4).flat_map(|corners| dots(corners)).collect();
        found.sort_unstable();
        assert_eq!(found, (0..16).collect::<Vec<_>>());
    }

    #[test]
    fn a_single_region_and_a_straight_line_are_drawn() {
        let flat = |inputs| {
            let mut flat = model(inputs, 3);
            flat.parameters.values_mut().fill(0.0);
            flat
        };
        let window = Window { x: [0.0, 1.0], y: [0.0, 2.0] };
        let found = linear_regions(&flat(2), "m", window, &Verdict::None).expect("suits");
        let results = only("regions", OverTraining(vec![(0, found)]));
        for kind in kinds() {
            assert!(
                kind.draw("f", &results).expect("draws").figure.to_svg().expect("is small enough").contains("</svg>")
            );
        }
        let bends = breakpoints::breakpoints(&flat(1), "m", [0.0, 1.0]).expect("suits");
        let kind = Breakpoints { analysis: AnalysisRef("bends".into()), points: true };
        let drawing = kind.draw("f", &only("bends", bends)).expect("draws");
        assert!(drawing.figure.to_svg().expect("is small enough").contains("</svg>"));
    }

    #[test]
    fn slivers_do_not_use_up_the_colours() {
        let region = |slope: f64, area: f64| Region { pieces: vec![0], map: Vec::new(), area, slope, class: None };
        let scale = scale(&[region(3.0, 0.4), region(1e6, 0.001), region(1.0, 0.6)]);
        assert_eq!((scale.lo, scale.hi), (1.0, 3.0));
    }
}
