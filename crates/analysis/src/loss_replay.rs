//! The training loss and its gradient at any parameters: a trained model's graph on its own training split, replayed as it
//! predicts (nothing dropped, batches normalised by the running statistics).

use autograd::{Node, Parameters};
use datasets::Dataset;
use models::{ModelError, Network};

use crate::{AnalysisError, Trained};

/// A model's loss on its training split as a function of its parameters.
pub struct LossReplay {
    network: Network,
    loss: Node,
    parameters: Parameters,
}

impl LossReplay {
    /// Builds the graph for all training samples at once.
    ///
    /// # Errors
    /// None for a model that was trained on this data.
    pub fn of(trained: &Trained) -> Result<Self, AnalysisError> {
        Self::on(trained, &trained.data.train)
    }

    /// Builds the graph for these samples at once.
    ///
    /// # Errors
    /// None for data like that the model was trained on.
    pub fn on(trained: &Trained, data: &Dataset) -> Result<Self, AnalysisError> {
        let (model, loss) = (&trained.fit.model, trained.fit.loss);
        let targets = match loss.classifies() {
            true => data.labels_f32(),
            false => data.values().map(|v| v.iter().copied().collect()),
        };
        let mut network = model.network(data.n())?;
        let (target, loss) = loss.build(&mut network.graph, network.output).map_err(ModelError::from)?;
        network.graph.differentiate(loss).map_err(ModelError::from)?;
        let x = network.x;
        network.graph.value_mut(x).iter_mut().zip(&*data.x).for_each(|(to, from)| *to = *from);
        network.graph.value_mut(target).iter_mut().zip(targets.iter().flatten()).for_each(|(to, from)| *to = *from);
        Ok(Self { network, loss, parameters: model.parameters.clone() })
    }

    /// The parameters and states, to be written before a replay.
    pub fn parameters_mut(&mut self) -> &mut [f32] {
        self.parameters.values_mut()
    }

    /// The loss at the parameters.
    pub fn loss(&mut self) -> f32 {
        self.network.graph.forward(&self.parameters);
        self.network.graph.value(self.loss)[0]
    }

    /// The loss at the parameters, and its gradient beside them.
    pub fn gradient(&mut self) -> (f32, &Parameters) {
        let loss = self.loss();
        self.network.graph.backward(&mut self.parameters);
        (loss, &self.parameters)
    }
}
