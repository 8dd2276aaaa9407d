//! A line through places in order; places that are not finite are gaps.

use super::{Body, Scenery, extent_of};
use crate::space::parts::{Stroke, segment_inside};
use crate::space::{Place, Stage};
use crate::{Color, Dash, Key, Span, Swatch, palette};

/// A line in space: a path over a surface, a trajectory.
#[derive(Debug, Clone, PartialEq)]
pub struct Polyline {
    /// Through these places.
    pub places: Vec<Place>,
    /// Default [`palette::PLAIN`].
    pub color: Color,
    /// In drawing units; default 2.
    pub width: f64,
    /// Default solid.
    pub dash: Dash,
    /// Its legend entry; none by default.
    pub label: Option<String>,
}

impl Polyline {
    /// A solid line through places.
    pub fn new(places: impl IntoIterator<Item = Place>) -> Self {
        let places = places.into_iter().collect();
        Self { places, color: palette::PLAIN, width: 2.0, dash: Dash::Solid, label: None }
    }

    builders! { color width dash label }
}

impl Body for Polyline {
    fn extent(&self) -> [Span; 3] {
        extent_of(&self.places)
    }

    fn keys(&self) -> Vec<Key> {
        let swatch = Swatch::Line { color: self.color, width: self.width, dash: self.dash };
        self.label.iter().map(|label| Key::new(label, swatch)).collect()
    }

    fn build(&self, stage: &Stage, parts: &mut Scenery<'_>) {
        let mut places: Vec<_> = Vec::new();
        let mut end = |places: &mut Vec<_>| {
            if places.len() > 1 {
                let places = std::mem::take(places);
                parts.0.strokes.push(Stroke { places, color: self.color, width: self.width, dash: self.dash });
            }
            places.clear();
        };
        for pair in self.places.windows(2) {
            let inside = stage.place(pair[0]).zip(stage.place(pair[1]));
            let Some((a, b)) = inside.and_then(|(a, b)| segment_inside(a, b, stage.half)) else {
                end(&mut places);
                continue;
            };
            if places.last() != Some(&a) {
                end(&mut places);
                places.push(a);
            }
            places.push(b);
        }
        end(&mut places);
    }
}
