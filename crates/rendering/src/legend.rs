//! Legends: what colours and strokes mean, outside the data, in rows that wrap.

use crate::plane::Rect;
use crate::svg::{Anchor, Canvas, Dash, Group, Style, hundredths};
use crate::text::{self, SIZE};
use crate::{Color, Shape, palette};

/// What stands beside a legend's label.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Swatch {
    /// A stroke.
    Line {
        /// Its colour.
        color: Color,
        /// Its width in drawing units.
        width: f64,
        /// How it is broken.
        dash: Dash,
    },
    /// A point.
    Dot(Color, Shape),
    /// An area.
    Area(Color),
    /// An area that other things show through.
    Band {
        /// Its colour.
        color: Color,
        /// 1 is opaque.
        opacity: f64,
    },
    /// A hatched cell on this colour.
    Hatched(Color),
}

impl Swatch {
    /// Its colour; of a hatched cell that under the lines.
    pub fn color(self) -> Color {
        match self {
            Self::Line { color, .. } | Self::Band { color, .. } => color,
            Self::Dot(color, _) | Self::Area(color) | Self::Hatched(color) => color,
        }
    }
}

/// One entry of a legend.
#[derive(Debug, Clone, PartialEq)]
pub struct Key {
    /// What it means.
    pub label: String,
    /// What it looks like.
    pub swatch: Swatch,
}

impl Key {
    /// An entry.
    pub fn new(label: impl Into<String>, swatch: Swatch) -> Self {
        Self { label: label.into(), swatch }
    }
}

/// Where the legend goes: never onto data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LegendPosition {
    /// Rows below the panels.
    #[default]
    Below,
    /// Rows above the panels, where they are many and one below the other.
    Above,
    /// A column to the right of them.
    Right,
    /// Nowhere.
    None,
}

const ROW: f64 = 24.0;
/// From one line of a long label to the next.
const LINE: f64 = 19.0;
/// Length of a stroke; points and areas are narrower.
const STROKE: f64 = 24.0;
const DOT: f64 = 11.0;
const BLOCK: f64 = 18.0;
const GAP: f64 = 7.0;
/// Between two entries of a row.
const BETWEEN: f64 = 18.0;

fn swatch_width(swatch: Swatch) -> f64 {
    match swatch {
        Swatch::Line { .. } => STROKE,
        Swatch::Dot(..) => DOT,
        Swatch::Area(_) | Swatch::Band { .. } | Swatch::Hatched(_) => BLOCK,
    }
}

fn entry_width(key: &Key) -> f64 {
    swatch_width(key.swatch) + GAP + text::width(&key.label, SIZE)
}

/// Width of the legend as one column that takes no more than `limit`; longer labels will be broken.
pub(crate) fn column_width(keys: &[Key], limit: f64) -> f64 {
    keys.iter().map(entry_width).fold(0.0, f64::max).min(limit)
}

/// An entry's label in lines, so that it is no wider than `width` with its swatch.
fn lines(key: &Key, width: f64) -> Vec<String> {
    text::wrap(&key.label, width - swatch_width(key.swatch) - GAP, |s| text::width(s, SIZE))
}

/// Height of a row: of its tallest entry.
fn row_height(keys: &[Key], row: &[(usize, f64)], width: f64) -> f64 {
    let most = row.iter().map(|&(i, _)| lines(&keys[i], width).len()).max().unwrap_or(0);
    ROW + most.saturating_sub(1) as f64 * LINE
}

/// Rows of entry indices, each no wider than `width`. All rows but one-entry ones share their column widths when they can.
fn rows(keys: &[Key], width: f64) -> Vec<Vec<(usize, f64)>> {
    let widest = column_width(keys, f64::INFINITY) + BETWEEN;
    let total: f64 = keys.iter().map(|k| entry_width(k) + BETWEEN).sum::<f64>() - BETWEEN;
    let columns = ((width + BETWEEN) / widest).floor() as usize;
    if total <= width || columns < 2 {
        let mut rows: Vec<Vec<(usize, f64)>> = vec![];
        let mut x = f64::INFINITY;
        for (i, key) in keys.iter().enumerate() {
            if x + entry_width(key) > width {
                rows.push(vec![]);
                x = 0.0;
            }
            // A row was pushed for the first entry.
            if let Some(row) = rows.last_mut() {
                row.push((i, x));
            }
            x += entry_width(key) + BETWEEN;
        }
        return rows;
    }
    // Several rows: a table, its columns as equal as can be.
    let per_row = keys.len().div_ceil(keys.len().div_ceil(columns));
    let indices: Vec<usize> = (0..keys.len()).collect();
    indices.chunks(per_row).map(|row| row.iter().enumerate().map(|(c, &i)| (i, c as f64 * widest)).collect()).collect()
}

