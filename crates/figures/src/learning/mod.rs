//! How training went: losses, gradients, steps and paths.

registry::kinds! {
    dyn crate::FigureKind, "learning", "how training went: losses, gradients, steps and paths";
    epochs_to_accuracy::EpochsToAccuracy,
    gradient_check::GradientCheck,
    gradient_norms::GradientNorms,
    learning_rates::LearningRates,
    loss_surface::LossSurface,
    optimization_trajectories::OptimizationTrajectories,
    sweep_curve::SweepCurve,
    sweep_differences::SweepDifferences,
    time_to_loss::TimeToLoss,
    training_curves::TrainingCurves,
    update_sizes::UpdateSizes,
}
