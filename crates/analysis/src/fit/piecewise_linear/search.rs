//! The exact search for the best knots among candidates.
//!
//! Going from left to right, everything that matters of the way to a knot is the cost so far as a function of the ordinate φ
//! there. One choice of earlier knots makes it a parabola a(φ − μ)² + m; the best choice is the least of these at each φ. So
//! every (number of knots so far, knot) keeps a list of parabolas. Two rules keep the lists short without losing the optimum: a
//! parabola goes
//! - where it lies above the cost of a fit already known, less what the samples still to come cost at least (separate lines);
//! - where another lies nowhere above it on the ordinates that the first rule leaves it.

use super::samples::{Form, Samples};
use super::separate::SeparateLines;

/// The cost of one way to a knot: a(φ − μ)² + m at ordinate φ.
#[derive(Debug, Clone, Copy)]
struct Cost {
    a: f64,
    mu: f64,
    m: f64,
    /// The way here, an index into the search's list of steps.
    step: u32,
}

/// A knot, and the way to the one before it.
struct Step {
    candidate: u32,
    before: u32,
}

/// "Nothing before": the first sample.
const START: u32 = u32::MAX;

impl Cost {
    fn start(samples: &Samples) -> Self {
        let first = samples.first();
        Self { a: first.c, mu: first.e / first.c, m: first.f - first.e * first.e / first.c, step: START }
    }

    /// The cost at the next knot, the ordinate at this one chosen best for each ordinate there.
    fn after(&self, piece: &Form) -> Self {
        // The sum is at least the number of samples at this knot.
        let sum = self.a + piece.a;
        let pull = piece.d + self.a * self.mu;
        let a = piece.c - piece.b * piece.b / sum;
        let e = piece.e - piece.b * pull / sum;
        let f = self.m + piece.f + self.a * self.mu * self.mu - pull * pull / sum;
        Self { a, mu: e / a, m: f - e * e / a, step: self.step }
    }

    /// The best ordinate at this knot when it is `next` at the next one.
    fn before(&self, piece: &Form, next: f64) -> f64 {
        (piece.d + self.a * self.mu - piece.b * next) / (self.a + piece.a)
    }

    /// Whether `other` is nowhere above this where this is at most `level`.
    fn is_beaten_by(&self, other: &Self, level: f64) -> bool {
        // With ψ = φ − μ: other − this = (a' − a)ψ² + 2a'δψ + a'δ² + m' − m.
        let delta = self.mu - other.mu;
        let (square, linear) = (other.a - self.a, other.a * delta);
        let constant = linear * delta + other.m - self.m;
        let above = |psi: f64| (square * psi + 2.0 * linear) * psi + constant > 0.0;
        let reach = ((level - self.m).max(0.0) / self.a).sqrt();
        let top = -linear / square;
        !(above(reach) || above(-reach) || (square < 0.0 && top.abs() < reach && above(top)))
    }
}

/// Keeps what may still be part of the best way; `level` is what it may cost so far.
fn pruned(mut costs: Vec<Cost>, level: f64) -> Vec<Cost> {
    costs.retain(|c| c.m <= level);
    costs.sort_by(|a, b| a.m.total_cmp(&b.m).then(a.mu.total_cmp(&b.mu)));
    let mut kept: Vec<Cost> = Vec::new();
    for cost in costs {
        if !kept.iter().any(|k| cost.is_beaten_by(k, level)) {
            kept.push(cost);
        }
    }
    kept
}

/// Where knots may lie: the abscissae' indices, both ends first and last.
fn places(samples: &Samples, candidates: usize) -> Vec<usize> {
    let last = samples.distinct() - 1;
    let inner = last.saturating_sub(1).min(candidates);
    // Evenly spaced by rank; all of them where they are few enough.
    let mut places: Vec<usize> = (0..=inner).map(|i| i * last / (inner + 1)).collect();
    places.push(last);
    places.dedup();
    places
}

/// The best path: the abscissae's indices of the first sample, of at most `knots` knots, and of the last sample.
pub(super) fn best_path(samples: &Samples, separate: &SeparateLines, knots: usize, candidates: usize) -> Vec<usize> {
    let places = places(samples, candidates);
    let knots = knots.min(places.len().saturating_sub(2));
    let known = descend(samples, &places, guess(separate, &places, knots));
    let (known_error, _) = along(samples, &places, &known);
    // Below rounding, there is nothing left to gain.
    let rounding = 1e-12 * samples.squares();
    let path = if known_error <= rounding {
        known
    } else {
        let limit = known_error * (1.0 + 1e-9) + rounding;
        match search(samples, separate, &places, knots, limit) {
            Some(found) if along(samples, &places, &found).0 < known_error => found,
            _ => known,
        }
    };
    path.into_iter().map(|p| places[p]).collect()
}