/// Height of the legend in rows of this width.
pub(crate) fn height(keys: &[Key], width: f64) -> f64 {
    rows(keys, width).iter().map(|row| row_height(keys, row, width)).sum()
}

/// Draws the legend with its top left corner, in rows where it may be that wide.
pub(crate) fn draw(canvas: &mut Canvas, id: &str, keys: &[Key], place: Rect) {
    let mut group = Group::named(format!("{id}-legend"));
    group.style = Some(Style::text(palette::INK, SIZE, Anchor::Start));
    canvas.open(&group);
    let mut top = place.y;
    for row in rows(keys, place.width) {
        for &(i, x) in &row {
            entry(canvas, &keys[i], place.x + x, top + 0.5 * ROW, place.width);
        }
        top += row_height(keys, &row, place.width);
    }
    canvas.close();
}

fn entry(canvas: &mut Canvas, key: &Key, x: f64, y: f64, width: f64) {
    let at = |right: f64, down: f64| (hundredths(x + right), hundredths(y + down));
    match key.swatch {
        Swatch::Line { color, width, dash } => {
            canvas.open(&Group::styled(Style::stroked(color, width.max(1.5))).dash(dash));
            // Two whole dashes rather than two and a stub.
            let spare = if dash == Dash::Dashed { (STROKE - 18.0) / 2.0 } else { 0.0 };
            canvas.line(at(spare, 0.0), at(STROKE - spare, 0.0));
            canvas.close();
        }
        Swatch::Dot(color, shape) => match shape.corners(DOT / 2.0) {
            None => canvas.disc(at(DOT / 2.0, 0.0), DOT / 2.0, color),
            Some(corners) => {
                let ring = corners.iter().map(|(right, up)| at(DOT / 2.0 + right, -up)).collect();
                canvas.rings(&[ring], color);
            }
        },
        Swatch::Area(color) => canvas.block(at(0.0, -6.0), at(BLOCK, 6.0), color),
        Swatch::Band { color, opacity } => {
            canvas.open(&Group::default().opacity(opacity));
            canvas.block(at(0.0, -6.0), at(BLOCK, 6.0), color);
            canvas.close();
        }
        Swatch::Hatched(color) => {
            canvas.block(at(0.0, -6.0), at(BLOCK, 6.0), color);
            canvas.hatch(at(0.0, -6.0), at(BLOCK, 6.0), palette::hatching(color));
        }
    }
    // Only an entry that is alone in its row can have several lines.
    let indent = swatch_width(key.swatch) + GAP;
    for (i, line) in lines(key, width).iter().enumerate() {
        canvas.text(at(indent, 0.36 * SIZE + i as f64 * LINE), line, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(n: usize) -> Vec<Key> {
        (0..n).map(|k| Key::new(format!("class {k}"), Swatch::Dot(palette::class(k), Shape::Circle))).collect()
    }

    #[test]
    fn wraps_without_loss_and_within_the_width() {
        for n in [1, 2, 9, 10, 23] {
            for width in [50.0, 200.0, 600.0] {
                let keys = keys(n);
                let rows = rows(&keys, width);
                let order: Vec<usize> = rows.iter().flatten().map(|e| e.0).collect();
                assert_eq!(order, (0..n).collect::<Vec<_>>());
                let fits = rows.iter().flatten().all(|&(i, x)| x == 0.0 || x + entry_width(&keys[i]) <= width);
                assert!(fits);
            }
        }
        assert!(rows(&[], 100.0).is_empty());
    }
}
