//! The fit loop: batches, epochs, metrics, history, divergence.
//!
//! A [`Trainer`] builds its graphs once and then replays them; an epoch allocates nothing. [`fit`] runs it to the end.

mod checkpoint;
mod config;
mod error;
mod history;
mod snapshots;
mod stopping;
mod taps;
mod trainer;

pub use checkpoint::Checkpoint;
pub use config::{Batch, TrainConfig};
pub use error::{Culprit, Divergence, TrainError};
pub use history::{History, Series};
pub use snapshots::{Snapshot, SnapshotConfig, thin};
pub use stopping::{EarlyStopping, Keep, Measure, Split};
pub use taps::{BINS, Histogram, Moments, Quantity, Recording, Statistics, Tap, TapError, block};
pub use trainer::{Control, Fit, Trainer, fit};
