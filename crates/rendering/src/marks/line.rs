//! A line through points in order; points that have no place on the axes are gaps.

use crate::marks::{Extent, Mark};
use crate::svg::{Dash, Group, Style};
use crate::{Color, Key, Plane, Point, Span, Swatch, palette};

/// A polyline. Many lines of one look can be one mark, with a NaN point between each two.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Through these points.
    pub points: Vec<Point>,
    /// Default [`palette::PLAIN`].
    pub color: Color,
    /// In drawing units; default 2.
    pub width: f64,
    /// Default solid.
    pub dash: Dash,
    /// 1 is opaque, the default; ghosts are translucent.
    pub opacity: f64,
    /// Goes level from each point to the next one's place, then up or down: histograms, schedules. Default false.
    pub step: bool,
    /// Its legend entry; none by default.
    pub label: Option<String>,
}

/// Within one such strip of the page, in hundredths of a unit, only the first, lowest, highest and last point are kept.
const STRIP: i32 = 25;
/// Lines with fewer points are kept as they are.
const MANY: usize = 2000;

impl Line {
    /// A solid line through points.
    pub fn new(points: impl IntoIterator<Item = Point>) -> Self {
        Self {
            points: points.into_iter().collect(),
            color: palette::PLAIN,
            width: 2.0,
            dash: Dash::Solid,
            opacity: 1.0,
            step: false,
            label: None,
        }
    }

    builders! { color width dash opacity label }

    /// In steps.
    pub fn step(mut self) -> Self {
        self.step = true;
        self
    }
}

/// The corners of a step line.
fn stepped(run: &[Point]) -> Vec<Point> {
    let corners = run.windows(2).flat_map(|w| [w[0], (w[1].0, w[0].1)]);
    corners.chain(run.last().copied()).collect()
}

/// Drops points that could not be told apart on the page: a line of 50,000 points becomes one of at most a few thousand that
/// covers the same places.
fn thinned(plane: &Plane, run: &[Point]) -> Vec<Point> {
    if run.len() <= MANY {
        return run.to_vec();
    }
    let strip = |p: &Point| plane.project(*p).0.div_euclid(STRIP);
    let mut kept = Vec::new();
    for same in run.chunk_by(|a, b| strip(a) == strip(b)) {
        let low = (0..same.len()).min_by(|&i, &j| same[i].1.total_cmp(&same[j].1)).unwrap_or(0);
        let high = (0..same.len()).max_by(|&i, &j| same[i].1.total_cmp(&same[j].1)).unwrap_or(0);
        let mut indices = vec![0, low, high, same.len() - 1];
        indices.sort_unstable();
        indices.dedup();
        kept.extend(indices.into_iter().map(|i| same[i]));
    }
    kept
}

impl Mark for Line {
    fn name(&self) -> &'static str {
        "line"
    }

    fn extent(&self) -> Extent {
        Extent { x: Span::tight(self.points.iter().map(|p| p.0)), y: Span::roomy(self.points.iter().map(|p| p.1)) }
    }

    fn keys(&self) -> Vec<Key> {
        let swatch = Swatch::Line { color: self.color, width: self.width, dash: self.dash };
        self.label.iter().map(|label| Key::new(label, swatch)).collect()
    }

    fn draw(&self, plane: &Plane) {
        let group = Group::styled(Style::stroked(self.color, self.width)).dash(self.dash).opacity(self.opacity).round();
        plane.group(group, || {
            for run in plane.runs(&self.points) {
                let run = thinned(plane, run);
                match run.as_slice() {
                    // A single point would be an invisible line.
                    [only] => plane.dot(*only, self.width, self.color),
                    _ if self.step => plane.path(&stepped(&run)),
                    _ => plane.path(&run),
                }
            }
        });
    }
}
