//! Convolution of pictures (what networks call so: a cross-correlation), with stride s, padding p, dilation d and groups.
//!
//! y\[i, j, o] = b\[o] + Σ x\[s·i + d·u − p, s·j + d·v − p, c] · w\[u, v, c, o] over the window's taps u, v and the channels c of
//! o's group; dx, dw and the order of all sums are in [`tensor::conv`], db = Σ dy over pictures and places. Shapes: x n×h×w×c (or
//! n×h×w, one channel), w k×k×(c/groups)×o, b o, y n×h′×w′×o with h′ = ⌊(h + 2p − d(k − 1) − 1)/s⌋ + 1.

use tensor::{
    Float,
    conv::{Convolution, Window},
    reduce,
    shape::size,
};

use crate::{Graph, GraphError, Info, Inputs, Node, Op, Replayed, check::Case};

pub(crate) const INFO: Info = Info {
    name: "conv2d",
    formula: "b + Σ x · w under a window that slides",
    examples: &[plain, padded, strided, dilated, grouped, one_channel, no_bias],
};

fn plain(case: &mut Case) -> Result<Node, GraphError> {
    example(case, [2, 5, 4, 2], 3, 1, Window::new(3))
}
fn padded(case: &mut Case) -> Result<Node, GraphError> {
    example(case, [1, 5, 3, 3], 2, 1, Window { padding: 2, ..Window::new(3) })
}
fn strided(case: &mut Case) -> Result<Node, GraphError> {
    example(case, [2, 7, 6, 1], 2, 1, Window { stride: 2, padding: 1, ..Window::new(3) })
}
fn dilated(case: &mut Case) -> Result<Node, GraphError> {
    example(case, [1, 7, 8, 2], 3, 1, Window { dilation: 2, padding: 1, stride: 3, ..Window::new(3) })
}
fn grouped(case: &mut Case) -> Result<Node, GraphError> {
    example(case, [2, 4, 4, 4], 6, 2, Window { padding: 1, ..Window::new(2) })
}
fn one_channel(case: &mut Case) -> Result<Node, GraphError> {
    let (x, w, b) = (case.variable(&[2, 6, 5])?, case.variable(&[5, 5, 1, 2])?, case.variable(&[2])?);
    case.graph.conv2d(x, w, Some(b), Window { padding: 1, ..Window::new(5) }, 1)
}
fn no_bias(case: &mut Case) -> Result<Node, GraphError> {
    let (x, w) = (case.variable(&[2, 3, 3, 2])?, case.variable(&[1, 1, 2, 3])?);
    case.graph.conv2d(x, w, None, Window::new(1), 1)
}
fn example(case: &mut Case, x: [usize; 4], outputs: usize, groups: usize, window: Window) -> Result<Node, GraphError> {
    let weights = [window.kernel, window.kernel, x[3] / groups, outputs];
    let (x, w, b) = (case.variable(&x)?, case.variable(&weights)?, case.variable(&[outputs])?);
    case.graph.conv2d(x, w, Some(b), window, groups)
}

struct Conv2d<F> {
    of: Convolution,
    /// Zeros in place of a bias; empty where there is one.
    zeros: Vec<F>,
}

impl<F: Float> Op<F> for Conv2d<F> {
    fn info(&self) -> &'static Info {
        &INFO
    }
    fn forward(&mut self, x: Inputs<'_, F>, y: &mut [F]) {
        let bias = if self.zeros.is_empty() { &x[2] } else { &self.zeros };
        self.of.forward(&x[0], &x[1], bias, y);
    }
    fn backward(&mut self, input: usize, Replayed { x, dy, .. }: Replayed<'_, F>, dx: &mut [F]) {
        let outputs = self.of.outputs;
        match input {
            0 => self.of.input_gradient(&x[1], dy, dx),
            1 => self.of.weight_gradient(&x[0], dy, dx),
            _ => reduce::sum_axis(dy, 1, dy.len() / outputs, outputs, dx),
        }
    }
}

impl<F: Float> Graph<F> {
    /// Convolution: x n×h×w×c or n×h×w, weight kernel×kernel×(c/groups)×outputs, bias of one number per output →
    /// n×h′×w′×outputs.
    ///
    /// # Errors
    /// When the shapes do not fit: the channels of a group are not those of the weight, the groups do not divide the channels or
    /// the outputs, or the window is larger than the padded picture.
    pub fn conv2d(
        &mut self,
        x: Node,
        weight: Node,
        bias: Option<Node>,
        window: Window,
        groups: usize,
    ) -> Result<Node, GraphError> {
        let (images, input) = self.pictures(INFO.name, x)?;
        let outputs = *self.shape(weight).last().unwrap_or(&0);
        let divides = groups > 0 && input[2].is_multiple_of(groups) && outputs.is_multiple_of(groups);
        let of = Convolution { images, input, outputs, groups, window };
        if !divides || self.shape(weight) != of.weights() || of.places().contains(&0) {
            return Err(self.mismatch(INFO.name, x, weight));
        }
        if let Some(bias) = bias.filter(|bias| self.shape(*bias) != [outputs]) {
            return Err(self.mismatch(INFO.name, weight, bias));
        }
        let [rows, columns] = of.places();
        let zeros = if bias.is_some() { Vec::new() } else { vec![F::ZERO; outputs] };
        let sources: Vec<Node> = [x, weight].into_iter().chain(bias).collect();
        Ok(self.apply(Conv2d { of, zeros }, &sources, &[images, rows, columns, outputs]))
    }

    /// How many pictures, and their height, width and channels.
    pub(crate) fn pictures(&self, op: &'static str, x: Node) -> Result<(usize, [usize; 3]), GraphError> {
        match *self.shape(x) {
            [n, h, w] if size(&[h, w]) > 0 => Ok((n, [h, w, 1])),
            [n, h, w, c] if size(&[h, w, c]) > 0 => Ok((n, [h, w, c])),
            ref shape => Err(GraphError::Rank {
                op,
                expected: "pictures (height, width, channels)",
                name: self.name_of(x).to_owned(),
                shape: shape.to_vec(),
            }),
        }
    }
}
