//! Marks, scales, axes and colour maps to SVG; knows plain numbers, nothing of networks.
//!
//! ```
//! use rendering::{Axis, Figure, Line, Panel, palette};
//!
//! let curve = |rate: f64| (0..100).map(move |e| (e as f64, 1.1 / (1.0 + rate * e as f64)));
//! let figure = Figure::new("loss", "The deep net learns faster")
//!     .caption("Cross-entropy on the training set over 100 epochs for two nets.")
//!     .panel(
//!         Panel::new(Axis::new("epoch").whole(), Axis::new("loss (nats)").log())
//!             .mark(Line::new(curve(0.1)).color(palette::class(0)).label("polynomial"))
//!             .mark(Line::new(curve(2.0)).color(palette::class(1)).label("deep")),
//!     );
//! assert!(figure.to_svg()?.starts_with("<svg"));
//! # Ok::<(), rendering::RenderingError>(())
//! ```
//!
//! A [`Figure`] holds [`Panel`]s in a grid; a panel has two [`Axis`]es and [`Mark`]s; legend entries come from the marks'
//! labels and stand outside the data. A figure with an [`Animation`] moves: its [`Frames`] marks differ from frame to frame. Bytes depend on the numbers only: no fonts are measured, no std transcendental is
//! called, no time, version or path is written.

mod animation;
mod axis;
mod clock;
mod color;
mod colorbar;
mod colormap;
mod error;
mod figure;
mod frame;
pub mod geometry;
mod layout;
mod legend;
mod marks;
pub mod palette;
mod panel;
mod plane;
mod scale;
mod svg;
pub mod text;
mod ticks;

pub use animation::Animation;
pub use axis::{Axis, Span};
pub use color::Color;
pub use colorbar::ColorBar;
pub use colormap::{ColorMap, ColorScale};
pub use error::RenderingError;
pub use figure::Figure;
pub use geometry::Grid;
pub use legend::{Key, LegendPosition, Swatch};
pub use marks::*;
pub use panel::{Aspect, Panel};
pub use plane::{Plane, Point};
pub use scale::{Domain, Scale};
pub use svg::{Anchor, Dash};
pub use ticks::{Tick, Ticks, automatic as automatic_ticks};
