//! Text at a place in the data, with a rim of paper so that it reads on top of anything.

use crate::marks::{Extent, Mark};
use crate::svg::{Anchor, Group, Style, hundredths};
use crate::{Color, Plane, Point, Span, palette, text};

/// An annotation.
#[derive(Debug, Clone, PartialEq)]
pub struct Label {
    /// Where.
    pub at: Point,
    /// What.
    pub text: String,
    /// Which part of the text lies at its place; default its left end.
    pub anchor: Anchor,
    /// Drawing units right of and above the place; default none.
    pub offset: Point,
    /// Default ink.
    pub color: Color,
    /// In drawing units; default [`crate::text::SIZE`].
    pub size: f64,
}

impl Label {
    /// Text centred vertically at a place, its left end there.
    pub fn new(at: Point, text: impl Into<String>) -> Self {
        let (anchor, color) = (Anchor::Start, palette::INK);
        Self { at, text: text.into(), anchor, offset: (0.0, 0.0), color, size: text::SIZE }
    }

    /// Which part of the text lies at its place.
    pub fn anchor(mut self, anchor: Anchor) -> Self {
        self.anchor = anchor;
        self
    }

    /// Moved by drawing units.
    pub fn offset(mut self, right: f64, up: f64) -> Self {
        self.offset = (right, up);
        self
    }

    /// In this colour.
    pub fn color(mut self, color: Color) -> Self {
        self.color = color;
        self
    }

    /// Of this size in drawing units.
    pub fn size(mut self, size: f64) -> Self {
        self.size = size;
        self
    }
}

impl Label {
    /// How far a label at `x` must move so that neither end is cut off at the frame, all in hundredths; one that is wider than
    /// the data area stays.
    fn shift(&self, plane: &Plane, x: i32) -> i32 {
        let (width, (left, _)) = (hundredths(text::width(&self.text, self.size)), plane.corner());
        let (left, right) = (hundredths(left), hundredths(left + plane.size().0));
        let begins = match self.anchor {
            Anchor::Start => x,
            Anchor::Middle => x - width / 2,
            Anchor::End => x - width,
        };
        if width > right - left { 0 } else { begins.clamp(left, right - width) - begins }
    }
}

impl Mark for Label {
    fn name(&self) -> &'static str {
        "label"
    }

    fn extent(&self) -> Extent {
        Extent { x: Span::roomy([self.at.0]), y: Span::roomy([self.at.1]) }
    }

    fn draw(&self, plane: &Plane) {
        if !plane.holds(self.at) {
            return;
        }
        let (x, y) = plane.offset(self.at, self.offset.0, self.offset.1 - 0.36 * self.size);
        let at = (x + self.shift(plane, x), y);
        let style = Style::text(self.color, self.size, self.anchor).haloed();
        plane.group(Group::styled(style).stroke_below(), || plane.canvas(|c| c.text(at, &self.text, 0)));
    }
}
