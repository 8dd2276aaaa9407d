//! Short strokes along the horizontal axis, one per value: where the kinks are.

use crate::marks::{Extent, Mark};
use crate::svg::{Group, Style, hundredths};
use crate::{Color, Plane, Span, palette};

/// Ticks at values of x, on the inside of the lower edge.
#[derive(Debug, Clone, PartialEq)]
pub struct Rug {
    /// Where along x.
    pub values: Vec<f64>,
    /// Default ink.
    pub color: Color,
    /// In drawing units; default 10.
    pub height: f64,
}

impl Rug {
    /// A stroke per value.
    pub fn new(values: impl IntoIterator<Item = f64>) -> Self {
        Self { values: values.into_iter().collect(), color: palette::INK, height: 10.0 }
    }

    /// In this colour.
    pub fn color(mut self, color: Color) -> Self {
        self.color = color;
        self
    }
}

impl Mark for Rug {
    fn name(&self) -> &'static str {
        "rug"
    }

    fn extent(&self) -> Extent {
        Extent { x: Span::roomy(self.values.iter().copied()), y: Span::EMPTY }
    }

    fn draw(&self, plane: &Plane) {
        let floor = plane.y().start;
        plane.group(Group::styled(Style::stroked(self.color, 1.5)), || {
            for &x in self.values.iter().filter(|&&x| plane.holds((x, floor)) && plane.shows((x, floor))) {
                let foot = plane.project((x, floor));
                plane.canvas(|c| c.line(foot, (foot.0, foot.1 - hundredths(self.height))));
            }
        });
    }
}
