//! Graphs with a loss that examples pass through: to train on, or to be measured on.

use autograd::{Node, Parameters};
use datasets::{Dataset, Samples};
use models::{Loss, Model, Network};

use crate::{ClassCounts, Measure, Score, TrainError, macro_averages};

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
    pub(crate) fn gather(&self, rows: &[u32], pass: &mut Pass) {
        self.x.gather(rows, pass.samples_mut());
        self.gather_targets(rows, pass);
    }

    /// Writes the targets of the examples `rows` to a graph.
    pub(crate) fn gather_targets(&self, rows: &[u32], Pass { network, target, .. }: &mut Pass) {
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

    /// Room for the samples of a step.
    pub(crate) fn samples_mut(&mut self) -> &mut [f32] {
        self.network.graph.value_mut(self.network.x)
    }

    pub(crate) fn loss(&self) -> f32 {
        self.network.graph.value(self.loss)[0]
    }

    /// Of each row its label, and the class of its largest output.
    fn outcomes(&self) -> impl Iterator<Item = (usize, usize)> {
        let graph = &self.network.graph;
        let (outputs, labels) = (graph.value(self.network.output), graph.value(self.target));
        let rows = outputs.chunks_exact(outputs.len() / self.rows);
        rows.zip(labels).map(|(row, label)| (*label as usize, tensor::reduce::argmax(row)))
    }
}

/// Sums over samples. Their memory is planned once.
pub(crate) struct Sums {
    measures: Vec<Measure>,
    n: usize,
    loss: f64,
    correct: usize,
    /// Of each class; empty where nothing is asked that is a mean over them.
    classes: Vec<ClassCounts>,
}

impl Sums {
    /// Nothing yet, of data with so many classes.
    pub(crate) fn new(measures: &[Measure], classes: usize) -> Self {
        let counted = if measures.iter().any(|measure| measure.is_macro()) { classes } else { 0 };
        let classes = vec![ClassCounts::default(); counted];
        Self { measures: measures.to_vec(), n: 0, loss: 0.0, correct: 0, classes }
    }

    /// Forgets what was added.
    pub(crate) fn clear(&mut self) {
        (self.n, self.loss, self.correct) = (0, 0.0, 0);
        self.classes.fill(ClassCounts::default());
    }

    /// Adds what a pass has just given.
    pub(crate) fn add(&mut self, pass: &Pass) {
        self.n += pass.rows;
        self.loss += f64::from(pass.loss()) * pass.rows as f64;
        if !self.measures.contains(&Measure::Accuracy) {
            return;
        }
        for (label, predicted) in pass.outcomes() {
            self.correct += usize::from(label == predicted);
            if !self.classes.is_empty() {
                self.classes[label].samples += 1;
                self.classes[predicted].predicted += 1;
                self.classes[label].right += u64::from(label == predicted);
            }
        }
    }

    /// The means over the samples.
    pub(crate) fn score(&self) -> Score {
        let share = |sum: f64| (sum / self.n as f64) as f32;
        let [precision, recall, f1] = macro_averages(self.classes.iter().copied()).map(|mean| mean as f32);
        let asked = |measure, value| self.measures.contains(&measure).then_some(value);
        Score {
            loss: share(self.loss),
            accuracy: asked(Measure::Accuracy, share(self.correct as f64)),
            precision: asked(Measure::Precision, precision),
            recall: asked(Measure::Recall, recall),
            f1: asked(Measure::F1, f1),
        }
    }

    /// What one pass has just given.
    pub(crate) fn of(&mut self, pass: &Pass) -> Score {
        self.clear();
        self.add(pass);
        self.score()
    }
}

/// The most samples that are measured at once.
const ROWS: usize = 1024;

/// The numbers at all nodes of a graph that measures, at most: 2 MB, which processors keep close. What a sample is told of the
/// layers before is then still there when the next layer asks for it.
const CLOSE: usize = 1 << 19;

/// How many of `n` samples are measured at once by a model with so many numbers at its nodes for each.
pub fn measured_at_once(n: usize, numbers: usize) -> usize {
    (CLOSE / numbers.max(1)).clamp(1, ROWS).min(n)
}

/// Measures a model, as it predicts, on all examples of a split. Its memory is planned once.
pub(crate) struct Evaluation {
    /// One graph for whole chunks of samples, and one for what is left.
    passes: Vec<Pass>,
    rows: Vec<u32>,
    /// Whether the only graph holds all examples already.
    held: bool,
}

impl Evaluation {
    pub(crate) fn new(model: &Model, loss: Loss, n: usize) -> Result<Self, TrainError> {
        let size = measured_at_once(n, model.numbers_of_a_sample());
        let sizes = [size, n % size.max(1)].into_iter().filter(|rows| *rows > 0);
        let passes = sizes.map(|rows| Pass::new(model.network(rows)?, loss)).collect::<Result<_, _>>()?;
        Ok(Self { passes, rows: (0..n as u32).collect(), held: false })
    }

    /// How good a model of these parameters is.
    pub(crate) fn score(&mut self, examples: &Examples, parameters: &Parameters, sums: &mut Sums) -> Score {
        sums.clear();
        let size = self.passes.first().map_or(1, |pass| pass.rows);
        for rows in self.rows.chunks(size) {
            let pass = &mut self.passes[usize::from(rows.len() < size)];
            if !std::mem::replace(&mut self.held, self.rows.len() == size) {
                examples.gather(rows, pass);
            }
            pass.network.graph.forward(parameters);
            sums.add(pass);
        }
        sums.score()
    }
}
