//! What the data is like, before any network.

registry::kinds! {
    dyn crate::FigureKind, "data", "what the data is like, before any network";
    class_images::ClassImages,
    class_intensity::ClassIntensity,
    pixel_histogram::PixelHistogram,
    sample_sheet::SampleSheet,
    samples::Samples,
}
