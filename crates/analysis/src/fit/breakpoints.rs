//! Breakpoints: where the piecewise-linear function of a net of one input bends, exactly, whatever its depth.
//!
//! The interval is cut where a unit of one layer after another changes its sign, as [`crate::geometry::linear_regions`] cuts the
//! plane. Of the cuts those stay at which the slope of an output changes.

use models::Model;
use registry::{Config, Problems, TrainRef};

use crate::{
    Analysis, AnalysisError, Metrics, Outcome, Planned, Results,
    geometry::piecewise::{LAYERS, Maps, Pattern, Piecewise, Rows, Step},
};

/// Finds all breakpoints of a piecewise-linear net of one input inside an interval, exactly: where the function bends, the units
/// that make it bend, and slope and values between.
///
/// The net may have linear, relu, leaky_relu, flatten, batch_norm and dropout layers, any number of them.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BreakpointsConfig {
    /// The trained model, of one input.
    pub model: TrainRef,
    /// The interval, `[from, to]`. Default: from the smallest training sample to the largest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub x: Option<[f64; 2]>,
}

impl Config for BreakpointsConfig {
    const KIND: &str = "breakpoints";
    const EXAMPLE: &str = "model = \"wide\"\nx = [-3.0, 3.0]";
}

/// The pieces of a function of one number.
#[derive(Debug, Clone, PartialEq)]
pub struct Breakpoints {
    /// The model's name.
    pub model: String,
    /// From left to right; there is at least one.
    pub pieces: Vec<Piece>,
    /// Between the pieces: one fewer.
    pub breaks: Vec<Break>,
    /// In how many places a unit switches but the function goes straight on, because nothing above it is on or different units
    /// cancel.
    pub without_effect: usize,
    /// What the input is called.
    pub feature: String,
    /// The training data: inputs, and the first target where there is one.
    pub samples: Vec<(f64, f64)>,
}

/// A stretch on which the function is affine.
#[derive(Debug, Clone, PartialEq)]
pub struct Piece {
    /// Its ends.
    pub x: [f64; 2],
    /// Each output's slope.
    pub slope: Vec<f64>,
    /// Each output's value at x = 0, were the piece to go on as far.
    pub offset: Vec<f64>,
}

/// A place where the function bends.
#[derive(Debug, Clone, PartialEq)]
pub struct Break {
    /// Where.
    pub x: f64,
    /// Each output's value there.
    pub y: Vec<f64>,
    /// The units that switch: activation layer and unit, both from 0.
    pub units: Vec<(usize, usize)>,
}

/// More pieces than are kept.
const MOST_PIECES: usize = 500_000;

/// Slopes that differ by less than this part of the largest are one: the rounding of sums of a few thousand terms.
const SAME_SLOPE: f64 = 1e-12;

impl Analysis for BreakpointsConfig {
    fn check(&self, problems: &mut Problems) {
        if let Some([from, to]) = self.x {
            problems.require(from.is_finite() && to.is_finite() && from < to, "x", || {
                format!("expected two finite numbers, the smaller first, found [{from}, {to}]")
            });
        }
    }

    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        let Some(model) = planned.model(&self.model) else { return };
        problems.note("model", model.needs_one_input());
        problems.note("model", model.needs_pieces());
    }

    fn run(&self, _: &str, results: &Results) -> Result<Box<dyn Outcome>, AnalysisError> {
        let trained = results.trained(&self.model)?;
        let data = &trained.data.train;
        let x: Vec<f64> = data.x.iter().map(|v| f64::from(*v)).collect();
        let [from, to] = self.x.unwrap_or_else(|| range(&x));
        let mut found = breakpoints(&trained.fit.model, &trained.name, [from, to])?;
        if let [x] = &data.feature_names[..] {
            found.feature.clone_from(x);
        }
        if let Some(values) = data.values() {
            found.samples = x.into_iter().zip(values.column(0).iter().map(|v| f64::from(*v))).collect();
        }
        Ok(Box::new(found))
    }
}

/// From the smallest to the largest; ±1 around a single place or none.
fn range(x: &[f64]) -> [f64; 2] {
    let (lo, hi) = x.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), v| (lo.min(*v), hi.max(*v)));
    match lo.partial_cmp(&hi) {
        Some(std::cmp::Ordering::Less) => [lo, hi],
        Some(std::cmp::Ordering::Equal) => [lo - 1.0, hi + 1.0],
        _ => [-1.0, 1.0],
    }
}

