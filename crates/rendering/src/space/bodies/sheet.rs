//! A plane through the box, translucent.

use super::{Body, Scenery};
use crate::space::Stage;
use crate::space::parts::{Cut, Face, Skin, Stroke, plane_in_box};
use crate::{Color, Dash, Key, Span, Swatch, palette};

/// All places with normal · place = offset, as far as they lie in the box. Axes must be linear for a plane to be flat.
#[derive(Debug, Clone, PartialEq)]
pub struct Sheet {
    /// In units of the axes.
    pub normal: [f64; 3],
    /// In units of the axes.
    pub offset: f64,
    /// Default ink.
    pub color: Color,
    /// 1 is opaque; default 0.3.
    pub opacity: f64,
    /// How its outline is broken; default not at all.
    pub dash: Dash,
    /// Its legend entry; none by default.
    pub label: Option<String>,
}

impl Sheet {
    /// The plane normal · place = offset.
    pub fn new(normal: [f64; 3], offset: f64) -> Self {
        Self { normal, offset, color: palette::INK, opacity: 0.3, dash: Dash::Solid, label: None }
    }

    builders! { color opacity label }

    /// With a broken outline.
    pub fn dash(mut self, dash: Dash) -> Self {
        self.dash = dash;
        self
    }
}

impl Body for Sheet {
    /// A plane has no end: the other bodies and the axes decide what is seen of it.
    fn extent(&self) -> [Span; 3] {
        [Span::EMPTY; 3]
    }

    fn keys(&self) -> Vec<Key> {
        self.label.iter().map(|l| Key::new(l, Swatch::Area(self.color.tint(1.0 - self.opacity)))).collect()
    }

    fn build(&self, stage: &Stage, parts: &mut Scenery<'_>) {
        let (normal, offset) = stage.plane(self.normal, self.offset);
        let corners = plane_in_box(normal, offset, stage.half);
        if corners.len() < 3 {
            return;
        }
        let mut places = corners.clone();
        places.push(corners[0]);
        parts.0.strokes.push(Stroke { places, color: self.color, width: 1.2, dash: self.dash });
        let skin = Skin { edge: None, opacity: self.opacity };
        parts.0.cuts.push(Cut { face: Face { corners, fill: self.color, skin }, normal, offset });
    }
}
