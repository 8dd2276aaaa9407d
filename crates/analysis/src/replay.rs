//! Chosen samples sent through a model, some at a time, with any of its parameters.
//!
//! The samples are gathered as they are needed, so that pictures stay the bytes they came in, and nothing is kept from one chunk
//! to the next.

use autograd::{Graph, Node, Parameters};
use datasets::Dataset;
use models::{Loss, Model, ModelError, Network};

use crate::AnalysisError;

/// Samples at once: enough for the kernels to be at full speed, few enough for a layer's values to stay in the cache.
pub const CHUNK: usize = 256;

/// A model's graph, replayed on samples of a data set.
pub struct Replay<'a> {
    network: Network,
    /// The loss's target, and what it is for each sample, one after the other; without, nothing is pulled back.
    target: Option<(Node, Vec<f32>)>,
    data: &'a Dataset,
    chunk: usize,
}

impl<'a> Replay<'a> {
    /// A graph that walks forward.
    ///
    /// # Errors
    /// When the data does not suit the model.
    pub fn forward(model: &Model, data: &'a Dataset) -> Result<Self, AnalysisError> {
        if data.features() != model.features() {
            return Err(ModelError::Features { expected: model.features(), found: data.features() }.into());
        }
        Ok(Self { network: model.network(CHUNK)?, target: None, data, chunk: CHUNK })
    }

    /// A graph that walks forward and then pulls the gradient of the loss back. The loss is a mean over the [`CHUNK`] samples of
    /// a chunk: a sample's own loss has a gradient as many times as large.
    ///
    /// # Errors
    /// When the data does not suit the model or the loss.
    pub fn with_loss(model: &Model, data: &'a Dataset, loss: Loss) -> Result<Self, AnalysisError> {
        let mut replay = Self::forward(model, data)?;
        let expected = if loss.classifies() { "classes" } else { "numbers" };
        let targets = match loss.classifies() {
            true => data.labels_f32(),
            false => data.values().map(|v| v.iter().copied().collect()),
        };
        let targets = targets.ok_or(training::TrainError::Targets { loss: loss.kind(), expected })?;
        let network = &mut replay.network;
        let (target, loss) = loss.build(&mut network.graph, network.output).map_err(ModelError::from)?;
        network.graph.differentiate(loss).map_err(ModelError::from)?;
        replay.target = Some((target, targets));
        Ok(replay)
    }

    /// Sends the samples `order` through the graph, and shows it after each chunk: the place of the chunk's first sample in
    /// `order`, how many samples it has, and the graph, whose first rows are theirs.
    ///
    /// # Errors
    /// What `show` gives.
    pub fn each(
        &mut self,
        parameters: &mut Parameters,
        order: &[u32],
        mut show: impl FnMut(usize, usize, &Graph) -> Result<(), AnalysisError>,
    ) -> Result<(), AnalysisError> {
        let (x, width) = (self.network.x, self.data.features());
        for (i, rows) in order.chunks(self.chunk).enumerate() {
            let graph = &mut self.network.graph;
            // Rows of the chunk before may be left behind these: no row's numbers depend on another's.
            self.data.x.gather(rows, &mut graph.value_mut(x)[..rows.len() * width]);
            if let Some((target, values)) = &self.target {
                let each = values.len() / self.data.n().max(1);
                let to = graph.value_mut(*target).chunks_exact_mut(each.max(1));
                for (to, &row) in to.zip(rows) {
                    to.copy_from_slice(&values[row as usize * each..][..each]);
                }
            }
            graph.forward(parameters);
            if self.target.is_some() {
                graph.backward(parameters);
            }
            show(i * self.chunk, rows.len(), &self.network.graph)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;
    use models::layers::{Linear, Relu};

    #[test]
    fn chunks_give_what_all_samples_together_give() {
        let layers = vec![Linear::new(2).into(), Relu {}.into(), Linear::new(1).into()];
        let mut trained = fixture::trained(layers, &[1.0, -2.0, 0.5, 1.0, 0.25, 0.0, 3.0, -1.0, 0.5]);
        let data = trained.data.train.clone();
        // Some chunks and a ragged one, in an order of their own.
        let order: Vec<u32> = (0..2 * CHUNK as u32 + 3).map(|i| (i * 7 + i / 5) % 4).collect();
        let whole = trained.fit.model.predict(data.x.view()).expect("suits");
        let (mut found, mut starts) = (Vec::new(), Vec::new());
        let mut replay = Replay::forward(&trained.fit.model, &data).expect("suits");
        let parameters = &mut trained.fit.model.parameters;
        let node = |graph: &Graph| graph.node("output").expect("there");
        replay
            .each(parameters, &order, |start, rows, graph| {
                starts.push(start);
                found.extend_from_slice(&graph.value(node(graph))[..rows]);
                Ok(())
            })
            .expect("shows");
        assert_eq!(starts, [0, CHUNK, 2 * CHUNK]);
        assert_eq!(found, order.iter().map(|i| whole[[*i as usize, 0]]).collect::<Vec<_>>());
        replay.each(parameters, &[], |_, _, _| panic!("nothing to show")).expect("shows nothing");
    }
}
