//! What layers of pictures share: the shape of a sample, the places of a window, the settings of a pooling.

use std::ops::RangeInclusive;

use registry::Problems;
use tensor::conv::Window;

use super::LayerError;

/// Channels, height and width of a sample that is a picture.
pub(super) fn shape(layer: &'static str, input: &[usize]) -> Result<[usize; 3], LayerError> {
    match *input {
        [h, w] => Ok([1, h, w]),
        [c, h, w] => Ok([c, h, w]),
        _ => Err(LayerError::NeedsPicture { layer, shape: input.to_vec() }),
    }
}

/// How often a window fits below and beside itself.
pub(super) fn places(layer: &'static str, window: Window, [h, w]: [usize; 2]) -> Result<[usize; 2], LayerError> {
    let padded = [h, w].map(|n| n + 2 * window.padding);
    if padded.iter().any(|n| *n < window.reach()) {
        return Err(LayerError::Window { layer, reach: window.reach(), padded });
    }
    if padded.iter().any(|n| window.stride >= *n && window.stride > window.reach()) {
        return Err(LayerError::Stride { layer, stride: window.stride, padded });
    }
    Ok([h, w].map(|n| window.places(n)))
}

/// Notes a number out of range.
pub(super) fn check_range(value: usize, path: &str, what: &str, range: RangeInclusive<usize>, problems: &mut Problems) {
    problems.require(range.contains(&value), path, || {
        format!("expected {} to {} {what}, found {value}", range.start(), range.end())
    });
}

/// The window of a pooling: by default it moves by its own size.
pub(super) fn pooling(size: usize, stride: Option<usize>, padding: usize) -> Window {
    Window { kernel: size, stride: stride.unwrap_or(size), padding, dilation: 1 }
}

/// The shape of a sample behind a pooling.
pub(super) fn pooled(layer: &'static str, window: Window, input: &[usize]) -> Result<Vec<usize>, LayerError> {
    let [_, h, w] = shape(layer, input)?;
    let [rows, columns] = places(layer, window, [h, w])?;
    Ok([&input[..input.len() - 2], &[rows, columns]].concat())
}

/// Notes settings of a pooling that are out of range.
pub(super) fn check_pooling(size: usize, stride: Option<usize>, padding: usize, problems: &mut Problems) {
    check_range(size, "size", "pixels", 1..=255, problems);
    check_range(stride.unwrap_or(1), "stride", "pixels", 1..=255, problems);
    // A window of padding alone would have no maximum.
    problems.require(padding == 0 || padding < size, "padding", || {
        format!("expected less than the window's {size} pixels, found {padding}")
    });
}
