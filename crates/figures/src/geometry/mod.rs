//! How networks bend, fold and divide their input space.

registry::kinds! {
    dyn crate::FigureKind, "geometry", "how networks bend, fold and divide their input space";
    confidence::Confidence,
    decision_regions::DecisionRegions,
    exact_boundary::ExactBoundary,
    feature_space::FeatureSpace,
    folded_grid::FoldedGrid,
    layer_cuts::LayerCuts,
    linear_regions::LinearRegions,
    output_map::OutputMap,
    probe_accuracy::ProbeAccuracy,
}
