//! Three axes: a box seen from the outside, with surfaces, planes, lines and points in it, drawn from back to front.
//!
//! [`Space`] is a mark that fills a panel of its own ([`Panel::space`]); what it shows are [`Body`]s. The three walls behind the
//! data carry the grid; ticks and labels stand at the outer edges. Several spaces seen one after the other ([`Panel::spaces`])
//! are frames of the figure's animation: the same box from other sides ([`Space::turn`]), or other bodies in the same box.

mod bodies;
mod camera;
mod order;
mod paint;
mod parts;
mod walls;

pub use bodies::{Body, Cloud, Polyline, Scenery, Sheet, Surface};
pub use camera::Camera;

use crate::marks::{Extent, Frames, Mark};
use crate::{Axis, Domain, Key, Panel, Plane, Span};
use camera::{V3, View};
use std::{cell::Cell, rc::Rc};

/// A place in data coordinates.
pub type Place = (f64, f64, f64);

/// Which part of a space is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    All,
    Walls,
    Bodies,
}

/// A box of three axes with what is in it.
#[derive(Debug, Clone)]
pub struct Space {
    /// Along the floor.
    pub x: Axis,
    /// Along the floor.
    pub y: Axis,
    /// Upward.
    pub z: Axis,
    /// Where it is looked at from.
    pub camera: Camera,
    /// Lengths of the box's sides relative to each other; default 1, 1 and 0.8.
    pub proportions: [f64; 3],
    bodies: Vec<Rc<dyn Body>>,
    /// Where else it is looked at from in the same animation: size and place suit all of them.
    cameras: Vec<Camera>,
    /// Size and place once they are known, for all frames of one animation.
    fitted: Rc<Cell<Option<Fitted>>>,
    shown: Shown,
}

/// The plane's size, and how large and where in it the box is.
type Fitted = ((f64, f64), (f64, (f64, f64)));

impl Space {
    /// An empty box.
    pub fn new(x: Axis, y: Axis, z: Axis) -> Self {
        Self {
            x,
            y,
            z,
            camera: Camera::default(),
            proportions: [1.0, 1.0, 0.8],
            bodies: Vec::new(),
            cameras: Vec::new(),
            fitted: Rc::default(),
            shown: Shown::All,
        }
    }

    /// With something in it. What is nearer to the viewer covers what is farther, whatever the order.
    pub fn body(mut self, body: impl Body + 'static) -> Self {
        self.bodies.push(Rc::new(body));
        self
    }

    /// Looked at from there.
    pub fn camera(mut self, camera: Camera) -> Self {
        self.camera = camera;
        self
    }

    /// With sides of these lengths.
    pub fn proportions(mut self, proportions: [f64; 3]) -> Self {
        self.proportions = proportions;
        self
    }

    /// The box from `frames` sides, turned by this many degrees in all and ending as it stands: a whole turn is 360.
    pub fn turn(&self, frames: usize, degrees: f64) -> Vec<Self> {
        let steps = frames.saturating_sub(1).max(1) as f64;
        let from = |i: usize| self.camera.azimuth - degrees * (steps - i as f64) / steps;
        (0..frames).map(|i| self.clone().camera(Camera { azimuth: from(i), ..self.camera })).collect()
    }

    fn axes(&self) -> [&Axis; 3] {
        [&self.x, &self.y, &self.z]
    }

    fn span(&self) -> [Span; 3] {
        let union = |a: [Span; 3], b: [Span; 3]| std::array::from_fn(|i| a[i].union(b[i]));
        self.bodies.iter().map(|b| b.extent()).fold([Span::EMPTY; 3], union)
    }

    /// How large and where the box is in a plane of this size. The frames of an animation find it once for all.
    fn fit(&self, stage: &Stage, size: (f64, f64)) -> (f64, (f64, f64)) {
        if self.cameras.is_empty() {
            return walls::fit(self.axes(), stage, std::slice::from_ref(&self.camera), size);
        }
        let known = self.fitted.get().filter(|(of, _)| *of == size).map(|(_, fit)| fit);
        let fit = known.unwrap_or_else(|| walls::fit(self.axes(), stage, &self.cameras, size));
        self.fitted.set(Some((size, fit)));
        fit
    }

    fn stage(&self) -> Stage {
        let (axes, span) = (self.axes(), self.span());
        let half = self.proportions.map(|p| if p.is_finite() { p.clamp(0.05, 20.0) / 2.0 } else { 0.5 });
        Stage { domains: std::array::from_fn(|i| axes[i].domain(&span[i])), half }
    }
}

/// Makes the axes of all spaces reach as far as all their data together, and their size and place suit all their cameras.
fn agree(spaces: &mut [Space]) {
    let span = spaces.iter().map(Space::span).fold([Span::EMPTY; 3], |a, b| std::array::from_fn(|i| a[i].union(b[i])));
    let mut cameras: Vec<Camera> = spaces.iter().map(|s| s.camera).collect();
    cameras.dedup();
    let fitted = Rc::default();
    for space in spaces {
        for (axis, span) in [&mut space.x, &mut space.y, &mut space.z].into_iter().zip(&span) {
            if axis.range.is_none() {
                axis.range = Some(axis.domain(span).bounds());
            }
        }
        space.cameras.clone_from(&cameras);
        space.fitted = Rc::clone(&fitted);
    }
}

