//! One number per feature of an input: a picture where inputs are pictures, bars where they are a few features.

use analysis::Planned;
use registry::{AnalysisRef, Problems};
use rendering::{Axis, Bars, ColorScale, Image, Panel, Series};

use crate::FigureError;

/// Bars with names below them are readable up to here.
const MOST_BARS: usize = 32;

/// Height and width of a picture; of several channels, their number is in front.
fn picture(shape: &[usize]) -> Option<(usize, usize)> {
    match *shape {
        [height, width] | [_, height, width] => Some((height, width)),
        _ => None,
    }
}

/// Whether samples of this shape are pictures.
pub(crate) fn is_picture(shape: &[usize]) -> bool {
    picture(shape).is_some()
}

/// Notes models whose inputs cannot be drawn.
pub(crate) fn check(analysis: &AnalysisRef, planned: &Planned, problems: &mut Problems) {
    for name in planned.models_of(analysis) {
        let Some(model) = planned.model(name) else { continue };
        let shape = &model.data.shape;
        let fine = is_picture(shape) || matches!(shape[..], [features] if features <= MOST_BARS);
        problems.require(fine, "analysis", || {
            let shape = tensor::shape::display(shape);
            format!("expected a model of pictures or of at most {MOST_BARS} features, and {} takes {shape}", name.0)
        });
    }
}

/// Draws one. Channels are added up.
pub(crate) fn panel(
    values: &[f64],
    shape: &[usize],
    features: &[String],
    scale: ColorScale,
) -> Result<Panel, FigureError> {
    let Some((height, width)) = picture(shape) else {
        let bars = Bars::new([Series::new("", values.iter().copied())])?;
        return Ok(Panel::new(Axis::new("feature").names(features.to_vec()), Axis::new("value")).mark(bars));
    };
    Ok(Panel::picture().mark(Image::new(height, width, &added(values, height * width), scale)?))
}

/// The channels of so many pixels, added up.
pub(crate) fn added(values: &[f64], pixels: usize) -> Vec<f64> {
    let mut sums = vec![0.0; pixels];
    for channel in values.chunks_exact(pixels) {
        sums.iter_mut().zip(channel).for_each(|(sum, v)| *sum += v);
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_pictures_and_features_bars() {
        let svg = |values: &[f64], shape: &[usize]| {
            let names: Vec<String> = (0..values.len()).map(|i| format!("x{i}")).collect();
            let drawn = panel(values, shape, &names, ColorScale::gray(0.0, 1.0)).expect("fits");
            rendering::Figure::new("f", "t").panel(drawn).to_svg().expect("a figure")
        };
        assert!(svg(&[0.0, 0.5, 1.0, 0.2], &[1, 2, 2]).contains("<image"));
        assert!(svg(&[0.0; 12], &[3, 2, 2]).contains("<image"));
        let bars = svg(&[0.3, -0.2], &[2]);
        assert!(bars.contains(">x1<") && !bars.contains("<image"));
    }
}
