//! The linear regions of a piecewise-linear net, coloured by how steep it is there.

use analysis::{
    Planned, Results,
    geometry::linear_regions::{LinearRegions as Found, Region},
    select::snapshots::OverTraining,
};
use registry::{AnalysisRef, Config, Problems};
use rendering::{Axis, Color, ColorBar, ColorScale, Figure, Line, Panel, Polygons, Scatter, palette};

use crate::{
    Animate, Column, Drawing, FigureError, FigureKind, Table, helpers::frames, helpers::frames::Shown, helpers::words,
};

/// The exact linear regions of a net of two inputs as polygons, each in the colour of its slope, and the exact decision boundary
/// on top.
///
/// The slope of a region is the largest singular value of its affine map: by how much the outputs change at most per unit of
/// distance. Colours end at the slope below which 99 % of the area lie, so that a few slivers do not use up the scale.
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

/// Regions that are drawn at most: some 80 bytes each keep the file below 1 MB, and more would be smaller than a reader sees.
const MOST_DRAWN: usize = 10_000;

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
        let shown = Shown::of(&self.analysis.0, &all.epochs(), None, self.animate.as_ref())?;
        let (found, seen) = (all.trained(), shown.select(&all.0));
        let most = seen.iter().map(|(_, found)| found.regions.len()).max().unwrap_or(0);
        if most > MOST_DRAWN {
            return Err(FigureError::TooMany {
                what: "linear regions",
                found: most,
                most: MOST_DRAWN,
                help: format!("give analysis.{} a smaller window, x = [from, to] and y = [from, to]", self.analysis.0),
            });
        }
        let regions = &found.regions;
        // One scale for all snapshots: that of the end, from the least slope at any.
        let least = seen.iter().map(|(_, found)| scale(&found.regions).lo).fold(f64::INFINITY, f64::min);
        let scale = ColorScale { lo: least, ..scale(regions) };
        let axis = |i: usize, [from, to]: [f64; 2]| Axis::new(&found.features[i]).range(from, to);
        let mut panel = Panel::new(axis(0, found.window.x), axis(1, found.window.y))
            .equal()
            .frames(seen.iter().map(|(_, found)| self.polygons(found, scale)))
            .color_bar(ColorBar::new("slope (largest singular value)", scale));
        if seen.iter().any(|(_, found)| !found.boundary.is_empty()) {
            let lines = |color, width| seen.iter().map(move |(_, f)| Line::new(boundary(f)).color(color).width(width));
            panel = panel.frames(lines(palette::INK, 4.4)).frames(lines(palette::PAPER, 2.4));
        }
        if self.points {
            panel = panel.mark(samples(found));
        }
        let n = words::count(regions.len(), "region", "regions");
        let mut figure = Figure::new(id, format!("{} is linear on each of {n}", words::sentence(&found.model)));
        let mut caption = format!(
            "The plane in the polygons on which {} is linear, {n} in all, coloured by the largest singular value of its slope \
             there, from {} to {}.",
            found.model,
            number(scale.lo),
            number(scale.hi)
        );
        if !found.boundary.is_empty() {
            figure = figure.subtitle("The white line is the exact decision boundary");
            let pieces = words::count(found.segments.len(), "straight piece", "straight pieces");
            caption += &format!(" The decision boundary, {pieces}, is drawn on top in white.");
        }
        let count = |found: &Found| words::count(found.regions.len(), "region", "regions");
        if self.animate.is_none() {
            let figure = figure.caption(caption).panel(panel);
            return Ok(Drawing { figure, tables: tables(found), arrays: Vec::new() });
        }
        figure.title = format!("{} comes to be linear on each of {n}", words::sentence(&found.model));
        let figure = figure
            .caption(format!("Along training, as at its end: {caption}"))
            .panel(panel.titles(seen.iter().map(|(_, found)| count(found))));
        Ok(Drawing { figure: shown.animate(figure), tables: vec![counts(&seen)], arrays: Vec::new() })
    }
}

impl LinearRegions {
    /// Regions of one colour together, which the file states once.
    fn polygons(&self, found: &Found, scale: ColorScale) -> Polygons {
        let regions = &found.regions;
        let mut order: Vec<(f64, usize)> = regions.iter().enumerate().map(|(i, r)| (r.slope, i)).collect();
        order.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let cell = |(slope, i): &(f64, usize)| (points(found, &regions[*i].corners), scale.color(*slope));
        let polygons = Polygons::new(order.iter().map(cell));
        if !self.edges {
            return polygons;
        }
        polygons.outline(EDGE, if regions.len() > 3000 { 0.25 } else { 0.4 })
    }
}

/// How many regions and straight pieces of the boundary there are at each snapshot.
pub(crate) fn counts(seen: &[&(usize, Found)]) -> Table {
    let column = |of: fn(&Found) -> usize| Column::Counts(seen.iter().map(|(_, f)| of(f) as u64).collect());
    Table::new("")
        .column("epoch", Column::Counts(seen.iter().map(|(epoch, _)| *epoch as u64).collect()))
        .column("regions", column(|f| f.regions.len()))
        .column("boundary_segments", column(|f| f.segments.len()))
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
    if found.labels.is_empty() {
        return scatter.label("training samples");
    }
    let classes = found.labels.iter().map(|l| *l as usize);
    scatter.classes(classes).labels(found.classes.iter().map(|c| words::class(c)))
}

/// Every region with its numbers, its corners, and the boundary's segments.
fn tables(found: &Found) -> Vec<Table> {
    let regions = &found.regions;
    let class = |r: &Region| r.class.map_or("several".to_owned(), |c| found.classes[c].clone());
    let mut table = Table::new("")
        .column("region", Column::Counts((0..regions.len() as u64).collect()))
        .column("corners", Column::Counts(regions.iter().map(|r| r.corners.len() as u64).collect()))
        .column("area", Column::Doubles(regions.iter().map(|r| r.area).collect()))
        .column("slope", Column::Doubles(regions.iter().map(|r| r.slope).collect()));
    if found.classes.len() > 1 {
        table = table.column("class", Column::Text(regions.iter().map(class).collect()));
    }
    let corners = || regions.iter().enumerate().flat_map(|(i, r)| r.corners.iter().map(move |c| (i, *c as usize)));
    let corner = |axis: usize| Column::Doubles(corners().map(|(_, c)| found.points[c][axis]).collect());
    let corners = Table::new("corners")
        .column("region", Column::Counts(corners().map(|(i, _)| i as u64).collect()))
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
    fn more_are_refused() {
        let [kind, ..] = kinds();
        let error = kind.draw("f", &results(250)).expect_err("too many");
        let FigureError::TooMany { found, .. } = error else { panic!("{error}") };
        assert!(found > MOST_DRAWN);
        assert!(
            error.to_string().ends_with("give analysis.regions a smaller window, x = [from, to] and y = [from, to]")
        );
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
        let region = |slope: f64, area: f64| Region {
            corners: vec![0, 1, 2],
            pattern: Default::default(),
            map: Vec::new(),
            area,
            slope,
            class: None,
        };
        let scale = scale(&[region(3.0, 0.4), region(1e6, 0.001), region(1.0, 0.6)]);
        assert_eq!((scale.lo, scale.hi), (1.0, 3.0));
    }
}
