//! What stands in a box, one file each: a new body is one file here and a line below.

mod cloud;
mod polyline;
mod sheet;
mod surface;

pub use cloud::Cloud;
pub use polyline::Polyline;
pub use sheet::Sheet;
pub use surface::Surface;

use super::parts::Parts;
use super::{Place, Stage};
use crate::{Key, Span};

/// Something in a box of three axes. Places that are not finite are gaps; what lies outside the box is cut off.
pub trait Body: std::fmt::Debug {
    /// The range of its data along each axis.
    fn extent(&self) -> [Span; 3];

    /// Its legend entries; equal ones of several bodies show once.
    fn keys(&self) -> Vec<Key> {
        Vec::new()
    }

    /// Adds what it is made of.
    fn build(&self, stage: &Stage, parts: &mut Scenery<'_>);
}

/// Where a body's faces, lines and dots go.
pub struct Scenery<'a>(pub(crate) &'a mut Parts);

/// The range of places, with room at both ends.
fn extent_of(places: &[Place]) -> [Span; 3] {
    [
        Span::roomy(places.iter().map(|p| p.0)),
        Span::roomy(places.iter().map(|p| p.1)),
        Span::roomy(places.iter().map(|p| p.2)),
    ]
}
