//! The best continuous piecewise-linear fits with k knots: what one-hidden-layer ReLU nets of k neurons are compared with.
//!
//! Minimise Σ (yᵢ − s(xᵢ))² over all continuous s that are straight between k knots. The ordinates at the knots are free reals;
//! the knots themselves are free too, which makes the problem one of choosing them. Three numbers enclose the answer:
//!
//! - `knots_at_samples`, reached by the best s whose knots lie *at candidates*: the samples' own abscissae, or `candidates` of
//!   them, evenly spaced by rank, where there are more. Over these sets of knots and all ordinates the optimum is exact (up to
//!   rounding), by dynamic programming from left to right. Bellman & Roth, *Curve fitting by segmented straight lines*, JASA 64
//!   (1969), walk a grid of knots and of ordinates; here the cost of arriving at a knot is kept as a function of the ordinate, a
//!   minimum of parabolas, so that ordinates need no grid: Fearnhead, Maidstone & Letchford, *Detecting changes in slope with an
//!   L0 penalty*, JCGS 28 (2019), section 3.
//! - `free_knots`, the best found with knots *anywhere*, by moving those downhill (`piecewise_linear/free.rs`): at most as much.
//! - `lower_bound`, which no continuous s beats *wherever its knots lie*: the best k + 1 separate lines, free to jump, by the
//!   dynamic programme of Bellman, *On the approximation of curves by line segments*, CACM 4 (1961). Any k knots part the samples
//!   into k + 1 runs, and within each the least-squares line is at least as good as s.
//!
//! A net of k ReLU neurons has at most k kinks, so that the bound holds for it too. It need not come as low as k free knots do:
//! each neuron is flat on one side of its kink, so that the slopes at both ends are not free (one neuron cannot be |x|). It can
//! be any such line of k − 1 knots, by one neuron bent at the left end of the data.
//!
//! For smooth data without noise bound and fits are close: where a parabola is halved into equal pieces, the best separate lines
//! meet.

mod free;
mod samples;
mod search;
mod separate;

use datasets::{Dataset, TargetSpec};
use registry::{Config, DatasetRef, Problems};

use crate::{Analysis, AnalysisError, Metrics, Offer, Outcome, Planned, PlannedData, Results};
use free::Polyline;
use samples::Samples;
use separate::SeparateLines;

/// Finds the best continuous piecewise-linear fits with so many knots, and a bound that none beats, to compare one-hidden-layer
/// ReLU nets with, which have at most one knot per neuron.
///
/// `knots_at_samples` is the exact least-squares optimum on the training part among knots at samples and over all ordinates.
/// `free_knots` is the best found with knots anywhere, downhill from there. `lower_bound` holds for knots anywhere, and so for
/// nets of as many neurons: it is the error of as many straight pieces that need not meet. Nets need not come as low as free
/// knots: each neuron is flat on one side of its kink. They can be any line of one knot less than they have neurons.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PiecewiseLinearConfig {
    /// The data set, of one feature and one target value.
    pub data: DatasetRef,
    /// How many knots between the ends, one fit each.
    #[schemars(extend("uniqueItems" = true))]
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

/// The best fits with so many knots.
#[derive(Debug, Clone, PartialEq)]
pub struct KnotFit {
    /// How many knots were allowed.
    pub knots: usize,
    /// The best fit found: both ends and the knots between them, wherever they lie, ascending; fewer than allowed where there
    /// are not as many candidates.
    pub x: Vec<f64>,
    /// The fit at these.
    pub y: Vec<f64>,
    /// Its mean squared error over the samples.
    pub free_knots: f64,
    /// The least mean squared error of a fit whose knots lie at samples.
    pub knots_at_samples: f64,
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

    fn offer(&self, _: &Planned) -> Offer {
        Offer { data: Some(self.data.0.clone()), ..Offer::default() }
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
    let mut sorted = pairs.to_vec();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let most = knots.iter().copied().max().unwrap_or(0).min(samples.distinct().saturating_sub(2));
    let separate = SeparateLines::new(&samples, most);
    knots
        .iter()
        .map(|&knots| {
            let path = search::best_path(&samples, &separate, knots, candidates);
            let (x, y) = search::fit(&samples, &path);
            let n = pairs.len() as f64;
            let lower_bound = separate.error(knots, 0) / n;
            let knots_at_samples = mean_squared_error(pairs, &x, &y);
            let (x, y) = freed(&samples, &sorted, (x, y), knots_at_samples);
            let free_knots = mean_squared_error(pairs, &x, &y);
            // Rounding can put the bound of a perfect fit above it.
            KnotFit { knots, x, y, free_knots, knots_at_samples, lower_bound: lower_bound.min(free_knots) }
        })
        .collect()
}

/// A fit with its knots moved to where they are better; as it is where there is nothing to gain.
fn freed(samples: &Samples, sorted: &[(f64, f64)], (x, y): (Vec<f64>, Vec<f64>), error: f64) -> (Vec<f64>, Vec<f64>) {
    let n = sorted.len() as f64;
    // Below rounding, there is nothing left to gain.
    if x.len() < 3 || error * n <= 1e-12 * samples.squares() {
        return (x, y);
    }
    let mut line = Polyline::new(sorted, x.clone(), y.clone());
    line.descend();
    if mean_squared_error(sorted, &line.x, &line.y) < error { (line.x, line.y) } else { (x, y) }
}

fn mean_squared_error(pairs: &[(f64, f64)], x: &[f64], y: &[f64]) -> f64 {
    let squares = pairs.iter().map(|&(at, value)| {
        let difference = value - interpolate(x, y, at);
        difference * difference
    });
    squares.sum::<f64>() / pairs.len() as f64
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
            own.add("free_knots", fit.free_knots);
            own.add("knots_at_samples", fit.knots_at_samples);
            own.add("lower_bound", fit.lower_bound);
            metrics.add(fit.knots.to_string(), own);
        }
        metrics
    }
}

#[cfg(test)]
mod tests;
