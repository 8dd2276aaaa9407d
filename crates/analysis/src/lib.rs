//! Analyses, one file each: a trained model and data to a typed result of labelled arrays. No drawing, no files.
//!
//! A kind of analysis is a config struct with [`Analysis`] and one line in [`REGISTRY`]. What it finds is an [`Outcome`]: figures
//! read its own type, `metrics.json` its [`Metrics`].

pub mod ablation;
pub mod above;
pub mod activations;
pub mod attribution;
mod backward;
pub mod basis;
pub mod breakpoints;
pub mod chosen;
pub mod class_means;
pub mod classification;
pub mod confusion;
mod context;
pub mod decision;
pub mod diagram;
mod epochs;
pub mod epochs_to_accuracy;
mod error;
pub mod feature_space;
#[cfg(test)]
mod fixture;
pub mod folding;
pub mod folding_moments;
pub mod free_knot;
pub mod gradient_check;
pub mod gradient_norms;
pub mod image_statistics;
pub mod input_weights;
pub mod intervention;
pub mod kink_migration;
pub mod linear_probe;
pub mod linear_regions;
pub mod logistic;
pub mod loss_plane;
pub mod loss_replay;
pub mod loss_surface;
pub mod maximal_input;
mod metrics;
pub mod neuron;
mod parts;
pub mod pca;
mod piecewise;
pub mod pixel_response;
mod replay;
pub mod rule_benchmark;
pub mod saliency;
pub mod selectivity;
pub mod sweep;
pub mod truth_table;
pub mod unit_maps;
pub mod unit_ranking;
pub mod units;
pub mod update_sizes;
pub mod weight;

pub use context::{Context, Planned, PlannedModel, Trained, outcome_as};
pub use error::AnalysisError;
pub use metrics::{Metric, Metrics};

use std::any::Any;

use models::Model;
use registry::{Entry, Problems, TrainRef, entry};
use training::Tap;

/// What an `[analysis.NAME]` table asks for.
pub trait Analysis: std::fmt::Debug + Send + Sync {
    /// Notes numbers out of range, with paths inside the table.
    fn check(&self, problems: &mut Problems);

    /// Notes what does not fit the models and data it refers to, as far as these are known before anything runs.
    fn check_against(&self, planned: &dyn Planned, problems: &mut Problems);

    /// The models it looks at.
    fn models(&self) -> Vec<&TrainRef> {
        Vec::new()
    }

    /// What it wants to hear of a model of [`Analysis::models`] while that is trained; [`Context::recordings`] has what was
    /// heard. Names that a model does not have are for [`Analysis::check_against`] to refuse.
    fn taps(&self, _name: &TrainRef, _model: &Model) -> Vec<Tap> {
        Vec::new()
    }

    /// Runs it. `stage` names its random streams.
    ///
    /// # Errors
    /// When what it is given does not suit it, which [`Analysis::check_against`] would have said.
    fn run(&self, stage: &str, context: &dyn Context) -> Result<Box<dyn Outcome>, AnalysisError>;
}

/// What an analysis found.
pub trait Outcome: Any + Send + Sync {
    /// The numbers worth a line in `metrics.json`.
    fn metrics(&self) -> Metrics;
}

/// Every kind of analysis.
pub const REGISTRY: &[Entry<dyn Analysis>] = &[
    entry!(folding::FoldingConfig => dyn Analysis),
    entry!(linear_probe::LinearProbeConfig => dyn Analysis),
    entry!(linear_regions::LinearRegionsConfig => dyn Analysis),
    entry!(breakpoints::BreakpointsConfig => dyn Analysis),
    entry!(basis::BasisConfig => dyn Analysis),
    entry!(kink_migration::KinkMigrationConfig => dyn Analysis),
    entry!(free_knot::PiecewiseLinearConfig => dyn Analysis),
    entry!(truth_table::TruthTableConfig => dyn Analysis),
    entry!(feature_space::FeatureSpaceConfig => dyn Analysis),
    entry!(gradient_norms::GradientNormsConfig => dyn Analysis),
    entry!(loss_surface::LossSurfaceConfig => dyn Analysis),
    entry!(gradient_check::GradientCheckConfig => dyn Analysis),
    entry!(loss_plane::LossPlaneConfig => dyn Analysis),
    entry!(rule_benchmark::RuleBenchmarkConfig => dyn Analysis),
    entry!(update_sizes::UpdateSizesConfig => dyn Analysis),
    entry!(image_statistics::ImageStatisticsConfig => dyn Analysis),
    entry!(classification::ClassificationConfig => dyn Analysis),
    entry!(epochs_to_accuracy::EpochsToAccuracyConfig => dyn Analysis),
    entry!(unit_ranking::UnitRankingConfig => dyn Analysis),
    entry!(selectivity::SelectivityConfig => dyn Analysis),
    entry!(neuron::NeuronConfig => dyn Analysis),
    entry!(intervention::InterventionConfig => dyn Analysis),
    entry!(ablation::AblationConfig => dyn Analysis),
    entry!(attribution::AttributionConfig => dyn Analysis),
    entry!(saliency::SaliencyConfig => dyn Analysis),
    entry!(pixel_response::PixelResponseConfig => dyn Analysis),
    entry!(input_weights::InputWeightsConfig => dyn Analysis),
    entry!(maximal_input::MaximalInputConfig => dyn Analysis),
    entry!(activations::ActivationsConfig => dyn Analysis),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registry_is_complete() {
        registry::assert_complete(REGISTRY, |config, problems| config.check(problems));
    }
}
