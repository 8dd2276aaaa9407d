//! A list of layers with its parameters.

use autograd::{Graph, GraphError, Node, Parameters};
use ndarray::{Array2, ArrayView2};
use tensor::{Float, random::Stream, shape::size};

use crate::{
    Head, Layer, ModelError, Network,
    layers::ParameterSpec,
    network::{self, names},
};

/// Rows that [`Model::activations`] sends through the graph at once: enough for the kernels to be at full speed, few enough for
/// a layer's values to stay in the second-level cache.
const CHUNK: usize = 256;

/// A network: its layers, the shape of one sample, and everything that is trained.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    layers: Vec<Layer>,
    input: Vec<usize>,
    head: Head,
    /// Weights and biases, and the states of layers that keep some, by the names of [`Network`]'s module.
    pub parameters: Parameters,
}

impl Model {
    /// Checks that the layers fit each other and draws the parameters, in the order of the layers.
    ///
    /// # Errors
    /// When there is no layer, or one cannot take what the one before it gives.
    pub fn new(layers: Vec<Layer>, input: &[usize], head: Head, stream: &mut Stream) -> Result<Self, ModelError> {
        let mut parameters = Parameters::new();
        let (trained, states): (Vec<_>, Vec<_>) =
            specs(&layers, input, head)?.into_iter().partition(|(_, spec)| spec.trained);
        for (name, spec) in trained.into_iter().chain(states) {
            let id = match spec.trained {
                true => parameters.add(&name, &spec.shape)?,
                false => parameters.add_state(&name, &spec.shape)?,
            };
            spec.start.fill(parameters.value_mut(id), stream);
        }
        Ok(Self { layers, input: input.to_vec(), head, parameters })
    }

    /// The shape of each layer's output for samples of shape `input`: what can be known of a model before any number is drawn.
    ///
    /// # Errors
    /// As for [`Model::new`].
    pub fn shapes(layers: &[Layer], input: &[usize]) -> Result<Vec<Vec<usize>>, ModelError> {
        let mut shape = input.to_vec();
        if layers.is_empty() {
            return Err(ModelError::Empty);
        }
        layers
            .iter()
            .enumerate()
            .map(|(index, layer)| {
                shape = layer.output(&shape).map_err(|source| ModelError::Layer { index, source })?;
                Ok(shape.clone())
            })
            .collect()
    }

    /// The name and shape of every trained array, in order: what else can be known before any number is drawn.
    ///
    /// # Errors
    /// As for [`Model::new`].
    pub fn arrays(layers: &[Layer], input: &[usize], head: Head) -> Result<Vec<(String, Vec<usize>)>, ModelError> {
        let trained = specs(layers, input, head)?.into_iter().filter(|(_, spec)| spec.trained);
        Ok(trained.map(|(name, spec)| (name, spec.shape)).collect())
    }

    /// The name and sample shape of the node after each layer, in order: the third.
    ///
    /// # Errors
    /// As for [`Model::new`].
    pub fn node_shapes(layers: &[Layer], input: &[usize], head: Head) -> Result<Vec<(String, Vec<usize>)>, ModelError> {
        let shapes = Self::shapes(layers, input)?;
        Ok(names(layers, head).into_iter().map(|n| n.node).zip(shapes).collect())
    }

    /// The layers.
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// The shape of one sample.
    pub fn input(&self) -> &[usize] {
        &self.input
    }

    /// How the last layer of units is called.
    pub fn head(&self) -> Head {
        self.head
    }

    /// The names of the nodes after each layer, in order.
    pub fn nodes(&self) -> Vec<String> {
        names(&self.layers, self.head).into_iter().map(|n| n.node).collect()
    }

    /// How many numbers one sample has.
    pub fn features(&self) -> usize {
        size(&self.input)
    }

    /// How many outputs a sample has.
    pub fn outputs(&self) -> usize {
        // The layers fitted when the model was made.
        Self::shapes(&self.layers, &self.input).ok().and_then(|s| s.last().map(|s| size(s))).unwrap_or(0)
    }

    /// The graph for a batch of this many samples, as the model predicts: nothing is dropped, and what is normalised over batches
    /// uses the statistics of training.
    ///
    /// # Errors
    /// None for layers that fitted when the model was made.
    pub fn network(&self, batch: usize) -> Result<Network, ModelError> {
        Ok(network::build(self, batch, &self.parameters, false, None)?)
    }

    /// As [`Model::network`], as the model trains: dropout draws from `stream`, and [`Graph::advance`](autograd::Graph::advance)
    /// has to end every step.
    ///
    /// # Errors
    /// None for layers that fitted when the model was made.
    pub fn training_network(&self, batch: usize, stream: &mut Stream) -> Result<Network, ModelError> {
        Ok(network::build(self, batch, &self.parameters, false, Some(stream))?)
    }

