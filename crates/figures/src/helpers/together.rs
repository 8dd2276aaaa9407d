//! Several marks that appear together: one frame of a moving picture.

use rendering::{Extent, Key, Mark, Plane};

/// Marks drawn one after the other as one.
#[derive(Debug, Default)]
pub(crate) struct Together(Vec<Box<dyn Mark>>);

impl Together {
    /// With a mark on top of those it has.
    pub fn mark(mut self, mark: impl Mark + 'static) -> Self {
        self.0.push(Box::new(mark));
        self
    }
}

impl Mark for Together {
    fn name(&self) -> &'static str {
        "together"
    }

    fn extent(&self) -> Extent {
        self.0.iter().map(|m| m.extent()).fold(Extent::EMPTY, Extent::union)
    }

    fn keys(&self) -> Vec<Key> {
        self.0.iter().flat_map(|m| m.keys()).collect()
    }

    fn covers(&self) -> bool {
        self.0.iter().any(|m| m.covers())
    }

    fn clipped(&self) -> bool {
        self.0.iter().any(|m| m.clipped())
    }

    fn draw(&self, plane: &Plane) {
        self.0.iter().for_each(|m| m.draw(plane));
    }
}
