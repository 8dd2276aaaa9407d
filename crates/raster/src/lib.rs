//! Figures as pixels and on paper, with the fonts that lie beside this crate's sources, so that every machine draws and counts
//! the same.

mod film;
mod job;
mod movement;
mod picture;
mod share;
mod theme;

pub use job::{Answer, Format, Job, Picture};
pub use share::share;
pub use theme::Theme;

/// Why there is no picture.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RasterError {
    /// It is not SVG.
    #[error("it is not a readable SVG: {0}")]
    Svg(String),
    /// It is SVG that something else has written.
    #[error("it is no figure of this program: only of its own does it know what moves and what is dark on a dark page")]
    Foreign,
    /// It is empty or too large.
    #[error("{0} x {1} pixels are not a size that can be drawn")]
    Size(u32, u32),
    /// It moves in another way than figures of this program do.
    #[error("it is moved by `{0}`, which is not understood, so that its moments cannot be drawn")]
    Movement(String),
    /// A moment was asked for, and it does not move.
    #[error("it does not move: --png and --pdf draw it, without --time")]
    Still,
    /// A moment was asked for at which it has begun again.
    #[error("it begins again after {0:.3} s: there is no moment at {1} s")]
    Late(f64, f64),
    /// A film of it would have too many pictures.
    #[error("{0} pictures are too many, the most is {most}; a lower --fps has fewer", most = job::MOST)]
    Long(usize),
    /// A GIF was to be transparent.
    #[error(
        "a GIF's pixels are there or not, so that letters on transparent ground would be ragged: choose light or dark"
    )]
    Ragged,
    /// The libraries that write files failed.
    #[error("it cannot be written: {0}")]
    Encoding(String),
}
