//! The gradient of the mean loss as training computes it: batch by batch, by the graph that trains.

use autograd::{Node, Parameters};
use datasets::Samples;
use models::{ModelError, Network};
use tensor::random::{Purpose, Stream, Streams};

use crate::Trained;

/// A training split in batches of training's size, and a graph for each size.
pub(super) struct Batches {
    x: Samples,
    targets: Samples,
    passes: Vec<Pass>,
    order: Vec<u32>,
    /// Draws the order of the samples, unless all of them are one batch.
    shuffle: Option<Stream>,
    parameters: Parameters,
    /// Mean over the samples so far.
    gradient: Vec<f64>,
}

/// A graph that trains, for batches of so many rows.
struct Pass {
    network: Network,
    target: Node,
    loss: Node,
    rows: usize,
}

impl Batches {
    /// Masks and orders come from the streams of the stage `id`.
    pub fn new(trained: &Trained, id: &str, streams: &Streams) -> Result<Self, ModelError> {
        let (model, loss, data) = (&trained.fit.model, trained.fit.loss, &trained.data.train);
        let size = trained.config.batch.size(data.n());
        let mut dropout = streams.stream(id, Purpose::Dropout);
        let pass = |rows| -> Result<Pass, ModelError> {
            let mut network = model.training_network(rows, &mut dropout)?;
            let (target, loss) = loss.build(&mut network.graph, network.output)?;
            network.graph.differentiate(loss)?;
            Ok(Pass { network, target, loss, rows })
        };
        let sizes = [size, data.n() % size].into_iter().filter(|rows| *rows > 0);
        Ok(Self {
            x: data.x.clone(),
            targets: loss.targets(data)?,
            passes: sizes.map(pass).collect::<Result<_, _>>()?,
            order: (0..data.n() as u32).collect(),
            shuffle: (size < data.n()).then(|| streams.stream(id, Purpose::Shuffle)),
            parameters: model.parameters.clone(),
            gradient: vec![0.0; model.parameters.len()],
        })
    }

    /// The mean loss over one epoch of batches at these parameters, which stay as they are, and its gradient.
    pub fn gradient(&mut self, at: &[f32]) -> (f32, &[f64]) {
        let n = self.order.len() as f64;
        if let Some(shuffle) = &mut self.shuffle {
            shuffle.fill_permutation(&mut self.order);
        }
        self.gradient.fill(0.0);
        let mut losses = 0.0;
        for rows in self.order.chunks(self.passes[0].rows) {
            let pass = usize::from(rows.len() < self.passes[0].rows);
            let Pass { network, target, loss, .. } = &mut self.passes[pass];
            self.parameters.values_mut().copy_from_slice(at);
            self.x.gather(rows, network.graph.value_mut(network.x));
            self.targets.gather(rows, network.graph.value_mut(*target));
            network.graph.forward(&self.parameters);
            network.graph.backward(&mut self.parameters);
            let share = rows.len() as f64 / n;
            losses += share * f64::from(network.graph.value(*loss)[0]);
            let sums = self.gradient.iter_mut().zip(self.parameters.gradients());
            sums.for_each(|(sum, g)| *sum += share * f64::from(*g));
            network.graph.advance(&mut self.parameters);
        }
        (losses as f32, &self.gradient)
    }
}
