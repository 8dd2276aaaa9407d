//! Pipeline files: TOML to a checked plan to a run folder.
//!
//! [`kinds`] fills the configuration language of the crate `config` with the real families. [`load`] reads a file by it, has
//! [`crosscheck`] look at what only shows when tables meet, and makes a plan; [`run`] carries the plan out; [`commands`] are the command
//! line's.

pub mod commands;
pub mod console;
pub mod crosscheck;
pub mod fetch;
pub mod files;
pub mod golden;
pub mod keep;
pub mod kinds;
pub mod load;
pub mod machine;
pub mod npy;
pub mod parallel;
pub mod run;
