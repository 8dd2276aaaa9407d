//! What the data is like, before any network.

registry::kinds! {
    dyn crate::Analysis, "data", "what the data is like, before any network";
    image_statistics::ImageStatisticsConfig,
}
