//! What a pipeline file says about itself, before its tables.

use registry::FigureRef;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How large matrix products are computed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Numerics {
    /// The same bits on every machine.
    #[default]
    Exact,
    /// The fastest the machine has; results then belong to this machine.
    Native,
}

/// The keys at the top of a pipeline file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// What the experiment is called, a short line.
    pub title: String,
    /// What question it asks and what its figures show.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The figure that answers the question: the report opens with it. Default: the first one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hero: Option<FigureRef>,
    /// Where all its random numbers come from, up to 9223372036854775807 (2⁶³ − 1): the same seed, the same bytes.
    #[serde(default)]
    pub seed: u64,
    /// `"exact"`: the same bits on every machine. `"native"`: faster large products, goldens never use it.
    #[serde(default)]
    pub numerics: Numerics,
}
