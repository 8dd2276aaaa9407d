//! Networks as lists of layers: shapes, initialisation, named activations, losses, save and load.
//!
//! A [`Model`] owns its parameters. Its nodes carry stable names (`x`, `hidden1.pre`, `hidden1.post`, `logits`), by which whoever
//! [runs](run) it reads values and gradients and patches activations. For training it builds a [`Network`], a graph for one batch
//! size.
//!
//! ```
//! use models::{Head, Layer, Model, layers::{Linear, Relu}};
//! use tensor::random::{Purpose, Streams};
//!
//! let layers: Vec<Layer> = vec![Linear::new(8).into(), Relu {}.into(), Linear::new(3).into()];
//! let model = Model::new(layers, &[2], Head::Logits, &mut Streams::new(1).stream("deep", Purpose::Init))?;
//! assert_eq!(model.parameters.len(), 2 * 8 + 8 + 8 * 3 + 3);
//! let y = model.predict(ndarray::arr2(&[[0.5, -0.5]]).view())?;
//! assert_eq!(y.shape(), [1, 3]);
//! # Ok::<(), models::ModelError>(())
//! ```

mod error;
mod gradient_check;
mod init;
pub mod layers;
mod loss;
mod model;
mod network;
pub mod run;
mod safetensors;
mod units;
mod weights;

pub use error::ModelError;
pub use gradient_check::{CheckedGradient, ExactLoss};
pub use init::Init;
pub use layers::{LAYERS, Layer, LayerInfo};
pub use loss::{LOSSES, Loss, LossInfo};
pub use model::Model;
pub use network::{Head, Network};
pub use run::{Effect, Found, Input, MeanLoss, Patch, Reading, Root, Run, Seen, Variants};
pub use units::Units;
pub use weights::{Assignment, Misfit, Weights};
