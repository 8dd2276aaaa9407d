//! Dense layer: a matrix product that starts from a bias.
//!
//! y = x · w + b, shapes m×k · k×n + n → m×n: each element is one chain b + x₀w₀ + x₁w₁ + …
//! dx = dy · wᵀ, dw = xᵀ · dy, db = Σ over rows of dy.

use tensor::{
    Float,
    matmul::{Init, Product, matmul},
    reduce,
};

use crate::{Graph, GraphError, Info, Inputs, Node, Op, Replayed, check::Case};

pub(crate) const INFO: Info = Info { name: "linear", formula: "x · w + b", examples: &[example] };

fn example(case: &mut Case) -> Result<Node, GraphError> {
    let (x, w, b) = (case.variable(&[5, 4])?, case.variable(&[4, 3])?, case.variable(&[3])?);
    case.graph.linear(x, w, b)
}

struct Linear {
    m: usize,
    k: usize,
    n: usize,
}

impl<F: Float> Op<F> for Linear {
    fn info(&self) -> &'static Info {
        &INFO
    }
    fn forward(&mut self, x: Inputs<'_, F>, y: &mut [F]) {
        let &mut Self { m, k, n } = self;
        matmul(Product { m, k, n, a_transposed: false, b_transposed: false }, &x[0], &x[1], y, Init::Row(&x[2]));
    }
    fn backward(&mut self, input: usize, Replayed { x, dy, .. }: Replayed<'_, F>, dx: &mut [F]) {
        let &mut Self { m, k, n } = self;
        match input {
            0 => {
                let p = Product { m, k: n, n: k, a_transposed: false, b_transposed: true };
                matmul(p, dy, &x[1], dx, Init::Zero);
            }
            1 => {
                let p = Product { m: k, k: m, n, a_transposed: true, b_transposed: false };
                matmul(p, &x[0], dy, dx, Init::Zero);
            }
            _ => reduce::sum_axis(dy, 1, m, n, dx),
        }
    }
}

impl<F: Float> Graph<F> {
    /// Dense layer: x m×k, weight k×n, bias n → m×n.
    ///
    /// # Errors
    /// When the shapes do not fit.
    pub fn linear(&mut self, x: Node, weight: Node, bias: Node) -> Result<Node, GraphError> {
        let ([m, k], [inner, n]) = (self.matrix(INFO.name, x)?, self.matrix(INFO.name, weight)?);
        if k != inner {
            return Err(self.mismatch(INFO.name, x, weight));
        }
        if self.shape(bias) != [n] {
            return Err(self.mismatch(INFO.name, weight, bias));
        }
        Ok(self.apply(Linear { m, k, n }, &[x, weight, bias], &[m, n]))
    }
}
