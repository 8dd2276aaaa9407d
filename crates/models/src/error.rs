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
    /// A layer that takes pictures.
    #[error("{layer} takes pictures, channels × height × width or height × width, and gets {}", display(.shape))]
    NeedsPicture {
        /// The layer's kind.
        layer: &'static str,
        /// What it gets.
        shape: Vec<usize>,
    },
    /// A window that does not fit into the picture.
    #[error("the window of {layer}, {reach}×{reach} pixels, is larger than what it slides over, {}", display(.padded))]
    Window {
        /// The layer's kind.
        layer: &'static str,
        /// From its first to its last pixel.
        reach: usize,
        /// The picture with its padding.
        padded: [usize; 2],
    },
    /// A window that leaves the picture with its first step.
    #[error("{layer} moves by {stride} pixels, and so leaves the picture, {}, with its first step", display(.padded))]
    Stride {
        /// The layer's kind.
        layer: &'static str,
        /// How far it moves.
        stride: usize,
        /// The picture with its padding.
        padded: [usize; 2],
    },
    /// Channels that cannot be divided into so many groups.
    #[error("{inputs} channels that come in and {channels} that go out cannot be divided into {groups} groups each")]
    Groups {
        /// Channels that come in.
        inputs: usize,
        /// Channels that go out.
        channels: usize,
        /// The groups.
        groups: usize,
    },
    /// A connection that begins before the first layer.
    #[error("a residual layer over {over} layers has only {before} before it")]
    Before {
        /// How many layers it passes by.
        over: usize,
        /// How many there are.
        before: usize,
    },
    /// What is added has another shape.
    #[error("a residual layer adds what went into the layers before it, {}, to what comes out, {}", display(.given), display(.shape))]
    Added {
        /// What went in.
        given: Vec<usize>,
        /// What comes out.
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
    pub fn help(&self) -> String {
        match self {
            Self::NeedsVector { shape, .. } => {
                format!("put \"flatten\" before it: it then gets {} features", tensor::shape::size(shape))
            }
            Self::NeedsPicture { shape, .. } if shape.len() == 1 => {
                "put it before \"flatten\" and the linear layers, on data whose samples are pictures".into()
            }
            Self::NeedsPicture { .. } => "use it on data whose samples are pictures".into(),
            Self::Window { padded, .. } => {
                format!("choose a window of at most {0}×{0} pixels, or more padding", padded[0].min(padded[1]))
            }
            Self::Stride { padded, .. } => format!("choose a stride below {}", padded[0].min(padded[1])),
            Self::Groups { inputs, channels, .. } => {
                let both = |n: &usize| inputs.is_multiple_of(*n) && channels.is_multiple_of(*n);
                let divisors: Vec<String> = (1..=*inputs).filter(both).map(|n| n.to_string()).collect();
                format!("choose a number that divides both: {}", divisors.join(", "))
            }
            Self::Before { before, .. } => format!("pass by at most {before}"),
            Self::Added { .. } => {
                "let the layers between keep the shape (convolutions by padding), or leave it out".into()
            }
            Self::TooMany { .. } => "lower the degree".into(),
        }
    }
}
