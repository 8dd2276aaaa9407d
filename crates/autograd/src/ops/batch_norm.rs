//! Batch normalisation (Ioffe, Szegedy, *Batch Normalization*, 2015, algorithms 1 and 2): each column to mean 0 and variance 1
//! over the batch, then a scale and a shift per column.
//!
//! y = w·x̂ + b, x̂ = (x − μ)/√(σ² + ε). In training μ and σ² are the batch's, and between steps the running statistics move
//! towards them: running ← (1 − momentum)·running + momentum·batch, with the batch's variance as of a sample, σ²·m/(m − 1), as
//! PyTorch has it. In evaluation they are the running ones, and the layer is affine. The derivatives are in `standard.rs`.
//! Shapes: x m×n, all others n; of pictures n×h×w×c the channels are the columns.

use tensor::Float;

use super::standard::{Groups, Standard};
use crate::{Graph, GraphError, Info, Inputs, Node, Op, Replayed, States, check::Case};

pub(crate) const INFO: Info = Info {
    name: "batch_norm",
    formula: "w (x − μ)/√(σ² + ε) + b over each column",
    examples: &[training, pictures, evaluation],
};

fn training(case: &mut Case) -> Result<Node, GraphError> {
    example(case, Statistics::Batch { momentum: 0.1 })
}
fn pictures(case: &mut Case) -> Result<Node, GraphError> {
    of_shape(case, &[3, 2, 4, 3], Statistics::Batch { momentum: 0.1 })
}
fn evaluation(case: &mut Case) -> Result<Node, GraphError> {
    example(case, Statistics::Running)
}
fn example(case: &mut Case, statistics: Statistics) -> Result<Node, GraphError> {
    of_shape(case, &[20, 3], statistics)
}
fn of_shape(case: &mut Case, shape: &[usize], statistics: Statistics) -> Result<Node, GraphError> {
    let (x, w, b) = (case.variable(shape)?, case.variable(&[3])?, case.variable(&[3])?);
    let (mean, variance) = (case.graph.input("mean", &[3])?, case.graph.input("variance", &[3])?);
    case.graph.value_mut(mean).copy_from_slice(&[0.5, -1.0, 0.0]);
    case.graph.value_mut(variance).copy_from_slice(&[1.0, 0.25, 4.0]);
    case.graph.batch_norm(x, [w, b], [mean, variance], statistics, 1e-5)
}

/// Whose mean and variance a batch normalisation uses.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Statistics {
    /// The batch's own, in training. After each step the running ones move by this share towards them.
    Batch {
        /// 0 to 1.
        momentum: f64,
    },
    /// The running ones, in evaluation.
    Running,
}

struct BatchNorm<F> {
    standard: Standard<F>,
    statistics: Statistics,
    rows: usize,
}

impl<F: Float> Op<F> for BatchNorm<F> {
    fn info(&self) -> &'static Info {
        &INFO
    }
    fn forward(&mut self, x: Inputs<'_, F>, y: &mut [F]) {
        let given = (self.statistics == Statistics::Running).then(|| [&x[3], &x[4]]);
        self.standard.forward(x, given, y);
    }
    fn backward(&mut self, input: usize, at: Replayed<'_, F>, dx: &mut [F]) {
        self.standard.backward(input, self.statistics == Statistics::Running, at, dx);
    }
    fn differentiable(&self, input: usize) -> bool {
        input < 3
    }
    fn advances(&self) -> bool {
        self.statistics != Statistics::Running
    }
    fn advance(&mut self, mut states: States<'_, F>) {
        let Statistics::Batch { momentum } = self.statistics else { return };
        let (new, old) = (F::from_f64(momentum), F::from_f64(1.0 - momentum));
        for (running, batch) in states.input(3).iter_mut().zip(&self.standard.mean) {
            *running = old * *running + new * *batch;
        }
        // A single row has no variance as of a sample: it counts as 0.
        let of_sample = F::from_usize(self.rows) / F::from_usize(self.rows.saturating_sub(1).max(1));
        for (running, batch) in states.input(4).iter_mut().zip(&self.standard.variance) {
            *running = old * *running + new * (*batch * of_sample);
        }
    }
}

impl<F: Float> Graph<F> {
    /// Each column of x (m×n; of pictures n×h×w×c each channel) to mean 0 and variance 1, times the weight plus the bias
    /// (`affine`, n each); `running` are the running mean and variance (n each), states among the parameters; `eps` keeps a
    /// column of equal numbers finite.
    ///
    /// # Errors
    /// When the shapes do not fit.
    pub fn batch_norm(
        &mut self,
        x: Node,
        affine: [Node; 2],
        running: [Node; 2],
        statistics: Statistics,
        eps: f64,
    ) -> Result<Node, GraphError> {
        let ([w, b], [mean, variance]) = (affine, running);
        let [rows, columns] = self.normalised(INFO.name, x, &[w, b, mean, variance])?;
        let standard = Standard::new(Groups::Columns, [rows, columns], F::from_f64(eps));
        let shape = self.shape(x).to_vec();
        Ok(self.apply(BatchNorm { standard, statistics, rows }, &[x, w, b, mean, variance], &shape))
    }
}
