//! Running a trained model: the one way to see what it makes of samples, inside as well as at its end.
//!
//! A [`Run`] is a model, samples, and what is asked of them; [`Run::read`] does the work.
//!
//! - A *reading* is what others collect by hooks or callbacks in the forward pass: the values of a node, by its dotted name
//!   (`hidden1.post`), for every sample.
//! - The *gradient of a unit* (or of a loss) with respect to a node says by how much the unit would move if a value of the node
//!   were moved a little, for each sample by itself: [`Run::gradient_of`]. With respect to `x` this is a saliency map.
//! - *Activation patching* changes what a node gives and lets the model go on from there: units are scaled, clamped, set to a
//!   number (ablated, if to 0), or given the values they have for another input. What becomes of the outputs says what the units
//!   were for. A [`Patch`] is an operation of the graph behind its node, whose numbers are inputs, so that gradients pass through
//!   it:
//!   [`Run::patch`]. Many patched runs of the same samples share their work: [`Run::variants`].
//!
//! All of these combine, on chosen samples ([`Run::samples`]) and with other parameters than the model's own ([`Run::with`]).
//! Nothing is left behind in the model.
//!
//! ```
//! use models::{Head, Model, Patch, Root, layers::{Linear, Relu}};
//! use ndarray::arr2;
//! use tensor::random::{Purpose, Streams};
//!
//! // Two hidden units, max(x₁ − x₂, 0) and max(x₂ − x₁, 0), and their sum: |x₁ − x₂|.
//! let layers = vec![Linear::new(2).into(), Relu {}.into(), Linear::new(1).into()];
//! let mut model = Model::new(layers, &[2], Head::Output, &mut Streams::new(1).stream("m", Purpose::Init))?;
//! model.parameters.values_mut().copy_from_slice(&[1.0, -1.0, -1.0, 1.0, 0.0, 0.0, 1.0, 1.0, 0.0]);
//! let x = arr2(&[[3.0, 1.0], [1.0, 5.0]]);
//!
//! let found = model.run(&x).read(["hidden1.post", "output"])?;
//! assert_eq!(found["hidden1.post"].values, arr2(&[[2.0, 0.0], [0.0, 4.0]]));
//! assert_eq!(found["output"].values, arr2(&[[2.0], [4.0]]));
//!
//! // What would raise the output?
//! let found = model.run(&x).gradient_of(Root::Unit("output", 0)).read(["x"])?;
//! assert_eq!(found["x"].gradients, arr2(&[[1.0, -1.0], [-1.0, 1.0]]));
//!
//! // Without the second hidden unit the second sample is lost.
//! let patched = model.run(&x).patch(Patch::set("hidden1.post", &[(1, 0.0)])).read(["output"])?;
//! assert_eq!(patched["output"].values, arr2(&[[2.0], [0.0]]));
//! assert_eq!((patched.effect.units, patched.effect.samples), (1, 1));
//! # Ok::<(), models::ModelError>(())
//! ```
//!
//! Samples go through the graph in chunks, several chunks at a time where there are threads for it. A sample's own numbers depend
//! on neither. What does depend on how samples are taken together, the mean loss and its gradient with respect to parameters, is
//! taken of all of them at once: [`Run::mean_loss`].

mod chunk;
mod input;
mod mean_loss;
mod patch;
mod variants;

use std::ops::Index;

use autograd::Parameters;
use ndarray::Array2;

use crate::{Loss, Model, ModelError, Units};
use chunk::Graphs;
pub use chunk::Seen;
pub use input::Input;
pub use mean_loss::MeanLoss;
pub use patch::{Effect, Patch};
pub use variants::Variants;

/// What is differentiated, for each sample by itself.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Root<'a> {
    /// The sample's own loss; needs samples with targets.
    Loss(Loss),
    /// A unit of a node.
    Unit(&'a str, usize),
    /// A unit of a node, one for each sample of the run: a class's own logit.
    Units(&'a str, &'a [usize]),
    /// A number of a node, one for each sample of the run: of a channel one of its places.
    Numbers(&'a str, &'a [usize]),
}

/// A model about to be run: what on, and what is changed on the way. See the [module](self).
pub struct Run<'a> {
    model: &'a Model,
    parameters: &'a Parameters,
    input: Input<'a>,
    samples: Option<&'a [u32]>,
    root: Option<Root<'a>>,
    patches: Vec<Patch>,
    graphs: Graphs,
}

impl Model {
    /// Runs the model, as it predicts, on the samples of a data set or the rows of an array (samples × features).
    pub fn run<'a>(&'a self, input: impl Into<Input<'a>>) -> Run<'a> {
        let (input, parameters) = (input.into(), &self.parameters);
        Run {
            model: self,
            parameters,
            input,
            samples: None,
            root: None,
            patches: Vec::new(),
            graphs: Graphs::default(),
        }
    }
}

