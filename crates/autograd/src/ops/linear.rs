//! Dense layer: a matrix product that starts from a bias.
//!
//! y = x · w + b, shapes m×k · k×n + n → m×n: each element is one chain b + x₀w₀ + x₁w₁ + …
//! dx = dy · wᵀ, dw = xᵀ · dy, db = Σ over rows of dy.
//!
//! Where x is data and wide it may be mostly zeros, as pictures are; then only its other elements are visited. Which way a batch
//! goes shows in no bit: both end with every zero positive.

use tensor::{
    Float,
    matmul::{
        Init, Product, matmul,
        sparse::{Occupied, positive_zeros},
    },
    reduce,
};

use crate::{Graph, GraphError, Info, Inputs, Node, Op, Replayed, check::Case};

pub(crate) const INFO: Info = Info { name: "linear", formula: "x · w + b", examples: &[example] };

fn example(case: &mut Case) -> Result<Node, GraphError> {
    let (x, w, b) = (case.variable(&[5, 4])?, case.variable(&[4, 3])?, case.variable(&[3])?);
    case.graph.linear(x, w, b)
}

/// Columns from which it is worth looking for zeros.
const WIDE: usize = 64;
/// The share of elements that are not zero below which visiting only those is faster (measured at 64 × 784 × 32 and 128).
const FEW: f64 = 0.4;

struct Linear {
    m: usize,
    k: usize,
    n: usize,
    /// Where x is not zero, for wide data.
    occupied: Option<Occupied>,
}

impl Linear {
    /// Where x is not zero, if it is so in few places.
    fn sparse(&self) -> Option<&Occupied> {
        self.occupied.as_ref().filter(|at| at.share() < FEW)
    }
}

impl<F: Float> Op<F> for Linear {
    fn info(&self) -> &'static Info {
        &INFO
    }
    fn forward(&mut self, x: Inputs<'_, F>, y: &mut [F]) {
        let &mut Self { m, k, n, .. } = self;
        if let Some(at) = &mut self.occupied {
            at.look(&x[0]);
        }
        if let Some(at) = self.sparse() {
            return at.multiply(&x[0], &x[1], &x[2], y);
        }
        matmul(Product::new(m, k, n), &x[0], &x[1], y, Init::Row(&x[2]));
        if self.occupied.is_some() {
            positive_zeros(y);
        }
    }
    fn backward(&mut self, input: usize, Replayed { x, dy, .. }: Replayed<'_, F>, dx: &mut [F]) {
        let &mut Self { m, k, n, .. } = self;
        match (input, self.sparse()) {
            (0, _) => matmul(Product::transposed_b(m, n, k), dy, &x[1], dx, Init::Zero),
            (1, Some(at)) => at.multiply_transposed(&x[0], dy, n, dx),
            (1, None) => {
                matmul(Product::transposed_a(k, m, n), &x[0], dy, dx, Init::Zero);
                if self.occupied.is_some() {
                    positive_zeros(dx);
                }
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
        let occupied = (k >= WIDE && !self.wants_gradient(x)).then(|| Occupied::new(m, k));
        Ok(self.apply(Linear { m, k, n, occupied }, &[x, weight, bias], &[m, n]))
    }
}
