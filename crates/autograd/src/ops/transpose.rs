//! Transposed matrix.
//!
//! y = xᵀ, shape m×n → n×m; dx = dyᵀ.

use tensor::Float;

use crate::{Graph, GraphError, Info, Inputs, Node, Op, Replayed, check::Case};

pub(crate) const INFO: Info = Info { name: "transpose", formula: "xᵀ", examples: &[example] };

fn example(case: &mut Case) -> Result<Node, GraphError> {
    let x = case.variable(&[3, 5])?;
    case.graph.transpose(x)
}

struct Transpose {
    m: usize,
    n: usize,
}

fn transpose<F: Float>(m: usize, n: usize, x: &[F], y: &mut [F]) {
    for i in 0..m {
        for j in 0..n {
            y[j * m + i] = x[i * n + j];
        }
    }
}

impl<F: Float> Op<F> for Transpose {
    fn info(&self) -> &'static Info {
        &INFO
    }
    fn forward(&mut self, x: Inputs<'_, F>, y: &mut [F]) {
        transpose(self.m, self.n, &x[0], y);
    }
    fn backward(&mut self, _: usize, at: Replayed<'_, F>, dx: &mut [F]) {
        transpose(self.n, self.m, at.dy, dx);
    }
}

impl<F: Float> Graph<F> {
    /// The transposed matrix.
    ///
    /// # Errors
    /// When `x` is no matrix.
    pub fn transpose(&mut self, x: Node) -> Result<Node, GraphError> {
        let [m, n] = self.matrix(INFO.name, x)?;
        Ok(self.apply(Transpose { m, n }, &[x], &[n, m]))
    }
}
