//! Runs, and what changed between runs, as HTML pages that need nothing else: no network, no framework, no other file.
//!
//! This crate knows texts and bytes: pictures as SVG, tables as CSV, settings as TOML, results as JSON. Where they come from is
//! the business of the `pipeline` crate. Each page is one file here, with its style (`.css`) and its behaviour (`.js`) beside it;
//! [`page`] holds what all of them share.

pub mod change;
pub mod lines;
pub mod markdown;
pub mod numbers;
pub mod page;
mod picture;
pub mod report;
pub mod review;