/// Knots and ordinates of the best fit with these knots.
pub(super) fn fit(samples: &Samples, path: &[usize]) -> (Vec<f64>, Vec<f64>) {
    let all: Vec<usize> = (0..samples.distinct()).collect();
    let (_, ordinates) = along(samples, &all, path);
    (path.iter().map(|&i| samples.x[i]).collect(), ordinates.into_iter().map(|y| y + samples.mean).collect())
}

/// The least cost of a path through places, and its ordinates.
fn along(samples: &Samples, places: &[usize], path: &[usize]) -> (f64, Vec<f64>) {
    let pieces: Vec<Form> = path.windows(2).map(|w| samples.piece(places[w[0]], places[w[1]])).collect();
    let mut costs = vec![Cost::start(samples)];
    for (i, piece) in pieces.iter().enumerate() {
        costs.push(costs[i].after(piece));
    }
    let end = costs[pieces.len()];
    let mut ordinates = vec![end.mu];
    for (cost, piece) in costs.iter().zip(&pieces).rev() {
        // There is one already.
        let next = ordinates.last().copied().unwrap_or(end.mu);
        ordinates.push(cost.before(piece, next));
    }
    ordinates.reverse();
    (end.m, ordinates)
}

/// A path to begin with: knots where the best separate lines part, and where there are too few, the first free places.
fn guess(separate: &SeparateLines, places: &[usize], knots: usize) -> Vec<usize> {
    let end = places.len() - 1;
    let mut chosen = vec![false; places.len()];
    let mut count = 0;
    let near = separate.breaks(knots).into_iter().map(|i| places.partition_point(|&p| p < i));
    for p in near.chain(1..end).filter(|&p| p > 0 && p < end).collect::<Vec<_>>() {
        if count < knots && !chosen[p] {
            chosen[p] = true;
            count += 1;
        }
    }
    chosen[0] = true;
    chosen[end] = true;
    (0..=end).filter(|&p| chosen[p]).collect()
}

/// Moves one knot at a time to the place beside it for as long as that helps.
fn descend(samples: &Samples, places: &[usize], mut path: Vec<usize>) -> Vec<usize> {
    let mut least = along(samples, places, &path).0;
    loop {
        let before = least;
        for k in 1..path.len().saturating_sub(1) {
            for to in [path[k] - 1, path[k] + 1] {
                if path[k - 1] < to && to < path[k + 1] {
                    let from = std::mem::replace(&mut path[k], to);
                    let error = along(samples, places, &path).0;
                    if error < least {
                        least = error;
                        break;
                    }
                    path[k] = from;
                }
            }
        }
        // Steps too small to matter are not worth the time: this is only where the search begins. Rounding can make an error of
        // nothing negative.
        if before - least <= 1e-6 * before.abs() {
            return path;
        }
    }
}

/// The best path with exactly so many knots that costs at most `limit`.
fn search(
    samples: &Samples,
    separate: &SeparateLines,
    places: &[usize],
    knots: usize,
    limit: f64,
) -> Option<Vec<usize>> {
    let end = places.len() - 1;
    let mut steps: Vec<Step> = Vec::new();
    // By place: the ways there with so many knots, the one there included.
    let mut ways: Vec<Vec<Cost>> = vec![Vec::new(); places.len()];
    ways[0] = vec![Cost::start(samples)];
    for placed in 1..=knots + 1 {
        let mut longer: Vec<Vec<Cost>> = vec![Vec::new(); places.len()];
        // Places must be left for the knots still to come; after the last one comes the end.
        let targets = if placed > knots { end..end + 1 } else { placed..end - (knots - placed) };
        for to in targets {
            let mut costs = Vec::new();
            for from in placed - 1..to {
                if !ways[from].is_empty() {
                    let piece = samples.piece(places[from], places[to]);
                    costs.extend(ways[from].iter().map(|way| way.after(&piece)));
                }
            }
            let to_come = if to == end { 0.0 } else { separate.error(knots - placed, places[to] + 1) };
            let mut kept = pruned(costs, limit - to_come);
            for cost in &mut kept {
                steps.push(Step { candidate: to as u32, before: cost.step });
                cost.step = (steps.len() - 1) as u32;
            }
            longer[to] = kept;
        }
        ways = longer;
    }
    let best = ways[end].first()?;
    let mut path = Vec::new();
    let mut step = best.step;
    while step != START {
        path.push(steps[step as usize].candidate as usize);
        step = steps[step as usize].before;
    }
    path.push(0);
    path.reverse();
    Some(path)
}
