//! Contour lines of a field, coloured by level or all alike.

use crate::geometry::{Grid, contour_lines};
use crate::marks::{Extent, Mark};
use crate::svg::{Dash, Group, Style};
use crate::{Color, ColorScale, Key, Plane, Span, Swatch, palette};

/// The lines along which a field has given values.
#[derive(Debug, Clone, PartialEq)]
pub struct Contours {
    grid: Grid,
    levels: Vec<f64>,
    /// Colours by level; without it all lines are [`Contours::color`].
    pub scale: Option<ColorScale>,
    /// Default ink.
    pub color: Color,
    /// In drawing units; default 1.2.
    pub width: f64,
    /// Default solid.
    pub dash: Dash,
    /// Its legend entry; none by default.
    pub label: Option<String>,
}

impl Contours {
    /// Lines of one colour.
    pub fn new(grid: Grid, levels: impl IntoIterator<Item = f64>) -> Self {
        let levels = levels.into_iter().collect();
        Self { grid, levels, scale: None, color: palette::INK, width: 1.2, dash: Dash::Solid, label: None }
    }

    /// Each line in the colour of its level.
    pub fn scale(mut self, scale: ColorScale) -> Self {
        self.scale = Some(scale);
        self
    }

    builders! { color width dash label }
}

impl Mark for Contours {
    fn name(&self) -> &'static str {
        "contours"
    }

    fn extent(&self) -> Extent {
        let ((x0, x1), (y0, y1)) = (self.grid.x(), self.grid.y());
        Extent { x: Span::tight([x0, x1]), y: Span::tight([y0, y1]) }
    }

    fn keys(&self) -> Vec<Key> {
        let swatch = Swatch::Line { color: self.color, width: self.width, dash: self.dash };
        self.label.iter().map(|label| Key::new(label, swatch)).collect()
    }

    fn draw(&self, plane: &Plane) {
        for &level in &self.levels {
            let lines = contour_lines(&self.grid, level);
            if lines.is_empty() {
                continue;
            }
            let color = self.scale.map_or(self.color, |scale| scale.color(level));
            plane.group(Group::styled(Style::stroked(color, self.width)).dash(self.dash).round(), || {
                for run in lines.iter().flat_map(|line| plane.runs(line)) {
                    plane.path(run);
                }
            });
        }
    }
}
