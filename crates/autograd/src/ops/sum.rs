//! Sum.
//!
//! y = Σ x over one axis, or over all; dx = dy, repeated.

use tensor::{Float, reduce, shape::size};

use crate::{Graph, GraphError, Info, Inputs, Node, Op, Replayed, check::Case};

pub(crate) const INFO: Info =
    Info { name: "sum", formula: "Σ x", examples: &[all, first_axis, middle_axis, last_axis] };

fn all(case: &mut Case) -> Result<Node, GraphError> {
    let x = case.variable(&[3, 5])?;
    Ok(case.graph.sum(x))
}
fn first_axis(case: &mut Case) -> Result<Node, GraphError> {
    let x = case.variable(&[20, 3])?;
    case.graph.sum_axis(x, 0)
}
fn middle_axis(case: &mut Case) -> Result<Node, GraphError> {
    let x = case.variable(&[2, 5, 3])?;
    case.graph.sum_axis(x, 1)
}
fn last_axis(case: &mut Case) -> Result<Node, GraphError> {
    let x = case.variable(&[4, 6])?;
    case.graph.sum_axis(x, 1)
}

/// x[outer][reduced][inner] → y[outer][inner].
pub(super) struct Sum {
    pub outer: usize,
    pub reduced: usize,
    pub inner: usize,
}

impl Sum {
    fn new(shape: &[usize], axis: usize) -> Self {
        Self { outer: size(&shape[..axis]), reduced: shape[axis], inner: size(&shape[axis + 1..]) }
    }

    /// Repeats y along the reduced axis.
    fn spread<F: Float>(&self, dy: &[F], dx: &mut [F]) {
        for outer in 0..self.outer {
            let dy = &dy[outer * self.inner..][..self.inner];
            for reduced in 0..self.reduced {
                dx[(outer * self.reduced + reduced) * self.inner..][..self.inner].copy_from_slice(dy);
            }
        }
    }
}

impl<F: Float> Op<F> for Sum {
    fn info(&self) -> &'static Info {
        &INFO
    }
    fn forward(&mut self, x: Inputs<'_, F>, y: &mut [F]) {
        reduce::sum_axis(&x[0], self.outer, self.reduced, self.inner, y);
    }
    fn backward(&mut self, _: usize, at: Replayed<'_, F>, dx: &mut [F]) {
        self.spread(at.dy, dx);
    }
}

impl<F: Float> Graph<F> {
    /// Sum of all elements; a scalar.
    pub fn sum(&mut self, x: Node) -> Node {
        let op = Sum { outer: 1, reduced: size(self.shape(x)), inner: 1 };
        self.apply(op, &[x], &[])
    }

    /// Sum over one axis (from 0), which disappears.
    ///
    /// # Errors
    /// When there is no such axis.
    pub fn sum_axis(&mut self, x: Node, axis: usize) -> Result<Node, GraphError> {
        let (op, shape) = self.reduction(INFO.name, x, axis)?;
        Ok(self.apply(op, &[x], &shape))
    }

    /// The sum over an axis, and the shape that is left.
    pub(super) fn reduction(&self, op: &'static str, x: Node, axis: usize) -> Result<(Sum, Vec<usize>), GraphError> {
        let mut shape = self.shape(x).to_vec();
        if axis >= shape.len() {
            return Err(GraphError::Axis { op, name: self.name_of(x).to_owned(), shape, axis });
        }
        let sum = Sum::new(&shape, axis);
        shape.remove(axis);
        Ok((sum, shape))
    }
}
