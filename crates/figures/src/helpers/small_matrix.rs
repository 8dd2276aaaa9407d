//! Confusion matrices so small that several stand side by side: percentages of the row, and their differences.

use analysis::statistics::confusion::Confusion;
use rendering::{Axis, ColorBar, ColorScale, Heatmap, Panel, text};

use crate::{FigureError, predictions::confusion_matrix::mistakes, predictions::confusion_matrix::points};

/// The colours of mistakes, in percent: one scale for all.
pub(crate) fn mistake_scale(confusions: &[&Confusion]) -> ColorScale {
    ColorScale::amount_of(confusions.iter().flat_map(|confusion| percent(confusion)))
}

/// The colour bar of mistakes.
pub(crate) fn mistake_bar(scale: ColorScale) -> ColorBar {
    ColorBar::new("mistakes (% of the true class)", scale)
}

/// Mistakes in percent of their row.
fn percent(confusion: &Confusion) -> Vec<f64> {
    mistakes(confusion).into_iter().map(|share| 100.0 * share).collect()
}

/// The colours of differences, in percentage points: one scale for all pairs.
pub(crate) fn difference_scale(pairs: &[(&Confusion, &Confusion)]) -> ColorScale {
    let all: Vec<f64> = pairs.iter().flat_map(|(after, before)| points(after, before)).collect();
    ColorScale::signed_of(&all)
}

/// The colour bar of differences.
pub(crate) fn difference_bar(scale: ColorScale) -> ColorBar {
    ColorBar::new("change (percentage points of the true class)", scale)
}

/// The shares of each row; mistakes are coloured.
pub(crate) fn shares(confusion: &Confusion, scale: ColorScale) -> Result<Panel, FigureError> {
    let words = confusion.shares().iter().map(|share| whole(100.0 * share)).collect();
    matrix(confusion, percent(confusion), words, scale)
}

/// What is more in the first than in the second.
pub(crate) fn difference(after: &Confusion, before: &Confusion, scale: ColorScale) -> Result<Panel, FigureError> {
    let points: Vec<f64> = points(after, before).iter().copied().collect();
    let words = points.iter().map(|v| whole(*v)).collect();
    matrix(after, points, words, scale)
}

/// A whole number; nothing for what rounds to zero.
fn whole(v: f64) -> String {
    if v.is_nan() || v.abs() < 0.5 { String::new() } else { text::fixed(v, 0) }
}

fn matrix(
    confusion: &Confusion,
    values: Vec<f64>,
    labels: Vec<String>,
    scale: ColorScale,
) -> Result<Panel, FigureError> {
    let n = confusion.classes.len();
    let axis = |label: &str| Axis::new(label).names(confusion.classes.clone());
    Ok(Panel::matrix(axis("predicted class"), axis("true class"))
        .mark(Heatmap::new(n, n, values, scale)?.labels(labels)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_whole_percent_and_differences_share_a_scale() {
        let names = ["a", "b"].map(String::from);
        let before = Confusion::of(&names, [(0, 0), (0, 0), (0, 1), (1, 1)]);
        let after = Confusion::of(&names, [(0, 1), (0, 1), (0, 1), (1, 1)]);
        let svg = |panel: Panel| rendering::Figure::new("f", "t").panel(panel).to_svg().expect("a figure");
        let drawn = svg(shares(&before, mistake_scale(&[&before])).expect("a matrix"));
        assert!(drawn.contains(">67<") && drawn.contains(">33<") && !drawn.contains(">0</text>"));
        let scale = difference_scale(&[(&after, &before), (&before, &before)]);
        assert!((scale.hi - 200.0 / 3.0).abs() < 1e-12 && scale.lo == -scale.hi);
        assert!(svg(difference(&after, &before, scale).expect("a matrix")).contains(">−67<"));
    }
}
