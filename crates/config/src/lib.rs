//! The configuration language: TOML tables, checked against the schemas of their kinds.
//!
//! A file is a header and named tables of several families; most families have kinds, each with a config struct of its own. What
//! families and kinds there are is data ([`families`]), so this crate knows no real one: its callers fill the description from
//! registries, its tests from toys.
//!
//! [`document::read`] reads a file and its `--set` arguments ([`text`]) as a tree with spans ([`tree`]), compares each table with
//! the schema of its kind ([`schema`]), resolves the references between tables and sorts the tables by them. Every mistake
//! becomes a [`diagnostics::Diagnostic`]; none hides another. [`resolved`] writes a checked file with every default, and
//! [`catalog`] lists and explains the kinds.

pub mod catalog;
pub mod diagnostics;
pub mod document;
pub mod families;
pub mod header;
pub mod resolved;
pub mod schema;
pub mod text;
pub mod tree;
