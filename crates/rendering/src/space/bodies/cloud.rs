//! Points in space, with words beside them and drop lines to the floor where wanted.

use super::{Body, Scenery, extent_of};
use crate::space::parts::{Dot, Stroke};
use crate::space::{Place, Stage};
use crate::{Color, ColorScale, Coloring, Dash, Key, Shape, Span, Swatch, palette};

/// A cloud of points; those outside the box are left out.
#[derive(Debug, Clone, PartialEq)]
pub struct Cloud {
    /// Where they are.
    pub places: Vec<Place>,
    /// Default [`palette::PLAIN`] for all.
    pub coloring: Coloring,
    /// In drawing units; default 5, 3 above 300 points.
    pub radius: f64,
    /// A word beside each; none by default.
    pub names: Vec<String>,
    /// Thin lines down to the floor, which say where a point stands. Default false.
    pub drops: bool,
    /// Legend entries: one for all, or one per class; none by default.
    pub labels: Vec<String>,
}

impl Cloud {
    /// Points in the colour of what a figure has one of.
    pub fn new(places: impl IntoIterator<Item = Place>) -> Self {
        let places: Vec<Place> = places.into_iter().collect();
        let radius = if places.len() > 300 { 3.0 } else { 5.0 };
        let coloring = Coloring::One(palette::PLAIN);
        Self { places, coloring, radius, names: Vec::new(), drops: false, labels: Vec::new() }
    }

    /// All in this colour.
    pub fn color(mut self, color: Color) -> Self {
        self.coloring = Coloring::One(color);
        self
    }

    /// Each in the colour of its class; points beyond the list's end are left out.
    pub fn classes(mut self, classes: impl IntoIterator<Item = usize>) -> Self {
        self.coloring = Coloring::Classes(classes.into_iter().collect());
        self
    }

    /// Each in the colour of its value; points beyond the list's end are left out.
    pub fn values(mut self, values: impl IntoIterator<Item = f64>, scale: ColorScale) -> Self {
        self.coloring = Coloring::Values(values.into_iter().collect(), scale);
        self
    }

    /// Of this radius in drawing units.
    pub fn radius(mut self, radius: f64) -> Self {
        self.radius = radius;
        self
    }

    /// With a word beside each point.
    pub fn names<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.names = names.into_iter().map(Into::into).collect();
        self
    }

    /// With lines down to the floor.
    pub fn drops(mut self) -> Self {
        self.drops = true;
        self
    }

    /// With one legend entry.
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.labels = vec![label.into()];
        self
    }

    /// With a legend entry per class, class 0 first.
    pub fn labels<S: Into<String>>(mut self, labels: impl IntoIterator<Item = S>) -> Self {
        self.labels = labels.into_iter().map(Into::into).collect();
        self
    }

    fn color_of(&self, i: usize) -> Option<Color> {
        match &self.coloring {
            Coloring::One(color) => Some(*color),
            Coloring::Classes(classes) => classes.get(i).map(|&k| palette::class(k)),
            Coloring::Values(values, scale) => values.get(i).map(|&v| scale.color(v)),
        }
    }
}

impl Body for Cloud {
    fn extent(&self) -> [Span; 3] {
        extent_of(&self.places)
    }

    fn keys(&self) -> Vec<Key> {
        let color = |k: usize| match &self.coloring {
            Coloring::One(color) => *color,
            Coloring::Classes(_) => palette::class(k),
            Coloring::Values(_, scale) => scale.at(0.5),
        };
        let key = |(k, label): (usize, &String)| Key::new(label, Swatch::Dot(color(k), Shape::Circle));
        self.labels.iter().enumerate().map(key).collect()
    }

    fn build(&self, stage: &Stage, parts: &mut Scenery<'_>) {
        for (i, &place) in self.places.iter().enumerate() {
            let (Some(at), Some(color)) = (stage.shown(place), self.color_of(i)) else { continue };
            if self.drops {
                let places = vec![at, [at[0], at[1], -stage.half[2]]];
                parts.0.strokes.push(Stroke { places, color: color.tint(0.35), width: 0.9, dash: Dash::Solid });
            }
            let name = self.names.get(i).cloned().unwrap_or_default();
            parts.0.dots.push(Dot { at, radius: self.radius, color, name });
        }
    }
}
