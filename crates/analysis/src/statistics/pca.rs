//! Principal components: the orthogonal directions along which data varies most.
//!
//! The covariance C = 1/n Σ (x − μ)(x − μ)ᵀ is symmetric; Jacobi's method turns it diagonal by rotations of two coordinates at
//! a time, each chosen to make one off-diagonal element zero. (Golub, Van Loan, *Matrix computations*, section 8.5.)
//! All sums are f64 in a fixed order.

use ndarray::{Array1, Array2, ArrayView2};

use super::order::descending;

/// Directions of largest variance.
#[derive(Debug, Clone, PartialEq)]
pub struct Pca {
    /// The mean μ of the data, one number per feature.
    pub mean: Array1<f64>,
    /// One direction per row, of length 1, by falling variance. Each direction's largest component is positive.
    pub components: Array2<f64>,
    /// The variance along each direction.
    pub variances: Vec<f64>,
}

/// Sweeps of Jacobi's method: convergence is quadratic, and matrices of some hundred rows need less than ten.
const MOST_SWEEPS: usize = 60;

impl Pca {
    /// All components of the rows of `x` (samples × features).
    pub fn fit(x: ArrayView2<'_, f32>) -> Self {
        let (n, d) = x.dim();
        let scale = 1.0 / n.max(1) as f64;
        let mean = Array1::from_shape_fn(d, |j| x.column(j).iter().map(|v| f64::from(*v)).sum::<f64>() * scale);
        let mut covariance = Array2::<f64>::zeros((d, d));
        let mut row = vec![0.0; d];
        for sample in x.rows() {
            for j in 0..d {
                row[j] = f64::from(sample[j]) - mean[j];
            }
            for i in 0..d {
                for j in i..d {
                    covariance[[i, j]] += row[i] * row[j];
                }
            }
        }
        for i in 0..d {
            for j in i..d {
                covariance[[i, j]] *= scale;
                covariance[[j, i]] = covariance[[i, j]];
            }
        }
        let (values, vectors) = symmetric_eigen(covariance);
        let mut order: Vec<usize> = (0..d).collect();
        order.sort_by(|&a, &b| descending(values[a], values[b]).then(a.cmp(&b)));
        let mut components = Array2::zeros((d, d));
        for (k, &column) in order.iter().enumerate() {
            let vector = vectors.column(column);
            let largest = vector.iter().fold(0.0_f64, |m, v| if v.abs() > m.abs() + 1e-12 { *v } else { m });
            let sign = if largest < 0.0 { -1.0 } else { 1.0 };
            for j in 0..d {
                components[[k, j]] = sign * vector[j];
            }
        }
        Self { mean, components, variances: order.iter().map(|&i| values[i].max(0.0)).collect() }
    }

    /// The coordinates themselves, about the origin.
    pub fn identity(d: usize) -> Self {
        Self { mean: Array1::zeros(d), components: Array2::eye(d), variances: vec![0.0; d] }
    }

    /// The share of the whole variance along each direction; zeros where nothing varies.
    pub fn explained(&self) -> Vec<f64> {
        let total: f64 = self.variances.iter().sum();
        self.variances.iter().map(|v| if total > 0.0 { v / total } else { 0.0 }).collect()
    }

    /// The rows of `x` in the first `k` directions: samples × k, zeros beyond the number of features.
    pub fn project(&self, x: ArrayView2<'_, f32>, k: usize) -> Array2<f64> {
        let d = self.mean.len();
        Array2::from_shape_fn((x.nrows(), k), |(i, c)| {
            if c >= d {
                return 0.0;
            }
            (0..d).map(|j| (f64::from(x[[i, j]]) - self.mean[j]) * self.components[[c, j]]).sum()
        })
    }
}

/// Eigenvalues and eigenvectors (in columns) of a symmetric matrix, by cyclic Jacobi rotations.
pub(crate) fn symmetric_eigen(mut a: Array2<f64>) -> (Vec<f64>, Array2<f64>) {
    let d = a.nrows();
    let mut v = Array2::eye(d);
    for _ in 0..MOST_SWEEPS {
        let off: f64 = (0..d).flat_map(|i| (0..i).map(move |j| (i, j))).map(|ij| a[ij] * a[ij]).sum();
        let diagonal: f64 = (0..d).map(|i| a[[i, i]] * a[[i, i]]).sum();
        // Below rounding, rotations would turn noise only.
        if off <= 1e-30 * diagonal || off == 0.0 {
            break;
        }
        for p in 0..d {
            for q in p + 1..d {
                rotate(&mut a, &mut v, p, q);
            }
        }
    }
    ((0..d).map(|i| a[[i, i]]).collect(), v)
}

