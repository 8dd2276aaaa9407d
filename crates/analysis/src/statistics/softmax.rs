//! Softmax (multinomial logistic) regression, to convergence.
//!
//! Minimises (1/n) Σᵢ −ln pᵢ(yᵢ) + λ/2 ‖W‖² with p = softmax(x · W + b), the biases without penalty: scikit-learn's
//! `LogisticRegression` with C = 1/(λ n). By L-BFGS (Liu, Nocedal, *On the limited memory BFGS method*, 1989; Nocedal, Wright,
//! *Numerical Optimization*, algorithms 7.4 and 7.5) with step halving until Armijo's condition holds. The problem is convex, so
//! that there is one answer, but for a constant on all biases, and it does not depend on where one starts: at zero. All sums are
//! f64 in a fixed order.

use ndarray::ArrayView2;
use tensor::{Float, Init, Product, matmul};

/// A linear classifier.
#[derive(Debug, Clone, PartialEq)]
pub struct Softmax {
    /// W: features × classes, row by row.
    pub weights: Vec<f64>,
    /// b, one per class.
    pub biases: Vec<f64>,
    /// The gradient's largest element in magnitude: at most [`CLOSE`] where the steps sufficed.
    pub gradient: f64,
    /// How many steps were taken.
    pub steps: usize,
}

/// The gradient's largest element at which the answer stands.
pub const CLOSE: f64 = 1e-8;
/// Steps at most.
const MOST_STEPS: usize = 3000;
/// Pairs of steps and changes of the gradient that are remembered.
const MEMORY: usize = 10;
/// The share of the slope by which a step must lower the objective.
const ARMIJO: f64 = 1e-4;
/// A predicted decrease that is a smaller share of the objective drowns in its rounding.
const SMALL: f64 = 1e-13;

/// Samples, labels and penalty.
struct Problem<'a> {
    /// samples × features, row by row.
    x: Vec<f64>,
    labels: &'a [u32],
    features: usize,
    classes: usize,
    ridge: f64,
}

/// Fits a classifier of so many classes to the rows of `x` (samples × features).
pub fn fit(x: ArrayView2<'_, f64>, labels: &[u32], classes: usize, ridge: f64) -> Softmax {
    let problem = Problem { x: x.iter().copied().collect(), labels, features: x.ncols(), classes, ridge };
    let mut at = vec![0.0; (problem.features + 1) * classes];
    let (mut value, mut gradient) = problem.objective(&at);
    let mut memory: Vec<[Vec<f64>; 2]> = Vec::new();
    let mut steps = 0;
    while steps < MOST_STEPS && largest(&gradient) > CLOSE {
        let direction = direction(&gradient, &memory);
        let slope = dot(&gradient, &direction);
        // Before anything is remembered, a step of length 1.
        let first = if memory.is_empty() { 1.0 / dot(&gradient, &gradient).sqrt() } else { 1.0 };
        let found = (0..60).find_map(|halvings| {
            let t = first * Float::powi(0.5, halvings);
            let next: Vec<f64> = at.iter().zip(&direction).map(|(a, d)| a + t * d).collect();
            let (lower, slopes) = problem.objective(&next);
            let enough = lower <= value + ARMIJO * t * slope || -t * slope <= SMALL * value;
            enough.then_some((next, lower, slopes))
        });
        let Some((next, lower, slopes)) = found else { break };
        let step: Vec<f64> = next.iter().zip(&at).map(|(b, a)| b - a).collect();
        let change: Vec<f64> = slopes.iter().zip(&gradient).map(|(b, a)| b - a).collect();
        if dot(&step, &change) > 0.0 {
            memory.push([step, change]);
            if memory.len() > MEMORY {
                memory.remove(0);
            }
        }
        (at, value, gradient) = (next, lower, slopes);
        steps += 1;
    }
    let biases = at.split_off(problem.features * classes);
    Softmax { weights: at, biases, gradient: largest(&gradient), steps }
}

impl Softmax {
    /// The scores of the rows of `x` (samples × features): samples × classes, row by row.
    fn scores(&self, x: ArrayView2<'_, f64>) -> Vec<f64> {
        let classes = self.biases.len();
        let rows: Vec<f64> = x.iter().copied().collect();
        let mut scores = vec![0.0; x.nrows() * classes];
        let product = Product::new(x.nrows(), x.ncols(), classes);
        matmul(product, &rows, &self.weights, &mut scores, Init::Row(&self.biases));
        scores
    }

    /// How many rows of `x` have their largest score, of equal ones the first, at their label.
    pub fn right(&self, x: ArrayView2<'_, f64>, labels: &[u32]) -> usize {
        let scores = self.scores(x);
        let best = |row: &[f64]| (1..row.len()).fold(0, |best, k| if row[k] > row[best] { k } else { best });
        let rows = scores.chunks_exact(self.biases.len().max(1));
        rows.zip(labels).filter(|(row, label)| best(row) == **label as usize).count()
    }

    /// Whether the gradient vanished.
    pub fn converged(&self) -> bool {
        self.gradient <= CLOSE
    }
}

