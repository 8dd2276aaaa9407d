//! Curves of one input: what a network of one input has fitted, and how.

registry::kinds! {
    dyn crate::FigureKind, "fit", "functions of one input: what was fitted, and from which pieces";
    basis_contributions::BasisContributions,
    basis_sum::BasisSum,
    breakpoints::Breakpoints,
    fit_errors::FitErrors,
    fits::Fits,
    kink_migration::KinkMigration,
    width_error::WidthError,
}
