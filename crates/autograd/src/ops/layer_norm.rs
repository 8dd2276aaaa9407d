//! Layer normalisation (Ba, Kiros, Hinton, *Layer Normalization*, 2016, equations 3 and 4): each row to mean 0 and variance 1,
//! then a scale and a shift per column.
//!
//! y = w·x̂ + b, x̂ = (x − μ)/√(σ² + ε), μ and σ² of the row; the derivative is in `standard.rs`. Shapes: x m×n, w and b n.

use tensor::Float;

use super::standard::{Groups, Standard};
use crate::{Graph, GraphError, Info, Inputs, Node, Op, Replayed, check::Case};

pub(crate) const INFO: Info =
    Info { name: "layer_norm", formula: "w (x − μ)/√(σ² + ε) + b over each row", examples: &[wide, tall] };

fn wide(case: &mut Case) -> Result<Node, GraphError> {
    example(case, [3, 20])
}
fn tall(case: &mut Case) -> Result<Node, GraphError> {
    example(case, [7, 3])
}
fn example(case: &mut Case, [m, n]: [usize; 2]) -> Result<Node, GraphError> {
    let (x, w, b) = (case.variable(&[m, n])?, case.variable(&[n])?, case.variable(&[n])?);
    case.graph.layer_norm(x, w, b, 1e-5)
}

struct LayerNorm<F>(Standard<F>);

impl<F: Float> Op<F> for LayerNorm<F> {
    fn info(&self) -> &'static Info {
        &INFO
    }
    fn forward(&mut self, x: Inputs<'_, F>, y: &mut [F]) {
        self.0.forward(x, None, y);
    }
    fn backward(&mut self, input: usize, at: Replayed<'_, F>, dx: &mut [F]) {
        self.0.backward(input, false, at, dx);
    }
}

impl<F: Float> Graph<F> {
    /// Each row of x (m×n) to mean 0 and variance 1, times `weight` (n) plus `bias` (n); `eps` keeps a row of equal numbers
    /// finite.
    ///
    /// # Errors
    /// When the shapes do not fit.
    pub fn layer_norm(&mut self, x: Node, weight: Node, bias: Node, eps: f64) -> Result<Node, GraphError> {
        let shape = self.normalised(INFO.name, x, &[weight, bias])?;
        let op = LayerNorm(Standard::new(Groups::Rows, shape, F::from_f64(eps)));
        let shape = self.shape(x).to_vec();
        Ok(self.apply(op, &[x, weight, bias], &shape))
    }

    /// The sizes of a matrix that goes with vectors of one number per column; of an array of more axes the last one is the
    /// columns.
    pub(super) fn normalised(&self, op: &'static str, x: Node, columns: &[Node]) -> Result<[usize; 2], GraphError> {
        let [m, n] = match self.shape(x) {
            [first, rest @ .., n] if *n > 0 => [first * tensor::shape::size(rest), *n],
            shape => {
                let (name, shape) = (self.name_of(x).to_owned(), shape.to_vec());
                return Err(GraphError::Rank { op, expected: "a matrix with columns", name, shape });
            }
        };
        match columns.iter().find(|c| self.shape(**c) != [n]) {
            Some(column) => Err(self.mismatch(op, x, *column)),
            None => Ok([m, n]),
        }
    }
}
