//! Running statistics: mean and variance by merging batches, exact to rounding however far the numbers lie from zero.
//!
//! A batch of n numbers gives its mean m = Σx/n and its squared deviations s = Σ(x − m)²; two sets are merged by
//! m = m₁ + δ n₂/n and s = s₁ + s₂ + δ² n₁n₂/n with δ = m₂ − m₁ and n = n₁ + n₂ (Chan, Golub and LeVeque 1983, equations 2.1).

use super::Histogram;
use crate::Hook;

/// Count, mean, variance and zeros of numbers that passed.
#[derive(Debug, Clone, Copy, PartialEq, Default, serde::Serialize, serde::Deserialize)]
pub struct UnitStatistics {
    count: u64,
    mean: f64,
    squares: f64,
    zeros: u64,
}

impl UnitStatistics {
    /// How many numbers passed.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Their mean; NaN for none.
    pub fn mean(&self) -> f64 {
        if self.count == 0 { f64::NAN } else { self.mean }
    }

    /// Their variance, Σ(x − mean)²/n; NaN for none.
    pub fn variance(&self) -> f64 {
        self.squares / self.count as f64
    }

    /// The root of the variance.
    pub fn deviation(&self) -> f64 {
        self.variance().sqrt()
    }

    /// The share of them that are exactly zero, 0 to 1; NaN for none.
    pub fn zero_share(&self) -> f64 {
        self.zeros as f64 / self.count as f64
    }

    /// How many of them are exactly zero.
    pub fn zeros(&self) -> u64 {
        self.zeros
    }

    /// Adds the numbers of another set.
    pub fn merge(&mut self, other: &Self) {
        let (before, more) = (self.count as f64, other.count as f64);
        let (n, delta) = (before + more, other.mean - self.mean);
        self.count += other.count;
        self.zeros += other.zeros;
        if self.count > 0 {
            self.mean += delta * (more / n);
            self.squares += other.squares + delta * delta * (before * more / n);
        }
    }

    /// Adds rows of numbers, one per unit, to the statistics of each unit.
    pub fn add_rows(units: &mut [Self], rows: &[f32]) {
        let n = units.len().max(1);
        // Some units at a time, whose sums stay in registers: a row after the other, so that each unit's order is that of the
        // rows.
        for (block, units) in units.chunks_mut(BLOCK).enumerate() {
            let own = || rows.chunks_exact(n).map(|row| &row[block * BLOCK..][..units.len()]);
            let count = (rows.len() / n) as u64;
            let (mut means, mut squares, mut zeros) = ([0.0; BLOCK], [0.0; BLOCK], [0; BLOCK]);
            for row in own() {
                means.iter_mut().zip(row).for_each(|(sum, v)| *sum += f64::from(*v));
                zeros.iter_mut().zip(row).for_each(|(sum, v)| *sum += u64::from(*v == 0.0));
            }
            means.iter_mut().for_each(|sum| *sum /= count.max(1) as f64);
            for row in own() {
                for ((sum, mean), v) in squares.iter_mut().zip(&means).zip(row) {
                    let distance = f64::from(*v) - mean;
                    *sum += distance * distance;
                }
            }
            for (i, unit) in units.iter_mut().enumerate() {
                unit.merge(&Self { count, mean: means[i], squares: squares[i], zeros: zeros[i] });
            }
        }
    }
}

/// Units whose sums are kept at once.
const BLOCK: usize = 16;

/// What one hook recorded in one epoch.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Statistics {
    /// Which epoch, the first being 1.
    pub epoch: usize,
    /// How many steps.
    pub steps: u64,
    /// All numbers of all steps.
    pub all: UnitStatistics,
    /// The least; infinity for none.
    pub min: f64,
    /// The greatest; −infinity for none.
    pub max: f64,
    /// Each unit's numbers, where units are told apart.
    pub units: Vec<UnitStatistics>,
    /// All numbers in bins, where a histogram is kept.
    pub histogram: Option<Histogram>,
    pub(super) norms: f64,
    pub(super) ratios: f64,
    pub(super) ratio_steps: u64,
}

