//! The plane divided among classes or bands of values, as crisp polygons.

use crate::geometry::{self, Grid, Partition};
use crate::marks::{Extent, Mark};
use crate::svg::{Group, Style};
use crate::{Color, ColorScale, Key, Plane, RenderingError, Span, Swatch, palette};

/// Filled regions with their borders.
#[derive(Debug, Clone, PartialEq)]
pub struct Regions {
    partition: Partition,
    fills: Vec<Color>,
    x: (f64, f64),
    y: (f64, f64),
    /// Colour and width of the lines between regions; none by default.
    pub border: Option<(Color, f64)>,
    /// Legend entries, region 0 first; none by default.
    pub labels: Vec<String>,
}

impl Regions {
    /// Every place in the tint of the class with the largest score there. One grid per class, over the same nodes.
    ///
    /// # Errors
    /// Grids of different sizes, or none.
    pub fn largest(scores: &[Grid]) -> Result<Self, RenderingError> {
        let partition = geometry::largest(scores)?;
        let fills = (0..scores.len()).map(palette::class_area).collect();
        Ok(Self::of(partition, fills, &scores[0]))
    }

    /// Every place in the tint of its class, given the class of each node.
    ///
    /// # Errors
    /// Fewer than 2 × 2 nodes, or another number of classes than nodes.
    pub fn classes(
        x: (f64, f64),
        y: (f64, f64),
        rows: usize,
        columns: usize,
        classes: &[usize],
    ) -> Result<Self, RenderingError> {
        let n_classes = classes.iter().max().map_or(1, |m| m + 1);
        let score = |k: usize| classes.iter().map(|&c| f64::from(u8::from(c == k))).collect();
        let scores: Result<Vec<Grid>, _> = (0..n_classes).map(|k| Grid::new(x, y, rows, columns, score(k))).collect();
        Self::largest(&scores?)
    }

    /// Bands between ascending levels, each in the colour of its middle: a filled contour plot. The lowest and the highest band
    /// go on to the ends of the scale.
    pub fn bands(grid: &Grid, levels: &[f64], scale: ColorScale) -> Self {
        let edges: Vec<f64> = [scale.lo].into_iter().chain(levels.iter().copied()).chain([scale.hi]).collect();
        let fills = edges.windows(2).map(|w| scale.color((w[0] + w[1]) / 2.0)).collect();
        Self::of(geometry::bands(grid, levels), fills, grid)
    }

    /// A rectangle divided elsewhere, region `k` in the tint of class `k`.
    pub fn given(partition: Partition, x: (f64, f64), y: (f64, f64)) -> Self {
        let fills = (0..partition.regions.len()).map(palette::class_area).collect();
        Self { partition, fills, x, y, border: None, labels: Vec::new() }
    }

    fn of(partition: Partition, fills: Vec<Color>, grid: &Grid) -> Self {
        Self { fills, ..Self::given(partition, grid.x(), grid.y()) }
    }

    /// With lines between the regions.
    pub fn border(mut self, color: Color, width: f64) -> Self {
        self.border = Some((color, width));
        self
    }

    /// In these colours, region 0 first; regions beyond the list keep theirs.
    pub fn fills(mut self, fills: impl IntoIterator<Item = Color>) -> Self {
        for (own, given) in self.fills.iter_mut().zip(fills) {
            *own = given;
        }
        self
    }

    /// With a legend entry per region.
    pub fn labels<S: Into<String>>(mut self, labels: impl IntoIterator<Item = S>) -> Self {
        self.labels = labels.into_iter().map(Into::into).collect();
        self
    }
}

impl Mark for Regions {
    fn name(&self) -> &'static str {
        "regions"
    }

    fn extent(&self) -> Extent {
        Extent { x: Span::tight([self.x.0, self.x.1]), y: Span::tight([self.y.0, self.y.1]) }
    }

    fn keys(&self) -> Vec<Key> {
        let labelled = self.labels.iter().zip(&self.fills);
        labelled.map(|(label, &fill)| Key::new(label, Swatch::Area(fill))).collect()
    }

    fn covers(&self) -> bool {
        true
    }

    fn draw(&self, plane: &Plane) {
        for (rings, &fill) in self.partition.regions.iter().zip(&self.fills) {
            if !rings.is_empty() {
                // The outline in the fill's own colour closes the seam that antialiasing would leave between neighbours.
                plane.group(Group::styled(Style::outlined(fill, fill, 0.6)), || plane.rings(rings, fill));
            }
        }
        if let Some((color, width)) = self.border {
            plane.group(Group::styled(Style::stroked(color, width)).round(), || {
                for line in &self.partition.borders {
                    plane.path(line);
                }
            });
        }
    }
}
