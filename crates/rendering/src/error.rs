//! What a caller can get wrong: sizes that do not meet.

/// Why a mark could not be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RenderingError {
    /// A matrix whose data has another length than rows × columns.
    #[error("{what}: {rows} rows × {columns} columns need {} values, got {found}", rows * columns)]
    MatrixLength {
        /// Which mark or grid.
        what: &'static str,
        /// Rows asked for.
        rows: usize,
        /// Columns asked for.
        columns: usize,
        /// Values given.
        found: usize,
    },
    /// Sequences that run along each other have different lengths.
    #[error("{what}: {left_name} has length {left}, {right_name} has length {right}")]
    LengthMismatch {
        /// Which mark.
        what: &'static str,
        /// The first sequence.
        left_name: &'static str,
        /// Its length.
        left: usize,
        /// The second sequence.
        right_name: &'static str,
        /// Its length.
        right: usize,
    },
    /// A grid too small to have a cell between its nodes.
    #[error("{what}: needs at least 2 × 2 nodes, got {rows} × {columns}")]
    TooFewNodes {
        /// Which grid.
        what: &'static str,
        /// Rows given.
        rows: usize,
        /// Columns given.
        columns: usize,
    },
}
