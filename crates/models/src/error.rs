//! What can be wrong with a model or a file of one.

use std::path::PathBuf;

use tensor::shape::display;

/// An error of building, loading or evaluating a model.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// A layer that cannot take what the layer before it gives.
    #[error("{source}")]
    Layer {
        /// Its place in the list, from 0.
        index: usize,
        /// What does not fit.
        source: LayerError,
    },
    /// No layers at all.
    #[error("a model needs at least one layer")]
    Empty,
    /// Data of another shape than the model's input.
    #[error("the model takes {expected} features, and the data has {found}")]
    Features {
        /// Features the model takes.
        expected: usize,
        /// Features of the data.
        found: usize,
    },
    /// Targets of the wrong kind for the loss.
    #[error("{loss} needs {expected} as targets")]
    Targets {
        /// The loss, or what else needs them.
        loss: &'static str,
        /// What it needs.
        expected: &'static str,
    },
    /// A unit that a node does not have.
    #[error("there is no unit {unit} in {node}: its {of} units are 0 to {}", .of.saturating_sub(1))]
    Unit {
        /// The node.
        node: String,
        /// The unit asked for.
        unit: usize,
        /// How many the node has.
        of: usize,
    },
    /// A graph that could not be built.
    #[error(transparent)]
    Graph(#[from] autograd::GraphError),
    /// A file that cannot be read or written.
    #[error("{}: {source}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file that is no safetensors file.
    #[error("{}: not a safetensors file: {source}", .path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// Why.
        source: safetensors::SafeTensorError,
    },
    /// A file that lacks an array, or has it in another shape or type.
    #[error("{}: {name} is {found}, and the model needs {expected}", .path.display())]
    Array {
        /// The file.
        path: PathBuf,
        /// The array's name.
        name: String,
        /// What the file has.
        found: String,
        /// What the model needs.
        expected: String,
    },
}

/// A layer and an input that do not fit.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum LayerError {
    /// A layer that takes a plain vector of features.
    #[error("a {layer} layer takes a vector of features, and gets {}", display(.shape))]
    NeedsVector {
        /// The layer's kind.
        layer: &'static str,
        /// What it gets.
        shape: Vec<usize>,
    },
    /// More outputs than could be meant.
    #[error("a {layer} layer of degree {degree} on {inputs} inputs would have more than {most} outputs")]
    TooMany {
        /// The layer's kind.
        layer: &'static str,
        /// Its degree.
        degree: usize,
        /// Its inputs.
        inputs: usize,
        /// The most allowed.
        most: usize,
    },
}

impl LayerError {
    /// What to do about it.
    pub fn help(&self) -> &'static str {
        match self {
            Self::NeedsVector { .. } => "put \"flatten\" before it",
            Self::TooMany { .. } => "lower the degree",
        }
    }
}
