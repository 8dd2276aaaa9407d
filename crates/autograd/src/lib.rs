//! The computation graph: built once, replayed for every step.
//!
//! A [`Graph`] is a list of nodes in the order they were added, which is already a topological order: an operation can only
//! use nodes that exist. Building checks every shape and plans all memory; [`Graph::forward`] then walks the list upwards and
//! [`Graph::backward`] downwards, and neither allocates. Nothing recurses, so depth is bounded by memory alone.
//!
//! The chain rule, as every operation here states it: given dy = ∂L/∂y for its output y, write dx = ∂L/∂x for one input x.
//!
//! ```
//! use autograd::{Graph, Parameters};
//!
//! // L = mean((x·w)²): dL/dw = 2/n Σ x² w
//! let mut parameters = Parameters::<f32>::new();
//! let mut graph = Graph::new();
//! let x = graph.input("x", &[2, 1])?;
//! let w = graph.parameter(parameters.add("w", &[1, 1])?, &parameters)?;
//! let y = graph.matmul(x, w)?;
//! let square = graph.mul(y, y)?;
//! let loss = graph.mean(square);
//! graph.differentiate(loss)?;
//!
//! graph.value_mut(x).copy_from_slice(&[1.0, 2.0]);
//! parameters.values_mut()[0] = 3.0;
//! graph.forward(&parameters);
//! graph.backward(&mut parameters);
//! assert_eq!(graph.value(loss), &[22.5]);
//! assert_eq!(parameters.gradients(), &[15.0]);
//! # Ok::<(), autograd::GraphError>(())
//! ```

mod broadcast;
pub mod check;
mod error;
mod graph;
pub mod ops;
mod parameters;
mod replay;
mod unary;

pub use error::GraphError;
pub use graph::{Graph, Node};
pub use ops::{Info, OPS};
pub use parameters::{Parameter, ParameterId, Parameters};
pub use replay::{Inputs, Op, Replayed, States};