impl Problem<'_> {
    /// The objective and its gradient, weights before biases.
    fn objective(&self, at: &[f64]) -> (f64, Vec<f64>) {
        let Self { x, labels, features, classes, ridge } = self;
        let n = labels.len();
        let (weights, biases) = at.split_at(features * classes);
        let mut scores = vec![0.0; n * classes];
        matmul(Product::new(n, *features, *classes), x, weights, &mut scores, Init::Row(biases));
        let mut loss = 0.0;
        for (row, label) in scores.chunks_exact_mut((*classes).max(1)).zip(*labels) {
            let top = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let own = row[*label as usize];
            row.iter_mut().for_each(|z| *z = Float::exp(*z - top));
            let sum: f64 = row.iter().sum();
            loss += Float::ln(sum) + top - own;
            row.iter_mut().for_each(|p| *p /= sum * n as f64);
            row[*label as usize] -= 1.0 / n as f64;
        }
        let mut gradient: Vec<f64> = weights.iter().map(|w| ridge * w).chain(biases.iter().map(|_| 0.0)).collect();
        let (of_weights, of_biases) = gradient.split_at_mut(features * classes);
        matmul(Product::transposed_a(*features, n, *classes), x, &scores, of_weights, Init::Accumulate);
        for row in scores.chunks_exact((*classes).max(1)) {
            of_biases.iter_mut().zip(row).for_each(|(sum, p)| *sum += p);
        }
        (loss / n.max(1) as f64 + 0.5 * ridge * dot(weights, weights), gradient)
    }
}

/// Downhill: −H g, H the inverse Hessian that the memory of steps and changes stands for.
fn direction(gradient: &[f64], memory: &[[Vec<f64>; 2]]) -> Vec<f64> {
    let add = |to: &mut [f64], factor: f64, v: &[f64]| to.iter_mut().zip(v).for_each(|(to, v)| *to += factor * v);
    let mut q = gradient.to_vec();
    let mut alphas = Vec::with_capacity(memory.len());
    for [step, change] in memory.iter().rev() {
        let alpha = dot(step, &q) / dot(step, change);
        add(&mut q, -alpha, change);
        alphas.push(alpha);
    }
    if let Some([step, change]) = memory.last() {
        let scale = dot(step, change) / dot(change, change);
        q.iter_mut().for_each(|v| *v *= scale);
    }
    for ([step, change], alpha) in memory.iter().zip(alphas.into_iter().rev()) {
        let beta = dot(change, &q) / dot(step, change);
        add(&mut q, alpha - beta, step);
    }
    q.iter_mut().for_each(|v| *v = -*v);
    q
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn largest(v: &[f64]) -> f64 {
    v.iter().fold(0.0, |most, v| if v.abs() > most { v.abs() } else { most })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, arr2};

    #[test]
    fn weights_are_those_of_scikit_learn() {
        // scikit-learn 1.9.1: LogisticRegression(C=1/(1e-4*10), tol=1e-12, max_iter=1000000, solver="newton-cholesky").fit(x, y):
        // coef_ and intercept_.
        let x = arr2(&[
            [0.0, 0.0],
            [1.0, 0.5],
            [0.5, -1.0],
            [2.0, 2.0],
            [2.5, 1.0],
            [1.0, 1.5],
            [-1.0, 2.0],
            [-2.0, 1.5],
            [0.0, 1.0],
            [0.5, 3.0],
        ]);
        let labels = [0, 0, 1, 1, 1, 0, 2, 2, 2, 1];
        let found = fit(x.view(), &labels, 3, 1e-4);
        let coefficients = [
            [8.887_644_901_288, -1.582_844_478_400],
            [10.071_227_517_655, -1.374_154_200_815],
            [-18.958_872_418_942, 2.956_998_679_214],
        ];
        let intercepts = [1.083_655_044_364, 0.000_091_951_577, -1.083_746_995_942];
        assert!(found.converged(), "{found:?}");
        for class in 0..3 {
            for feature in 0..2 {
                let (ours, theirs) = (found.weights[feature * 3 + class], coefficients[class][feature]);
                assert!((ours - theirs).abs() < 1e-3, "{ours} {theirs}");
            }
            assert!((found.biases[class] - intercepts[class]).abs() < 1e-3, "{:?}", found.biases);
        }
        assert_eq!(found.right(x.view(), &labels), 7, "score 0.7");
    }

    #[test]
    fn two_points_have_a_closed_form() {
        // Points ±1 of either class: w = ±v, p = σ(2v), and λ v = σ(−2v): λ = σ(−2) gives v = 1.
        let ridge = (-2.0_f64).sigmoid();
        let found = fit(arr2(&[[1.0], [-1.0]]).view(), &[0, 1], 2, ridge);
        assert!((found.weights[0] - 1.0).abs() < 1e-5 && (found.weights[1] + 1.0).abs() < 1e-5, "{found:?}");
        assert!(found.biases.iter().all(|b| b.abs() < 1e-6));
    }

    #[test]
    fn hard_and_empty_problems_converge() {
        // Separable, and nearly collinear features.
        let x = Array2::from_shape_fn((40, 3), |(i, j)| i as f64 / 20.0 - 1.0 + 1e-3 * ((i * 7 + j * 13) % 5) as f64);
        let labels: Vec<u32> = (0..40).map(|i| u32::from(i >= 20)).collect();
        let found = fit(x.view(), &labels, 2, 1e-4);
        assert!(found.converged() && found.right(x.view(), &labels) == 40, "{found:?}");
        assert!(fit(Array2::zeros((0, 2)).view(), &[], 3, 1e-4).converged());
        // The exclusive or: no direction helps, and all scores are equal.
        let corners = arr2(&[[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]);
        let xor = fit(corners.view(), &[0, 1, 1, 0], 2, 1e-4);
        assert!(xor.converged() && xor.weights.iter().all(|w| w.abs() < 1e-9), "{xor:?}");
    }
}
