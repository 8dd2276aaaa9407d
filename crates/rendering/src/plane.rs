//! The surface marks draw on: a panel's data plane.
//!
//! Plotters' `DrawingArea` over its `Cartesian2d` maps data to hundredths of a unit through our [`Domain`]s and draws its own
//! elements (`PathElement`, `Polygon`, `Circle`, `Rectangle`) on the [`Canvas`]. Text, pictures, groups and shapes with holes,
//! which plotters has no elements for (its text knows neither halo nor weight), go to the canvas directly, at places mapped by
//! the same coordinates.

use crate::svg::{Canvas, Group, Style};
use crate::{Color, Domain, geometry};
use plotters::coord::Shift;
use plotters::coord::cartesian::Cartesian2d;
use plotters::drawing::DrawingArea;
use plotters::element::{Circle, Drawable, PathElement, PointCollection, Polygon, Rectangle};
use plotters::style::{Color as _, RGBColor, ShapeStyle};
use std::cell::RefCell;
use std::rc::Rc;

/// Curves are drawn within this many hundredths of a unit of where they are.
const TOLERANCE: i64 = 4;

/// A place in data coordinates.
pub type Point = (f64, f64);

/// Places on the page, in hundredths of a unit.
pub(crate) type Pixel = (i32, i32);

/// A rectangle on the page, in drawing units, `y` downward.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Rect {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

impl Rect {
    pub fn right(&self) -> f64 {
        self.x + self.width
    }

    pub fn bottom(&self) -> f64 {
        self.y + self.height
    }

    pub fn centre(&self) -> f64 {
        self.x + self.width / 2.0
    }
}

/// A panel's data plane, handed to each mark.
pub struct Plane {
    area: DrawingArea<Canvas, Cartesian2d<Domain, Domain>>,
    canvas: Rc<RefCell<Canvas>>,
    x: Domain,
    y: Domain,
    rect: Rect,
}

impl Plane {
    pub(crate) fn new(canvas: &Rc<RefCell<Canvas>>, rect: Rect, x: Domain, y: Domain) -> Self {
        let [left, top, right, bottom] = [rect.x, rect.y, rect.right(), rect.bottom()].map(crate::svg::hundredths);
        let whole: DrawingArea<Canvas, Shift> = canvas.into();
        let area = whole.apply_coord_spec(Cartesian2d::new(x, y, (left..right, bottom..top)));
        Self { area, canvas: Rc::clone(canvas), x, y, rect }
    }

    /// The horizontal axis's domain.
    pub fn x(&self) -> &Domain {
        &self.x
    }

    /// The vertical axis's domain.
    pub fn y(&self) -> &Domain {
        &self.y
    }

    /// Width and height in drawing units.
    pub fn size(&self) -> (f64, f64) {
        (self.rect.width, self.rect.height)
    }

    /// Its left and upper edge on the page in drawing units.
    pub(crate) fn corner(&self) -> (f64, f64) {
        (self.rect.x, self.rect.y)
    }

    /// Whether both coordinates have a place on their scales.
    pub fn holds(&self, point: Point) -> bool {
        self.x.holds(point.0) && self.y.holds(point.1)
    }

    /// Whether the point lies inside the frame.
    pub fn shows(&self, point: Point) -> bool {
        self.x.contains(point.0) && self.y.contains(point.1)
    }

    /// Where a data point lies on the page.
    pub(crate) fn project(&self, point: Point) -> Pixel {
        self.area.map_coordinate(&point)
    }

    /// Where a page position lies in hundredths: `right` and `up` in drawing units from a data point.
    pub(crate) fn offset(&self, point: Point, right: f64, up: f64) -> Pixel {
        let (x, y) = self.project(point);
        (x + crate::svg::hundredths(right), y - crate::svg::hundredths(up))
    }

    /// Draws inside a group.
    pub(crate) fn group(&self, group: Group, draw: impl FnOnce()) {
        self.canvas.borrow_mut().open(&group);
        draw();
        self.canvas.borrow_mut().close();
    }