impl Statistics {
    pub(super) fn new(epoch: usize, units: usize, histogram: bool) -> Self {
        Self {
            epoch,
            steps: 0,
            all: UnitStatistics::default(),
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
            units: vec![UnitStatistics::default(); units],
            histogram: histogram.then(Histogram::default),
            norms: 0.0,
            ratios: 0.0,
            ratio_steps: 0,
        }
    }

    /// The Euclidean norm of the whole tensor, a mean over the steps; NaN for none.
    pub fn norm(&self) -> f64 {
        self.norms / self.steps as f64
    }

    /// For updates, ‖Δw‖/‖w‖ with w before the step: a mean over the steps whose w was not all zero; NaN for none.
    pub fn ratio(&self) -> f64 {
        self.ratios / self.ratio_steps as f64
    }

    /// One step's numbers; returns their norm.
    pub(super) fn add(&mut self, values: &[f32]) -> f64 {
        let (count, n) = (values.len() as u64, values.len() as f64);
        let Glance { sum: total, min, max, zeros } = Glance::of(values);
        let mean = total / n;
        let squares = sum(values, |x| (x - mean) * (x - mean));
        // Σx² = Σ(x − m)² + n m².
        let norm = (squares + n * mean * mean).sqrt();
        self.steps += 1;
        self.norms += norm;
        self.all.merge(&UnitStatistics { count, mean, squares, zeros });
        self.min = self.min.min(f64::from(min));
        self.max = self.max.max(f64::from(max));
        UnitStatistics::add_rows(&mut self.units, values);
        if let Some(histogram) = &mut self.histogram {
            histogram.add(values);
        }
        norm
    }
}

/// The root of the sum of squares.
pub(super) fn norm(values: &[f32]) -> f64 {
    sum(values, |x| x * x).sqrt()
}

/// What one look at each number tells.
struct Glance {
    sum: f64,
    min: f32,
    max: f32,
    zeros: u64,
}

impl Glance {
    /// Eight interleaved looks, which vectorise, put together in order.
    fn of(values: &[f32]) -> Self {
        let (mut sums, mut zeros) = ([0.0_f64; 8], [0_u32; 8]);
        let (mut mins, mut maxs) = ([f32::INFINITY; 8], [f32::NEG_INFINITY; 8]);
        let mut look = |lane: usize, v: f32| {
            sums[lane] += f64::from(v);
            mins[lane] = if v < mins[lane] { v } else { mins[lane] };
            maxs[lane] = if v > maxs[lane] { v } else { maxs[lane] };
            zeros[lane] += u32::from(v == 0.0);
        };
        let (chunks, rest) = values.as_chunks::<8>();
        chunks.iter().for_each(|chunk| chunk.iter().enumerate().for_each(|(lane, v)| look(lane, *v)));
        rest.iter().enumerate().for_each(|(lane, v)| look(lane, *v));
        Self {
            sum: sums.iter().sum(),
            min: mins.into_iter().fold(f32::INFINITY, f32::min),
            max: maxs.into_iter().fold(f32::NEG_INFINITY, f32::max),
            zeros: zeros.into_iter().map(u64::from).sum(),
        }
    }
}

/// Σ term(x) as eight interleaved sums, which vectorise, added in order.
fn sum(values: &[f32], term: impl Fn(f64) -> f64) -> f64 {
    let mut lanes = [0.0; 8];
    let (chunks, rest) = values.as_chunks::<8>();
    for chunk in chunks {
        lanes.iter_mut().zip(chunk).for_each(|(lane, v)| *lane += term(f64::from(*v)));
    }
    lanes.iter_mut().zip(rest).for_each(|(lane, v)| *lane += term(f64::from(*v)));
    lanes.iter().sum()
}

/// What one hook recorded: its statistics for every epoch it listened to, ascending.
#[derive(Debug, Clone, PartialEq)]
pub struct Recording {
    /// What was asked for.
    pub hook: Hook,
    /// One entry per epoch.
    pub epochs: Vec<Statistics>,
}
