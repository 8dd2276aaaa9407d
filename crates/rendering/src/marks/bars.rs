//! Bars from zero: grouped or stacked, upright or lying.

use crate::marks::{Extent, Mark};
use crate::svg::{Group, Style};
use crate::{Color, Key, Plane, Point, RenderingError, Span, Swatch, palette};

/// One value per place, of one colour.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Its legend entry; empty for none.
    pub label: String,
    /// One per place.
    pub values: Vec<f64>,
    /// Half the height of a whisker, one per place, or none at all.
    pub spread: Vec<f64>,
    /// Of its bars; default [`palette::PLAIN`].
    pub color: Color,
}

impl Series {
    /// Bars in the colour of what a figure has one of.
    pub fn new(label: impl Into<String>, values: impl IntoIterator<Item = f64>) -> Self {
        Self { label: label.into(), values: values.into_iter().collect(), spread: Vec::new(), color: palette::PLAIN }
    }

    /// In this colour.
    pub fn color(mut self, color: Color) -> Self {
        self.color = color;
        self
    }

    /// With whiskers of value ± spread.
    pub fn spread(mut self, spread: impl IntoIterator<Item = f64>) -> Self {
        self.spread = spread.into_iter().collect();
        self
    }
}

/// Bars at places 0, 1, 2, …, or at given ones.
#[derive(Debug, Clone, PartialEq)]
pub struct Bars {
    series: Vec<Series>,
    places: Vec<f64>,
    /// The share of the distance between places that bars fill; default 0.8, 1 for histograms.
    pub fill: f64,
    /// On top of each other rather than side by side; default false.
    pub stacked: bool,
    /// Lying: places along y, values along x; default false.
    pub horizontal: bool,
}

impl Bars {
    /// Series side by side at places 0, 1, 2, …; name the places by the axis's ticks.
    ///
    /// # Errors
    /// Series of different lengths, or a spread of another length than its values.
    pub fn new(series: impl IntoIterator<Item = Series>) -> Result<Self, RenderingError> {
        let series: Vec<Series> = series.into_iter().collect();
        let n_places = series.first().map_or(0, |s| s.values.len());
        for s in &series {
            let mismatch = |right_name, right| RenderingError::LengthMismatch {
                what: "bars",
                left_name: "the first series",
                left: n_places,
                right_name,
                right,
            };
            if s.values.len() != n_places {
                return Err(mismatch("another series", s.values.len()));
            }
            if !s.spread.is_empty() && s.spread.len() != n_places {
                return Err(mismatch("its spread", s.spread.len()));
            }
        }
        let places = (0..n_places).map(|i| i as f64).collect();
        Ok(Self { series, places, fill: 0.8, stacked: false, horizontal: false })
    }

    /// A histogram: one bar from each edge to the next, without gaps.
    ///
    /// # Errors
    /// Not exactly one more edge than counts.
    pub fn histogram(edges: &[f64], counts: &[f64], color: Color) -> Result<Self, RenderingError> {
        if edges.len() != counts.len() + 1 {
            return Err(RenderingError::LengthMismatch {
                what: "histogram",
                left_name: "edges",
                left: edges.len(),
                right_name: "counts",
                right: counts.len(),
            });
        }
        let mut bars = Self::new([Series::new("", counts.iter().copied()).color(color)])?;
        bars.places = edges.windows(2).map(|w| (w[0] + w[1]) / 2.0).collect();
        bars.fill = 1.0;
        Ok(bars)
    }

    /// Filling this share of the distance between places.
    pub fn fill(mut self, fill: f64) -> Self {
        self.fill = fill;
        self
    }

    /// On top of each other.
    pub fn stacked(mut self) -> Self {
        self.stacked = true;
        self
    }

    /// Lying.
    pub fn horizontal(mut self) -> Self {
        self.horizontal = true;
        self
    }

    /// The distance between places: the least one, 1 where there is only one place.
    fn pitch(&self) -> f64 {
        let least = self.places.windows(2).map(|w| (w[1] - w[0]).abs()).fold(f64::INFINITY, f64::min);
        if least.is_finite() { least } else { 1.0 }
    }

    /// (place, base, top, series, index) of every bar.
    fn bars(&self) -> Vec<(f64, f64, f64, usize, usize)> {
        let mut bars = Vec::new();
        for (i, &place) in self.places.iter().enumerate() {
            let (mut up, mut down) = (0.0, 0.0);
            for (s, series) in self.series.iter().enumerate() {
                let value = series.values[i];
                let base = if !self.stacked || !value.is_finite() {
                    0.0
                } else if value >= 0.0 {
                    up += value;
                    up - value
                } else {
                    down += value;
                    down - value
                };
                bars.push((place, base, base + value, s, i));
            }
        }
        bars
    }

    fn turn(&self, along: f64, value: f64) -> Point {
        if self.horizontal { (value, along) } else { (along, value) }
    }
}

impl Mark for Bars {
    fn name(&self) -> &'static str {
        "bars"
    }

    fn extent(&self) -> Extent {
        let half = self.pitch() / 2.0;
        let along = Span::tight(self.places.iter().flat_map(|p| [p - half, p + half]));
        let tops = self.bars().into_iter().flat_map(|(_, _, top, s, i)| {
            let spread = self.series[s].spread.get(i).copied().unwrap_or(0.0);
            [top - spread, top, top + spread]
        });
        let values = Span::from_zero(tops);
        if self.horizontal { Extent { x: values, y: along } } else { Extent { x: along, y: values } }
    }

    fn keys(&self) -> Vec<Key> {
        let labelled = self.series.iter().filter(|s| !s.label.is_empty());
        labelled.map(|s| Key::new(&s.label, Swatch::Area(s.color))).collect()
    }

    fn draw(&self, plane: &Plane) {
        let slots = if self.stacked { 1 } else { self.series.len().max(1) };
        let width = self.pitch() * self.fill / slots as f64;
        // On a log axis bars stand on its lower end.
        let value_axis = if self.horizontal { plane.x() } else { plane.y() };
        let floor = |v: f64| if value_axis.holds(v) { v } else { value_axis.bounds().0 };
        let bars = self.bars();
        for (s, series) in self.series.iter().enumerate() {
            let slot = if self.stacked { 0.0 } else { s as f64 };
            let left = |place: f64| place + (slot - slots as f64 / 2.0) * width;
            // A hair of paper keeps neighbours apart.
            let style = Style::outlined(series.color, palette::PAPER, if self.fill >= 1.0 { 0.4 } else { 0.8 });
            plane.group(Group::styled(style), || {
                for &(place, base, top, ..) in bars.iter().filter(|b| b.3 == s && value_axis.holds(b.2)) {
                    let (from, to) = (self.turn(left(place), floor(base)), self.turn(left(place) + width, top));
                    plane.rect(from, to, series.color);
                }
            });
            if series.spread.is_empty() {
                continue;
            }
            plane.group(Group::styled(Style::stroked(palette::INK, 1.2)), || {
                for &(place, _, top, _, i) in bars.iter().filter(|b| b.3 == s) {
                    let (lower, upper) = (floor(top - series.spread[i]), top + series.spread[i]);
                    let (centre, cap) = (left(place) + width / 2.0, width * 0.2);
                    for whisker in [
                        [self.turn(centre, lower), self.turn(centre, upper)],
                        [self.turn(centre - cap, lower), self.turn(centre + cap, lower)],
                        [self.turn(centre - cap, upper), self.turn(centre + cap, upper)],
                    ] {
                        if whisker.iter().all(|&p| plane.holds(p)) {
                            plane.path(&whisker);
                        }
                    }
                }
            });
        }
    }
}
