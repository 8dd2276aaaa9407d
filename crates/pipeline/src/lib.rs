//! The runner: from a pipeline file to a checked plan to a run's folder.
//!
//! [`kinds`] fills the configuration language of the crate `config` with the real families. [`load`] reads a file by it, has
//! [`crosscheck`] check what concerns several tables, and makes a plan, whose [`memory`] is estimated. [`run`] carries the plan
//! out, stage after stage, but for what the [`cache`] has. [`fetch`] gets data sets that are missing, [`golden`] compares a run's
//! figures with the pinned ones, [`predict`] uses the models that it saved, and [`export`] writes what it computed with for other
//! programs.
//!
//! Modules import one another in one direction only: (export, predict) → run, (fetch, golden, run) → cache → load → crosscheck →
//! kinds, and memory → load; the others know of none.

pub mod cache;
pub mod console;
pub mod crosscheck;
pub mod export;
pub mod fetch;
pub mod files;
pub mod golden;
pub mod hash;
pub mod kinds;
pub mod load;
pub mod machine;
pub mod memory;
pub mod npy;
pub mod parallel;
pub mod predict;
pub mod run;
