//! Mean squared error.
//!
//! L = 1/n Σ (x − t)² over all n elements; dx = dL · 2 (x − t) / n, dt = −dx.

use tensor::{Float, map, reduce, shape::size};

use crate::{Graph, GraphError, Info, Inputs, Node, Op, Replayed, check::Case};

pub(crate) const INFO: Info =
    Info { name: "mean_squared_error", formula: "mean of (x − target)²", examples: &[example, itself] };

fn example(case: &mut Case) -> Result<Node, GraphError> {
    let (x, target) = (case.variable(&[5, 2])?, case.variable(&[5, 2])?);
    case.graph.mean_squared_error(x, target)
}
fn itself(case: &mut Case) -> Result<Node, GraphError> {
    let x = case.variable(&[5, 2])?;
    let y = case.graph.tanh(x);
    case.graph.mean_squared_error(x, y)
}

struct MeanSquaredError<F> {
    squares: Vec<F>,
}

impl<F: Float> Op<F> for MeanSquaredError<F> {
    fn info(&self) -> &'static Info {
        &INFO
    }
    fn forward(&mut self, x: Inputs<'_, F>, y: &mut [F]) {
        map::zip(&x[0], &x[1], &mut self.squares, |x, target| (x - target) * (x - target));
        y[0] = reduce::mean(&self.squares);
    }
    fn backward(&mut self, input: usize, Replayed { x, dy, .. }: Replayed<'_, F>, dx: &mut [F]) {
        let (own, other) = if input == 0 { (0, 1) } else { (1, 0) };
        let scale = F::from_f64(2.0) * dy[0] / F::from_usize(dx.len());
        map::zip(&x[own], &x[other], dx, move |own, other| (own - other) * scale);
    }
}

impl<F: Float> Graph<F> {
    /// Mean over all elements of the squared difference of two arrays of the same shape.
    ///
    /// # Errors
    /// When the shapes differ.
    pub fn mean_squared_error(&mut self, x: Node, target: Node) -> Result<Node, GraphError> {
        if self.shape(x) != self.shape(target) {
            return Err(self.mismatch(INFO.name, x, target));
        }
        let squares = vec![F::ZERO; size(self.shape(x))];
        Ok(self.apply(MeanSquaredError { squares }, &[x, target], &[]))
    }
}
