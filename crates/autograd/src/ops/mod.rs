//! One file per operation: its formula, its derivative, its builder method, and examples for the gradient check.
//!
//! To add one: write the file, and add its name to the list below. The examples are part of [`Info`], so an operation without
//! a gradient check does not compile.

mod rows;
mod standard;

use crate::{GraphError, Node, check::Case};

/// A small graph that ends in an operation; returns that node.
pub type Example = fn(&mut Case) -> Result<Node, GraphError>;

/// An operation's line in the registry.
#[derive(Debug)]
pub struct Info {
    /// The name, also of the builder method.
    pub name: &'static str,
    /// What it computes.
    pub formula: &'static str,
    /// Small graphs that use it, for the gradient check.
    pub examples: &'static [Example],
}

macro_rules! registry {
    ($($name:ident)*) => {
        $(pub mod $name;)*
        /// Every operation.
        pub const OPS: &[&Info] = &[$(&$name::INFO),*];
    };
}

registry! {
    add sub mul div
    matmul linear transpose reshape polynomial
    sum mean
    conv2d max_pool avg_pool channels_first channels_last
    relu leaky_relu selu elu gelu sigmoid tanh softplus
    softmax log_softmax cross_entropy mean_squared_error
    scale clamp mask
    layer_norm batch_norm dropout
}
