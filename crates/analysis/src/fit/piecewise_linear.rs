//! The best continuous piecewise-linear fit with k knots: the floor below which no one-hidden-layer ReLU net of k neurons gets.
//!
//! Minimise Σ (yᵢ − s(xᵢ))² over all continuous s that are straight between k knots. The ordinates at the knots are free reals;
//! the knots themselves are free too, which makes the problem one of choosing them. Two numbers enclose the answer:
//!
//! - `mse`, reached by the best s whose knots lie *at candidates*: the samples' own abscissae, or `candidates` of them, evenly
//!   spaced by rank, where there are more. Over these sets of knots and all ordinates the optimum is exact (up to rounding), by
//!   dynamic programming from left to right. Bellman & Roth, *Curve fitting by segmented straight lines*, JASA 64 (1969), walk
//!   a grid of knots and of ordinates; here the cost of arriving at a knot is kept as a function of the ordinate, a minimum of
//!   parabolas, so that ordinates need no grid: Fearnhead, Maidstone & Letchford, *Detecting changes in slope with an L0
//!   penalty*, JCGS 28 (2019), section 3.
//! - `lower_bound`, which no continuous s beats *wherever its knots lie*: the best k + 1 separate lines, free to jump, by the
//!   dynamic programme of Bellman, *On the approximation of curves by line segments*, CACM 4 (1961). Any k knots part the samples
//!   into k + 1 runs, and within each the least-squares line is at least as good as s.
//!
//! For smooth data without noise the two are close: where a parabola is halved into equal pieces, the best separate lines meet.

mod samples;
mod search;
mod separate;

use datasets::{Dataset, TargetSpec};
use registry::{Config, DatasetRef, Problems};

use crate::{Analysis, AnalysisError, Metrics, Outcome, Planned, PlannedData, Results};
use samples::Samples;
use separate::SeparateLines;

/// Finds the best continuous piecewise-linear fit with so many knots, and a bound that no such fit beats: the floor to compare
/// one-hidden-layer ReLU nets with, which have at most one knot per neuron.
///
/// Knots lie at samples; among those, and over all ordinates, the fit is the exact least-squares optimum on the training part.
/// The bound holds for knots anywhere: it is the error of as many straight pieces that need not meet.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PiecewiseLinearConfig {
    /// The data set, of one feature and one target value.
    pub data: DatasetRef,
    /// How many knots between the ends, one fit each.
    pub knots: Vec<usize>,
    /// At how many of the samples knots may lie, evenly spaced by rank; all of them where there are fewer. Default 250: with
    /// more, time grows by the square.
    #[serde(default = "default_candidates")]
    pub candidates: usize,
}

fn default_candidates() -> usize {
    250
}

impl Config for PiecewiseLinearConfig {
    const KIND: &str = "piecewise_linear";
    const EXAMPLE: &str = "data = \"wave\"\nknots = [1, 2, 4, 8]";
}

/// The bound takes time and memory by the square of the samples: 3,000 take about half a second.
const MOST_SAMPLES: usize = 3000;
/// More knots than a fit of so few samples is asked for.
const MOST_KNOTS: usize = 1000;

/// The best fits, one per number of knots asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct PiecewiseLinear {
    /// The data set's name.
    pub data: String,
    /// In the order asked for.
    pub fits: Vec<KnotFit>,
}

/// One best fit.
#[derive(Debug, Clone, PartialEq)]
pub struct KnotFit {
    /// How many knots were allowed.
    pub knots: usize,
    /// Both ends and the knots between them, ascending; fewer than allowed where there are not as many candidates.
    pub x: Vec<f64>,
    /// The fit at these.
    pub y: Vec<f64>,
    /// Mean squared error over the samples.
    pub mse: f64,
    /// No continuous piecewise-linear function with as many knots, wherever they lie, has a smaller mean squared error.
    pub lower_bound: f64,
}