/// Finds the breakpoints of a model inside an interval; without samples.
///
/// # Errors
/// When the model has another number of inputs or a layer that is not piecewise linear, or there are more than half a million
/// pieces.
pub fn breakpoints(model: &Model, name: &str, x: [f64; 2]) -> Result<Breakpoints, AnalysisError> {
    let what = "breakpoints";
    let shape = |expected, found| AnalysisError::Shape { what, expected, name: name.to_owned(), found };
    if model.features() != 1 {
        return Err(shape("one input", tensor::shape::display(model.input())));
    }
    let network = Piecewise::new(model).map_err(|kind| shape(LAYERS, format!("a {kind} layer")))?;
    let (places, rows, intervals) =
        cut(&network, x).ok_or(AnalysisError::TooManyRegions { name: name.to_owned(), limit: MOST_PIECES })?;

    let mut maps = Maps::new(&network);
    let outputs = network.outputs();
    let pieces: Vec<Piece> = intervals
        .iter()
        .map(|interval| {
            let (slope, offset) = maps.of(&interval.pattern).split_at(outputs);
            Piece { x: interval.ends.map(|c| places[c as usize]), slope: slope.to_vec(), offset: offset.to_vec() }
        })
        .collect();
    let steepest = pieces.iter().flat_map(|p| &p.slope).fold(0.0, |m: f64, s| m.max(s.abs()));
    let bends = |a: &Piece, b: &Piece| a.slope.iter().zip(&b.slope).any(|(a, b)| (a - b).abs() > SAME_SLOPE * steepest);
    let layers = network.bends();
    let (mut merged, mut breaks): (Vec<Piece>, Vec<Break>) = (Vec::new(), Vec::new());
    for (piece, interval) in pieces.into_iter().zip(&intervals) {
        match merged.last_mut() {
            Some(left) if !bends(left, &piece) => left.x[1] = piece.x[1],
            None => merged.push(piece),
            Some(_) => {
                breaks.push(Break { x: piece.x[0], y: rows.at(interval.ends[0]).to_vec(), units: Vec::new() });
                merged.push(piece);
            }
        }
    }
    for switch in intervals.windows(2) {
        let at = places[switch[0].ends[1] as usize];
        if let Ok(i) = breaks.binary_search_by(|b| b.x.total_cmp(&at)) {
            breaks[i].units = switch[0].pattern.difference(&switch[1].pattern, &layers);
        }
    }
    let without_effect = intervals.len() - 1 - breaks.len();
    Ok(Breakpoints {
        model: name.to_owned(),
        pieces: merged,
        breaks,
        without_effect,
        feature: "x".into(),
        samples: Vec::new(),
    })
}

/// A stretch on which every unit so far is affine.
struct Interval {
    /// Its ends, left and right, by their place in the lists of places and values.
    ends: [u32; 2],
    pattern: Pattern,
}

/// Cuts an interval wherever a unit changes its sign: the places of the cuts, the outputs there, the stretches from left to
/// right; `None` for too many.
fn cut(network: &Piecewise, x: [f64; 2]) -> Option<(Vec<f64>, Rows, Vec<Interval>)> {
    let mut places = x.to_vec();
    let mut rows = Rows::new(places.clone(), 1);
    let mut intervals = vec![Interval { ends: [0, 1], pattern: Pattern::default() }];
    for step in &network.steps {
        let (units, slope) = match step {
            Step::Affine(affine) => {
                rows.affine(affine);
                continue;
            }
            Step::Bend { units, slope } => (*units, *slope),
        };
        rows.snap(units);
        let mut next: Vec<Interval> = Vec::new();
        for mut interval in intervals {
            let bit = interval.pattern.extend(units);
            let first = next.len();
            next.push(interval);
            for unit in 0..units {
                let mut i = first;
                while i < next.len() {
                    let ends = next[i].ends;
                    let values = ends.map(|end| rows.value(end, unit));
                    if values[0].max(values[1]) > 0.0 && values[0].min(values[1]) < 0.0 {
                        let way = rows.split(ends[0], ends[1], unit, units);
                        let [from, to] = ends.map(|end| places[end as usize]);
                        places.push(from + way * (to - from));
                        let middle = places.len() as u32 - 1;
                        let right = Interval { ends: [middle, ends[1]], pattern: next[i].pattern.clone() };
                        next[i].ends[1] = middle;
                        next.insert(i + 1, right);
                        next[i + usize::from(values[1] > 0.0)].pattern.switch_on(bit + unit);
                        i += 1;
                    } else if values[0].max(values[1]) > 0.0 {
                        next[i].pattern.switch_on(bit + unit);
                    }
                    i += 1;
                }
            }
            if next.len() > MOST_PIECES {
                return None;
            }
        }
        intervals = next;
        rows.bend(units, slope);
    }
    Some((places, rows, intervals))
}

