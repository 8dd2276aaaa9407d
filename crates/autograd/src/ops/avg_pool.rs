//! Pooling of means: of each channel the mean under a window.
//!
//! y\[i, j, c] = Σ x\[s·i + u − p, s·j + v − p, c] / k² over the window's k² places, where the padding counts as zeros (PyTorch's
//! default); dx = dy / k², summed over the windows that cover it. Shapes: x n×h×w×c (or n×h×w), y n×h′×w′×c.

use tensor::{
    Float,
    conv::Window,
    pool::{Of, Pooling},
};

use crate::{Graph, GraphError, Info, Inputs, Node, Op, Replayed, check::Case};

pub(crate) const INFO: Info =
    Info { name: "avg_pool", formula: "mean of x under a window", examples: &[apart, overlapping] };

fn apart(case: &mut Case) -> Result<Node, GraphError> {
    let x = case.variable(&[2, 5, 4, 3])?;
    case.graph.avg_pool(x, Window { stride: 2, ..Window::new(2) })
}
fn overlapping(case: &mut Case) -> Result<Node, GraphError> {
    let x = case.variable(&[2, 5, 7])?;
    case.graph.avg_pool(x, Window { stride: 2, padding: 1, ..Window::new(3) })
}

struct AvgPool(Pooling);

impl<F: Float> Op<F> for AvgPool {
    fn info(&self) -> &'static Info {
        &INFO
    }
    fn forward(&mut self, x: Inputs<'_, F>, y: &mut [F]) {
        self.0.forward(Of::Mean, &x[0], y);
    }
    fn backward(&mut self, _: usize, at: Replayed<'_, F>, dx: &mut [F]) {
        self.0.backward(Of::Mean, [&at.x[0], at.y, at.dy], dx);
    }
}

impl<F: Float> Graph<F> {
    /// Pooling of means: x n×h×w×c or n×h×w → n×h′×w′×c, for a window of dilation 1 whose padding is less than its kernel.
    ///
    /// # Errors
    /// When x is no picture, or the window is larger than the padded picture.
    pub fn avg_pool(&mut self, x: Node, window: Window) -> Result<Node, GraphError> {
        let (of, shape) = self.pooling(INFO.name, x, window)?;
        Ok(self.apply(AvgPool(of), &[x], &shape))
    }
}
