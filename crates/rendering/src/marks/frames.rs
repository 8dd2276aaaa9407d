//! A mark that moves: another one in every frame of the figure's animation.

use crate::marks::{Extent, Mark};
use crate::{Key, Plane};

/// One mark per frame, all of one kind. Axes make room for all of them; of several moving marks in a panel, each is one `Frames`,
/// and their order in the panel decides what lies on top, as with marks that stay. A figure without animation draws the last
/// frame.
#[derive(Debug)]
pub struct Frames {
    marks: Vec<Box<dyn Mark>>,
}

impl Frames {
    /// One mark per frame, in order; a mark without data is a frame without the mark.
    pub fn new<M: Mark + 'static>(marks: impl IntoIterator<Item = M>) -> Self {
        Self { marks: marks.into_iter().map(|m| Box::new(m) as Box<dyn Mark>).collect() }
    }
}

impl Mark for Frames {
    fn name(&self) -> &'static str {
        self.marks.first().map_or("frames", |m| m.name())
    }

    fn extent(&self) -> Extent {
        self.marks.iter().map(|m| m.extent()).fold(Extent::EMPTY, Extent::union)
    }

    fn keys(&self) -> Vec<Key> {
        self.marks.iter().flat_map(|m| m.keys()).collect()
    }

    fn covers(&self) -> bool {
        self.marks.iter().any(|m| m.covers())
    }

    fn clipped(&self) -> bool {
        self.marks.first().is_none_or(|m| m.clipped())
    }

    fn frames(&self) -> Option<usize> {
        Some(self.marks.len())
    }

    fn draw(&self, plane: &Plane) {
        plane.frames(self.marks.len(), |i| self.marks[i].draw(plane));
    }
}
