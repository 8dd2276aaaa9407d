//! Samples in order, with running sums from which the cost of a straight piece over any run of them takes a few operations.

/// Distinct abscissae, ascending; samples that share one are one entry.
pub(super) struct Samples {
    /// As given.
    pub x: Vec<f64>,
    /// The mean of all y, which the sums are taken about.
    pub mean: f64,
    /// Moved and scaled to [−1, 1], so that the sums below lose few digits.
    t: Vec<f64>,
    /// `sums[i]`: over the first i abscissae, Σ1, Σt, Σt², Σy, Σty, Σy².
    sums: Vec<[f64; 6]>,
}

/// Σ over a run of samples of (y − s)², where s is straight between ordinates u and v:
/// a u² + 2b uv + c v² − 2d u − 2e v + f.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Form {
    pub a: f64,
    pub b: f64,
    pub c: f64,
    pub d: f64,
    pub e: f64,
    pub f: f64,
}

impl Samples {
    /// Sorts (x, y).
    pub fn new(pairs: &[(f64, f64)]) -> Self {
        let mut sorted = pairs.to_vec();
        sorted.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let mean = sorted.iter().map(|p| p.1).sum::<f64>() / sorted.len().max(1) as f64;
        let (lo, hi) = (sorted.first().map_or(0.0, |p| p.0), sorted.last().map_or(0.0, |p| p.0));
        let half = if hi > lo { (hi - lo) / 2.0 } else { 1.0 };
        let (mut x, mut t, mut sums) = (Vec::new(), Vec::new(), vec![[0.0; 6]]);
        let mut running = [0.0; 6];
        for run in sorted.chunk_by(|a, b| a.0 == b.0) {
            let at = (run[0].0 - (lo + half)) / half;
            for y in run.iter().map(|p| p.1 - mean) {
                let terms = [1.0, at, at * at, y, at * y, y * y];
                running.iter_mut().zip(terms).for_each(|(sum, term)| *sum += term);
            }
            x.push(run[0].0);
            t.push(at);
            sums.push(running);
        }
        Self { x, mean, t, sums }
    }

    /// How many abscissae.
    pub fn distinct(&self) -> usize {
        self.x.len()
    }

    /// Σ (y − mean)².
    pub fn squares(&self) -> f64 {
        self.sums[self.distinct()][5]
    }

    fn between(&self, from: usize, to: usize) -> [f64; 6] {
        std::array::from_fn(|k| self.sums[to][k] - self.sums[from][k])
    }

    /// Sum of squared errors of the least-squares line of the abscissae `from..to`.
    pub fn line_error(&self, from: usize, to: usize) -> f64 {
        let [n, t, tt, y, ty, yy] = self.between(from, to);
        // Two places are joined by a line, and only samples that share one are off it: the formula holds for them too.
        if n == 0.0 {
            return 0.0;
        }
        let (spread, slope, error) = (tt - t * t / n, ty - t * y / n, yy - y * y / n);
        let explained = if to - from > 1 && spread > 0.0 { slope * slope / spread } else { 0.0 };
        (error - explained).max(0.0)
    }

    /// The cost of the samples at abscissa 0 in the ordinate there, the form's v.
    pub fn first(&self) -> Form {
        let [n, _, _, y, _, yy] = self.between(0, 1);
        Form { c: n, e: y, f: yy, ..Form::default() }
    }

    /// The cost of the samples after knot `from` up to and with knot `to`, in the ordinates at both.
    pub fn piece(&self, from: usize, to: usize) -> Form {
        let [n, t, tt, y, ty, yy] = self.between(from + 1, to + 1);
        let (start, width) = (self.t[from], self.t[to] - self.t[from]);
        // Sums of r = (t − start)/width, which runs from 0 to 1.
        let r = (t - start * n) / width;
        let rr = (tt - 2.0 * start * t + start * start * n) / (width * width);
        let ry = (ty - start * y) / width;
        Form { a: (n - 2.0 * r + rr).max(0.0), b: r - rr, c: rr, d: y - ry, e: ry, f: yy }
    }
}
