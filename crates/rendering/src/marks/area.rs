//! The band between two curves: mean ± spread, stacked shares, the area under a histogram.

use crate::marks::{Extent, Mark};
use crate::svg::{Group, Style};
use crate::{Color, Key, Plane, Point, Span, Swatch, palette};

/// A filled band over x.
#[derive(Debug, Clone, PartialEq)]
pub struct Area {
    /// (x, lower, upper) along the band; entries that have no place on the axes are gaps.
    pub band: Vec<(f64, f64, f64)>,
    /// Default [`palette::PLAIN`].
    pub color: Color,
    /// 1 is opaque; default 0.22, so that grid and other bands show through.
    pub opacity: f64,
    /// Its legend entry; none by default.
    pub label: Option<String>,
}

impl Area {
    /// Between two curves: (x, lower, upper).
    pub fn new(band: impl IntoIterator<Item = (f64, f64, f64)>) -> Self {
        Self { band: band.into_iter().collect(), color: palette::PLAIN, opacity: 0.22, label: None }
    }

    /// Around a curve: (x, mean, spread) becomes mean ± spread.
    pub fn spread(curve: impl IntoIterator<Item = (f64, f64, f64)>) -> Self {
        Self::new(curve.into_iter().map(|(x, mean, spread)| (x, mean - spread, mean + spread)))
    }

    builders! { color opacity label }
}

impl Mark for Area {
    fn name(&self) -> &'static str {
        "area"
    }

    fn extent(&self) -> Extent {
        Extent {
            x: Span::tight(self.band.iter().map(|b| b.0)),
            y: Span::roomy(self.band.iter().flat_map(|b| [b.1, b.2])),
        }
    }

    fn keys(&self) -> Vec<Key> {
        let swatch = Swatch::Band { color: self.color, opacity: self.opacity };
        self.label.iter().map(|label| Key::new(label, swatch)).collect()
    }

    fn draw(&self, plane: &Plane) {
        // On a log axis a band that reaches down to zero or below goes on to the bottom of the page.
        let floor = |v: f64| if v.is_finite() && !plane.y().holds(v) { plane.y().bounds().0 } else { v };
        let band: Vec<(f64, f64, f64)> = self.band.iter().map(|&(x, lower, upper)| (x, floor(lower), upper)).collect();
        let drawable = |b: &(f64, f64, f64)| plane.holds((b.0, b.1)) && plane.holds((b.0, b.2));
        plane.group(Group::styled(Style::filled(self.color)).opacity(self.opacity), || {
            for run in band.split(|b| !drawable(b)).filter(|run| run.len() > 1) {
                let there = run.iter().map(|b| (b.0, b.2));
                let back = run.iter().rev().map(|b| (b.0, b.1));
                plane.polygon(&there.chain(back).collect::<Vec<Point>>(), self.color);
            }
        });
    }
}
