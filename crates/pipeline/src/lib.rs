//! Pipeline files: TOML to a checked plan to a run folder.

pub mod diagnostics;
pub mod document;
pub mod families;
pub mod header;
pub mod schema;
pub mod text;
pub mod tree;
