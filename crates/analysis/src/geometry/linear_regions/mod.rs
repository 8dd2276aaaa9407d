//! Linear regions: the exact polygons on which a piecewise-linear net of two inputs is affine, and the exact decision boundary.
//!
//! A net of linear, relu and leaky_relu layers divides the plane into convex polygons, one for each activation pattern (which
//! units are on); on each, outputs = A x + b. Patterns side by side may have the same A and b, where the units that tell them
//! apart have no effect: together they are one linear region. `patterns` counts the former, `regions` the latter. After Humayun,
//! Balestriero, Balakrishnan, Baraniuk, *SplineCam: Exact Visualization and Characterization of Deep Network Geometry and
//! Decision Boundaries*, CVPR 2023; for how the polygons are found, see `complex.rs`, and for how they are joined, `merge.rs`.

mod boundary;
mod complex;
mod layers;
mod merge;
#[cfg(test)]
mod tests;

pub use crate::geometry::piecewise::Pattern;
pub use boundary::Segment;

use models::Model;
use ndarray::Array2;
use registry::{Config, Problems, TrainRef};

use crate::{
    Analysis, AnalysisError, Metrics, Outcome, Planned, Results,
    geometry::decision::Window,
    geometry::piecewise::{LAYERS, Piecewise},
    select::snapshots::{OverTraining, Snapshots},
    statistics::median::median,
};
use complex::Complex;

/// Finds all linear regions of a piecewise-linear net of two inputs inside a window, as exact polygons: the affine map of each,
/// the norm of its slope, and the exact decision boundary.
///
/// A pattern is which units are on; the places of one pattern are a convex polygon. A region is a connected set of patterns with
/// the same affine map: there are at most as many regions as patterns. Maps are the same where, anywhere in the window, they
/// differ by at most 2⁻⁴⁰ of the numbers that are summed, in magnitude.
///
/// The net may have linear, relu, leaky_relu, flatten, batch_norm and dropout layers, any number of them. The slope of a region
/// is the largest singular value of its map's 2-column matrix A: by how much the outputs change at most per unit of distance.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LinearRegionsConfig {
    /// The trained model, of two inputs.
    pub model: TrainRef,
    /// The window along the first input, `[from, to]`. Default: the square around the training data, 8 % wider than they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub x: Option<[f64; 2]>,
    /// The window along the second input, `[from, to]`. Default as for x.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub y: Option<[f64; 2]>,
    /// For a model of one output, the value at which the boundary runs. Default 0. Models of classes have their boundary
    /// where the two largest outputs are equal.
    #[serde(default)]
    pub level: f64,
    /// Snapshots of training to look at too: `"all"`, `{ every = 50 }` or `{ epochs = [0, 10] }`. Default: only the trained
    /// model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshots: Option<Snapshots>,
}

impl Config for LinearRegionsConfig {
    const KIND: &str = "linear_regions";
    const EXAMPLE: &str = "model = \"deep\"\nx = [-1.5, 1.5]\ny = [-1.5, 1.5]";
}

/// More patterns than are kept in memory at once (some 1.5 GB for layers of 128 units).
const MOST_REGIONS: usize = 500_000;

/// The regions of a model inside a window.
#[derive(Debug, Clone, PartialEq)]
pub struct LinearRegions {
    /// The model's name.
    pub model: String,
    /// What was looked at.
    pub window: Window,
    /// How many units each activation layer has: what a region's [`Pattern`] is about.
    pub activations: Vec<usize>,
    /// Where corners lie.
    pub points: Vec<[f64; 2]>,
    /// The patterns' polygons; those that differ only in the last layers' units stand side by side.
    pub pieces: Vec<Piece>,
    /// The regions, in the order of their first pieces.
    pub regions: Vec<Region>,
    /// The pieces cut along the decision boundary: parts of one class, in the order of the pieces.
    pub parts: Vec<Part>,
    /// The decision boundary, segment by segment.
    pub segments: Vec<Segment>,
    /// The same end to end, as corners along each line; closed lines repeat their first corner.
    pub boundary: Vec<([usize; 2], Vec<u32>)>,
    /// What the classes are called; "below" and "above" the level for one output; one nameless class where there is no boundary.
    pub classes: Vec<String>,
    /// What the two inputs are called.
    pub features: [String; 2],
    /// The training data inside the window or not, samples × 2.
    pub samples: Array2<f64>,
    /// Their classes; none where the data has numbers to predict.
    pub labels: Option<Vec<u32>>,
}

/// The places of one activation pattern: a convex polygon on which the network is affine.
#[derive(Debug, Clone, PartialEq)]
pub struct Piece {
    /// Its corners, anticlockwise: places in [`LinearRegions::points`].
    pub corners: Vec<u32>,
    /// Which units are on.
    pub pattern: Pattern,
    /// Its area, in units of the inputs.
    pub area: f64,
    /// The region that it belongs to, by its place in the list.
    pub region: usize,
}

