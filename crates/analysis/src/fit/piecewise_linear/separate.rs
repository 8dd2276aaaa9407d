//! The best fit by straight pieces that need not meet: Bellman 1961.
//!
//! E₀(i) is the error of one line through the samples from i on; Eⱼ(i) = min over m of line(i..m) + Eⱼ₋₁(m) that of at most
//! j + 1 lines.

use super::samples::Samples;

/// Errors of the best separate lines of every tail of the samples.
pub(super) struct SeparateLines {
    /// How many abscissae.
    n: usize,
    /// Row j: Eⱼ(0..=n).
    errors: Vec<Vec<f64>>,
    /// Row j: where the second line begins.
    next: Vec<Vec<u32>>,
}

impl SeparateLines {
    /// All tails, up to `breaks` breaks.
    pub fn new(samples: &Samples, breaks: usize) -> Self {
        let n = samples.distinct();
        let mut errors = vec![vec![0.0; n + 1]; breaks + 1];
        let mut next = vec![vec![n as u32; n + 1]; breaks + 1];
        for i in (0..n).rev() {
            let lines: Vec<f64> = (i + 1..=n).map(|m| samples.line_error(i, m)).collect();
            errors[0][i] = lines[n - i - 1];
            for j in 1..=breaks {
                let (mut least, mut at) = (errors[0][i], n);
                for (line, m) in lines.iter().zip(i + 1..n) {
                    let error = line + errors[j - 1][m];
                    if error < least {
                        (least, at) = (error, m);
                    }
                }
                errors[j][i] = least;
                next[j][i] = at as u32;
            }
        }
        Self { n, errors, next }
    }

    /// Sum of squared errors of the best lines through the abscissae from `start` on, with at most so many breaks.
    pub fn error(&self, breaks: usize, start: usize) -> f64 {
        self.errors[breaks.min(self.errors.len() - 1)][start]
    }

    /// The first abscissa of every line but the first, ascending.
    pub fn breaks(&self, breaks: usize) -> Vec<usize> {
        let mut found = Vec::new();
        let mut start = 0;
        for j in (1..=breaks.min(self.errors.len() - 1)).rev() {
            start = self.next[j][start] as usize;
            if start == self.n {
                break;
            }
            found.push(start);
        }
        found
    }
}