impl Panel {
    /// A box of three axes.
    pub fn space(space: Space) -> Self {
        Self::new(Axis::hidden(), Axis::hidden()).ratio(0.8).mark(space)
    }

    /// One box per frame of the figure's animation. Axes without a range of their own get one that suits all frames; where all
    /// are looked at from the same side, the walls are drawn once.
    pub fn spaces(spaces: impl IntoIterator<Item = Space>) -> Self {
        let mut spaces: Vec<Space> = spaces.into_iter().collect();
        agree(&mut spaces);
        let panel = Self::new(Axis::hidden(), Axis::hidden()).ratio(0.8);
        match spaces.first() {
            Some(first) if spaces.iter().all(|s| s.camera == first.camera) => {
                let walls = Space { shown: Shown::Walls, bodies: Vec::new(), ..first.clone() };
                let bodies = spaces.into_iter().map(|s| Space { shown: Shown::Bodies, ..s });
                panel.mark(walls).mark(Frames::new(bodies))
            }
            _ => panel.mark(Frames::new(spaces)),
        }
    }
}

impl Mark for Space {
    fn name(&self) -> &'static str {
        match self.shown {
            Shown::All => "space",
            Shown::Walls => "walls",
            Shown::Bodies => "bodies",
        }
    }

    /// The panel's own axes are hidden and have nothing to show.
    fn extent(&self) -> Extent {
        Extent::EMPTY
    }

    fn keys(&self) -> Vec<Key> {
        self.bodies.iter().flat_map(|b| b.keys()).collect()
    }

    fn covers(&self) -> bool {
        true
    }

    fn clipped(&self) -> bool {
        false
    }

    fn draw(&self, plane: &Plane) {
        let stage = self.stage();
        let (scale, (x, y)) = self.fit(&stage, plane.size());
        let (left, top) = plane.corner();
        let view = View::new(&self.camera, scale, (left + x, top + y));
        if self.shown != Shown::Bodies {
            walls::draw(plane, self.axes(), &stage, &view);
        }
        if self.shown != Shown::Walls {
            let mut parts = parts::Parts::default();
            self.bodies.iter().for_each(|body| body.build(&stage, &mut Scenery(&mut parts)));
            paint::paint(plane, parts, &view);
        }
    }
}

/// The box with its axes: where data lies in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    pub(crate) domains: [Domain; 3],
    /// Half the box's sides.
    pub(crate) half: V3,
}

impl Stage {
    /// Where a value of one axis lies along it, from one wall to the other.
    pub(crate) fn along(&self, axis: usize, value: f64) -> f64 {
        (2.0 * self.domains[axis].fraction(value) - 1.0) * self.half[axis]
    }

    /// A place in the box or beyond it; none where an axis does not hold the value.
    pub(crate) fn place(&self, (x, y, z): Place) -> Option<V3> {
        let data = [x, y, z];
        let holds = (0..3).all(|i| self.domains[i].holds(data[i]));
        holds.then(|| std::array::from_fn(|i| self.along(i, data[i])))
    }

    /// A place in the box; none where it lies outside.
    pub(crate) fn shown(&self, place: Place) -> Option<V3> {
        let contains = [place.0, place.1, place.2].iter().zip(&self.domains).all(|(v, domain)| domain.contains(*v));
        self.place(place).filter(|_| contains)
    }

    /// A plane normal · place = offset of the data, in the box.
    pub(crate) fn plane(&self, normal: V3, offset: f64) -> (V3, f64) {
        let half_range: V3 = std::array::from_fn(|i| (self.domains[i].end - self.domains[i].start) / 2.0);
        let middle: V3 = std::array::from_fn(|i| self.domains[i].start + half_range[i]);
        (std::array::from_fn(|i| normal[i] * half_range[i] / self.half[i]), offset - camera::dot(normal, middle))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn planes_of_the_data_are_planes_of_the_box() {
        let axis = |lo, hi| Axis::new("a").range(lo, hi);
        let stage = Space::new(axis(-1.0, 3.0), axis(0.0, 10.0), axis(2.0, 1.0)).proportions([1.0, 2.0, 0.5]).stage();
        let (normal, offset) = stage.plane([2.0, -0.5, 3.0], 1.0);
        for (x, y) in [(-1.0, 0.0), (0.3, 7.0), (3.0, 10.0)] {
            let z = (1.0 - 2.0 * x + 0.5 * y) / 3.0;
            let place = stage.place((x, y, z)).expect("finite");
            assert!((camera::dot(normal, place) - offset).abs() < 1e-12);
        }
        assert_eq!(stage.place((-1.0, 10.0, 2.0)), Some([-0.5, 1.0, -0.25]));
        assert_eq!(stage.shown((3.1, 0.0, 1.5)), None);
    }

    #[test]
    fn frames_agree_on_their_axes() {
        let space = |top: f64| {
            let axis = || Axis::new("a");
            Space::new(axis(), axis(), axis()).body(Polyline::new([(0.0, 0.0, 0.0), (1.0, 1.0, top)]))
        };
        let mut spaces = vec![space(1.0), space(3.0)];
        agree(&mut spaces);
        assert_eq!(spaces[0].stage(), spaces[1].stage());
        assert_eq!(spaces[0].z.range, Some((3.0 * -0.05, 3.15)));
        assert_eq!(
            space(1.0).turn(3, 90.0).iter().map(|s| s.camera.azimuth).collect::<Vec<_>>(),
            [-150.0, -105.0, -60.0]
        );
    }
}
