//! The fit loop: batches, epochs, metrics, history, divergence.
//!
//! A [`Trainer`] builds its graphs once and then replays them; an epoch allocates nothing. [`fit`] runs it to the end.

mod augment;
mod checkpoint;
mod config;
mod error;
mod history;
mod hooks;
mod measure;
mod order;
mod passes;
mod snapshots;
mod stopping;
mod trainer;

pub use augment::{Augment, Augmenter};
pub use checkpoint::Checkpoint;
pub use config::{Batch, TrainConfig};
pub use error::{Culprit, Divergence, TrainError};
pub use history::{History, Score, Series};
pub use hooks::{BINS, Histogram, Hook, HookError, Quantity, Recording, Statistics, UnitStatistics, block};
pub use measure::{ClassCounts, Measure, macro_averages};
pub use order::Order;
pub use passes::measured_at_once;
pub use snapshots::{Snapshot, SnapshotConfig, thin};
pub use stopping::{EarlyStopping, Keep};
pub use trainer::{Control, Fit, Trainer, fit, initial};
