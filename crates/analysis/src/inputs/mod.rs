//! What in the input a unit or a score answers to.

pub mod answer;
pub mod convolutions;
pub mod unit_maps;

registry::kinds! {
    dyn crate::Analysis, "inputs", "what in the input a unit or a score answers to";
    attribution::AttributionConfig,
    feature_maps::FeatureMapsConfig,
    filters::FiltersConfig,
    image_sheet::ImageSheetConfig,
    input_weights::InputWeightsConfig,
    maximal_input::MaximalInputConfig,
    pixel_response::PixelResponseConfig,
    saliency::SaliencyConfig,
    walk::WalkConfig,
}
