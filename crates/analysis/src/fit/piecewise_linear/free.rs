//! Knots moved off the samples.
//!
//! From the best fit with knots at samples downhill: one knot at a time is moved between its neighbours by a step that is halved,
//! with the ordinate there that is best for each place, then all ordinates are solved for together (least squares in hat
//! functions, whose normal equations are tridiagonal). Each change is kept only where the error falls, so that what is found is
//! never worse than the start. It is a best fit *found*, a local optimum: Jupp, *Approximation to Data by Splines with Free
//! Knots*, SIAM J. Numer. Anal. 15 (1978), says why there are many.

/// Rounds over all knots at most.
const ROUNDS: usize = 300;
/// Halvings of a knot's step.
const HALVINGS: usize = 24;
/// A round that lowers the error by less of it is the last.
const GAIN: f64 = 1e-7;

/// A polyline over samples.
pub(super) struct Polyline<'a> {
    /// (x, y), by x.
    samples: &'a [(f64, f64)],
    pub x: Vec<f64>,
    pub y: Vec<f64>,
}

impl<'a> Polyline<'a> {
    /// Through these places, over samples ascending by x.
    pub fn new(samples: &'a [(f64, f64)], x: Vec<f64>, y: Vec<f64>) -> Self {
        Self { samples, x, y }
    }

    /// The samples of the piece that ends at knot `right`: those at its left end belong to the piece before.
    fn piece(&self, left: f64, right: f64) -> &'a [(f64, f64)] {
        let after = |at: f64| self.samples.partition_point(|(x, _)| *x <= at);
        let from = if left <= self.x[0] { 0 } else { after(left) };
        &self.samples[from..after(right).max(from)]
    }

    /// Sum of squared errors.
    pub fn error(&self) -> f64 {
        let piece = |i: usize| {
            let (left, right) = ((self.x[i], self.y[i]), (self.x[i + 1], self.y[i + 1]));
            self.piece(left.0, right.0).iter().map(|(x, y)| square(y - between(left, right, *x))).sum::<f64>()
        };
        (0..self.x.len().saturating_sub(1)).map(piece).sum()
    }

    /// Moves knots and ordinates downhill.
    pub fn descend(&mut self) {
        let mut error = self.error();
        for _ in 0..ROUNDS {
            let before = error;
            (1..self.x.len().saturating_sub(1)).for_each(|knot| self.shift(knot));
            self.solve();
            error = self.error();
            if before - error <= GAIN * before {
                return;
            }
        }
    }

    /// Moves one knot to the best of the places tried, its neighbours held.
    fn shift(&mut self, knot: usize) {
        let (left, right) = (self.x[knot - 1], self.x[knot + 1]);
        let mut best = self.at(knot, self.x[knot]);
        let mut step = (right - left) / 4.0;
        for _ in 0..HALVINGS {
            for to in [self.x[knot] - step, self.x[knot] + step] {
                if left < to && to < right {
                    let tried = self.at(knot, to);
                    if tried.0 < best.0 {
                        (best, self.x[knot]) = (tried, to);
                    }
                }
            }
            step /= 2.0;
        }
        self.y[knot] = best.1;
    }

    /// The error of the two pieces beside a knot if it lay here, and the ordinate that makes it least.
    fn at(&self, knot: usize, x: f64) -> (f64, f64) {
        let sides = [knot - 1, knot + 1].map(|end| (self.x[end], self.y[end]));
        let runs = [self.piece(sides[0].0, x), self.piece(x, sides[1].0)];
        let terms = || {
            runs.into_iter().zip(sides).flat_map(move |(run, (end, height))| {
                // Share of the way from the neighbour to the knot, and what the neighbour leaves to be explained.
                let share = move |at: f64| (at - end) / (x - end);
                run.iter().map(move |(at, y)| (share(*at), y - height * (1.0 - share(*at))))
            })
        };
        let [squares, products] = terms().fold([0.0, 0.0], |[s, p], (r, e)| [s + r * r, p + r * e]);
        let y = if squares > 0.0 { products / squares } else { self.y[knot] };
        (terms().map(|(r, e)| square(e - y * r)).sum(), y)
    }

    /// Solves for all ordinates, and keeps them where they are better.
    fn solve(&mut self) {
        let n = self.x.len();
        // Normal equations: diagonal, the one beside it, right side.
        let mut rows = vec![[0.0; 3]; n];
        for i in 0..n - 1 {
            for (x, y) in self.piece(self.x[i], self.x[i + 1]) {
                let r = (x - self.x[i]) / (self.x[i + 1] - self.x[i]);
                rows[i] = [rows[i][0] + (1.0 - r) * (1.0 - r), rows[i][1] + r * (1.0 - r), rows[i][2] + (1.0 - r) * y];
                rows[i + 1][0] += r * r;
                rows[i + 1][2] += r * y;
            }
        }
        for i in 1..n {
            let [diagonal, beside, right] = rows[i - 1];
            let factor = beside / diagonal;
            rows[i][0] -= factor * beside;
            rows[i][2] -= factor * right;
        }
        let mut y = vec![0.0; n];
        for i in (0..n).rev() {
            let above = if i + 1 < n { y[i + 1] } else { 0.0 };
            y[i] = (rows[i][2] - rows[i][1] * above) / rows[i][0];
        }
        // Knots between which no sample lies have no ordinates of their own.
        let solved = Self { samples: self.samples, x: self.x.clone(), y };
        if solved.y.iter().all(|v| v.is_finite()) && solved.error() < self.error() {
            self.y = solved.y;
        }
    }
}

fn between((a, u): (f64, f64), (b, v): (f64, f64), x: f64) -> f64 {
    u + (v - u) * ((x - a) / (b - a))
}

fn square(v: f64) -> f64 {
    v * v
}
