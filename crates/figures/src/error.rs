//! Figures that cannot be drawn.

/// Why there is no figure.
#[derive(Debug, thiserror::Error)]
pub enum FigureError {
    /// Something missing or of another kind, or an analysis the figure makes on its way that failed.
    #[error(transparent)]
    Analysis(#[from] analysis::AnalysisError),
    /// More shapes than a picture can show and a page can bear.
    #[error("{found} {what} are more than the {most} that a picture shows; {help}")]
    TooMany {
        /// What there are too many of.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many are drawn at most.
        most: usize,
        /// What to do.
        help: String,
    },
    /// A scene that cannot be put together.
    #[error(transparent)]
    Rendering(#[from] rendering::RenderingError),
}
