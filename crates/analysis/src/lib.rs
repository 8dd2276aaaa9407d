//! Analyses, one file each: a trained model and data to a typed result of labelled arrays. No drawing, no files.
//!
//! A kind of analysis is a config struct with [`Analysis`], in the folder of its subject, and one line in that folder's `mod.rs`.
//! What it finds is an [`Outcome`]: figures read its own type, `metrics.json` its [`Metrics`].

pub mod data;
mod error;
pub mod fit;
pub mod fixture;
pub mod geometry;
pub mod inputs;
pub mod learning;
mod metrics;
mod planned;
pub mod predictions;
mod results;
pub mod select;
pub mod statistics;
pub mod sweep;
pub mod units;

pub use error::AnalysisError;
pub use metrics::{Metric, Metrics};
pub use planned::{Offer, Planned, PlannedData, PlannedModel, PlannedSweep};
pub use results::{Results, Trained};

use std::any::Any;

use models::Model;
use registry::{Category, Problems};
use training::Hook;

use select::snapshots::Snapshots;

/// What an `[analysis.NAME]` table asks for.
pub trait Analysis: std::fmt::Debug + Send + Sync {
    /// Notes numbers out of range, with paths inside the table.
    fn check(&self, _problems: &mut Problems) {}

    /// Notes what does not fit the models and data it refers to, as far as these are known before anything runs.
    fn check_against(&self, _planned: &Planned, _problems: &mut Problems) {}

    /// At which snapshots of their training it looks at its models; by default at none, but at the trained models only.
    fn snapshots(&self) -> Option<&Snapshots> {
        None
    }

    /// What it finds, as far as figures choose among it: a figure that asks for something else is refused before anything runs.
    fn offer(&self, _planned: &Planned) -> Offer {
        Offer::default()
    }

    /// The hooks it needs on a model it refers to while that is trained; [`Results::recordings`] has what they recorded. Names
    /// that a model does not have are for [`Analysis::check_against`] to refuse.
    fn hooks(&self, _model: &Model) -> Vec<Hook> {
        Vec::new()
    }

    /// Runs it. `stage` names its random streams.
    ///
    /// # Errors
    /// When what it is given does not suit it, which [`Analysis::check_against`] would have said.
    fn run(&self, stage: &str, results: &Results) -> Result<Box<dyn Outcome>, AnalysisError>;
}

/// What an analysis found.
pub trait Outcome: Any + Send + Sync {
    /// The numbers worth a line in `metrics.json`.
    fn metrics(&self) -> Metrics;
}

/// Every kind of analysis, by subject.
pub const REGISTRY: &[Category<dyn Analysis>] = &[
    data::CATEGORY,
    fit::CATEGORY,
    geometry::CATEGORY,
    inputs::CATEGORY,
    learning::CATEGORY,
    predictions::CATEGORY,
    units::CATEGORY,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registry_is_complete() {
        registry::assert_categories(REGISTRY, |config, problems| config.check(problems));
    }
}
