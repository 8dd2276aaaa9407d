//! Softmax over the last axis.
//!
//! yᵢ = exp(xᵢ) / Σⱼ exp(xⱼ); dxᵢ = yᵢ (dyᵢ − Σⱼ dyⱼ yⱼ).

use tensor::Float;

use super::rows::Rows;
use crate::{Graph, GraphError, Info, Inputs, Node, Op, Replayed, check::Case};

pub(crate) const INFO: Info = Info { name: "softmax", formula: "exp(x) / Σ exp(x)", examples: &[example] };

fn example(case: &mut Case) -> Result<Node, GraphError> {
    let x = case.variable(&[4, 3])?;
    case.graph.softmax(x)
}

struct Softmax<F> {
    shape: Rows,
    sums: Vec<F>,
}

impl<F: Float> Op<F> for Softmax<F> {
    fn info(&self) -> &'static Info {
        &INFO
    }
    fn forward(&mut self, x: Inputs<'_, F>, y: &mut [F]) {
        self.shape.shift(&x[0], y);
        self.shape.normalise(y, &mut self.sums);
    }
    fn backward(&mut self, _: usize, Replayed { y, dy, .. }: Replayed<'_, F>, dx: &mut [F]) {
        let n = self.shape.classes;
        for ((y, dy), dx) in y.chunks_exact(n).zip(dy.chunks_exact(n)).zip(dx.chunks_exact_mut(n)) {
            let inner = y.iter().zip(dy).fold(F::ZERO, |s, (&y, &dy)| s + y * dy);
            for i in 0..n {
                dx[i] = y[i] * (dy[i] - inner);
            }
        }
    }
}

impl<F: Float> Graph<F> {
    /// Softmax over the last axis.
    ///
    /// # Errors
    /// When `x` is a scalar or its last axis is empty.
    pub fn softmax(&mut self, x: Node) -> Result<Node, GraphError> {
        let rows = Rows::of(self, INFO.name, x)?;
        let shape = self.shape(x).to_vec();
        Ok(self.apply(Softmax { shape: rows, sums: vec![F::ZERO; rows.rows] }, &[x], &shape))
    }
}
