//! Points, in one colour, by class, or by magnitude; of more than can be seen one by one, how many lie where.

use crate::marks::{Extent, Mark};
use crate::svg::{Group, Style};
use crate::{Color, ColorScale, Key, Plane, Point, Span, Swatch, palette};

/// What decides a point's colour.
#[derive(Debug, Clone, PartialEq)]
pub enum Coloring {
    /// All the same.
    One(Color),
    /// The class of each point: [`palette::class`].
    Classes(Vec<usize>),
    /// The value of each point on a scale; give the panel or the figure a colour bar for it.
    Values(Vec<f64>, ColorScale),
}

/// What stands at each point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Shape {
    /// A disc.
    #[default]
    Circle,
    /// A square on its side.
    Square,
    /// A square on its corner.
    Diamond,
    /// A triangle, point up.
    Triangle,
}

impl Shape {
    /// Corners right and up of the point, of about the same area as the circle of that radius; none for the circle itself.
    pub(crate) fn corners(self, r: f64) -> Option<Vec<Point>> {
        match self {
            Self::Circle => None,
            Self::Square => Some([(-r, -r), (r, -r), (r, r), (-r, r)].map(|(x, y)| (x * 0.9, y * 0.9)).to_vec()),
            Self::Diamond => Some(vec![(0.0, -1.3 * r), (1.3 * r, 0.0), (0.0, 1.3 * r), (-1.3 * r, 0.0)]),
            Self::Triangle => Some(vec![(-1.25 * r, -0.9 * r), (1.25 * r, -0.9 * r), (0.0, 1.35 * r)]),
        }
    }
}

/// A cloud of points.
#[derive(Debug, Clone, PartialEq)]
pub struct Scatter {
    /// Where they are.
    pub points: Vec<Point>,
    /// Default [`palette::PLAIN`] for all.
    pub coloring: Coloring,
    /// Half the size in drawing units; default 4, 3 above 300 and 2 above 2,000 points.
    pub radius: f64,
    /// Default circles.
    pub shape: Shape,
    /// A thin rim of paper that keeps points apart, on areas and on each other; default true up to 2,000 points.
    pub outlined: bool,
    /// 1 is opaque, the default.
    pub opacity: f64,
    /// Writes all discs of one colour as one element, in a third of the bytes and without rims: for clouds that differ from frame
    /// to frame. Default false.
    pub joined: bool,
    /// Legend entries: one for all, or one per class; none by default.
    pub labels: Vec<String>,
}

/// Above this many points they are drawn smaller and with a thinner rim.
const SOME: usize = 300;
/// Above this many points they are drawn smaller still and without a rim.
const MANY: usize = 2000;
/// Above this many, cells of the page stand for them: each in the colour of most of its points, the paler the fewer there are. A
/// file of so many points would be larger than a megabyte, and show less.
const CROWD: usize = 20_000;
/// Side of such a cell: hundredths of a drawing unit.
const CELL: i32 = 200;
/// How opaque cells are, from few points to the most of any.
const LEVELS: [f64; 4] = [0.3, 0.5, 0.75, 1.0];

impl Scatter {
    /// Circles in the colour of what a figure has one of.
    pub fn new(points: impl IntoIterator<Item = Point>) -> Self {
        let points: Vec<Point> = points.into_iter().collect();
        let (some, many) = (points.len() > SOME, points.len() > MANY);
        Self {
            points,
            coloring: Coloring::One(palette::PLAIN),
            radius: if many {
                2.0
            } else if some {
                3.0
            } else {
                4.0
            },
            shape: Shape::Circle,
            outlined: !many,
            opacity: 1.0,
            joined: false,
            labels: Vec::new(),
        }
    }

    /// All in this colour.
    pub fn color(mut self, color: Color) -> Self {
        self.coloring = Coloring::One(color);
        self
    }

    /// Each in the colour of its class; points beyond the list's end are left out.
    pub fn classes(mut self, classes: impl IntoIterator<Item = usize>) -> Self {
        self.coloring = Coloring::Classes(classes.into_iter().collect());
        self
    }

    /// Each in the colour of its value; points beyond the list's end are left out.
    pub fn values(mut self, values: impl IntoIterator<Item = f64>, scale: ColorScale) -> Self {
        self.coloring = Coloring::Values(values.into_iter().collect(), scale);
        self
    }

