//! Names at the ends of lines, right of the frame: each beside its own line, moved no further than it takes to keep them apart.

use crate::layout::Cell;
use crate::svg::{Anchor, Canvas, Group, Style, hundredths};
use crate::text::{self, SIZE};
use crate::{Color, Panel, palette};

/// The name of a line that ends at the right of its panel.
#[derive(Debug, Clone, PartialEq)]
pub struct End {
    /// Where the line ends, along the vertical axis.
    pub at: f64,
    /// What it is called.
    pub label: String,
    /// The line's colour.
    pub color: Color,
    /// Whether the line is one of those that the figure speaks of: its name is bold.
    pub bold: bool,
}

/// From the frame to a name: room for a stroke that leads there.
const LEAD: f64 = 16.0;
/// From the frame to that stroke, which is thin and set off so that it is not taken for the line going on.
const APART: f64 = 4.0;
const GAP: f64 = 3.0;
/// Between the middles of two names.
const PITCH: f64 = 1.06 * SIZE;
/// A name is no wider.
const WIDEST: f64 = 120.0;

/// What the names of a panel need right of its frame.
pub(crate) fn width(panel: &Panel) -> f64 {
    let widest = panel.ends.iter().map(|end| text::bold_width(&end.label, SIZE)).fold(0.0, f64::max);
    if panel.ends.is_empty() { 0.0 } else { LEAD + GAP + widest.min(WIDEST) }
}

/// Draws them.
pub(crate) fn draw(canvas: &mut Canvas, panel: &Panel, cell: &Cell) {
    let plot = &cell.plot;
    let shown: Vec<&End> = panel.ends.iter().filter(|end| cell.y.holds(end.at)).collect();
    let heights: Vec<f64> =
        shown.iter().map(|end| plot.bottom() - cell.y.fraction(end.at).clamp(0.0, 1.0) * plot.height).collect();
    let places = apart(&heights, (plot.y, plot.bottom()), PITCH);
    for ((end, height), place) in shown.iter().zip(heights).zip(places) {
        let at = |right: f64, y: f64| (hundredths(plot.right() + right), hundredths(y));
        canvas.open(&Group::styled(Style::stroked(end.color, 1.0)));
        canvas.line(at(APART, height), at(LEAD, place));
        canvas.close();
        let style = Style::text(if end.bold { palette::INK } else { palette::MUTED }, SIZE, Anchor::Start);
        let style = if end.bold { style.bold() } else { style };
        let label = text::shortened(&end.label, WIDEST, |s| text::bold_width(s, SIZE));
        canvas.styled_text(at(LEAD + GAP, place + 0.36 * SIZE), &label, 0, &style);
    }
}

/// Places within these ends, at least `pitch` apart, less where there is no room for it, and together as near to the wanted ones
/// as can be: least squares by pooling neighbours that come too close (Ayer et al. 1955).
fn apart(wanted: &[f64], (lo, hi): (f64, f64), pitch: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by(|a, b| wanted[*a].total_cmp(&wanted[*b]));
    let between = order.len().saturating_sub(1).max(1) as f64;
    let pitch = pitch.min((hi - lo) / between);
    // Less the pitches before each, the places have to ascend, and no more.
    let mut pools: Vec<(f64, usize)> = Vec::new();
    for (rank, i) in order.iter().enumerate() {
        pools.push((wanted[*i] - pitch * rank as f64, 1));
        while let [.., (a, n), (b, m)] = pools[..]
            && a > b
        {
            pools.truncate(pools.len() - 2);
            pools.push(((a * n as f64 + b * m as f64) / (n + m) as f64, n + m));
        }
    }
    let last = hi - pitch * order.len().saturating_sub(1) as f64;
    let levels = pools.into_iter().flat_map(|(level, n)| std::iter::repeat_n(level.clamp(lo, last.max(lo)), n));
    let mut places = vec![0.0; wanted.len()];
    for ((rank, i), level) in order.into_iter().enumerate().zip(levels) {
        places[i] = level + pitch * rank as f64;
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_apart_and_stay_where_they_have_room() {
        assert_eq!(apart(&[10.0, 90.0, 50.0], (0.0, 100.0), 16.0), [10.0, 90.0, 50.0]);
        // Two on one place part by the same way.
        assert_eq!(apart(&[50.0, 50.0], (0.0, 100.0), 16.0), [42.0, 58.0]);
        // At the edge all of them move inwards, in the order they had.
        assert_eq!(apart(&[99.0, 100.0, 98.0], (0.0, 100.0), 16.0), [84.0, 100.0, 68.0]);
        assert_eq!(apart(&[], (0.0, 100.0), 16.0), Vec::<f64>::new());
    }

    #[test]
    fn more_names_than_there_is_room_for_are_spread_evenly() {
        assert_eq!(apart(&[0.0; 5], (0.0, 40.0), 16.0), [0.0, 10.0, 20.0, 30.0, 40.0]);
    }

    #[test]
    fn no_two_names_are_nearer_than_a_line_of_text_whatever_the_lines_do() {
        for seed in 0..50_u32 {
            let wanted: Vec<f64> = (0..10).map(|i| f64::from(seed.wrapping_mul(7919 + 104_729 * i) % 300)).collect();
            let mut places = apart(&wanted, (0.0, 300.0), 16.0);
            assert!(places.iter().all(|p| (0.0..=300.0).contains(p)), "{places:?}");
            places.sort_by(f64::total_cmp);
            assert!(places.windows(2).all(|w| w[1] - w[0] > 16.0 - 1e-9), "{places:?}");
        }
    }
}
