//! Hooks: callbacks on named tensors that gather statistics while the batches pass (what PyTorch calls forward and backward
//! hooks).
//!
//! A [`Hook`] names a tensor of the model and what of it is wanted. Nothing is stored but running sums, one set per epoch that
//! was asked for, all planned when training starts. Sums are in f64 in a fixed order on one thread, so that they have the same
//! bits whatever the processor and however many threads the products use.

mod histogram;
mod recorder;
mod statistics;

pub use histogram::{BINS, Histogram};
pub(crate) use recorder::Recorder;
pub use statistics::{Recording, Statistics, UnitStatistics};

use models::{Head, Layer, Model, ModelError, Units};
use tensor::shape::size;

use crate::SnapshotConfig;

/// What of a tensor is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Quantity {
    /// Its numbers: those of a node as the batch passes, those of parameters before the step.
    #[default]
    Value,
    /// The gradient of the loss, a mean over the batch, with respect to it.
    Gradient,
    /// For parameters: what a step adds to them.
    Update,
}

/// One tensor to record while a model trains.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Hook {
    /// A node (`hidden1.post`), an array of parameters (`hidden1.weight`), all of a layer's parameters (`hidden1.*`), or all
    /// there are (`*`).
    pub tensor: String,
    /// What of it.
    pub quantity: Quantity,
    /// Whether each unit is told apart: the numbers or channels of a node's sample, the columns of an array.
    pub per_unit: bool,
    /// Whether a histogram is kept.
    pub histogram: bool,
    /// The epochs to record, the first being 1. Default: all.
    pub epochs: Option<SnapshotConfig>,
}

/// A hook on a tensor that a model does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HookError {
    /// A name that leads nowhere.
    #[error("there is no tensor {name}, there are {}", known.join(", "))]
    Unknown {
        /// The name.
        name: String,
        /// The names there are.
        known: Vec<String>,
    },
    /// A gradient where none is computed.
    #[error("no gradient reaches {name}: nothing that is trained comes before it; those with one are {}", known.join(", "))]
    NoGradient {
        /// The name.
        name: String,
        /// The names of those that have one.
        known: Vec<String>,
    },
    /// The update of something that is not trained.
    #[error("{name} is no parameter, so no step updates it; parameters are {}", known.join(", "))]
    NoUpdate {
        /// The name.
        name: String,
        /// The names of parameters.
        known: Vec<String>,
    },
    /// Units of several arrays together.
    #[error("{name} stands for several arrays, which have no units in common; name one array")]
    NoUnits {
        /// The name.
        name: String,
    },
    /// A model that cannot be built.
    #[error("{0}")]
    Model(String),
}

/// A tensor that can be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Tensor {
    name: String,
    trained: bool,
    gradient: bool,
    /// How many units it has; `None` for several arrays together.
    units: Option<usize>,
}

impl Hook {
    /// The epochs it records in a run of so many: ascending, the first being 1.
    pub(crate) fn listens(&self, epochs: usize) -> Vec<usize> {
        let every = SnapshotConfig { every: Some(1), ..SnapshotConfig::default() };
        let list = self.epochs.as_ref().unwrap_or(&every).list(epochs);
        list.into_iter().filter(|epoch| *epoch > 0).collect()
    }

    /// All of a tensor, every epoch.
    pub fn new(tensor: impl Into<String>, quantity: Quantity) -> Self {
        Self { tensor: tensor.into(), quantity, ..Self::default() }
    }

    /// Whether a model of these layers, for samples of shape `input`, has this hook: what can be known before it is built.
    ///
    /// # Errors
    /// When it has not: the error lists the names there are.
    pub fn check(&self, layers: &[Layer], input: &[usize], head: Head) -> Result<(), HookError> {
        self.units(layers, input, head).map(drop)
    }

    /// How many units are told apart: 0 where none are wanted.
    fn units(&self, layers: &[Layer], input: &[usize], head: Head) -> Result<usize, HookError> {
        let tensors = tensors(layers, input, head).map_err(|e| HookError::Model(e.to_string()))?;
        let name = self.tensor.clone();
        let known = |of: fn(&Tensor) -> bool| tensors.iter().filter(|t| of(t)).map(|t| t.name.clone()).collect();
        let Some(tensor) = tensors.iter().find(|t| t.name == name) else {
            return Err(HookError::Unknown { name, known: known(|_| true) });
        };
        match self.quantity {
            Quantity::Gradient if !tensor.gradient => Err(HookError::NoGradient { name, known: known(|t| t.gradient) }),
            Quantity::Update if !tensor.trained => Err(HookError::NoUpdate { name, known: known(|t| t.trained) }),
            _ if self.per_unit => tensor.units.ok_or(HookError::NoUnits { name }),
            _ => Ok(0),
        }
    }
}

/// Every tensor of a model that can be recorded: nodes, arrays, arrays together.
fn tensors(layers: &[Layer], input: &[usize], head: Head) -> Result<Vec<Tensor>, ModelError> {
    let nodes = Model::node_shapes(layers, input, head)?;
    let mut list = vec![Tensor { name: "x".into(), trained: false, gradient: false, units: Some(size(input)) }];
    let (mut before, mut gradient) = (input, false);
    for (layer, (name, shape)) in layers.iter().zip(&nodes) {
        gradient |= !layer.parameters(before).is_empty();
        // In a graph pictures lie pixel by pixel, each with one number per channel: a column for each unit here too.
        let units = Some(Units::of(name, shape).count);
        list.push(Tensor { name: name.clone(), trained: false, gradient, units });
        before = shape;
    }
    let parameters = |name: String, units| Tensor { name, trained: true, gradient: true, units };
    let arrays = Model::arrays(layers, input, head)?;
    let mut together: Vec<String> = arrays.iter().map(|(name, _)| format!("{}.*", block(name))).collect();
    together.dedup();
    together.push("*".into());
    list.extend(arrays.into_iter().map(|(name, shape)| parameters(name, shape.last().copied())));
    list.extend(together.into_iter().map(|name| parameters(name, None)));
    Ok(list)
}

/// `hidden1` of `hidden1.weight`: the layer that an array of parameters belongs to.
pub fn block(array: &str) -> &str {
    array.rsplit_once('.').map_or(array, |(layer, _)| layer)
}

#[cfg(test)]
mod tests;
