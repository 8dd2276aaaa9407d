//! SmoothGrad: the mean of |∂F/∂x| over copies of the input with noise of standard deviation `noise` · (max x − min x).
//!
//! A gradient at one point follows every ripple of F; near it they differ, and the mean keeps what they share. Smilkov, Thorat,
//! Kim, Viégas, Wattenberg, *SmoothGrad: removing noise by adding noise*, 2017, section 3; the magnitude as in section 4.

use ndarray::{Array2, Axis};
use tensor::Stream;

use super::Score;
use crate::AnalysisError;

/// The mean magnitudes of each row.
pub(super) fn magnitudes(
    score: &Score<'_>,
    x: &Array2<f32>,
    copies: usize,
    noise: f64,
    stream: &mut Stream,
) -> Result<Array2<f64>, AnalysisError> {
    let mut found = Array2::zeros(x.dim());
    for (x, mut found) in x.rows().into_iter().zip(found.rows_mut()) {
        let [low, high] = x.iter().fold([f32::INFINITY, f32::NEG_INFINITY], |[l, h], v| [l.min(*v), h.max(*v)]);
        let spread = noise * f64::from(high - low);
        let noisy =
            Array2::from_shape_fn((copies, x.len()), |(_, j)| (f64::from(x[j]) + spread * stream.normal()) as f32);
        found.assign(&(score.gradient(&noisy)?.mapv(|g| f64::from(g.abs())).sum_axis(Axis(0)) / copies as f64));
    }
    Ok(found)
}
