//! How networks bend, fold and divide their input space.

pub mod decision;
pub mod folding_snapshots;
pub(crate) mod piecewise;

registry::kinds! {
    dyn crate::Analysis, "geometry", "how networks bend, fold and divide their input space";
    decision_regions::DecisionRegionsConfig,
    feature_space::FeatureSpaceConfig,
    folding::FoldingConfig,
    linear_probe::LinearProbeConfig,
    linear_regions::LinearRegionsConfig,
    output_map::OutputMapConfig,
}
