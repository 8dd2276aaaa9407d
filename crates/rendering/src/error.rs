//! What a caller can get wrong: sizes that do not meet, animations that are too large.

/// Why a mark or a figure could not be made.
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
    /// A moving mark or title with another number of frames than the figure's animation.
    #[error("panel {panel}: {what} has {}, and the animation has {expected}", count(*found, "frame"))]
    FrameCount {
        /// The panel's index.
        panel: usize,
        /// What moves: a mark's name, or the title.
        what: &'static str,
        /// Frames of the animation.
        expected: usize,
        /// Frames it has.
        found: usize,
    },
    /// An animation whose file would be larger than its limit.
    #[error("the animation's {} take {bytes} bytes, and the limit is {limit}: {}", count(*frames, "frame"), advice(*fit))]
    TooLarge {
        /// Frames it has.
        frames: usize,
        /// Bytes of the file.
        bytes: usize,
        /// Bytes it may have.
        limit: usize,
        /// About how many frames of this size would fit.
        fit: usize,
    },
}

fn count(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

fn advice(fit: usize) -> String {
    match fit {
        0 | 1 => "lower the resolution of what moves".to_owned(),
        n => format!("show at most {n} frames, or lower the resolution of what moves"),
    }
}
