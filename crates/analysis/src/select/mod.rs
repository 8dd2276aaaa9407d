//! What an analysis is pointed at: a split, samples, units, parameters, snapshots.

pub mod order;
pub mod parameter_path;
pub mod receptive_field;
pub mod samples;
pub mod snapshots;
pub(crate) mod split;
pub mod units;
