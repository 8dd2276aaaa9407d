//! A list of layers with its parameters.

use autograd::Parameters;
use ndarray::Array2;
use tensor::{random::Stream, shape::size};

use crate::{
    Head, Input, Layer, ModelError, Network,
    error::LayerError,
    layers::ParameterSpec,
    network::{self, name, names},
};

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
        if layers.is_empty() {
            return Err(ModelError::Empty);
        }
        let mut shapes: Vec<Vec<usize>> = Vec::with_capacity(layers.len());
        for (index, layer) in layers.iter().enumerate() {
            let before = index.checked_sub(1).map_or(input, |last| &shapes[last]);
            let given = layer.passes_by().map(|over| (over, given(index, over, input, &shapes)));
            let shape = match given {
                Some((over, None)) => Err(LayerError::Before { over, before: index }),
                Some((_, Some(given))) if given != before => {
                    Err(LayerError::Added { given: given.to_vec(), shape: before.to_vec() })
                }
                _ => layer.output(before),
            };
            shapes.push(shape.map_err(|source| ModelError::Layer { index, source })?);
        }
        Ok(shapes)
    }

    /// The name and shape of every trained array, in order: what else can be known before any number is drawn.
    ///
    /// # Errors
    /// As for [`Model::new`].
    pub fn arrays(layers: &[Layer], input: &[usize], head: Head) -> Result<Vec<(String, Vec<usize>)>, ModelError> {
        let trained = specs(layers, input, head)?.into_iter().filter(|(_, spec)| spec.trained);
        Ok(trained.map(|(name, spec)| (name, spec.shape)).collect())
    }

    /// How many numbers are trained.
    ///
    /// # Errors
    /// As for [`Model::new`].
    pub fn trained_numbers(layers: &[Layer], input: &[usize], head: Head) -> Result<usize, ModelError> {
        let arrays = Self::arrays(layers, input, head)?;
        Ok(arrays.iter().fold(0, |n: usize, (_, shape)| n.saturating_add(tensor::shape::size(shape))))
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

    /// `x` and the nodes after each layer, in order, with the shape of one sample there.
    pub fn sample_shapes(&self) -> Vec<(String, Vec<usize>)> {
        let nodes =
            Self::node_shapes(&self.layers, &self.input, self.head).expect("layers fitted when the model was made");
        std::iter::once(("x".to_owned(), self.input.clone())).chain(nodes).collect()
    }

    /// How many numbers one sample has.
    pub fn features(&self) -> usize {
        size(&self.input)
    }

    /// How many numbers one sample has at all nodes together, its own among them.
    pub fn numbers_of_a_sample(&self) -> usize {
        self.sample_shapes().iter().fold(0, |sum: usize, (_, shape)| sum.saturating_add(size(shape)))
    }

    /// How many outputs a sample has.
    pub fn outputs(&self) -> usize {
        // The layers fitted when the model was made.
        Self::shapes(&self.layers, &self.input).ok().and_then(|s| s.last().map(|s| size(s))).unwrap_or(0)
    }

    /// The graph for a batch of this many samples, as the model predicts: nothing is dropped, and what is normalised over batches
    /// uses the statistics of training. For the fit loop: whoever looks at a model calls [`Model::run`].
    ///
    /// # Errors
    /// None for layers that fitted when the model was made.
    pub fn network(&self, batch: usize) -> Result<Network, ModelError> {
        Ok(network::build(self, batch, &self.parameters, false, None, &mut name)?)
    }

    /// As [`Model::network`], as the model trains: dropout draws from `stream`, and [`Graph::advance`](autograd::Graph::advance)
    /// has to end every step.
    ///
    /// # Errors
    /// None for layers that fitted when the model was made.
    pub fn training_network(&self, batch: usize, stream: &mut Stream) -> Result<Network, ModelError> {
        Ok(network::build(self, batch, &self.parameters, false, Some(stream), &mut name)?)
    }

    /// The last node's values for each sample → samples × outputs. A sample's outputs have the same bits whatever samples come
    /// with it.
    ///
    /// # Errors
    /// When the samples have another number of features than the model.
    pub fn predict<'a>(&'a self, samples: impl Into<Input<'a>>) -> Result<Array2<f32>, ModelError> {
        self.run(samples).values(&self.nodes().pop().ok_or(ModelError::Empty)?)
    }

    /// The share of samples whose largest output is at their label, 0 to 1; 0 for no samples.
    ///
    /// # Errors
    /// When the samples have another number of features than the model.
    pub fn accuracy<'a>(&'a self, samples: impl Into<Input<'a>>, labels: &[u32]) -> Result<f64, ModelError> {
        let outputs = self.predict(samples)?;
        let right = outputs
            .rows()
            .into_iter()
            .zip(labels)
            .filter(|(row, label)| row.as_slice().map_or(0, tensor::reduce::argmax) == **label as usize);
        Ok(right.count() as f64 / outputs.nrows().max(1) as f64)
    }
}

/// What went into the first of the `over` layers before layer `index`; `after` is what comes out of each layer.
pub(crate) fn given<'a, T: ?Sized, L: std::borrow::Borrow<T>>(
    index: usize,
    over: usize,
    x: &'a T,
    after: &'a [L],
) -> Option<&'a T> {
    let first = index.checked_sub(over)?;
    Some(first.checked_sub(1).map_or(x, |last| after[last].borrow()))
}

/// Every parameter's name and specification, in the order of the layers.
pub(crate) fn specs(layers: &[Layer], input: &[usize], head: Head) -> Result<Vec<(String, ParameterSpec)>, ModelError> {
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