    /// Draws `n` frames, each shown in its time; without a timeline only the last.
    pub(crate) fn frames(&self, n: usize, draw: impl Fn(usize)) {
        let content = |i: usize| {
            let mark = self.canvas.borrow().mark();
            draw(i);
            self.canvas.borrow_mut().cut(mark)
        };
        let contents: Vec<String> = (0..n).map(content).collect();
        self.canvas.borrow_mut().frames(&contents);
    }

    /// What the canvas can do beyond plotters.
    pub(crate) fn canvas(&self, draw: impl FnOnce(&mut Canvas)) {
        draw(&mut self.canvas.borrow_mut());
    }

    /// The runs of consecutive points that have a place on the scales: elsewhere a line has gaps.
    pub(crate) fn runs<'a>(&self, points: &'a [Point]) -> impl Iterator<Item = &'a [Point]> {
        points.split(|&p| !self.holds(p)).filter(|run| !run.is_empty())
    }

    /// A polyline in the style of the group.
    pub(crate) fn path(&self, points: &[Point]) {
        self.element(&PathElement::new(self.simplified(points), stroke(&self.style())));
    }

    /// A polyline in another colour than the group's.
    pub(crate) fn path_in(&self, points: &[Point], color: Color) {
        let style = Style { stroke: Some(color), ..self.style() };
        self.element(&PathElement::new(self.simplified(points), stroke(&style)));
    }

    /// A filled polygon.
    pub(crate) fn polygon(&self, points: &[Point], fill: Color) {
        self.element(&Polygon::new(self.simplified(points), paint(fill)));
    }

    /// Without the points whose absence no reader could see.
    fn simplified(&self, points: &[Point]) -> Vec<Point> {
        let pixels: Vec<Pixel> = points.iter().map(|&p| self.project(p)).collect();
        geometry::simplified(&pixels, TOLERANCE).into_iter().map(|i| points[i]).collect()
    }

    /// A filled shape of several rings, holes by the even-odd rule.
    pub(crate) fn rings(&self, rings: &[Vec<Point>], fill: Color) {
        let ring = |r: &Vec<Point>| self.simplified(r).into_iter().map(|p| self.project(p)).collect();
        let rings: Vec<Vec<Pixel>> = rings.iter().map(ring).collect();
        self.canvas(|c| c.rings(&rings, fill));
    }

    /// A filled rectangle between two opposite corners.
    pub(crate) fn rect(&self, corner: Point, opposite: Point, fill: Color) {
        self.element(&Rectangle::new([corner, opposite], paint(fill)));
    }

    /// A filled circle of a radius in drawing units.
    pub(crate) fn dot(&self, at: Point, radius: f64, fill: Color) {
        self.element(&Circle::new(at, crate::svg::hundredths(radius), paint(fill)));
    }

    /// A small polygon around a data point, its corners in drawing units right and up of it.
    pub(crate) fn glyph(&self, at: Point, corners: &[Point], fill: Color) {
        let corners: Vec<Pixel> = corners.iter().map(|&(right, up)| self.offset(at, right, up)).collect();
        let page = self.area.strip_coord_spec();
        draw(&page, &Polygon::new(corners, paint(fill)));
    }

    fn style(&self) -> Style {
        self.canvas.borrow().style()
    }

    fn element<E>(&self, element: &E)
    where
        for<'a> &'a E: PointCollection<'a, Point>,
        E: Drawable<Canvas>,
    {
        draw(&self.area, element);
    }
}

fn draw<C, E>(area: &DrawingArea<Canvas, C>, element: &E)
where
    C: plotters::coord::CoordTranslate,
    for<'a> &'a E: PointCollection<'a, C::From>,
    E: Drawable<Canvas>,
{
    // The canvas writes to a string, which cannot fail, and no other borrow of it is alive here.
    area.draw(element).expect("the canvas is free and writes to a string");
}

fn rgb(color: Color) -> RGBColor {
    RGBColor(color.r, color.g, color.b)
}

fn paint(color: Color) -> ShapeStyle {
    rgb(color).filled()
}

fn stroke(style: &Style) -> ShapeStyle {
    // A stroke width is never negative.
    rgb(style.stroke.unwrap_or(crate::palette::INK)).stroke_width(style.stroke_width.unsigned_abs())
}