impl Breakpoints {
    /// The outputs at a place inside the interval or beyond, where the outermost pieces go on.
    pub fn outputs(&self, x: f64) -> Vec<f64> {
        let piece = &self.pieces[self.breaks.partition_point(|b| b.x < x)];
        piece.slope.iter().zip(&piece.offset).map(|(slope, offset)| slope * x + offset).collect()
    }

    /// The corners of the first output's graph, the interval's ends included.
    pub fn corners(&self) -> Vec<(f64, f64)> {
        let ends = [self.pieces[0].x[0], self.pieces[self.pieces.len() - 1].x[1]];
        let [first, last] = ends.map(|x| (x, self.outputs(x)[0]));
        [first].into_iter().chain(self.breaks.iter().map(|b| (b.x, b.y[0]))).chain([last]).collect()
    }
}

impl Outcome for Breakpoints {
    fn metrics(&self) -> Metrics {
        let mut metrics = Metrics::default();
        metrics.add("pieces", self.pieces.len());
        metrics.add("breakpoints", self.breaks.len());
        metrics.add("switches_without_effect", self.without_effect);
        let steepest = self.pieces.iter().flat_map(|p| &p.slope).fold(0.0, |m: f64, s| m.max(s.abs()));
        metrics.add("steepest_slope", steepest);
        metrics
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use models::{
        Head, Layer,
        layers::{LeakyRelu, Linear, Relu, Sigmoid},
    };
    use ndarray::Array2;
    use tensor::random::{Purpose, Streams};

    fn linear(units: usize) -> Layer {
        Linear::new(units).into()
    }

    fn relu() -> Layer {
        Relu {}.into()
    }

    fn random(layers: Vec<Layer>, seed: u64) -> Model {
        Model::new(layers, &[1], Head::Output, &mut Streams::new(seed).stream("net", Purpose::Init)).expect("fits")
    }

    fn given(layers: Vec<Layer>, parameters: &[f32]) -> Model {
        let mut model = random(layers, 0);
        model.parameters.values_mut().copy_from_slice(parameters);
        model
    }

    /// At many points the piece gives the model's output; at each break the pieces beside it agree and bend.
    fn check(model: &Model, x: [f64; 2]) -> Breakpoints {
        let found = breakpoints(model, "net", x).expect("suits");
        assert_eq!(found.pieces.len(), found.breaks.len() + 1);
        assert!(found.pieces.windows(2).all(|w| w[0].x[1] == w[1].x[0] && w[0].x[0] < w[0].x[1]));
        let mut stream = Streams::new(5).stream("points", Purpose::Noise);
        let at = Array2::from_shape_fn((20_000, 1), |_| stream.uniform_in(x[0], x[1]) as f32);
        let outputs = model.predict(at.view()).expect("fits");
        for (x, expected) in at.iter().zip(outputs.rows()) {
            for (found, expected) in found.outputs(f64::from(*x)).iter().zip(expected) {
                assert!((found - f64::from(*expected)).abs() <= 1e-4 * f64::from(expected.abs().max(1.0)));
            }
        }
        for (i, b) in found.breaks.iter().enumerate() {
            assert!(!b.units.is_empty());
            for (o, y) in b.y.iter().enumerate() {
                for piece in &found.pieces[i..=i + 1] {
                    let side = piece.slope[o] * b.x + piece.offset[o];
                    assert!((side - y).abs() < 1e-9 * y.abs().max(1.0), "{side} and {y}");
                }
            }
        }
        found
    }

    #[test]
    fn one_hidden_layer_bends_at_minus_b_over_w() {
        let model = random(vec![linear(15), relu(), linear(1)], 3);
        let found = check(&model, [-4.0, 4.0]);
        let p = model.parameters.values();
        let kinks = (0..15).map(|u| (-f64::from(p[15 + u]) / f64::from(p[u]), u));
        let mut kinks: Vec<(f64, usize)> = kinks.filter(|(x, _)| x.abs() < 4.0).collect();
        kinks.sort_by(|a, b| a.0.total_cmp(&b.0));
        assert_eq!(found.breaks.len(), kinks.len());
        for (b, (x, unit)) in found.breaks.iter().zip(kinks) {
            assert!((b.x - x).abs() < 1e-12);
            assert_eq!(b.units, [(0, unit)]);
        }
    }

    #[test]
    fn deep_nets_of_all_kinds_of_layers() {
        let leaky = |slope| Layer::from(LeakyRelu { slope });
        check(&random(vec![linear(3)], 1), [-1.0, 1.0]);
        check(&random(vec![relu(), linear(20), leaky(0.25), linear(20), relu(), linear(2)], 2), [-3.0, 2.0]);
        let deep = (0..6).flat_map(|_| [linear(16), relu()]).chain([linear(1)]).collect();
        assert!(check(&random(deep, 4), [-10.0, 10.0]).breaks.len() > 10);
    }

    #[test]
    fn tents_double_at_every_layer() {
        // x ↦ 2 x on [0, ½], 2 − 2 x on [½, 1], over and over: 2ⁿ pieces of slope ±2ⁿ (Telgarsky 2015).
        let (mut layers, mut parameters) = (Vec::new(), Vec::new());
        for times in 1..=10 {
            layers.extend([linear(2), relu(), linear(1)]);
            parameters.extend([1.0, 1.0, 0.0, -0.5, 2.0, -4.0, 0.0]);
            let found = check(&given(layers.clone(), &parameters), [0.0, 1.0]);
            let n = 1 << times;
            assert_eq!(found.pieces.len(), n);
            for (i, b) in found.breaks.iter().enumerate() {
                assert_eq!((b.x, b.y[0]), ((i + 1) as f64 / n as f64, f64::from(u8::from(i % 2 == 0))));
            }
        }
    }

    #[test]
    fn degenerate_units() {
        let bends = |weights: [f32; 3], biases: [f32; 3], out: [f32; 3]| {
            let model = given(vec![linear(3), relu(), linear(1)], &[&weights[..], &biases, &out, &[0.5]].concat());
            let found = check(&model, [-1.0, 1.0]);
            (found.breaks.iter().map(|b| (b.x, b.units.len())).collect::<Vec<_>>(), found.without_effect)
        };
        // No weight: no kink. Outside, at the ends: none. The same place twice: one.
        assert_eq!(bends([0.0; 3], [1.0, -1.0, 0.0], [1.0; 3]), (vec![], 0));
        assert_eq!(bends([1.0, 1.0, -1.0], [2.0, 1.0, 1.0], [1.0; 3]), (vec![], 0));
        assert_eq!(bends([1.0, 2.0, -1.0], [-0.5, -1.0, 0.0], [1.0; 3]), (vec![(0.0, 1), (0.5, 2)], 0));
        // Without weight above, or cancelling: nothing bends.
        assert_eq!(bends([1.0, 1.0, 1.0], [0.25, 0.5, 0.5], [0.0, 1.0, -1.0]), (vec![], 2));
    }

    #[test]
    fn ranges_and_what_does_not_suit() {
        assert_eq!(range(&[3.0, -1.0, 2.0]), [-1.0, 3.0]);
        assert_eq!((range(&[2.0]), range(&[])), ([1.0, 3.0], [-1.0, 1.0]));
        let error = breakpoints(&random(vec![linear(2), Sigmoid {}.into()], 1), "net", [0.0, 1.0]);
        assert_eq!(
            error.expect_err("sigmoid is not piecewise linear").to_string(),
            "breakpoints needs a model of linear, relu, leaky_relu, flatten, batch_norm and dropout layers, and net has a sigmoid layer"
        );
    }
}