impl Analysis for PiecewiseLinearConfig {
    fn check(&self, problems: &mut Problems) {
        problems.require(!self.knots.is_empty(), "knots", || "expected at least one number of knots".into());
        for (i, knots) in self.knots.iter().enumerate() {
            problems.require(*knots <= MOST_KNOTS, format!("knots[{i}]"), || {
                format!("expected at most {MOST_KNOTS} knots, found {knots}")
            });
        }
        problems.require((1..=MOST_SAMPLES).contains(&self.candidates), "candidates", || {
            format!("expected 1 to {MOST_SAMPLES} candidates, found {}", self.candidates)
        });
    }

    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        let Some(PlannedData { spec: data, .. }) = planned.data(&self.data) else { return };
        let name = &self.data.0;
        problems.require(data.shape == [1], "data", || {
            format!("expected data of one feature, and {name} has {}", tensor::shape::display(&data.shape))
        });
        match &data.target {
            TargetSpec::Values { columns } if columns.len() == 1 => {}
            TargetSpec::Values { columns } => {
                problems.add("data", format!("expected one target value, and {name} has {}", columns.len()));
            }
            TargetSpec::Classes { .. } => {
                problems.add("data", format!("expected numbers to fit, and {name} has classes"))
            }
            TargetSpec::None => problems.add("data", format!("expected numbers to fit, and {name} has no targets")),
        }
        problems.require(data.n <= MOST_SAMPLES, "data", || {
            format!("expected at most {MOST_SAMPLES} samples, and {name} has {}", data.n)
        });
    }

    fn run(&self, _: &str, results: &Results) -> Result<Box<dyn Outcome>, AnalysisError> {
        let data = &results.data(&self.data)?.train;
        let pairs = pairs(data).ok_or_else(|| AnalysisError::Shape {
            what: "a piecewise-linear fit",
            expected: "one input and one target value",
            name: self.data.0.clone(),
            found: tensor::shape::display(&data.shape),
        })?;
        Ok(Box::new(PiecewiseLinear {
            data: self.data.0.clone(),
            fits: best_fits(&pairs, &self.knots, self.candidates),
        }))
    }
}

/// Input and target of every sample.
fn pairs(data: &Dataset) -> Option<Vec<(f64, f64)>> {
    let values = data.values().filter(|v| v.ncols() == 1 && data.features() == 1 && data.n() > 0)?;
    Some(data.x.iter().zip(values).map(|(x, y)| (f64::from(*x), f64::from(*y))).collect())
}

/// The best continuous fit of samples (x, y), at least one, for each number of knots.
pub fn best_fits(pairs: &[(f64, f64)], knots: &[usize], candidates: usize) -> Vec<KnotFit> {
    let samples = Samples::new(pairs);
    let most = knots.iter().copied().max().unwrap_or(0).min(samples.distinct().saturating_sub(2));
    let separate = SeparateLines::new(&samples, most);
    knots
        .iter()
        .map(|&knots| {
            let path = search::best_path(&samples, &separate, knots, candidates);
            let (x, y) = search::fit(&samples, &path);
            let n = pairs.len() as f64;
            let lower_bound = separate.error(knots, 0) / n;
            let squares = pairs.iter().map(|&(at, value)| {
                let difference = value - interpolate(&x, &y, at);
                difference * difference
            });
            // Rounding can put the bound of a perfect fit above it.
            let mse = squares.sum::<f64>() / n;
            KnotFit { knots, x, y, mse, lower_bound: lower_bound.min(mse) }
        })
        .collect()
}

/// The polyline through (x, y) at a place between its ends.
fn interpolate(x: &[f64], y: &[f64], at: f64) -> f64 {
    let right = x.partition_point(|v| *v < at).clamp(1, (x.len() - 1).max(1));
    match (x.get(right), y.get(right)) {
        (Some(&hi), Some(&above)) => {
            let (lo, below) = (x[right - 1], y[right - 1]);
            below + (above - below) * ((at - lo) / (hi - lo))
        }
        _ => y[0],
    }
}

impl Outcome for PiecewiseLinear {
    fn metrics(&self) -> Metrics {
        let mut metrics = Metrics::default();
        for fit in &self.fits {
            let mut own = Metrics::default();
            own.add("mean_squared_error", fit.mse);
            own.add("lower_bound", fit.lower_bound);
            metrics.add(fit.knots.to_string(), own);
        }
        metrics
    }
}

#[cfg(test)]
mod tests;
