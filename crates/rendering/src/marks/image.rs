//! A small picture, pixel by pixel, embedded in the file.

use crate::marks::{Extent, Mark};
use crate::{Color, ColorScale, Plane, Point, RenderingError, Span};

/// A picture over a rectangle of the plane: pixels (0, 0) … (columns, rows), row 0 at y from 0 to 1, unless it is put elsewhere
/// ([`Image::over`]). Reverse the vertical axis to have row 0 on top ([`crate::Panel::picture`] does).
#[derive(Debug, Clone, PartialEq)]
pub struct Image {
    rows: usize,
    columns: usize,
    pixels: Vec<Color>,
    /// The first corner, below row 0, and the one opposite.
    corners: [Point; 2],
}

impl Image {
    /// From values row by row.
    ///
    /// # Errors
    /// Another number of values than rows × columns, or none.
    pub fn new(rows: usize, columns: usize, values: &[f64], scale: ColorScale) -> Result<Self, RenderingError> {
        Self::from_colors(rows, columns, values.iter().map(|&v| scale.color(v)).collect())
    }

    /// From colours row by row.
    ///
    /// # Errors
    /// Another number of colours than rows × columns, or none.
    pub fn from_colors(rows: usize, columns: usize, pixels: Vec<Color>) -> Result<Self, RenderingError> {
        if pixels.len() != rows * columns || pixels.is_empty() {
            return Err(RenderingError::MatrixLength { what: "picture", rows, columns, found: pixels.len() });
        }
        Ok(Self { rows, columns, pixels, corners: [(0.0, 0.0), (columns as f64, rows as f64)] })
    }

    /// Over this rectangle of the plane: from the corner where row 0 begins to the one opposite.
    pub fn over(mut self, from: Point, to: Point) -> Self {
        self.corners = [from, to];
        self
    }
}

impl Mark for Image {
    fn name(&self) -> &'static str {
        "image"
    }

    fn extent(&self) -> Extent {
        Extent { x: Span::tight(self.corners.map(|c| c.0)), y: Span::tight(self.corners.map(|c| c.1)) }
    }

    fn covers(&self) -> bool {
        true
    }

    fn draw(&self, plane: &Plane) {
        let [a, b] = self.corners.map(|corner| plane.project(corner));
        let corner = (a.0.min(b.0), a.1.min(b.1));
        let size = ((b.0 - a.0).abs(), (b.1 - a.1).abs());
        let upright = a.1 < b.1;
        let flipped: Vec<Color>;
        let pixels = if upright {
            &self.pixels
        } else {
            flipped = self.pixels.chunks(self.columns).rev().flatten().copied().collect();
            &flipped
        };
        plane.canvas(|c| c.picture(corner, size, self.columns, self.rows, pixels));
    }
}
