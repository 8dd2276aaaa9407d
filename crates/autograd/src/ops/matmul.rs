//! Matrix product.
//!
//! y = a · b, shapes m×k · k×n → m×n; da = dy · bᵀ, db = aᵀ · dy.

use tensor::{
    Float,
    matmul::{Init, Product, matmul},
};

use crate::{Graph, GraphError, Info, Inputs, Node, Op, Replayed, check::Case};

pub(crate) const INFO: Info = Info { name: "matmul", formula: "a · b", examples: &[example, vector, itself] };

fn example(case: &mut Case) -> Result<Node, GraphError> {
    let (a, b) = (case.variable(&[3, 4])?, case.variable(&[4, 2])?);
    case.graph.matmul(a, b)
}
fn vector(case: &mut Case) -> Result<Node, GraphError> {
    let (a, b) = (case.variable(&[1, 7])?, case.variable(&[7, 1])?);
    case.graph.matmul(a, b)
}
fn itself(case: &mut Case) -> Result<Node, GraphError> {
    let a = case.variable(&[3, 3])?;
    case.graph.matmul(a, a)
}

struct Matmul {
    m: usize,
    k: usize,
    n: usize,
}

impl<F: Float> Op<F> for Matmul {
    fn info(&self) -> &'static Info {
        &INFO
    }
    fn forward(&mut self, x: Inputs<'_, F>, y: &mut [F]) {
        let &mut Self { m, k, n } = self;
        matmul(Product { m, k, n, a_transposed: false, b_transposed: false }, &x[0], &x[1], y, Init::Zero);
    }
    fn backward(&mut self, input: usize, Replayed { x, dy, .. }: Replayed<'_, F>, dx: &mut [F]) {
        let &mut Self { m, k, n } = self;
        match input {
            0 => {
                let p = Product { m, k: n, n: k, a_transposed: false, b_transposed: true };
                matmul(p, dy, &x[1], dx, Init::Zero);
            }
            _ => {
                let p = Product { m: k, k: m, n, a_transposed: true, b_transposed: false };
                matmul(p, &x[0], dy, dx, Init::Zero);
            }
        }
    }
}

impl<F: Float> Graph<F> {
    /// Product of an m×k and a k×n matrix.
    ///
    /// # Errors
    /// When one is no matrix, or the inner sizes differ.
    pub fn matmul(&mut self, a: Node, b: Node) -> Result<Node, GraphError> {
        let ([m, k], [inner, n]) = (self.matrix(INFO.name, a)?, self.matrix(INFO.name, b)?);
        if k != inner {
            return Err(self.mismatch(INFO.name, a, b));
        }
        Ok(self.apply(Matmul { m, k, n }, &[a, b], &[m, n]))
    }

    /// The two sizes of a matrix.
    pub(crate) fn matrix(&self, op: &'static str, node: Node) -> Result<[usize; 2], GraphError> {
        match *self.shape(node) {
            [rows, columns] => Ok([rows, columns]),
            ref shape => Err(GraphError::Rank {
                op,
                expected: "a matrix (two axes)",
                name: self.name_of(node).to_owned(),
                shape: shape.to_vec(),
            }),
        }
    }

    pub(crate) fn mismatch(&self, op: &'static str, left: Node, right: Node) -> GraphError {
        GraphError::Mismatch {
            op,
            left: self.name_of(left).to_owned(),
            left_shape: self.shape(left).to_vec(),
            right: self.name_of(right).to_owned(),
            right_shape: self.shape(right).to_vec(),
        }
    }
}
