//! Pictures pixel by pixel, the channels of each side by side, instead of channel by channel: the order in which they are
//! convolved.
//!
//! y\[n, i, j, c] = x\[n, c, i, j], shapes n×c×h×w → n×h×w×c; dx is dy in the other order.

use tensor::Float;

use super::channels_first::transpose;
use crate::{Graph, GraphError, Info, Inputs, Node, Op, Replayed, check::Case};

pub(crate) const INFO: Info = Info { name: "channels_last", formula: "x, pixel by pixel", examples: &[example] };

fn example(case: &mut Case) -> Result<Node, GraphError> {
    let x = case.variable(&[2, 3, 2, 4])?;
    case.graph.channels_last(x)
}

struct ChannelsLast {
    pixels: usize,
    channels: usize,
}

impl<F: Float> Op<F> for ChannelsLast {
    fn info(&self) -> &'static Info {
        &INFO
    }
    fn forward(&mut self, x: Inputs<'_, F>, y: &mut [F]) {
        transpose(&x[0], [self.channels, self.pixels], y);
    }
    fn backward(&mut self, _: usize, at: Replayed<'_, F>, dx: &mut [F]) {
        transpose(at.dy, [self.pixels, self.channels], dx);
    }
}

impl<F: Float> Graph<F> {
    /// Pictures n×c×h×w as n×h×w×c.
    ///
    /// # Errors
    /// When x is no picture.
    pub fn channels_last(&mut self, x: Node) -> Result<Node, GraphError> {
        let (images, [channels, h, w]) = self.pictures(INFO.name, x)?;
        Ok(self.apply(ChannelsLast { pixels: h * w, channels }, &[x], &[images, h, w, channels]))
    }
}
