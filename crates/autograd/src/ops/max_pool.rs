//! Pooling of maxima: of each channel the largest number under a window.
//!
//! y\[i, j, c] = max x\[s·i + u − p, s·j + v − p, c] over the window's places u, v inside the picture; dx = dy where the maximum
//! was found (the first place of the window, if there are several), else 0, summed over windows that overlap. Shapes: x n×h×w×c
//! (or n×h×w), y n×h′×w′×c.

use tensor::{
    Float,
    conv::Window,
    pool::{Of, Pooling},
};

use crate::{
    Graph, GraphError, Info, Inputs, Node, Op, Replayed,
    check::Case,
    replay::{HASH_START, hashed},
};

pub(crate) const INFO: Info =
    Info { name: "max_pool", formula: "max x under a window", examples: &[apart, overlapping] };

fn apart(case: &mut Case) -> Result<Node, GraphError> {
    let x = case.variable(&[2, 5, 4, 3])?;
    case.graph.max_pool(x, Window { stride: 2, ..Window::new(2) })
}
fn overlapping(case: &mut Case) -> Result<Node, GraphError> {
    let x = case.variable(&[2, 5, 7])?;
    case.graph.max_pool(x, Window { stride: 2, padding: 1, ..Window::new(3) })
}

struct MaxPool(Pooling);

impl<F: Float> Op<F> for MaxPool {
    fn info(&self) -> &'static Info {
        &INFO
    }
    fn forward(&mut self, x: Inputs<'_, F>, y: &mut [F]) {
        self.0.forward(Of::Max, &x[0], y);
    }
    fn backward(&mut self, _: usize, at: Replayed<'_, F>, dx: &mut [F]) {
        self.0.backward(Of::Max, [&at.x[0], at.y, at.dy], dx);
    }
    fn pieces(&self, x: Inputs<'_, F>) -> u64 {
        // Which number of each window is the largest: where the gradient of its maximum goes.
        let ([rows, columns], c) = (self.0.places(), self.0.input[2]);
        let n = self.0.images * rows * columns * c;
        let (mut y, mut dx) = (vec![F::ZERO; n], vec![F::ZERO; x[0].len()]);
        self.0.forward(Of::Max, &x[0], &mut y);
        let dy: Vec<F> = (0..n).map(|i| F::from_usize(i + 1)).collect();
        self.0.backward(Of::Max, [&x[0], &y, &dy], &mut dx);
        dx.iter().fold(HASH_START, |hash, v| hashed(hash, v.to_f64().to_bits()))
    }
}

impl<F: Float> Graph<F> {
    /// Pooling of maxima: x n×h×w×c or n×h×w → n×h′×w′×c, for a window of dilation 1 whose padding is less than its kernel.
    ///
    /// # Errors
    /// When x is no picture, or the window is larger than the padded picture.
    pub fn max_pool(&mut self, x: Node, window: Window) -> Result<Node, GraphError> {
        let (of, shape) = self.pooling(INFO.name, x, window)?;
        Ok(self.apply(MaxPool(of), &[x], &shape))
    }

    /// A pooling of pictures, and the shape of what comes out.
    pub(super) fn pooling(
        &self,
        op: &'static str,
        x: Node,
        window: Window,
    ) -> Result<(Pooling, Vec<usize>), GraphError> {
        let (images, input) = self.pictures(op, x)?;
        let of = Pooling { images, input, window };
        let [rows, columns] = of.places();
        if rows == 0 || columns == 0 || window.padding >= window.kernel || window.dilation != 1 {
            let (name, shape) = (self.name_of(x).to_owned(), self.shape(x).to_vec());
            return Err(GraphError::Rank { op, expected: "pictures that hold its window", name, shape });
        }
        let channels = &[input[2]][..self.shape(x).len() - 3];
        Ok((of, [&[images, rows, columns], channels].concat()))
    }
}