impl<'a> Run<'a> {
    /// On these samples only, by their numbers in the data, in this order.
    #[must_use]
    pub fn samples(self, samples: &'a [u32]) -> Self {
        Self { samples: Some(samples), ..self }
    }

    /// With other parameters than the model's own, such as those of a snapshot of its training.
    ///
    /// # Panics
    /// When they are not parameters of this model.
    #[must_use]
    pub fn with(self, parameters: &'a Parameters) -> Self {
        assert_eq!(parameters.list(), self.model.parameters.list(), "parameters of this model");
        Self { parameters, ..self }
    }

    /// With gradients of `root` beside the values of the nodes that are read.
    #[must_use]
    pub fn gradient_of(self, root: Root<'a>) -> Self {
        Self { root: Some(root), ..self }
    }

    /// With a node changed. Several patches add up; those of one node scale first, then clamp, then set.
    #[must_use]
    pub fn patch(mut self, patch: Patch) -> Self {
        self.patches.push(patch);
        self
    }

    /// Once for each of these lists of patches, beside those given to [`Run::patch`].
    #[must_use]
    pub fn variants(self, variants: &'a [Vec<Patch>]) -> Variants<'a> {
        Variants { run: self, variants }
    }

    /// Values of nodes (`x` and [`Model::nodes`]) for every sample: behind their patches, where they have some.
    ///
    /// # Errors
    /// When the samples do not suit the model, or it lacks a node or unit that is named; the error says what there is.
    pub fn read(&self, nodes: impl IntoIterator<Item: AsRef<str>>) -> Result<Found, ModelError> {
        Ok(self.read_variants(&[Vec::new()], &names(nodes))?.remove(0))
    }

    /// The values of one node: samples × numbers of a sample.
    ///
    /// # Errors
    /// As for [`Run::read`].
    pub fn values(&self, node: &str) -> Result<Array2<f32>, ModelError> {
        Ok(self.read([node])?.readings.remove(0).values)
    }

    /// The values of one node's units: samples × units, of a channel the mean over its places.
    ///
    /// # Errors
    /// As for [`Run::read`].
    pub fn units(&self, node: &str) -> Result<Array2<f32>, ModelError> {
        Ok(self.read([node])?.readings.remove(0).units())
    }

    /// How many samples.
    fn n(&self) -> usize {
        self.samples.map_or(self.input.n(), <[u32]>::len)
    }
}

/// A node's place from the input on, and the shape of a sample there.
fn find<'n>(nodes: &'n [(String, Vec<usize>)], node: &str) -> Result<(usize, &'n [usize]), ModelError> {
    let unknown = || autograd::GraphError::UnknownNode {
        name: node.to_owned(),
        known: nodes.iter().map(|(name, _)| name.clone()).collect(),
    };
    let at = nodes.iter().position(|(name, _)| name == node).ok_or_else(unknown)?;
    Ok((at, &nodes[at].1))
}

fn names(nodes: impl IntoIterator<Item: AsRef<str>>) -> Vec<String> {
    nodes.into_iter().map(|node| node.as_ref().to_owned()).collect()
}

/// What was read, node by node in the order they were asked for; `found["hidden1.post"]` is one of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The readings.
    pub readings: Vec<Reading>,
    /// How far the patches reached.
    pub effect: Effect,
}

/// One node for every sample.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// The node.
    pub node: String,
    /// The shape of one sample there.
    pub shape: Vec<usize>,
    /// Its values: samples × numbers of a sample.
    pub values: Array2<f32>,
    /// ∂root/∂value, as many; of no samples unless [`Run::gradient_of`] asked for it.
    pub gradients: Array2<f32>,
}

impl Reading {
    /// The values of its units, samples × units: of a channel the mean over its places. See [`Units`].
    pub fn units(&self) -> Array2<f32> {
        Units::of(&self.node, &self.shape).means(self.values.view())
    }

    /// The gradients with respect to its units, samples × units: of a channel the sum over its places.
    pub fn unit_gradients(&self) -> Array2<f32> {
        Units::of(&self.node, &self.shape).sums(self.gradients.view())
    }
}

impl Found {
    /// The values of each node, samples × numbers of a sample.
    pub fn values(self) -> Vec<Array2<f32>> {
        self.readings.into_iter().map(|reading| reading.values).collect()
    }
}

impl Index<&str> for Found {
    type Output = Reading;

    /// The reading of a node.
    ///
    /// # Panics
    /// When it was not read.
    fn index(&self, node: &str) -> &Reading {
        let reading = self.readings.iter().find(|reading| reading.node == node);
        reading.unwrap_or_else(|| panic!("{node} was not read"))
    }
}
