//! What can be wrong with a graph while it is built. Replaying a built graph cannot fail.

use tensor::shape::{ShapeError, display};

/// An error of building a graph.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum GraphError {
    /// Two shapes that cannot be combined.
    #[error(transparent)]
    Shape(#[from] ShapeError),
    /// An operation that takes another number of axes.
    #[error("{op} takes {expected}, and {name} is {}", display(.shape))]
    Rank {
        /// The operation.
        op: &'static str,
        /// What it takes: "a matrix".
        expected: &'static str,
        /// The input's name.
        name: String,
        /// The input's shape.
        shape: Vec<usize>,
    },
    /// Inner sizes of a product, or sizes that must be equal, differ.
    #[error("{op}: {left} is {} and {right} is {}", display(.left_shape), display(.right_shape))]
    Mismatch {
        /// The operation.
        op: &'static str,
        /// The first input's name.
        left: String,
        /// The first input's shape.
        left_shape: Vec<usize>,
        /// The second input's name.
        right: String,
        /// The second input's shape.
        right_shape: Vec<usize>,
    },
    /// A shape of another size.
    #[error("reshape: {name} is {}, which has not as many elements as {}", display(.from), display(.to))]
    Reshape {
        /// The input's name.
        name: String,
        /// Its shape.
        from: Vec<usize>,
        /// The shape asked for.
        to: Vec<usize>,
    },
    /// An axis that is not there.
    #[error("{op}: {name} is {}, which has no axis {axis}", display(.shape))]
    Axis {
        /// The operation.
        op: &'static str,
        /// The input's name.
        name: String,
        /// Its shape.
        shape: Vec<usize>,
        /// The axis asked for, from 0.
        axis: usize,
    },
    /// A name that the graph or the parameters already use.
    #[error("the name {name} is taken")]
    NameTaken {
        /// The name.
        name: String,
    },
    /// A parameter added after a state.
    #[error("the parameter {name} comes after a state: add all parameters first")]
    BehindStates {
        /// The parameter's name.
        name: String,
    },
    /// No node has this name.
    #[error("no node is called {name}; there are {}", .known.join(", "))]
    UnknownNode {
        /// The name asked for.
        name: String,
        /// All names, in the graph's order.
        known: Vec<String>,
    },
    /// Nothing the node depends on wants a gradient.
    #[error("{name} depends on no parameter and no variable, so it has no gradient")]
    NoGradient {
        /// The node's name.
        name: String,
    },
}
