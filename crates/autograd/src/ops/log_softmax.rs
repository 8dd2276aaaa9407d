//! Logarithm of softmax over the last axis.
//!
//! yᵢ = xᵢ − ln Σⱼ exp(xⱼ); dxᵢ = dyᵢ − exp(yᵢ) Σⱼ dyⱼ.

use tensor::{Float, map};

use super::rows::Rows;
use crate::{Graph, GraphError, Info, Inputs, Node, Op, Replayed, check::Case};

pub(crate) const INFO: Info = Info { name: "log_softmax", formula: "x − ln Σ exp(x)", examples: &[example] };

fn example(case: &mut Case) -> Result<Node, GraphError> {
    let x = case.variable(&[4, 3])?;
    case.graph.log_softmax(x)
}

struct LogSoftmax<F> {
    shape: Rows,
    probabilities: Vec<F>,
    sums: Vec<F>,
}

impl<F: Float> Op<F> for LogSoftmax<F> {
    fn info(&self) -> &'static Info {
        &INFO
    }
    fn forward(&mut self, x: Inputs<'_, F>, y: &mut [F]) {
        self.shape.shift(&x[0], y);
        self.probabilities.copy_from_slice(y);
        self.shape.normalise(&mut self.probabilities, &mut self.sums);
        map::map_mut(&mut self.sums, |s| s.ln());
        for (y, log_sum) in y.chunks_exact_mut(self.shape.classes).zip(&self.sums) {
            for y in y {
                *y -= *log_sum;
            }
        }
    }
    fn backward(&mut self, _: usize, Replayed { dy, .. }: Replayed<'_, F>, dx: &mut [F]) {
        let n = self.shape.classes;
        for ((p, dy), dx) in self.probabilities.chunks_exact(n).zip(dy.chunks_exact(n)).zip(dx.chunks_exact_mut(n)) {
            let total = dy.iter().fold(F::ZERO, |s, &dy| s + dy);
            for i in 0..n {
                dx[i] = dy[i] - p[i] * total;
            }
        }
    }
}

impl<F: Float> Graph<F> {
    /// Logarithm of softmax over the last axis, in nats.
    ///
    /// # Errors
    /// When `x` is a scalar or its last axis is empty.
    pub fn log_softmax(&mut self, x: Node) -> Result<Node, GraphError> {
        let rows = Rows::of(self, INFO.name, x)?;
        let shape = self.shape(x).to_vec();
        let probabilities = vec![F::ZERO; rows.rows * rows.classes];
        Ok(self.apply(LogSoftmax { shape: rows, probabilities, sums: vec![F::ZERO; rows.rows] }, &[x], &shape))
    }
}
