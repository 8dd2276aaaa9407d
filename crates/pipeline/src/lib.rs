//! Pipeline files: TOML to a checked plan to a run folder.
//!
//! A file goes through four steps. [`document`] reads it whole against the schemas of the [`families`] and reports every
//! mistake at its place; [`crosscheck`] looks at what only shows when tables meet; [`load`] makes a plan of it; [`run`] carries
//! the plan out. [`kinds`] is the one place that knows which families there are; [`commands`] are the command line's.

pub mod catalog;
pub mod commands;
pub mod console;
pub mod crosscheck;
pub mod diagnostics;
pub mod document;
pub mod families;
pub mod fetch;
pub mod files;
pub mod golden;
pub mod header;
pub mod keep;
pub mod kinds;
pub mod load;
pub mod machine;
pub mod npy;
pub mod parallel;
pub mod resolved;
pub mod run;
pub mod schema;
pub mod text;
pub mod tree;
