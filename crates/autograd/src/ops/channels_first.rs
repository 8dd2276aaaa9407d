//! Pictures channel by channel, each row by row, instead of pixel by pixel: the order in which PyTorch flattens them.
//!
//! y\[n, c, i, j] = x\[n, i, j, c], shapes n×h×w×c → n×c×h×w; dx is dy in the other order.

use tensor::Float;

use crate::{Graph, GraphError, Info, Inputs, Node, Op, Replayed, check::Case};

pub(crate) const INFO: Info = Info { name: "channels_first", formula: "x, channel by channel", examples: &[example] };

fn example(case: &mut Case) -> Result<Node, GraphError> {
    let x = case.variable(&[2, 3, 2, 4])?;
    case.graph.channels_first(x)
}

struct ChannelsFirst {
    pixels: usize,
    channels: usize,
}

/// Every picture's rows × columns as columns × rows.
pub(super) fn transpose<F: Float>(x: &[F], [rows, columns]: [usize; 2], y: &mut [F]) {
    let size = rows * columns;
    tensor::threads::split(x.len().checked_div(size).unwrap_or(0), size, y, 6 * size, |images, y| {
        let x = &x[images.start * size..images.end * size];
        for (x, y) in x.chunks_exact(size).zip(y.chunks_exact_mut(size)) {
            for (j, y) in y.chunks_exact_mut(rows).enumerate() {
                for (y, x) in y.iter_mut().zip(x[j..].iter().step_by(columns)) {
                    *y = *x;
                }
            }
        }
    });
}

impl<F: Float> Op<F> for ChannelsFirst {
    fn info(&self) -> &'static Info {
        &INFO
    }
    fn forward(&mut self, x: Inputs<'_, F>, y: &mut [F]) {
        transpose(&x[0], [self.pixels, self.channels], y);
    }
    fn backward(&mut self, _: usize, at: Replayed<'_, F>, dx: &mut [F]) {
        transpose(at.dy, [self.channels, self.pixels], dx);
    }
}

impl<F: Float> Graph<F> {
    /// Pictures n×h×w×c as n×c×h×w.
    ///
    /// # Errors
    /// When x is no picture.
    pub fn channels_first(&mut self, x: Node) -> Result<Node, GraphError> {
        let (images, [h, w, channels]) = self.pictures(INFO.name, x)?;
        Ok(self.apply(ChannelsFirst { pixels: h * w, channels }, &[x], &[images, channels, h, w]))
    }
}
