//! The SVG writer.
//!
//! [`Canvas`] is a plotters [`DrawingBackend`](plotters_backend::DrawingBackend) whose pixel is a hundredth of a drawing
//! unit: plotters counts in whole pixels, the file gets two decimals. It takes the place of plotters-svg, which cannot be
//! used here: its coordinates are whole units, its floats are printed raw, it has neither groups nor ids, titles or clip
//! paths, its circles and lines repeat every style attribute, and its bitmaps carry a wrong media type.
//!
//! One element per line, no indentation, two decimals everywhere; a group states a style once and its elements only write
//! what differs. Colours are those on paper; one line of style says what they are on a dark page. Nothing but the numbers given
//! decides the bytes.

mod canvas;
mod png;
mod scheme;
mod style;

pub(crate) use canvas::Canvas;
pub(crate) use style::hundredths;
pub use style::{Anchor, Dash};
pub(crate) use style::{Group, Style};