/// A linear region: pieces joined by their sides on which the network has the same affine map.
#[derive(Debug, Clone, PartialEq)]
pub struct Region {
    /// Its pieces, ascending: places in [`LinearRegions::pieces`].
    pub pieces: Vec<usize>,
    /// For each output its slope along the first input, along the second, and its offset: o = a₁ x₁ + a₂ x₂ + b.
    pub map: Vec<[f64; 3]>,
    /// Its area, in units of the inputs.
    pub area: f64,
    /// The largest singular value of the map's slopes.
    pub slope: f64,
    /// Its class, where all of it has one.
    pub class: Option<usize>,
}

/// A convex part of a piece in which one class has it.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// The piece, by its place in the list.
    pub piece: usize,
    /// The class.
    pub class: usize,
    /// Its corners, anticlockwise.
    pub corners: Vec<u32>,
}

/// What the boundary lies between.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// The largest output's class; of equal ones the first.
    Largest(Vec<String>),
    /// Whether the only output is above a level.
    Above(f64),
    /// There are no classes.
    None,
}

impl Analysis for LinearRegionsConfig {
    fn check(&self, problems: &mut Problems) {
        for (path, range) in [("x", self.x), ("y", self.y)] {
            if let Some([from, to]) = range {
                problems.require(from.is_finite() && to.is_finite() && from < to, path, || {
                    format!("expected two finite numbers, the smaller first, found [{from}, {to}]")
                });
            }
        }
        problems.require(self.level.is_finite(), "level", || format!("expected a finite number, found {}", self.level));
    }

    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        Snapshots::check(self.snapshots.as_ref(), [&self.model], planned, problems);
        let Some(model) = planned.model(&self.model) else { return };
        problems.note("model", model.needs_plane());
        if self.level != 0.0 && model.loss.classifies() {
            let name = &self.model.0;
            problems.add("level", format!("{name} tells classes apart: its boundary is where two outputs are equal"));
        }
        problems.note("model", model.needs_pieces());
    }

    fn snapshots(&self) -> Option<&Snapshots> {
        self.snapshots.as_ref()
    }

    fn run(&self, _: &str, results: &Results) -> Result<Box<dyn Outcome>, AnalysisError> {
        let trained = results.trained(&self.model)?;
        let (model, data) = (&trained.fit.model, &trained.data.train);
        let around = Window::around(&data.x);
        let window = Window { x: self.x.unwrap_or(around.x), y: self.y.unwrap_or(around.y) };
        let verdict = match data.class_names() {
            Some(classes) if trained.config.loss.classifies() => Verdict::Largest(classes.to_vec()),
            _ if model.outputs() == 1 => Verdict::Above(self.level),
            _ => Verdict::None,
        };
        let search = |model: &Model| {
            let mut regions = linear_regions(model, &trained.name, window, &verdict)?;
            if let [x, y] = &data.feature_names[..] {
                regions.features = [x.clone(), y.clone()];
            }
            regions.samples = data.x.mapv(f64::from);
            regions.labels = data.labels().map(<[u32]>::to_vec);
            Ok(regions)
        };
        Ok(Box::new(OverTraining::of(trained, self.snapshots.as_ref(), search)?))
    }
}

/// Finds the linear regions of a model inside a window; without samples.
///
/// # Errors
/// When the model has another number of inputs or a layer that is not piecewise linear, or there are more than half a million
/// activation patterns.
pub fn linear_regions(
    model: &Model,
    name: &str,
    window: Window,
    verdict: &Verdict,
) -> Result<LinearRegions, AnalysisError> {
    let what = "linear_regions";
    let shape = |expected, found| AnalysisError::Shape { what, expected, name: name.to_owned(), found };
    if model.features() != 2 {
        return Err(shape("two inputs", tensor::shape::display(model.input())));
    }
    let network = Piecewise::new(model).map_err(|kind| shape(LAYERS, format!("a {kind} layer")))?;
    let too_many = |_| AnalysisError::TooManyRegions { name: name.to_owned(), limit: MOST_REGIONS };

    let mut complex = Complex::new(window);
    complex.cut(&network, MOST_REGIONS).map_err(too_many)?;
    complex.mark();
    let (pieces, mut regions) = merge::merge(&complex, &network, window);

    let (decide, classes) = match verdict {
        Verdict::Largest(classes) => (boundary::largest(network.outputs()), classes.clone()),
        Verdict::Above(level) => (boundary::above(*level), vec![format!("below {level}"), format!("above {level}")]),
        Verdict::None => (boundary::largest(1), vec![String::new()]),
    };
    let words = network.bends().iter().map(|units| units.div_ceil(64)).sum();
    complex.cut(&decide, MOST_REGIONS).map_err(too_many)?;
    let of_cells: Vec<usize> = complex.cells.iter().map(|cell| boundary::class(cell, words)).collect();
    let segments = boundary::segments(&complex, &of_cells);
    let parts: Vec<Part> = complex
        .cells
        .into_iter()
        .zip(of_cells)
        .map(|(cell, class)| Part { piece: cell.origin as usize, class, corners: cell.corners })
        .collect();
    let mut all_of: Vec<Vec<usize>> = vec![Vec::new(); regions.len()];
    parts.iter().for_each(|part| all_of[pieces[part.piece].region].push(part.class));
    for (region, classes) in regions.iter_mut().zip(all_of) {
        region.class = classes.first().copied().filter(|first| classes.iter().all(|class| class == first));
    }
    Ok(LinearRegions {
        model: name.to_owned(),
        window,
        activations: network.bends(),
        points: complex.points,
        pieces,
        regions,
        parts,
        boundary: boundary::lines(&segments),
        segments,
        classes,
        features: ["x", "y"].map(String::from),
        samples: Array2::zeros((0, 2)),
        labels: None,
    })
}

