//! What a trained network predicts, and where it is wrong.

registry::kinds! {
    dyn crate::Analysis, "predictions", "what a trained network predicts, and where it is wrong";
    calibration::CalibrationConfig,
    classification::ClassificationConfig,
    starts::StartsConfig,
    truth_table::TruthTableConfig,
}
