//! Logistic regression of two classes, to the last digit.
//!
//! Minimises λ/2 ‖w‖² + Σᵢ ln(1 + e^(−sᵢ (w·xᵢ + b))), sᵢ = ±1, by Newton's method with step halving; the problem is strictly
//! convex, so that there is one answer and it does not depend on where one starts. (Hastie, Tibshirani, Friedman, *The
//! elements of statistical learning*, 2009, section 4.4.1.) Without λ the weights of separable classes grow for ever; as λ
//! falls the boundary turns to the one of largest margin (Rosset, Zhu, Hastie, NIPS 2003). The bias is not penalised. All
//! sums are f64 in a fixed order.

use ndarray::{Array2, ArrayView2};
use tensor::Float;

/// The line, plane or hyperplane w·x + b = 0.
#[derive(Debug, Clone, PartialEq)]
pub struct Separator {
    /// w, one number per feature.
    pub weights: Vec<f64>,
    /// b.
    pub bias: f64,
}

impl Separator {
    /// w·x + b: positive on the side of the positive class.
    pub fn score(&self, x: impl IntoIterator<Item = f64>) -> f64 {
        self.weights.iter().zip(x).map(|(w, x)| w * x).sum::<f64>() + self.bias
    }

    /// How many rows of `x` lie on the side their label says.
    pub fn right(&self, x: ArrayView2<'_, f32>, labels: &[bool]) -> usize {
        let side = |row: ndarray::ArrayView1<'_, f32>| self.score(row.iter().map(|v| f64::from(*v))) > 0.0;
        x.rows().into_iter().zip(labels).filter(|(row, label)| side(row.view()) == **label).count()
    }

    /// The cosine of the angle between the normals of two separators; none where one has no direction.
    pub fn cosine(&self, other: &Self) -> Option<f64> {
        let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let (a, b) = (&self.weights, &other.weights);
        let lengths = (product(a, a) * product(b, b)).sqrt();
        (lengths > 0.0).then(|| product(a, b) / lengths)
    }
}

/// Newton converges quadratically: on well-posed data ten steps reach the last digit, and separable data with a small λ needs
/// one more for each halving of the remaining gradient.
const MOST_STEPS: usize = 200;
/// The gradient's largest element at which the answer stands.
const CLOSE: f64 = 1e-10;
/// A predicted decrease that is a smaller share of the objective drowns in its rounding.
const SMALL: f64 = 1e-12;

/// The separator of the rows of `x` (samples × features) with label true from those with label false.
pub fn fit(x: ArrayView2<'_, f32>, labels: &[bool], ridge: f64) -> Separator {
    let d = x.ncols();
    // The bias is the last parameter, with a feature that is always 1.
    let feature = |i: usize, j: usize| if j == d { 1.0 } else { f64::from(x[[i, j]]) };
    let sign = |i: usize| if labels[i] { 1.0 } else { -1.0 };
    let penalty = |j: usize| if j == d { 0.0 } else { ridge };
    let score = |at: &[f64], i: usize| (0..=d).map(|j| at[j] * feature(i, j)).sum::<f64>();
    let objective = |at: &[f64]| {
        let losses: f64 = (0..x.nrows()).map(|i| (-sign(i) * score(at, i)).softplus()).sum();
        losses + (0..=d).map(|j| 0.5 * penalty(j) * at[j] * at[j]).sum::<f64>()
    };
    let mut at = vec![0.0; d + 1];
    let mut value = objective(&at);
    for _ in 0..MOST_STEPS {
        let mut gradient: Vec<f64> = (0..=d).map(|j| penalty(j) * at[j]).collect();
        let mut hessian = Array2::<f64>::zeros((d + 1, d + 1));
        for i in 0..x.nrows() {
            let z = score(&at, i);
            let (wrong, weight) = ((-sign(i) * z).sigmoid(), z.sigmoid() * (-z).sigmoid());
            for j in 0..=d {
                gradient[j] -= sign(i) * wrong * feature(i, j);
                for k in 0..=j {
                    hessian[[j, k]] += weight * feature(i, j) * feature(i, k);
                }
            }
        }
        (0..=d).for_each(|j| hessian[[j, j]] += penalty(j));
        if gradient.iter().all(|g| g.abs() <= CLOSE) {
            break;
        }
        let Some(step) = solve(&hessian, &gradient) else { break };
        let moved = |t: f64| at.iter().zip(&step).map(|(a, s)| a - t * s).collect::<Vec<f64>>();
        // Halved until it goes down; where rounding alone decides what is lower, the whole step is right.
        let decrement: f64 = gradient.iter().zip(&step).map(|(g, s)| g * s).sum();
        let next = (0..60).map(|halvings| Float::powi(0.5, halvings)).find_map(|t| {
            let (next, close) = (moved(t), decrement <= SMALL * value);
            let lower = objective(&next);
            (close || lower < value).then_some((next, lower))
        });
        let Some((next, lower)) = next else { break };
        (at, value) = (next, lower);
    }
    let bias = at[d];
    at.truncate(d);
    Separator { weights: at, bias }
}

