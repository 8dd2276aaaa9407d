//! Figures that cannot be drawn.

/// Why there is no figure.
#[derive(Debug, thiserror::Error)]
pub enum FigureError {
    /// Something missing or of another kind, or an analysis the figure makes on its way that failed.
    #[error(transparent)]
    Analysis(#[from] analysis::AnalysisError),
    /// Something that the analysis shown does not have.
    #[error("the analysis of {model} has no {what} {found}, it has {known}")]
    Choice {
        /// A node, an epoch, a class.
        what: &'static str,
        /// What was asked for.
        found: String,
        /// The model that the analysis looks at.
        model: String,
        /// What there is.
        known: String,
    },
    /// A scene that cannot be put together.
    #[error(transparent)]
    Rendering(#[from] rendering::RenderingError),
}
