//! Grad-CAM: where in a picture the channels lie that lead to a score.
//!
//! max(Σ_c α_c A_c, 0) with the channels A_c of a layer and α_c = the mean over its places of ∂F/∂A_c, enlarged to the input by
//! bilinear interpolation. Selvaraju, Cogswell, Das, Vedantam, Parikh, Batra, *Grad-CAM: Visual Explanations from Deep Networks
//! via Gradient-based Localization*, 2017, equations 1 and 2.

use models::Root;
use ndarray::Array2;

use super::{Score, occlusion::picture};
use crate::AnalysisError;

/// The nodes of channels.
pub(super) fn nodes(shapes: &[(String, Vec<usize>)]) -> impl Iterator<Item = &String> {
    shapes.iter().filter(|(name, shape)| name != "x" && shape.len() == 3).map(|(name, _)| name)
}

/// The last node of channels that is no pooling, which would only be coarser.
pub(super) fn last(shapes: &[(String, Vec<usize>)]) -> Option<String> {
    let all: Vec<&String> = nodes(shapes).collect();
    all.iter().rfind(|name| !name.contains(".pool")).or(all.last()).map(|name| (*name).clone())
}

/// The map of each row, over the features of the input: of one with several channels, each has an equal share of a pixel's.
pub(super) fn maps(
    score: &Score<'_>,
    x: &Array2<f32>,
    shape: &[usize],
    node: &str,
) -> Result<Array2<f64>, AnalysisError> {
    let reading = score.model.run(x).gradient_of(Root::Unit(score.node, score.unit)).read([node])?.readings.remove(0);
    let gradients = reading.unit_gradients();
    let ([_, h, w], Some([channels, height, width])) = (reading.shape[..].try_into().unwrap_or([1; 3]), picture(shape))
    else {
        return Ok(Array2::zeros(x.dim()));
    };
    let mut found = Array2::zeros(x.dim());
    for (i, mut found) in found.rows_mut().into_iter().enumerate() {
        let weight = |c: usize| f64::from(gradients[[i, c]]) / (h * w) as f64;
        let channel = |c: usize, place: usize| f64::from(reading.values[[i, c * h * w + place]]);
        let at = |place: usize| (0..gradients.ncols()).map(|c| weight(c) * channel(c, place)).sum::<f64>().max(0.0);
        let small: Vec<f64> = (0..h * w).map(at).collect();
        let large = enlarged(&small, [h, w], [height, width]);
        found.iter_mut().enumerate().for_each(|(j, v)| *v = large[j % large.len()] / channels as f64);
    }
    Ok(found)
}

/// A picture in another size, by bilinear interpolation between the middles of its pixels; beyond those at the edge it goes on as
/// they are.
fn enlarged(small: &[f64], [h, w]: [usize; 2], [height, width]: [usize; 2]) -> Vec<f64> {
    // The pixels beside a place, and how far it lies from the first towards the second.
    let place = |i: usize, from: usize, to: usize| {
        let at = ((i as f64 + 0.5) * from as f64 / to as f64 - 0.5).max(0.0);
        let first = (at as usize).min(from - 1);
        (first, (first + 1).min(from - 1), at - first as f64)
    };
    let mut large = Vec::with_capacity(height * width);
    for i in 0..height {
        let (above, below, down) = place(i, h, height);
        for j in 0..width {
            let (left, right, across) = place(j, w, width);
            let row = |i: usize| small[i * w + left] + across * (small[i * w + right] - small[i * w + left]);
            large.push(row(above) + down * (row(below) - row(above)));
        }
    }
    large
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_enlarged_as_pytorch_does() {
        // torch 2.15: F.interpolate(x, size=(4, 5), mode="bilinear", align_corners=False).
        let large = enlarged(&[1.0, 2.0, 4.0, 0.0, 3.0, 5.0, 2.0, 2.0, 2.0], [3, 3], [4, 5]);
        let expected = [
            [1.0, 1.4, 2.0, 3.2, 4.0],
            [0.375, 1.275, 2.625, 3.825, 4.625],
            [0.75, 1.5, 2.625, 3.375, 3.875],
            [2.0, 2.0, 2.0, 2.0, 2.0],
        ];
        large.iter().zip(expected.concat()).for_each(|(a, b)| assert!((a - b).abs() < 1e-12, "{a} and {b}"));
    }

    #[test]
    fn the_layer_looked_at_is_the_last_one_of_channels() {
        let shapes = |names: &[(&str, usize)]| -> Vec<(String, Vec<usize>)> {
            names.iter().map(|(name, axes)| ((*name).to_owned(), vec![2; *axes])).collect()
        };
        let all = shapes(&[("x", 3), ("conv1.pre", 3), ("conv1.post", 3), ("conv1.pool", 3), ("flatten", 1)]);
        assert_eq!(last(&all).as_deref(), Some("conv1.post"));
        assert_eq!(last(&shapes(&[("x", 3), ("flatten", 1)])), None);
    }
}
