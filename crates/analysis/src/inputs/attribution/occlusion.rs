//! Occlusion: what a score loses when a part of the input is covered.
//!
//! A window of w × w pixels (all channels) is set to the baseline at every place where it fits; what the score drops by, F(x) −
//! F(x covered), is shared by the pixels: each has the mean drop of the windows that cover it. Inputs that are no pictures lose
//! one feature at a time. Zeiler, Fergus, *Visualizing and Understanding Convolutional Networks*, 2014, section 4.2.

use ndarray::Array2;

use super::Score;
use crate::AnalysisError;

/// Channels, height and width of a picture.
pub(crate) fn picture(shape: &[usize]) -> Option<[usize; 3]> {
    match *shape {
        [height, width] => Some([1, height, width]),
        [channels, height, width] => Some([channels, height, width]),
        _ => None,
    }
}

/// The features that each window covers.
fn windows(shape: &[usize], side: usize) -> Vec<Vec<usize>> {
    let Some([channels, height, width]) = picture(shape) else {
        return (0..tensor::shape::size(shape)).map(|j| vec![j]).collect();
    };
    let side = side.min(height).min(width);
    let pixels = |top: usize, left: usize| {
        let rows = (0..channels).flat_map(move |c| (top..top + side).map(move |r| (c * height + r) * width + left));
        rows.flat_map(|start| start..start + side).collect()
    };
    (0..=height - side).flat_map(|top| (0..=width - side).map(move |left| pixels(top, left))).collect()
}

/// Drops of each row.
pub(super) fn drops(
    score: &Score<'_>,
    x: &Array2<f32>,
    shape: &[usize],
    side: usize,
) -> Result<Array2<f64>, AnalysisError> {
    let windows = windows(shape, side);
    let mut covers = vec![0.0; x.ncols()];
    windows.iter().flatten().for_each(|j| covers[*j] += 1.0);
    let whole = score.at(x)?;
    let mut found = Array2::<f64>::zeros(x.dim());
    for (row, x) in x.rows().into_iter().enumerate() {
        let mut covered = Array2::from_shape_fn((windows.len(), x.len()), |(_, j)| x[j]);
        for (mut covered, window) in covered.rows_mut().into_iter().zip(&windows) {
            window.iter().for_each(|j| covered[*j] = score.baseline);
        }
        for (window, left) in windows.iter().zip(score.at(&covered)?) {
            let drop = f64::from(whole[row]) - f64::from(left);
            window.iter().for_each(|j| found[[row, *j]] += drop / covers[*j]);
        }
    }
    Ok(found)
}