/// Solves A s = g for a symmetric positive definite A, given by its lower half, by Cholesky's decomposition A = L Lᵀ. (Golub,
/// Van Loan, *Matrix computations*, section 4.2.) None where A is not positive definite to the last digit.
fn solve(a: &Array2<f64>, g: &[f64]) -> Option<Vec<f64>> {
    let n = g.len();
    let mut l = Array2::<f64>::zeros((n, n));
    for i in 0..n {
        for j in 0..=i {
            let rest = a[[i, j]] - (0..j).map(|k| l[[i, k]] * l[[j, k]]).sum::<f64>();
            if i == j && (rest <= 0.0 || rest.is_nan()) {
                return None;
            }
            l[[i, j]] = if i == j { rest.sqrt() } else { rest / l[[j, j]] };
        }
    }
    let mut s = g.to_vec();
    for i in 0..n {
        s[i] = (s[i] - (0..i).map(|k| l[[i, k]] * s[k]).sum::<f64>()) / l[[i, i]];
    }
    for i in (0..n).rev() {
        s[i] = (s[i] - (i + 1..n).map(|k| l[[k, i]] * s[k]).sum::<f64>()) / l[[i, i]];
    }
    Some(s)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{arr2, array};

    #[test]
    fn one_feature_in_closed_form() {
        // Points ±1 of either class: λ w = 2 σ(−w), so that λ = 2 σ(−1) gives w = 1.
        let ridge = 2.0 * (-1.0_f64).sigmoid();
        let found = fit(arr2(&[[1.0], [-1.0]]).view(), &[true, false], ridge);
        assert!((found.weights[0] - 1.0).abs() < 1e-10 && found.bias.abs() < 1e-12, "{found:?}");
    }

    #[test]
    fn separable_classes_get_the_widest_margin() {
        // Support vectors (1, 0) and (3, 2): the widest street is x + y = 3, whatever the points behind.
        let x = array![[1.0, 0.0], [0.0, -5.0], [-2.0, 0.5], [3.0, 2.0], [9.0, 1.0]];
        let labels = [false, false, false, true, true];
        let found = fit(x.view(), &labels, 1e-6);
        assert_eq!(found.right(x.view(), &labels), 5);
        assert!((found.weights[0] / found.weights[1] - 1.0).abs() < 0.05, "{found:?}");
        assert!((found.bias / found.weights[0] + 3.0).abs() < 0.1, "{found:?}");
    }

    #[test]
    fn the_gradient_vanishes_and_nothing_breaks() {
        let x = array![[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]];
        // The exclusive or: by symmetry no direction helps.
        let xor = fit(x.view(), &[false, true, true, false], 1e-3);
        assert!(xor.weights.iter().all(|w| w.abs() < 1e-10) && xor.bias.abs() < 1e-10);
        assert_eq!(xor.cosine(&xor), None);
        // One class only, and no points at all.
        assert!(fit(x.view(), &[true; 4], 1e-3).bias > 3.0);
        assert_eq!(fit(Array2::zeros((0, 2)).view(), &[], 1e-3), Separator { weights: vec![0.0; 2], bias: 0.0 });
        let same = fit(Array2::ones((2, 1)).view(), &[true, false], 1.0);
        assert!(same.weights[0].abs() < 1e-12);
    }

    #[test]
    fn a_matrix_is_solved() {
        let a = arr2(&[[4.0, 0.0], [2.0, 3.0]]);
        let solution = solve(&a, &[8.0, 8.0]).expect("positive definite");
        assert!((solution[0] - 1.0).abs() < 1e-15 && (solution[1] - 2.0).abs() < 1e-15);
        assert_eq!(solve(&arr2(&[[0.0]]), &[1.0]), None);
    }
}
