//! Cross-entropy of logits against integer labels, averaged over the rows, in nats.
//!
//! L = 1/m Σᵣ (ln Σⱼ exp(xᵣⱼ) − xᵣ,label); dx = dL · (softmax(x) − one-hot(label)) / m. Softmax and logarithm are one operation,
//! because their product's derivative is this simple and because ln(softmax) alone loses digits.

use tensor::{Float, map, reduce};

use super::rows::Rows;
use crate::{Graph, GraphError, Info, Inputs, Node, Op, Replayed, check::Case};

pub(crate) const INFO: Info =
    Info { name: "cross_entropy", formula: "mean of ln Σ exp(x) − x[label]", examples: &[example] };

fn example(case: &mut Case) -> Result<Node, GraphError> {
    let (x, labels) = (case.variable(&[5, 3])?, case.labels(5, 3)?);
    case.graph.cross_entropy(x, labels)
}

struct CrossEntropy<F> {
    shape: Rows,
    probabilities: Vec<F>,
    sums: Vec<F>,
    /// Each row's shifted logit of its label.
    chosen: Vec<F>,
}

fn index<F: Float>(label: F) -> usize {
    label.to_f64() as usize
}

impl<F: Float> Op<F> for CrossEntropy<F> {
    fn info(&self) -> &'static Info {
        &INFO
    }
    fn forward(&mut self, x: Inputs<'_, F>, y: &mut [F]) {
        let n = self.shape.classes;
        self.shape.shift(&x[0], &mut self.probabilities);
        for ((row, label), chosen) in self.probabilities.chunks_exact(n).zip(&x[1]).zip(&mut self.chosen) {
            *chosen = row.get(index(*label)).copied().unwrap_or(F::from_f64(f64::NAN));
        }
        self.shape.normalise(&mut self.probabilities, &mut self.sums);
        // Each row's loss takes the place of its chosen logit, which is needed no more.
        map::update(&mut self.chosen, [], &self.sums, |logit, [], sum| (sum.ln() - logit, []));
        y[0] = reduce::mean(&self.chosen);
    }
    fn backward(&mut self, _: usize, Replayed { x, dy, .. }: Replayed<'_, F>, dx: &mut [F]) {
        let n = self.shape.classes;
        let scale = dy[0] / F::from_usize(self.shape.rows);
        for ((row, label), p) in dx.chunks_exact_mut(n).zip(&x[1]).zip(self.probabilities.chunks_exact(n)) {
            for (dx, &p) in row.iter_mut().zip(p) {
                *dx = p * scale;
            }
            if let Some(dx) = row.get_mut(index(*label)) {
                *dx -= scale;
            }
        }
    }
    fn differentiable(&self, input: usize) -> bool {
        input == 0
    }
}

impl<F: Float> Graph<F> {
    /// Mean cross-entropy in nats of logits m×classes against labels m, whole numbers 0…classes−1 stored as numbers of the
    /// graph's type. A label outside makes the loss NaN.
    ///
    /// # Errors
    /// When the shapes do not fit.
    pub fn cross_entropy(&mut self, logits: Node, labels: Node) -> Result<Node, GraphError> {
        let [m, _] = self.matrix(INFO.name, logits)?;
        let shape = Rows::of(self, INFO.name, logits)?;
        if self.shape(labels) != [m] {
            return Err(self.mismatch(INFO.name, logits, labels));
        }
        let memory = |n| vec![F::ZERO; n];
        let op = CrossEntropy { shape, probabilities: memory(m * shape.classes), sums: memory(m), chosen: memory(m) };
        Ok(self.apply(op, &[logits, labels], &[]))
    }
}