impl LinearRegions {
    /// The places of some corners.
    pub fn places(&self, corners: &[u32]) -> Vec<[f64; 2]> {
        corners.iter().map(|c| self.points[*c as usize]).collect()
    }

    /// The outputs that a region's map gives a point.
    pub fn outputs(&self, region: usize, [x, y]: [f64; 2]) -> Vec<f64> {
        self.regions[region].map.iter().map(|[a, b, c]| a * x + b * y + c).collect()
    }

    /// The outlines of a region, as rings of corners: anticlockwise around it, clockwise around its holes.
    pub fn outlines_of(&self, region: usize) -> Vec<Vec<u32>> {
        let pieces = self.regions[region].pieces.iter().map(|piece| &self.pieces[*piece]);
        boundary::outlines(pieces.map(|piece| &piece.corners[..]))
    }

    /// How many straight pieces the boundary has: segments end to end inside the same regions are one.
    pub fn straight_pieces(&self) -> usize {
        let beside = |s: &Segment| {
            let [one, other] = s.pieces.map(|piece| self.pieces[piece].region);
            (s.classes, one.min(other), one.max(other))
        };
        boundary::straight(&self.segments, beside)
    }

    /// The boundary's length, in units of the inputs.
    pub fn boundary_length(&self) -> f64 {
        let length = |s: &Segment| {
            let ([ax, ay], [bx, by]) = (self.points[s.from as usize], self.points[s.to as usize]);
            ((ax - bx) * (ax - bx) + (ay - by) * (ay - by)).sqrt()
        };
        self.segments.iter().map(length).sum()
    }

    /// The outlines of a class's parts together, as rings of corners: anticlockwise around it, clockwise around its holes.
    pub fn outlines(&self, class: usize) -> Vec<Vec<u32>> {
        boundary::outlines(self.parts.iter().filter(|p| p.class == class).map(|p| &p.corners[..]))
    }

    /// The area of each class.
    pub fn class_areas(&self) -> Vec<f64> {
        let mut areas = vec![0.0; self.classes.len()];
        for part in &self.parts {
            if let Some(sum) = areas.get_mut(part.class) {
                *sum += complex::area(&self.places(&part.corners));
            }
        }
        areas
    }
}

impl Outcome for LinearRegions {
    fn metrics(&self) -> Metrics {
        let mut metrics = Metrics::default();
        metrics.add("patterns", self.pieces.len());
        metrics.add("regions", self.regions.len());
        metrics.add("patterns_by_layer", self.patterns_by_layer());
        metrics.add("area", statistics(self.regions.iter().map(|r| r.area).collect()));
        metrics.add("slope", statistics(self.regions.iter().map(|r| r.slope).collect()));
        let whole: f64 = self.regions.iter().map(|r| r.area).sum();
        metrics.add("mean_slope_by_area", self.regions.iter().map(|r| r.slope * (r.area / whole)).sum::<f64>());
        if self.classes.len() > 1 {
            metrics.add("regions_of_several_classes", self.regions.iter().filter(|r| r.class.is_none()).count());
            metrics.add("boundary_pieces", self.straight_pieces());
            metrics.add("boundary_length", self.boundary_length());
            let mut areas = Metrics::default();
            for (class, area) in self.classes.iter().zip(self.class_areas()) {
                areas.add(class, area);
            }
            metrics.add("class_area", areas);
        }
        metrics
    }
}

/// Smallest, median, mean and largest of at least one number.
fn statistics(mut values: Vec<f64>) -> Metrics {
    values.sort_unstable_by(f64::total_cmp);
    let mut metrics = Metrics::default();
    metrics.add("smallest", values[0]);
    metrics.add("median", median(&values));
    metrics.add("mean", values.iter().sum::<f64>() / values.len() as f64);
    metrics.add("largest", values[values.len() - 1]);
    metrics
}
