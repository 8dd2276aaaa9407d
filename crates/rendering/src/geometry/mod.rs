//! Geometry on grids: where a field crosses a level, and which part of the plane belongs to whom. Pure numbers, no drawing.

mod contour;
mod grid;
mod join;
mod partition;
mod simplify;

pub use contour::contour_lines;
pub use grid::Grid;
pub use partition::{Partition, bands, largest};
pub(crate) use simplify::simplified;
