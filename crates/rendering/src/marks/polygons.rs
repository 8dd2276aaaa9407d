//! Given polygons, each in its own colour: exact linear regions, cells.

use crate::marks::{Extent, Mark};
use crate::svg::{Group, Style};
use crate::{Color, Plane, Point, Span};

/// Filled polygons.
#[derive(Debug, Clone, PartialEq)]
pub struct Polygons {
    /// Corners in order, the last one joining the first, and the fill; polygons with a corner that is not finite are left out.
    pub polygons: Vec<(Vec<Point>, Color)>,
    /// Colour and width of their outlines; by default each has its fill's colour, which closes the seams between neighbours.
    pub outline: Option<(Color, f64)>,
}

impl Polygons {
    /// Without outlines.
    pub fn new(polygons: impl IntoIterator<Item = (Vec<Point>, Color)>) -> Self {
        Self { polygons: polygons.into_iter().collect(), outline: None }
    }

    /// With outlines.
    pub fn outline(mut self, color: Color, width: f64) -> Self {
        self.outline = Some((color, width));
        self
    }
}

impl Mark for Polygons {
    fn name(&self) -> &'static str {
        "polygons"
    }

    fn extent(&self) -> Extent {
        let corners = || self.polygons.iter().flat_map(|(corners, _)| corners);
        Extent { x: Span::tight(corners().map(|p| p.0)), y: Span::tight(corners().map(|p| p.1)) }
    }

    fn covers(&self) -> bool {
        true
    }

    fn draw(&self, plane: &Plane) {
        let drawable = |corners: &[Point]| corners.len() > 2 && corners.iter().all(|&p| plane.holds(p));
        let shown: Vec<&(Vec<Point>, Color)> = self.polygons.iter().filter(|(corners, _)| drawable(corners)).collect();
        // Neighbours of one colour share a group, which states it once.
        for same in shown.chunk_by(|a, b| a.1 == b.1) {
            let fill = same[0].1;
            let (stroke, width) = self.outline.unwrap_or((fill, 0.6));
            plane.group(Group::styled(Style::outlined(fill, stroke, width)).round(), || {
                for (corners, _) in same {
                    plane.polygon(corners, fill);
                }
            });
        }
    }
}