    /// Of this radius in drawing units.
    pub fn radius(mut self, radius: f64) -> Self {
        self.radius = radius;
        self
    }

    /// In this shape.
    pub fn shape(mut self, shape: Shape) -> Self {
        self.shape = shape;
        self
    }

    /// With or without a rim.
    pub fn outlined(mut self, outlined: bool) -> Self {
        self.outlined = outlined;
        self
    }

    /// Translucent: 0 is invisible, 1 opaque.
    pub fn opacity(mut self, opacity: f64) -> Self {
        self.opacity = opacity;
        self
    }

    /// All discs of one colour as one element.
    pub fn joined(mut self) -> Self {
        self.joined = true;
        self
    }

    /// With one legend entry.
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.labels = vec![label.into()];
        self
    }

    /// With a legend entry per class, class 0 first.
    pub fn labels<S: Into<String>>(mut self, labels: impl IntoIterator<Item = S>) -> Self {
        self.labels = labels.into_iter().map(Into::into).collect();
        self
    }

    /// Whether its points are too many to be drawn one by one, in their shape and with their size: cells stand for them.
    pub fn is_crowd(&self) -> bool {
        self.points.len() > CROWD
    }

    fn point(&self, plane: &Plane, at: Point, color: Color) {
        match self.shape.corners(self.radius) {
            Some(corners) => plane.glyph(at, &corners, color),
            None => plane.dot(at, self.radius, color),
        }
    }

    /// Cells of the page and what is in them: their colours and how many points, row by row.
    fn cells(&self, plane: &Plane) -> Vec<((i32, i32), Color, usize)> {
        let color = |i: usize| match &self.coloring {
            Coloring::One(color) => Some(*color),
            Coloring::Classes(classes) => classes.get(i).map(|class| palette::class(*class)),
            Coloring::Values(values, scale) => values.get(i).map(|value| scale.color(*value)),
        };
        let shown = self.points.iter().enumerate().filter(|(_, p)| plane.holds(**p) && plane.shows(**p));
        let mut points: Vec<((i32, i32), Color)> = shown
            .filter_map(|(i, p)| {
                let (x, y) = plane.project(*p);
                Some(((y.div_euclid(CELL), x.div_euclid(CELL)), color(i)?))
            })
            .collect();
        points.sort_unstable();
        let most =
            |cell: &[((i32, i32), Color)]| {
                let colors = cell.chunk_by(|a, b| a.1 == b.1);
                let most = colors.fold((0, palette::MISSING), |most, same| {
                    if same.len() > most.0 { (same.len(), same[0].1) } else { most }
                });
                (cell[0].0, most.1, cell.len())
            };
        points.chunk_by(|a, b| a.0 == b.0).map(most).collect()
    }

    /// Draws a crowd as cells.
    fn draw_crowd(&self, plane: &Plane) {
        let cells = self.cells(plane);
        let most = cells.iter().map(|(_, _, n)| *n).max().unwrap_or(1);
        // Logarithmic: between single points and thousands there are all sizes.
        let level = |n: usize| (LEVELS.len() * (n.ilog2() as usize)) / (most.ilog2() as usize + 1);
        let mut looks: Vec<((Color, usize), (i32, i32))> =
            cells.into_iter().map(|(cell, color, n)| ((color, level(n)), cell)).collect();
        looks.sort_unstable();
        for alike in looks.chunk_by(|a, b| a.0 == b.0) {
            let (color, level) = alike[0].0;
            let runs = alike.chunk_by(|(_, a), (_, b)| a.0 == b.0 && a.1 + 1 == b.1);
            let runs = runs.map(|run| {
                let (row, column) = run[0].1;
                ((column * CELL, row * CELL + CELL / 2), run.len() as i32 * CELL)
            });
            let style = Style::stroked(color, f64::from(CELL) / 100.0);
            let group = Group::styled(style).opacity(self.opacity * LEVELS[level]).crisp();
            plane.group(group, || plane.canvas(|c| c.runs(runs)));
        }
    }

    fn style(&self, color: Color) -> Style {
        let rim = if self.points.len() > SOME { 0.4 } else { 0.7 };
        if self.outlined { Style::outlined(color, palette::PAPER, rim) } else { Style::filled(color) }
    }
}

