//! A straight reference line across the whole plane.

use crate::marks::{Extent, Mark};
use crate::svg::{Dash, Group, Style};
use crate::{Color, Key, Plane, Span, Swatch, palette};

/// A horizontal or vertical line.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// The value on the axis it crosses.
    pub at: f64,
    /// Vertical at an x, or horizontal at a y.
    pub vertical: bool,
    /// Default muted ink.
    pub color: Color,
    /// In drawing units; default 1.2.
    pub width: f64,
    /// Default dashed.
    pub dash: Dash,
    /// Its legend entry; none by default.
    pub label: Option<String>,
}

impl Rule {
    /// A level line.
    pub fn horizontal(y: f64) -> Self {
        Self { at: y, vertical: false, color: palette::MUTED, width: 1.2, dash: Dash::Dashed, label: None }
    }

    /// An upright line.
    pub fn vertical(x: f64) -> Self {
        Self { vertical: true, ..Self::horizontal(x) }
    }

    builders! { color width dash label }
}

impl Mark for Rule {
    fn name(&self) -> &'static str {
        "rule"
    }

    fn extent(&self) -> Extent {
        let span = Span::roomy([self.at]);
        if self.vertical { Extent { x: span, y: Span::EMPTY } } else { Extent { x: Span::EMPTY, y: span } }
    }

    fn keys(&self) -> Vec<Key> {
        let swatch = Swatch::Line { color: self.color, width: self.width, dash: self.dash };
        self.label.iter().map(|label| Key::new(label, swatch)).collect()
    }

    fn draw(&self, plane: &Plane) {
        let (x, y) = (plane.x(), plane.y());
        let ends =
            if self.vertical { [(self.at, y.start), (self.at, y.end)] } else { [(x.start, self.at), (x.end, self.at)] };
        if plane.holds(ends[0]) && plane.shows(ends[0]) {
            let group = Group::styled(Style::stroked(self.color, self.width)).dash(self.dash);
            plane.group(group, || plane.path(&ends));
        }
    }
}
