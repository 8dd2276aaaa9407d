//! What a trained network predicts, and where it is wrong.

registry::kinds! {
    dyn crate::FigureKind, "predictions", "what a trained network predicts, and where it is wrong";
    calibration::Calibration,
    class_scores::ClassScores,
    confusion_matrix::ConfusionMatrix,
    misclassified::Misclassified,
    starts::Starts,
    truth_table::TruthTable,
}
