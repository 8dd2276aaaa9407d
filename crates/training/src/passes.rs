//! Graphs with a loss that examples pass through: to train on, or to be measured on.

use autograd::{Node, Parameters};
use datasets::{Dataset, Samples};
use models::{Loss, Model, Network};

use crate::{Score, TrainError};

/// Samples and their targets: labels, or rows of numbers.
pub(crate) struct Examples {
    pub(crate) x: Samples,
    targets: Samples,
}

impl Examples {
    pub(crate) fn of(data: &Dataset, loss: Loss) -> Result<Self, TrainError> {
        Ok(Self { x: data.x.clone(), targets: loss.targets(data)? })
    }

    pub(crate) fn n(&self) -> usize {
        self.x.n()
    }

    /// Writes the examples `rows` to a graph.
    pub(crate) fn gather(&self, rows: &[u32], Pass { network, target, .. }: &mut Pass) {
        self.x.gather(rows, network.graph.value_mut(network.x));
        self.targets.gather(rows, network.graph.value_mut(*target));
    }
}

/// A model's graph for one batch size, with its loss.
pub(crate) struct Pass {
    pub(crate) network: Network,
    target: Node,
    loss: Node,
    pub(crate) rows: usize,
    /// Steps that have ended.
    pub(crate) steps: u64,
}

impl Pass {
    /// One that is only measured.
    pub(crate) fn new(mut network: Network, loss: Loss) -> Result<Self, TrainError> {
        let rows = network.graph.shape(network.x)[0];
        let (target, loss) = loss.build(&mut network.graph, network.output)?;
        Ok(Self { network, target, loss, rows, steps: 0 })
    }

    /// One with gradients.
    pub(crate) fn training(network: Network, loss: Loss) -> Result<Self, TrainError> {
        let mut pass = Self::new(network, loss)?;
        pass.network.graph.differentiate(pass.loss)?;
        Ok(pass)
    }

    /// The same, holding all examples.
    pub(crate) fn holding(mut self, examples: &Examples) -> Self {
        examples.gather(&(0..examples.n() as u32).collect::<Vec<_>>(), &mut self);
        self
    }

    pub(crate) fn loss(&self) -> f32 {
        self.network.graph.value(self.loss)[0]
    }

    /// How many rows have their largest output at their label.
    pub(crate) fn correct(&self) -> usize {
        let graph = &self.network.graph;
        let (outputs, labels) = (graph.value(self.network.output), graph.value(self.target));
        outputs
            .chunks_exact(outputs.len() / self.rows)
            .zip(labels)
            .filter(|(row, label)| tensor::reduce::argmax(row) == **label as usize)
            .count()
    }
}

/// Sums over samples.
#[derive(Default)]
pub(crate) struct Sums {
    loss: f64,
    correct: usize,
}

impl Sums {
    /// Adds what a pass has just given.
    pub(crate) fn add(&mut self, pass: &Pass, classifies: bool) {
        self.loss += f64::from(pass.loss()) * pass.rows as f64;
        if classifies {
            self.correct += pass.correct();
        }
    }

    /// What one pass has just given.
    pub(crate) fn of(pass: &Pass, classifies: bool) -> Self {
        let mut sums = Self::default();
        sums.add(pass, classifies);
        sums
    }

    /// The means over `n` samples.
    pub(crate) fn score(&self, n: usize, classifies: bool) -> Score {
        let share = |sum: f64| (sum / n as f64) as f32;
        Score { loss: share(self.loss), accuracy: classifies.then(|| share(self.correct as f64)) }
    }
}

/// The most samples that are measured at once, which bounds the memory of it.
const ROWS: usize = 1024;

/// Measures a model, as it predicts, on all examples of a training split. Its memory is planned once.
pub(crate) struct Evaluation {
    /// One graph for whole chunks of samples, and one for what is left.
    passes: Vec<Pass>,
    rows: Vec<u32>,
}

impl Evaluation {
    pub(crate) fn new(model: &Model, loss: Loss, n: usize) -> Result<Self, TrainError> {
        let size = n.min(ROWS);
        let sizes = [size, n % size].into_iter().filter(|rows| *rows > 0);
        let passes = sizes.map(|rows| Pass::new(model.network(rows)?, loss)).collect::<Result<_, _>>()?;
        Ok(Self { passes, rows: (0..n as u32).collect() })
    }

    /// Loss and accuracy at these parameters.
    pub(crate) fn score(&mut self, examples: &Examples, parameters: &Parameters, classifies: bool) -> Score {
        let (mut sums, size) = (Sums::default(), self.passes[0].rows);
        for rows in self.rows.chunks(size) {
            let pass = &mut self.passes[usize::from(rows.len() < size)];
            examples.gather(rows, pass);
            pass.network.graph.forward(parameters);
            sums.add(pass, classifies);
        }
        sums.score(self.rows.len(), classifies)
    }
}
