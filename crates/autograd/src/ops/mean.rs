//! Mean.
//!
//! y = Σ x / n over one axis, or over all; dx = dy / n, repeated.

use tensor::{Float, map, shape::size};

use super::sum::Sum;
use crate::{Graph, GraphError, Info, Inputs, Node, Op, Replayed, check::Case};

pub(crate) const INFO: Info =
    Info { name: "mean", formula: "Σ x / n", examples: &[all, first_axis, middle_axis, last_axis] };

fn all(case: &mut Case) -> Result<Node, GraphError> {
    let x = case.variable(&[3, 5])?;
    Ok(case.graph.mean(x))
}
fn first_axis(case: &mut Case) -> Result<Node, GraphError> {
    let x = case.variable(&[20, 3])?;
    case.graph.mean_axis(x, 0)
}
fn middle_axis(case: &mut Case) -> Result<Node, GraphError> {
    let x = case.variable(&[2, 5, 3])?;
    case.graph.mean_axis(x, 1)
}
fn last_axis(case: &mut Case) -> Result<Node, GraphError> {
    let x = case.variable(&[4, 6])?;
    case.graph.mean_axis(x, 1)
}

struct Mean(Sum);

impl<F: Float> Op<F> for Mean {
    fn info(&self) -> &'static Info {
        &INFO
    }
    fn forward(&mut self, x: Inputs<'_, F>, y: &mut [F]) {
        self.0.forward(x, y);
        let n = F::from_usize(self.0.reduced);
        map::map_mut(y, move |y| y / n);
    }
    fn backward(&mut self, input: usize, at: Replayed<'_, F>, dx: &mut [F]) {
        self.0.backward(input, at, dx);
        let n = F::from_usize(self.0.reduced);
        map::map_mut(dx, move |dx| dx / n);
    }
}

impl<F: Float> Graph<F> {
    /// Mean of all elements; a scalar.
    pub fn mean(&mut self, x: Node) -> Node {
        let n = size(self.shape(x));
        self.apply(Mean(Sum { outer: 1, reduced: n, inner: 1 }), &[x], &[])
    }

    /// Mean over one axis (from 0), which disappears.
    ///
    /// # Errors
    /// When there is no such axis.
    pub fn mean_axis(&mut self, x: Node, axis: usize) -> Result<Node, GraphError> {
        let (sum, shape) = self.reduction(INFO.name, x, axis)?;
        Ok(self.apply(Mean(sum), &[x], &shape))
    }
}
