//! Marks: what a panel shows, one file each.
//!
//! A new mark is one file here and one line below: a struct with its data and look, and [`Mark`] for it.

mod area;
mod bars;
mod contours;
mod frames;
mod heatmap;
mod image;
mod label;
mod line;
mod mesh;
mod polygons;
mod regions;
mod rug;
mod rule;
mod scatter;

pub use area::Area;
pub use bars::{Bars, Series};
pub use contours::Contours;
pub use frames::Frames;
pub use heatmap::{Heatmap, Numbers};
pub use image::Image;
pub use label::Label;
pub use line::Line;
pub use mesh::{Mesh, MeshColors};
pub use polygons::Polygons;
pub use regions::Regions;
pub use rug::Rug;
pub use rule::Rule;
pub use scatter::{Coloring, Scatter, Shape};

use crate::{Key, Plane, Span};

/// What automatic axes must make room for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Extent {
    /// Along the horizontal axis.
    pub x: Span,
    /// Along the vertical axis.
    pub y: Span,
}

impl Extent {
    /// Nothing.
    pub const EMPTY: Self = Self { x: Span::EMPTY, y: Span::EMPTY };

    /// Both.
    pub fn union(self, other: Self) -> Self {
        Self { x: self.x.union(other.x), y: self.y.union(other.y) }
    }
}

/// Something a panel shows. Values that are not finite, or not positive on a log axis, are gaps.
pub trait Mark: std::fmt::Debug {
    /// Its part of the ids in the file: `line`.
    fn name(&self) -> &'static str;

    /// The range of its data.
    fn extent(&self) -> Extent;

    /// Its legend entries; equal ones of several marks show once.
    fn keys(&self) -> Vec<Key> {
        Vec::new()
    }

    /// Whether it covers the plane, so that grid lines would disturb: maps, regions, pictures.
    fn covers(&self) -> bool {
        false
    }

    /// Whether it is cut off at the frame. Default true.
    fn clipped(&self) -> bool {
        true
    }

    /// How many frames it has, if it moves.
    fn frames(&self) -> Option<usize> {
        None
    }

    /// Draws itself.
    fn draw(&self, plane: &Plane);
}
