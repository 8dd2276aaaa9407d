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
//! labels and stand outside the data. Bytes depend on the numbers only: no fonts are measured, no std transcendental is
//! called, no time, version or path is written.
//!
//! A figure with an [`Animation`] moves: marks that differ from frame to frame are [`Frames`]. A panel of three axes is a
//! [`Space`] with [`Body`]s in it; turned or changed from frame to frame, it moves too.
//!
//! ```
//! use rendering::*;
//!
//! let fit = |epoch: usize| Line::new((0..50).map(move |x| (x as f64, x as f64 * epoch as f64 / 200.0)));
//! let space = Space::new(Axis::new("hidden 1"), Axis::new("hidden 2"), Axis::new("hidden 3"))
//!     .body(Cloud::new([(0.1, 0.2, 0.9), (0.9, 0.8, 0.1)]).classes([0, 1]).drops())
//!     .body(Sheet::new([1.0, 1.0, -1.0], 0.5));
//! let figure = Figure::new("moving", "A line rises and a box turns")
//!     .animate(Animation::new((0..5).map(|i| format!("epoch {}", 50 * i))).seconds(4.0))
//!     .panel(Panel::new(Axis::new("x"), Axis::new("f(x)")).mark(Frames::new((0..5).map(|i| fit(50 * i)))))
//!     .panel(Panel::spaces(space.turn(5, 90.0)));
//! assert!(figure.to_svg()?.contains("<animate "));
//! # Ok::<(), RenderingError>(())
//! ```

#[macro_use]
mod builders;

mod animation;
mod axis;
mod clock;
mod color;
mod colorbar;
mod colormap;
mod ends;
mod error;
mod figure;
mod frame;
pub mod geometry;
mod layout;
mod legend;
mod marks;
mod narrow;
pub mod palette;
mod panel;
mod plane;
mod scale;
mod space;
mod svg;
pub mod text;
mod ticks;
pub mod vision;

pub use animation::Animation;
pub use axis::{Axis, Span};
pub use color::Color;
pub use colorbar::ColorBar;
pub use colormap::{ColorMap, ColorScale};
pub use ends::End;
pub use error::RenderingError;
pub use figure::Figure;
pub use geometry::Grid;
pub use legend::{Key, LegendPosition, Swatch};
pub use marks::*;
pub use panel::{Aspect, Panel};
pub use plane::{Plane, Point};
pub use scale::{Domain, Scale};
pub use space::{Body, Camera, Cloud, Place, Polyline, Scenery, Sheet, Space, Stage, Surface};
pub use svg::{Anchor, Dash};
pub use ticks::{Tick, Ticks, automatic as automatic_ticks};