impl Mark for Scatter {
    fn name(&self) -> &'static str {
        "scatter"
    }

    fn extent(&self) -> Extent {
        Extent { x: Span::roomy(self.points.iter().map(|p| p.0)), y: Span::roomy(self.points.iter().map(|p| p.1)) }
    }

    /// Points in the frame are drawn whole, others not at all.
    fn clipped(&self) -> bool {
        false
    }

    fn keys(&self) -> Vec<Key> {
        let color = |k: usize| match &self.coloring {
            Coloring::One(color) => *color,
            Coloring::Classes(_) => palette::class(k),
            Coloring::Values(_, scale) => scale.at(0.5),
        };
        let mut keys: Vec<Key> = self
            .labels
            .iter()
            .enumerate()
            .map(|(k, label)| Key::new(label, Swatch::Dot(color(k), self.shape)))
            .collect();
        if self.is_crowd() {
            keys.push(Key::new("the paler, the fewer points", Swatch::Area(palette::GRID)));
        }
        keys
    }

    fn draw(&self, plane: &Plane) {
        if self.is_crowd() {
            return self.draw_crowd(plane);
        }
        let shown = |at: &Point| plane.holds(*at) && plane.shows(*at);
        let specks = |color: Color, points: &mut dyn Iterator<Item = Point>| {
            let style = Style::stroked(color, 2.0 * self.radius);
            plane.group(Group::styled(style).opacity(self.opacity).round(), || {
                let places: Vec<_> = points.map(|p| plane.project(p)).collect();
                plane.canvas(|c| c.specks(places));
            });
        };
        let all = |style: Style, points: &mut dyn Iterator<Item = (Point, Color)>| {
            plane.group(Group::styled(style).opacity(self.opacity), || {
                for (at, color) in points {
                    self.point(plane, at, color);
                }
            });
        };
        let points = || self.points.iter().copied();
        match &self.coloring {
            Coloring::One(color) if self.joined => specks(*color, &mut points().filter(shown)),
            Coloring::Classes(classes) if self.joined => {
                for k in 0..classes.iter().max().map_or(0, |m| m + 1) {
                    specks(
                        palette::class(k),
                        &mut points().zip(classes).filter(|(p, c)| **c == k && shown(p)).map(|(p, _)| p),
                    );
                }
            }
            Coloring::One(color) => all(self.style(*color), &mut points().filter(shown).map(|p| (p, *color))),
            Coloring::Classes(classes) => {
                // One group per class: the colour is written once. Their order, not the points', decides what lies on top.
                for k in 0..classes.iter().max().map_or(0, |m| m + 1) {
                    let mine = points().zip(classes).filter(|(p, c)| **c == k && shown(p));
                    let mut mine = mine.map(|(p, _)| (p, palette::class(k))).peekable();
                    if mine.peek().is_some() {
                        all(self.style(palette::class(k)), &mut mine);
                    }
                }
            }
            Coloring::Values(values, scale) => {
                let colored = points().zip(values).filter(|(p, _)| shown(p)).map(|(p, v)| (p, scale.color(*v)));
                all(self.style(palette::MISSING), &mut { colored });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Axis, Figure, Panel};

    /// So many points of two classes, spread as a bell.
    fn drawn(n: usize) -> String {
        let normal =
            |i: usize, k: usize| (0..12).map(|j| ((i * (37 + k) + j * 7919 * (i + k)) % 1009) as f64).sum::<f64>();
        let points = (0..n).map(|i| (normal(i, 1), normal(i, 2)));
        let scatter = Scatter::new(points).classes((0..n).map(|i| i % 2)).labels(["a", "b"]);
        Figure::new("f", "t")
            .panel(Panel::new(Axis::new("x"), Axis::new("y")).mark(scatter))
            .to_svg()
            .expect("a figure")
    }

    #[test]
    fn a_million_points_stay_below_two_megabytes() {
        let svg = drawn(1_000_000);
        assert!(svg.len() < 2_000_000, "{} bytes", svg.len());
        assert!(svg.contains(">the paler, the fewer points<"));
        assert_eq!(svg.matches("<circle").count(), 2, "those of the legend");
    }

    #[test]
    fn as_many_points_as_are_drawn_one_by_one_stay_below_two_megabytes() {
        let svg = drawn(CROWD);
        assert!(svg.len() < 2_000_000 && !svg.contains("fewer points"), "{} bytes", svg.len());
    }
}
