//! Integrated gradients.
//!
//! IGⱼ = (xⱼ − x′ⱼ) ∫₀¹ ∂F/∂xⱼ (x′ + α(x − x′)) dα, the integral by the midpoint rule: α = (k + ½)/m, k = 0 … m − 1.
//!
//! Completeness: Σⱼ IGⱼ = F(x) − F(x′), but for the error of the rule, which is of order 1/m² where F is smooth and 1/m where it
//! has kinks on the way. Sundararajan, Taly, Yan, *Axiomatic Attribution for Deep Networks*, 2017, sections 3 and 5.

use ndarray::{Array2, Axis};

use super::Score;
use crate::AnalysisError;

/// IG of each row.
pub(super) fn gradients(score: &Score<'_>, x: &Array2<f32>, m: usize) -> Result<Array2<f64>, AnalysisError> {
    let mut found = Array2::zeros(x.dim());
    for (x, mut found) in x.rows().into_iter().zip(found.rows_mut()) {
        let way = Array2::from_shape_fn((m, x.len()), |(k, j)| {
            let alpha = (k as f64 + 0.5) / m as f64;
            (f64::from(score.baseline) + alpha * f64::from(x[j] - score.baseline)) as f32
        });
        let mean = score.gradient(&way)?.mapv(f64::from).sum_axis(Axis(0)) / m as f64;
        found.iter_mut().zip(&mean).zip(x).for_each(|((to, g), x)| *to = g * f64::from(x - score.baseline));
    }
    Ok(found)
}
