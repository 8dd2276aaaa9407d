//! Pictures as sums of waves: the discrete cosine transform, whose waves are φ_kl(i, j) = c_k cos(π(i + ½)k/height) ·
//! c_l cos(π(j + ½)l/width), all of length 1 and at right angles to each other.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2};
use tensor::math::f64::{cos, sqrt};

use crate::inputs::attribution::picture;

/// The waves of pictures of one size.
pub(super) struct Waves {
    /// Waves × places, along each axis.
    axes: [Array2<f64>; 2],
    /// 1/f of each wave, f in periods per picture.
    lengths: Array2<f64>,
}

impl Waves {
    /// Those of samples that are pictures.
    pub fn new(shape: &[usize]) -> Option<Self> {
        let [_, height, width] = picture(shape)?;
        let axis = |n: usize| {
            Array2::from_shape_fn((n, n), |(k, i)| {
                let norm = sqrt(if k == 0 { 1.0 } else { 2.0 } / n as f64);
                norm * cos(std::f64::consts::PI * (i as f64 + 0.5) * k as f64 / n as f64)
            })
        };
        let length = |(k, l): (usize, usize)| 2.0 / sqrt((k * k + l * l) as f64).max(1.0);
        Some(Self { axes: [axis(height), axis(width)], lengths: Array2::from_shape_fn((height, width), length) })
    }

    /// A picture, channel by channel, with each wave as many times as strong as it is long.
    pub fn weakened(&self, x: ArrayView1<'_, f32>) -> Array1<f32> {
        let [rows, columns] = &self.axes;
        let (height, width) = self.lengths.dim();
        let channels = x.iter().copied().collect::<Vec<f32>>();
        let weaken = |channel: &[f32]| {
            let pixels = Array2::from_shape_fn((height, width), |(i, j)| f64::from(channel[i * width + j]));
            let mut waves = product(product(rows.view(), pixels.view()).view(), columns.t());
            waves.zip_mut_with(&self.lengths, |wave, length| *wave *= length);
            let pixels = product(product(rows.t(), waves.view()).view(), columns.view());
            pixels.iter().map(|v| *v as f32).collect::<Vec<f32>>()
        };
        channels.chunks_exact(height * width).flat_map(weaken).collect()
    }
}

/// A product whose sums run over k ascending, whatever the machine.
fn product(a: ArrayView2<'_, f64>, b: ArrayView2<'_, f64>) -> Array2<f64> {
    let mut found = Array2::zeros((a.nrows(), b.ncols()));
    for (a, mut row) in a.rows().into_iter().zip(found.rows_mut()) {
        for (a, b) in a.iter().zip(b.rows()) {
            row.zip_mut_with(&b, |sum: &mut f64, b| *sum += a * b);
        }
    }
    found
}

/// Pictures moved down and to the right; what leaves at one side comes in at the other.
pub(super) fn moved(x: &Array2<f32>, shape: &[usize], [down, right]: [isize; 2]) -> Array2<f32> {
    let Some([_, height, width]) = picture(shape) else { return x.clone() };
    let from = |j: usize| {
        let (channel, row, column) = (j / (height * width), j / width % height, j % width);
        let row = (row as isize - down).rem_euclid(height as isize) as usize;
        let column = (column as isize - right).rem_euclid(width as isize) as usize;
        (channel * height + row) * width + column
    };
    Array2::from_shape_fn(x.dim(), |(i, j)| x[[i, from(j)]])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coarse_waves_stay_and_fine_ones_fade() {
        let waves = Waves::new(&[2, 4, 6]).expect("a picture");
        // One grey is the longest wave, twice as long as one period.
        let grey = waves.weakened(Array1::from_elem(48, 0.5).view());
        assert!(grey.iter().all(|v| (v - 1.0).abs() < 1e-6));
        // k = 3 and l = 4 make 2½ periods.
        let [rows, columns] = &waves.axes;
        let wave: Array1<f32> = (0..48).map(|j| (rows[[3, j % 24 / 6]] * columns[[4, j % 6]]) as f32).collect();
        let weak = waves.weakened(wave.view());
        assert!(weak.iter().zip(&wave).all(|(weak, wave)| (weak - 0.4 * wave).abs() < 1e-6));
    }

    #[test]
    fn what_is_moved_and_moved_back_is_as_it_was() {
        let x = Array2::from_shape_fn((1, 12), |(_, j)| j as f32);
        let there = moved(&x, &[1, 3, 4], [1, -1]);
        assert_eq!(there.row(0).to_vec(), [9.0, 10.0, 11.0, 8.0, 1.0, 2.0, 3.0, 0.0, 5.0, 6.0, 7.0, 4.0]);
        assert_eq!(moved(&there, &[1, 3, 4], [-1, 1]), x);
    }
}
