//! The mean loss of a model over samples, as a function of its parameters.

use autograd::{Node, Parameters};

use super::{Root, Run, chunk::ChunkGraph};
use crate::{Loss, ModelError};

/// The mean loss over all samples of a run, at any parameters: what a loss surface is made of. The samples go through the graph
/// together, so that their losses and gradients are added up in one order.
pub struct MeanLoss {
    graph: ChunkGraph,
    loss: Node,
    parameters: Parameters,
}

impl Run<'_> {
    /// The mean loss over the samples. Nothing is dropped, and batches are normalised by the running statistics.
    ///
    /// # Errors
    /// When the samples do not suit the model or the loss, or a patch does not suit the model.
    pub fn mean_loss(self, loss: Loss) -> Result<MeanLoss, ModelError> {
        let run = self.gradient_of(Root::Loss(loss));
        let job = run.job(run.n(), &[Vec::new()], &[])?;
        let mut chunk = ChunkGraph::new(&run, &job)?;
        chunk.gather(&run, &job, 0..run.n());
        chunk.patch(&job);
        let (graph, root) = chunk.parts();
        let loss = root.ok_or(ModelError::Empty)?;
        graph.differentiate(loss)?;
        Ok(MeanLoss { graph: chunk, loss, parameters: run.parameters.clone() })
    }
}

impl MeanLoss {
    /// The parameters and states, to be written before the loss is taken.
    pub fn parameters_mut(&mut self) -> &mut [f32] {
        self.parameters.values_mut()
    }

    /// The loss at the parameters.
    pub fn value(&mut self) -> f32 {
        let (graph, _) = self.graph.parts();
        graph.forward(&self.parameters);
        graph.value(self.loss)[0]
    }

    /// The loss at the parameters, and its gradient beside them.
    pub fn gradient(&mut self) -> (f32, &Parameters) {
        let loss = self.value();
        self.graph.parts().0.backward(&mut self.parameters);
        (loss, &self.parameters)
    }
}
