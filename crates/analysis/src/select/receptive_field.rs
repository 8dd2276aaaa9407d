//! Receptive fields: which pixels of the input a place of a picture inside a network looks at.
//!
//! Behind layers of windows with kernels kᵢ, strides sᵢ, paddings pᵢ and dilations dᵢ, place j along an axis looks at the pixels
//! from j·Sₙ − Σ pᵢ·Sᵢ₋₁ on, Σ dᵢ(kᵢ − 1)·Sᵢ₋₁ + 1 of them, with Sᵢ = s₁ · … · sᵢ (Araujo, Norris, Sim, *Computing Receptive
//! Fields of Convolutional Neural Networks*, Distill 2019, equations 2, 3 and 5). Windows are square, so both axes are alike.

use std::ops::Range;

use models::{Layer, Model, layers::Form};
use tensor::conv::Window;

/// What the places of a node look at, along an axis of the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReceptiveField {
    /// How many pixels a place looks at, some of which may lie beyond the edge.
    pub size: usize,
    /// From the pixels of a place to those of the next.
    pub stride: usize,
    /// The first pixel of place 0: below 0 where there is padding.
    pub start: isize,
}

impl ReceptiveField {
    /// That of the input itself.
    const PIXEL: Self = Self { size: 1, stride: 1, start: 0 };

    /// That of a node's places; none of a node that is no picture, and where a place looks at all there is.
    pub fn of(model: &Model, node: &str) -> Option<Self> {
        let shapes = model.sample_shapes();
        let at = shapes.iter().position(|(name, shape)| name == node && shape.len() == 3)?;
        let mut fields = vec![Some(Self::PIXEL)];
        for (index, layer) in model.layers()[..at].iter().enumerate() {
            let below = fields[index];
            let around = |kernel: usize, stride: Option<usize>, padding: usize| {
                Some(below?.under(Window { kernel, stride: stride.unwrap_or(kernel), padding, dilation: 1 }))
            };
            fields.push(match layer {
                Layer::Conv2d(conv) => below.map(|field| field.under(conv.window())),
                Layer::MaxPool(pool) => around(pool.size, pool.stride, pool.padding),
                Layer::AvgPool(pool) => around(pool.size, pool.stride, pool.padding),
                Layer::Residual(sum) => below.zip(fields[index - sum.over]).map(|(a, b)| a.and(b)),
                Layer::BatchNorm(_) | Layer::Dropout(_) => below,
                _ if matches!(layer.form(), Form::Elementwise(_) | Form::Identity) => below,
                _ => None,
            });
        }
        fields[at]
    }

    /// That of a window's places over these.
    fn under(self, window: Window) -> Self {
        Self {
            size: self.size + (window.reach() - 1) * self.stride,
            stride: self.stride * window.stride,
            start: self.start - (window.padding * self.stride) as isize,
        }
    }

    /// What at least one of two looks at.
    fn and(self, other: Self) -> Self {
        let start = self.start.min(other.start);
        let end = (self.start + self.size as isize).max(other.start + other.size as isize);
        Self { size: (end - start) as usize, start, ..self }
    }

    /// The pixels of a place, along an axis of `n`.
    pub fn pixels(self, place: usize, n: usize) -> Range<usize> {
        let start = self.start + (place * self.stride) as isize;
        let within = |pixel: isize| pixel.clamp(0, n as isize) as usize;
        within(start)..within(start + self.size as isize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use models::{
        Head,
        layers::{AvgPool, BatchNorm, Conv2d, Flatten, GlobalAvgPool, Linear, MaxPool, Relu, Residual},
    };
    use tensor::random::{Purpose, Streams};

    fn model(layers: Vec<Layer>) -> Model {
        Model::new(layers, &[1, 28, 28], Head::Logits, &mut Streams::new(1).stream("m", Purpose::Init)).expect("fits")
    }

    fn of(layers: Vec<Layer>, node: &str) -> Option<(usize, usize, isize)> {
        ReceptiveField::of(&model(layers), node).map(|field| (field.size, field.stride, field.start))
    }

    fn pool() -> Layer {
        MaxPool { size: 2, stride: None, padding: 0 }.into()
    }

    #[test]
    fn windows_on_windows_see_further() {
        let layers = || -> Vec<Layer> {
            vec![Conv2d::new(2, 3).into(), Relu {}.into(), pool(), Conv2d::new(2, 3).into(), Relu {}.into(), pool()]
        };
        let layers = || [layers(), vec![Flatten {}.into(), Linear::new(3).into()]].concat();
        assert_eq!(of(layers(), "conv1.post"), Some((3, 1, 0)));
        assert_eq!(of(layers(), "conv1.pool"), Some((4, 2, 0)));
        assert_eq!(of(layers(), "conv2.pre"), Some((8, 2, 0)));
        assert_eq!(of(layers(), "conv2.pool"), Some((10, 4, 0)));
        assert_eq!((of(layers(), "flatten"), of(layers(), "logits"), of(layers(), "x")), (None, None, Some((1, 1, 0))));
    }

    #[test]
    fn padding_begins_before_the_edge_and_a_sum_sees_what_either_does() {
        let wide = Conv2d { padding: 2, dilation: 2, stride: 2, ..Conv2d::new(2, 3) };
        let same = Conv2d { padding: 1, ..Conv2d::new(2, 3) };
        let layers = || -> Vec<Layer> {
            let sum = Residual { over: 2 };
            vec![wide.clone().into(), same.clone().into(), BatchNorm { momentum: 0.1, eps: 1e-5 }.into(), sum.into()]
        };
        assert_eq!(of(layers(), "conv1.pre"), Some((5, 2, -2)));
        assert_eq!(of(layers(), "output.sum"), Some((9, 2, -4)));
        let field = ReceptiveField { size: 9, stride: 2, start: -4 };
        assert_eq!((field.pixels(0, 28), field.pixels(3, 28), field.pixels(13, 28)), (0..5, 2..11, 22..28));
        let whole =
            vec![same.clone().into(), AvgPool { size: 4, stride: None, padding: 0 }.into(), GlobalAvgPool {}.into()];
        assert_eq!((of(whole.clone(), "output.pool"), of(whole, "output.pool2")), (Some((6, 4, -1)), None));
    }

    #[test]
    fn what_a_place_looks_at_is_what_moves_it() {
        let layers = vec![Conv2d { padding: 1, ..Conv2d::new(2, 3) }.into(), pool(), Conv2d::new(2, 3).into()];
        let model = model([layers, vec![Flatten {}.into(), Linear::new(2).into()]].concat());
        let field = ReceptiveField::of(&model, "conv2.pre").expect("a picture");
        // Of 12 × 12 places, one at the edge and one inside.
        for (row, column) in [(0, 11), (5, 3)] {
            let (rows, columns) = (field.pixels(row, 28), field.pixels(column, 28));
            let mut x = ndarray::Array2::<f32>::zeros((2, 784));
            (0..784).filter(|j| rows.contains(&(j / 28)) && columns.contains(&(j % 28))).for_each(|j| x[[0, j]] = 1.0);
            x.row_mut(1).fill(1.0);
            let values = model.run(&x).values("conv2.pre").expect("a node");
            let place = row * 12 + column;
            assert!((values[[0, place]] - values[[1, place]]).abs() < 1e-6, "{row} {column}");
            // Without the first row of it the place gives something else.
            (0..784).filter(|j| j / 28 == rows.start).for_each(|j| x[[0, j]] = 0.0);
            let values = model.run(&x).values("conv2.pre").expect("a node");
            assert!((values[[0, place]] - values[[1, place]]).abs() > 1e-6, "{row} {column}");
        }
    }
}
