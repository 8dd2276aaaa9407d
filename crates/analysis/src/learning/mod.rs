//! How training went: losses, gradients, steps and paths.

registry::kinds! {
    dyn crate::Analysis, "learning", "how training went: losses, gradients, steps and paths";
    critical_point::CriticalPointConfig,
    epochs_to_accuracy::EpochsToAccuracyConfig,
    gradient_check::GradientCheckConfig,
    gradient_norms::GradientNormsConfig,
    loss_landscape::LossLandscapeConfig,
    loss_surface::LossSurfaceConfig,
    optimizer_benchmark::OptimizerBenchmarkConfig,
    update_sizes::UpdateSizesConfig,
}