    /// As [`Model::network`], with a gradient that reaches `x`, in the precision asked for.
    ///
    /// # Errors
    /// None for layers that fitted when the model was made.
    pub fn network_with_input_gradient<F: Float>(
        &self,
        batch: usize,
        parameters: &Parameters<F>,
    ) -> Result<Network<F>, ModelError> {
        Ok(network::build(self, batch, parameters, true, None)?)
    }

    /// The layers above a node (`x` or one of [`Model::nodes`]), for interventions there: the network's `x` is the node, batch ×
    /// units, written by the caller; `between` may change it before it goes on, by [`Graph::scale`](autograd::Graph::scale) and
    /// the like. What lies below the node is computed once, by [`Model::activations`].
    ///
    /// # Errors
    /// When there is no such node: the error lists those there are.
    pub fn network_above(
        &self,
        node: &str,
        batch: usize,
        between: impl FnOnce(&mut Graph, Node) -> Result<Node, GraphError>,
    ) -> Result<Network, ModelError> {
        Ok(network::build_above(self, node, batch, &self.parameters, between)?)
    }

    /// The parameters and states in f64, for gradient checks.
    pub fn parameters_f64(&self) -> Parameters<f64> {
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

    /// The last node's values for each row of `x` (samples × features) → samples × outputs. A row's outputs have the same bits
    /// whatever rows come with it.
    ///
    /// # Errors
    /// When the data has another number of features than the model.
    pub fn predict(&self, x: ArrayView2<'_, f32>) -> Result<Array2<f32>, ModelError> {
        let node = self.nodes().pop().ok_or(ModelError::Empty)?;
        Ok(self.activations(x, &[&node])?.remove(0))
    }

    /// The share of rows of `x` whose largest output is at their label, 0 to 1; 0 for no rows.
    ///
    /// # Errors
    /// When the data has another number of features than the model.
    pub fn accuracy(&self, x: ArrayView2<'_, f32>, labels: &[u32]) -> Result<f64, ModelError> {
        let outputs = self.predict(x)?;
        let right = outputs
            .rows()
            .into_iter()
            .zip(labels)
            .filter(|(row, label)| row.as_slice().map_or(0, tensor::reduce::argmax) == **label as usize);
        Ok(right.count() as f64 / outputs.nrows().max(1) as f64)
    }

    /// The values of several nodes for each row of `x`: one array, samples × units, per name.
    ///
    /// # Errors
    /// When the data has another number of features than the model, or no node has one of the names.
    pub fn activations(&self, x: ArrayView2<'_, f32>, nodes: &[&str]) -> Result<Vec<Array2<f32>>, ModelError> {
        let (n, features) = x.dim();
        if features != self.features() {
            return Err(ModelError::Features { expected: self.features(), found: features });
        }
        let mut arrays: Vec<Array2<f32>> = Vec::new();
        let mut network = self.network(n.min(CHUNK))?;
        for start in (0..n.max(1)).step_by(CHUNK) {
            let rows = CHUNK.min(n - start);
            if network.graph.shape(network.x)[0] != rows {
                network = self.network(rows)?;
            }
            let graph = &mut network.graph;
            for (to, from) in graph.value_mut(network.x).iter_mut().zip(x.slice(ndarray::s![start..start + rows, ..])) {
                *to = *from;
            }
            graph.forward(&self.parameters);
            for (i, name) in nodes.iter().enumerate() {
                let node = graph.node(name)?;
                let units = size(&graph.shape(node)[1..]);
                if start == 0 {
                    arrays.push(Array2::zeros((n, units)));
                }
                let mut rows = arrays[i].slice_mut(ndarray::s![start..start + rows, ..]);
                rows.iter_mut().zip(graph.value(node)).for_each(|(to, from)| *to = *from);
            }
        }
        Ok(arrays)
    }
}

/// Every parameter's name and specification, in the order of the layers.
fn specs(layers: &[Layer], input: &[usize], head: Head) -> Result<Vec<(String, ParameterSpec)>, ModelError> {
    let shapes = Model::shapes(layers, input)?;
    let inputs = std::iter::once(input).chain(shapes.iter().map(Vec::as_slice));
    Ok(layers
        .iter()
        .zip(names(layers, head))
        .zip(inputs)
        .flat_map(|((layer, names), input)| {
            layer.parameters(input).into_iter().map(move |spec| (format!("{}.{}", names.prefix, spec.name), spec))
        })
        .collect())
}
