//! What an SVG element looks like, as far as groups hand it down.

use super::canvas::push_hundredths;
use crate::{Color, palette};
use std::fmt::Write;

/// Which part of a text lies at its position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Anchor {
    /// Its left end.
    #[default]
    Start,
    /// Its middle.
    Middle,
    /// Its right end.
    End,
}

/// How a line is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Dash {
    /// Not at all.
    #[default]
    Solid,
    /// Long strokes.
    Dashed,
    /// Dots.
    Dotted,
}

impl Dash {
    /// The value of `stroke-dasharray`.
    pub(crate) fn array(self) -> Option<&'static str> {
        match self {
            Self::Solid => None,
            Self::Dashed => Some("7 4"),
            Self::Dotted => Some("1.5 3.5"),
        }
    }
}

/// The inherited look of elements; lengths in hundredths.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Style {
    pub fill: Option<Color>,
    pub stroke: Option<Color>,
    pub stroke_width: i32,
    pub font_size: i32,
    pub bold: bool,
    pub anchor: Anchor,
}

impl Style {
    /// What SVG starts from, once the root element says `fill="none"`.
    pub const ROOT: Self =
        Self { fill: None, stroke: None, stroke_width: 100, font_size: 0, bold: false, anchor: Anchor::Start };

    /// A line of this width in drawing units.
    pub fn stroked(color: Color, width: f64) -> Self {
        Self { stroke: Some(color), stroke_width: hundredths(width), ..Self::ROOT }
    }

    /// An area without outline.
    pub fn filled(color: Color) -> Self {
        Self { fill: Some(color), ..Self::ROOT }
    }

    /// An area with an outline.
    pub fn outlined(fill: Color, stroke: Color, width: f64) -> Self {
        Self { fill: Some(fill), ..Self::stroked(stroke, width) }
    }

    /// Text of this size in drawing units.
    pub fn text(color: Color, size: f64, anchor: Anchor) -> Self {
        Self { fill: Some(color), font_size: hundredths(size), anchor, ..Self::ROOT }
    }

    /// The same, bold.
    pub fn bold(self) -> Self {
        Self { bold: true, ..self }
    }

    /// Text with a rim of paper, to be read on top of data; the group also says `paint-order`.
    pub fn haloed(self) -> Self {
        Self { stroke: Some(palette::PAPER), stroke_width: 350, ..self }
    }

    /// Writes the attributes in which `self` differs from what is inherited.
    pub fn write(&self, inherited: &Self, out: &mut String) {
        let paint = |color: Option<Color>| color.map_or("none".to_string(), |c| c.to_string());
        if self.fill != inherited.fill {
            let _ = write!(out, " fill=\"{}\"", paint(self.fill));
        }
        if self.stroke != inherited.stroke {
            let _ = write!(out, " stroke=\"{}\"", paint(self.stroke));
        }
        let mut length = |name: &str, value: i32| {
            let _ = write!(out, " {name}=\"");
            push_hundredths(out, value);
            out.push('"');
        };
        if self.stroke_width != inherited.stroke_width && self.stroke.is_some() {
            length("stroke-width", self.stroke_width);
        }
        if self.font_size != inherited.font_size && self.font_size > 0 {
            length("font-size", self.font_size);
        }
        if self.bold != inherited.bold {
            out.push_str(if self.bold { " font-weight=\"bold\"" } else { " font-weight=\"normal\"" });
        }
        if self.anchor != inherited.anchor {
            out.push_str(match self.anchor {
                Anchor::Start => " text-anchor=\"start\"",
                Anchor::Middle => " text-anchor=\"middle\"",
                Anchor::End => " text-anchor=\"end\"",
            });
        }
    }
}

/// A group of elements with a common style.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Group {
    /// A stable id.
    pub id: Option<String>,
    /// Whether it lies on a plate: what stays as it is on paper where colours mean values (see [`super::scheme`]).
    pub plate: bool,
    /// The style its elements inherit; without one they inherit what the group does.
    pub style: Option<Style>,
    /// Of each element, so that elements of the group darken each other; 1 is opaque, `None` too.
    pub opacity: Option<f64>,
    /// How its lines are broken.
    pub dash: Dash,
    /// The id of a clip path.
    pub clip: Option<String>,
    /// Round joins and caps: for data lines.
    pub round: bool,
    /// Paint strokes below fills: for text with a halo.
    pub stroke_below: bool,
    /// Snap edges to device pixels: adjoining rectangles show no seams.
    pub crisp: bool,
}

impl Group {
    pub fn styled(style: Style) -> Self {
        Self { style: Some(style), ..Self::default() }
    }

    pub fn named(id: impl Into<String>) -> Self {
        Self { id: Some(id.into()), ..Self::default() }
    }

    /// On a plate.
    pub fn plate(mut self) -> Self {
        self.plate = true;
        self
    }

    pub fn opacity(mut self, opacity: f64) -> Self {
        self.opacity = (opacity < 1.0).then_some(opacity.max(0.0));
        self
    }

    pub fn dash(mut self, dash: Dash) -> Self {
        self.dash = dash;
        self
    }

    pub fn round(mut self) -> Self {
        self.round = true;
        self
    }

    pub fn crisp(mut self) -> Self {
        self.crisp = true;
        self
    }

    pub fn stroke_below(mut self) -> Self {
        self.stroke_below = true;
        self
    }
}

/// Drawing units to hundredths.
pub(crate) fn hundredths(units: f64) -> i32 {
    (units * 100.0).clamp(-1e8, 1e8).round() as i32
}
