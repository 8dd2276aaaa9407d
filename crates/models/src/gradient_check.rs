//! The gradient of a model's mean loss by the chain rule, in f64 and as training computes it, beside central differences.

use autograd::{
    Parameters,
    check::{STEP, compare},
};
use datasets::Dataset;
use tensor::Float;

use crate::{
    Loss, Model, ModelError, Network,
    network::{self, name},
};

/// ∂L/∂w for an array of parameters w, or for the input `x`, at some places.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckedGradient {
    /// The array.
    pub name: String,
    /// How many places were left out, because some activation has a kink between the two points of their difference.
    pub kinks: usize,
    /// (L(w + h) − L(w − h))/2h in f64 at each place.
    pub numeric: Vec<f64>,
    /// By the chain rule in f64.
    pub double: Vec<f64>,
    /// By the chain rule in f32.
    pub single: Vec<f64>,
}

impl Model {
    /// Compares the gradient of the mean loss over all samples with differences, for the input and every array of parameters, at
    /// the places that are chosen for an array of so many elements.
    ///
    /// # Errors
    /// When the data does not suit the model or the loss.
    pub fn check_gradient(
        &self,
        data: &Dataset,
        loss: Loss,
        choose: &mut dyn FnMut(usize) -> Vec<usize>,
    ) -> Result<Vec<CheckedGradient>, ModelError> {
        let targets = loss.targets(data)?;
        let mut parameters = self.parameters_f64();
        let (mut network, root) = with_loss(self, data, loss, &targets, &parameters)?;
        let double = compare(&mut network.graph, &mut parameters, root, STEP, &mut |_, n| choose(n))?;
        let mut parameters = self.parameters.clone();
        let (mut network, root) = with_loss(self, data, loss, &targets, &parameters)?;
        network.graph.differentiate(root)?;
        network.graph.forward(&parameters);
        network.graph.backward(&mut parameters);
        let checked = double.into_iter().map(|found| {
            let gradient = match parameters.find(&found.name) {
                Some(id) => parameters.gradient(id),
                None => network.graph.gradient(network.x),
            };
            let single = found.places.iter().map(|i| f64::from(gradient[*i])).collect();
            let (kinks, numeric, double) = (found.kinks, found.numeric, found.chain);
            CheckedGradient { name: found.name, kinks, numeric, double, single }
        });
        Ok(checked.collect())
    }

    /// The parameters and states in f64.
    fn parameters_f64(&self) -> Parameters<f64> {
        let mut parameters = Parameters::new();
        for (i, p) in self.parameters.list().iter().enumerate() {
            let trained = i < self.parameters.trained().len();
            // Names were unique already, and states came last.
            let added =
                if trained { parameters.add(&p.name, &p.shape) } else { parameters.add_state(&p.name, &p.shape) };
            if let Ok(id) = added {
                for (to, from) in parameters.value_mut(id).iter_mut().zip(&self.parameters.values()[p.range.clone()]) {
                    *to = f64::from(*from);
                }
            }
        }
        parameters
    }
}

/// The mean loss over all samples in f64, as the model predicts, as a function of its parameters.
pub struct ExactLoss {
    network: Network<f64>,
    loss: autograd::Node,
    parameters: Parameters<f64>,
}

impl Model {
    /// The mean loss over all samples, in f64: for what differences of gradients are taken of.
    ///
    /// # Errors
    /// When the data does not suit the model or the loss.
    pub fn exact_loss(&self, data: &Dataset, loss: Loss) -> Result<ExactLoss, ModelError> {
        let targets = loss.targets(data)?;
        let parameters = self.parameters_f64();
        let (mut network, loss) = with_loss(self, data, loss, &targets, &parameters)?;
        network.graph.differentiate(loss)?;
        Ok(ExactLoss { network, loss, parameters })
    }
}

impl ExactLoss {
    /// The trained parameters, to be read, and written before the gradient is taken.
    pub fn weights_mut(&mut self) -> &mut [f64] {
        let trained = self.parameters.len();
        &mut self.parameters.values_mut()[..trained]
    }

    /// The loss at the parameters, and its gradient with respect to each of them.
    pub fn gradient(&mut self) -> (f64, &[f64]) {
        self.network.graph.forward(&self.parameters);
        self.network.graph.backward(&mut self.parameters);
        (self.network.graph.value(self.loss)[0], &self.parameters.gradients()[..self.parameters.len()])
    }
}

/// The graph of the mean loss over all samples, which it holds, with a gradient that reaches `x`; and the loss.
fn with_loss<F: Float>(
    model: &Model,
    data: &Dataset,
    loss: Loss,
    targets: &datasets::Samples,
    parameters: &Parameters<F>,
) -> Result<(Network<F>, autograd::Node), ModelError> {
    if data.features() != model.features() {
        return Err(ModelError::Features { expected: model.features(), found: data.features() });
    }
    let mut network = network::build(model, data.n(), parameters, true, None, &mut name)?;
    let graph = &mut network.graph;
    let (target, root) = loss.build(graph, network.output)?;
    for (node, samples) in [(network.x, &data.x), (target, targets)] {
        let values = graph.value_mut(node).iter_mut();
        values.zip(samples.iter()).for_each(|(to, from)| *to = F::from_f64(f64::from(*from)));
    }
    Ok((network, root))
}
