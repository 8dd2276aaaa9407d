//! What the units of a node are, and where they lie.
//!
//! A unit is what one set of weights computes: of a vector each number, of a picture (channels × height × width) each channel, at
//! all of its places. Of the input, which nothing computes, each number is one.
//!
//! Where one number of a unit is asked for, a channel's is the mean over its places, and the gradient with respect to it the sum
//! of those with respect to its places: by how much the root would move if the whole channel were raised.
//!
//! A sample's numbers are told channel by channel. In a graph they lie pixel by pixel, which is faster: see [`tensor::conv`].

use ndarray::{Array2, ArrayView2, ArrayView3, Axis};
use tensor::shape::size;

/// The units of a node, and where they lie among the numbers of a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Units {
    /// How many.
    pub count: usize,
    /// Each one's places: height × width of a channel, 1 of a number.
    pub places: usize,
}

impl Units {
    /// Those of a node at which a sample has this shape.
    pub fn of(node: &str, shape: &[usize]) -> Self {
        match *shape {
            [channels, h, w] if node != "x" => Self { count: channels, places: h * w },
            ref shape => Self { count: size(shape), places: 1 },
        }
    }

    /// Where a unit lies among the numbers of a sample.
    pub fn numbers(self, unit: usize) -> std::ops::Range<usize> {
        unit * self.places..(unit + 1) * self.places
    }

    /// The unit that a number of a sample belongs to.
    pub fn at(self, number: usize) -> usize {
        number / self.places
    }

    /// Where a number of a sample lies in a graph.
    pub(crate) fn in_graph(self, number: usize) -> usize {
        number % self.places * self.count + number / self.places
    }

    /// Whether samples lie in a graph in another order.
    pub(crate) fn is_reordered(self) -> bool {
        self.count > 1 && self.places > 1
    }

    /// Samples as they lie in a graph, in their own order.
    pub(crate) fn read_graph(self, graph: &[f32], to: &mut Vec<f32>) {
        to.clear();
        for sample in graph.chunks_exact(self.count * self.places) {
            to.extend((0..self.count).flat_map(|unit| sample[unit..].iter().step_by(self.count)));
        }
    }

    /// Each unit's mean over its places: samples × numbers → samples × units. Of units of one place, the numbers themselves.
    pub fn means(self, values: ArrayView2<'_, f32>) -> Array2<f32> {
        let mut sums = self.sums(values);
        if self.places > 1 {
            sums /= self.places as f32;
        }
        sums
    }

    /// Each unit's sum over its places, from the first on.
    pub fn sums(self, values: ArrayView2<'_, f32>) -> Array2<f32> {
        if self.places == 1 {
            return values.to_owned();
        }
        let values = values.as_standard_layout();
        let shape = (values.nrows(), self.count, self.places);
        let values = ArrayView3::from_shape(shape, values.as_slice().unwrap_or(&[])).expect("samples of this shape");
        let mut sums = Array2::zeros((shape.0, self.count));
        for place in values.axis_iter(Axis(2)) {
            sums += &place;
        }
        sums
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channel_is_one_unit_at_all_of_its_places() {
        let units = Units::of("conv1.post", &[3, 2, 1]);
        assert_eq!(units, Units { count: 3, places: 2 });
        assert_eq!((units.numbers(1), units.at(3), units.at(4)), (2..4, 1, 2));
        let values = ndarray::arr2(&[[1.0, 5.0, 2.0, 6.0, 3.0, 9.0]]);
        assert_eq!(units.means(values.view()), ndarray::arr2(&[[3.0, 4.0, 6.0]]));
        assert_eq!(units.sums(values.view()), ndarray::arr2(&[[6.0, 8.0, 12.0]]));
        assert_eq!(Units::of("x", &[3, 28, 28]), Units { count: 2352, places: 1 });
        assert_eq!(Units::of("logits", &[6]).means(values.view()), values);
        // Pixel by pixel, and back.
        let mut own = Vec::new();
        units.read_graph(&[1.0, 2.0, 3.0, 5.0, 6.0, 9.0], &mut own);
        assert_eq!(own, [1.0, 5.0, 2.0, 6.0, 3.0, 9.0]);
        assert_eq!((0..6).map(|i| units.in_graph(i)).collect::<Vec<_>>(), [0, 3, 1, 4, 2, 5]);
    }
}
