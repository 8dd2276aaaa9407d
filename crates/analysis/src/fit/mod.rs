//! Curves of one input: what a network of one input has fitted, and how.

mod partial_sums;

registry::kinds! {
    dyn crate::Analysis, "fit", "functions of one input: what was fitted, and from which pieces";
    basis::BasisConfig,
    breakpoints::BreakpointsConfig,
    fitted_curves::FittedCurvesConfig,
    kink_migration::KinkMigrationConfig,
    piecewise_linear::PiecewiseLinearConfig,
}
