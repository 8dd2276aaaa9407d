//! Dropout (Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov, *Dropout*, 2014), inverted: each element is 0 with
//! probability p, and the others are scaled by 1/(1 − p), so that nothing is left to do in evaluation.
//!
//! y = x·k, k = 0 or 1/(1 − p); dx = dy·k. The mask k stays until [`Graph::advance`] draws the next one, element by element from
//! one stream, so that it depends on no number of threads.

use tensor::{
    Float, map,
    random::{Purpose, Stream, Streams},
};

use crate::{Graph, GraphError, Info, Inputs, Node, Op, Replayed, States, check::Case};

pub(crate) const INFO: Info =
    Info { name: "dropout", formula: "0 with probability p, else x / (1 − p)", examples: &[example, channels] };

fn example(case: &mut Case) -> Result<Node, GraphError> {
    let x = case.variable(&[6, 5])?;
    let mut stream = Streams::new(1).stream("dropout", Purpose::Dropout);
    Ok(case.graph.dropout(x, 0.4, &mut stream))
}
fn channels(case: &mut Case) -> Result<Node, GraphError> {
    let x = case.variable(&[3, 2, 2, 4])?;
    let mut stream = Streams::new(1).stream("dropout", Purpose::Dropout);
    case.graph.dropout_channels(x, 0.4, &mut stream)
}

struct Dropout<F> {
    /// An element is 0 where 32 random bits are below this: p rounded to 2⁻³².
    below: u64,
    /// 1/(1 − p).
    kept: F,
    mask: Vec<F>,
    /// How often a row of so many numbers is repeated in the mask: a channel is dropped in all of its pixels.
    repeated: usize,
    row: usize,
    stream: Stream,
}

impl<F: Float> Dropout<F> {
    fn draw(&mut self) {
        for rows in self.mask.chunks_exact_mut(self.repeated * self.row) {
            let (first, rest) = rows.split_at_mut(self.row);
            for k in &mut *first {
                *k = if u64::from(self.stream.next_u32()) < self.below { F::ZERO } else { self.kept };
            }
            rest.chunks_exact_mut(self.row).for_each(|row| row.copy_from_slice(first));
        }
    }
}

impl<F: Float> Op<F> for Dropout<F> {
    fn info(&self) -> &'static Info {
        &INFO
    }
    fn forward(&mut self, x: Inputs<'_, F>, y: &mut [F]) {
        map::zip(&x[0], &self.mask, y, |x, k| x * k);
    }
    fn backward(&mut self, _: usize, Replayed { dy, .. }: Replayed<'_, F>, dx: &mut [F]) {
        map::zip(dy, &self.mask, dx, |dy, k| dy * k);
    }
    fn advances(&self) -> bool {
        true
    }
    fn advance(&mut self, _: States<'_, F>) {
        self.draw();
    }
    fn skip(&mut self, steps: u64) {
        if steps > 0 {
            // A word per element or channel and mask.
            let words = self.mask.len() / self.repeated;
            self.stream.seek(self.stream.position() + (steps - 1) * words as u64);
            self.draw();
        }
    }
}

impl<F: Float> Graph<F> {
    /// Each element 0 with probability `p` (0 to below 1), else x/(1 − p). The masks come from a stream forked from `stream`.
    pub fn dropout(&mut self, x: Node, p: f64, stream: &mut Stream) -> Node {
        let row = tensor::shape::size(self.shape(x)).max(1);
        self.drop_rows(x, p, stream, [1, row])
    }

    /// As [`Graph::dropout`], of pictures n×h×w×c: each channel of a picture is 0 in all of its pixels, or in none (Tompson et
    /// al., *Efficient object localization using convolutional networks*, 2015).
    ///
    /// # Errors
    /// When x is no picture.
    pub fn dropout_channels(&mut self, x: Node, p: f64, stream: &mut Stream) -> Result<Node, GraphError> {
        let (_, [h, w, c]) = self.pictures(INFO.name, x)?;
        Ok(self.drop_rows(x, p, stream, [h * w, c]))
    }

    fn drop_rows(&mut self, x: Node, p: f64, stream: &mut Stream, [repeated, row]: [usize; 2]) -> Node {
        let shape = self.shape(x).to_vec();
        let mut op = Dropout {
            below: (p * (1u64 << 32) as f64).round() as u64,
            kept: F::from_f64(1.0 / (1.0 - p)),
            mask: vec![F::ZERO; tensor::shape::size(&shape)],
            repeated,
            row,
            stream: stream.fork(),
        };
        op.draw();
        self.apply(op, &[x], &shape)
    }
}
