//! What in the input a unit or a score answers to.

registry::kinds! {
    dyn crate::FigureKind, "inputs", "what in the input a unit or a score answers to";
    attribution::Attribution,
    feature_maps::FeatureMaps,
    filters::Filters,
    image_sheet::ImageSheet,
    unit_maps::UnitMaps,
    walk::Walk,
}
