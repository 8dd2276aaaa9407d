//! Figures that cannot be drawn.

/// Why there is no figure.
#[derive(Debug, thiserror::Error)]
pub enum FigureError {
    /// Something missing or of another kind, or an analysis the figure makes on its way that failed.
    #[error(transparent)]
    Analysis(#[from] analysis::AnalysisError),
    /// A scene that cannot be put together.
    #[error(transparent)]
    Rendering(#[from] rendering::RenderingError),
}