/// Makes a[p][q] zero by a rotation of the coordinates p and q.
fn rotate(a: &mut Array2<f64>, v: &mut Array2<f64>, p: usize, q: usize) {
    let apq = a[[p, q]];
    if apq == 0.0 {
        return;
    }
    // t = tan of the angle, the smaller root of t² + 2θt − 1 = 0.
    let theta = (a[[q, q]] - a[[p, p]]) / (2.0 * apq);
    let t = if theta >= 0.0 { 1.0 } else { -1.0 } / (theta.abs() + (theta * theta + 1.0).sqrt());
    let c = 1.0 / (t * t + 1.0).sqrt();
    let s = t * c;
    for k in 0..a.nrows() {
        let (x, y) = (a[[k, p]], a[[k, q]]);
        a[[k, p]] = c * x - s * y;
        a[[k, q]] = s * x + c * y;
    }
    for k in 0..a.nrows() {
        let (x, y) = (a[[p, k]], a[[q, k]]);
        a[[p, k]] = c * x - s * y;
        a[[q, k]] = s * x + c * y;
    }
    for k in 0..a.nrows() {
        let (x, y) = (v[[k, p]], v[[k, q]]);
        v[[k, p]] = c * x - s * y;
        v[[k, q]] = s * x + c * y;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_eigenvalues() {
        // [[2, 1], [1, 2]] has eigenvalues 3 and 1 along (1, 1) and (1, −1).
        let (mut values, vectors) = symmetric_eigen(ndarray::arr2(&[[2.0, 1.0], [1.0, 2.0]]));
        assert!((vectors[[0, 0]].abs() - 0.5_f64.sqrt()).abs() < 1e-15);
        values.sort_by(f64::total_cmp);
        assert!((values[0] - 1.0).abs() < 1e-15 && (values[1] - 3.0).abs() < 1e-15);
        // The second-difference matrix of size n has eigenvalues 2 − 2 cos(kπ/(n+1)).
        let n = 12;
        let matrix = Array2::from_shape_fn((n, n), |(i, j)| match i.abs_diff(j) {
            0 => 2.0,
            1 => -1.0,
            _ => 0.0,
        });
        let (mut values, _) = symmetric_eigen(matrix);
        values.sort_by(f64::total_cmp);
        for (k, value) in values.iter().enumerate() {
            let angle = (k + 1) as f64 * std::f64::consts::PI / (n + 1) as f64;
            assert!((value - (2.0 - 2.0 * tensor::Float::cos(angle))).abs() < 1e-13);
        }
    }

    #[test]
    fn a_line_has_one_direction() {
        // Points along (3, 4)/5, and nothing across.
        let x = Array2::from_shape_fn((10, 2), |(i, j)| (i as f32 - 4.5) * [3.0, 4.0][j] + [7.0, -2.0][j]);
        let pca = Pca::fit(x.view());
        assert!((pca.explained()[0] - 1.0).abs() < 1e-12);
        assert!((pca.components[[0, 0]] - 0.6).abs() < 1e-9 && (pca.components[[0, 1]] - 0.8).abs() < 1e-9);
        assert!((pca.mean[0] - 7.0).abs() < 1e-6 && (pca.mean[1] + 2.0).abs() < 1e-6);
        let plane = pca.project(x.view(), 3);
        assert!((plane[[9, 0]] - 22.5).abs() < 1e-5 && plane[[9, 1]].abs() < 1e-5 && plane[[9, 2]] == 0.0);
    }

    #[test]
    fn nothing_varies_and_nothing_breaks() {
        let pca = Pca::fit(Array2::ones((4, 3)).view());
        assert_eq!(pca.explained(), [0.0; 3]);
        assert_eq!(pca.project(Array2::ones((4, 3)).view(), 2), Array2::<f64>::zeros((4, 2)));
        assert_eq!(Pca::fit(Array2::zeros((0, 2)).view()).variances, [0.0; 2]);
    }
}
