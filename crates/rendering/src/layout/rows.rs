//! Rows of panels: heads above, axis labels below, data areas level.

use super::{Cell, Columns, DIAGONAL, LEADING, MARGIN, PANEL_TITLE, Page, ROW_GAP, TICK, TICK_GAP, left_of};
use crate::Panel;
use crate::figure::{Figure, TextLine};
use crate::legend::LegendPosition;
use crate::plane::Rect;
use crate::svg::Anchor;
use crate::text::{self, SIZE};

/// Between a panel's head and its data area: half a tick label, and a little.
const HEAD_GAP: f64 = 11.0;
/// The same where there is no tick label: pictures, which a title belongs to more than to the row above.
const CLOSE: f64 = 4.0;
/// Heads of a column begin level, unless that would put them further than this from their own axis.
const ASTRAY: f64 = 30.0;

/// Puts the cells into their rows, each with its grid or all with one, adds column and row titles to the page,
/// and moves `top` below it all.
pub(super) fn place(figure: &Figure, grids: &[Columns], cells: &mut [Cell], page: &mut Page, top: &mut f64) {
    let columns = grids[0].left.len();
    if columns == figure.columns {
        column_titles(figure, &grids[0], page, top);
    }
    for (row, (in_row, panels)) in cells.chunks_mut(columns).zip(figure.panels.chunks(columns)).enumerate() {
        let grid = grids.get(row).unwrap_or(&grids[0]);
        if row > 0 {
            *top += ROW_GAP;
        }
        if let Some(title) = figure.row_titles.get(row).filter(|t| !t.is_empty()) {
            let lines = text::wrap(title, page.width - 2.0 * MARGIN, |s| text::bold_width(s, PANEL_TITLE));
            write(page, &lines, MARGIN, *top, Anchor::Start);
            *top += lines.len() as f64 * PANEL_TITLE * LEADING + 4.0;
        }
        let heads: Vec<Head> = (in_row.iter_mut().zip(panels).enumerate())
            .map(|(c, (cell, panel))| {
                let spare = grid.plot_width - cell.plot.width;
                // A narrow panel stands in the middle, or close to the legend beside it.
                let shift = if figure.legend == LegendPosition::Right { 0.0 } else { spare / 2.0 };
                cell.plot.x = grid.plot(c) + shift;
                let own = left_of(cell);
                let x = cell.plot.x - if grid.left[c] - own > ASTRAY { own } else { grid.left[c] };
                // A label that stands for the whole row may run over its neighbours.
                let label_end = grid.end(if figure.share_y { columns - 1 } else { c });
                head(panel, cell, x, grid.end(c), label_end)
            })
            .collect();
        // Titles of a row stand level above its labels, unless a label holds for the whole row: then it stands above all titles.
        let titles_height = heads.iter().map(Head::title_height).fold(0.0, f64::max);
        let labels_height = heads.iter().map(|head| height(&head.labels)).fold(0.0, f64::max);
        let (below_titles, below_labels) = if figure.share_y { (0.0, titles_height) } else { (labels_height, 0.0) };
        let head_height = titles_height + labels_height;
        let gap = if in_row.iter().any(|cell| !cell.y_ticks.is_empty()) { HEAD_GAP } else { CLOSE };
        let head_height = if head_height > 0.0 { head_height + gap } else { 0.0 };
        let plot_height = in_row.iter().map(|cell| cell.plot.height).fold(0.0, f64::max);
        let mut below: f64 = 0.0;
        for (c, ((cell, panel), mut head)) in in_row.iter_mut().zip(panels).zip(heads).enumerate() {
            cell.plot.y = *top + head_height;
            let bottom = cell.plot.y - gap;
            for title in &mut head.titles {
                rest(title, bottom - below_titles);
            }
            rest(&mut head.labels, bottom - below_labels);
            (cell.titles, cell.lines) = (head.titles, head.labels);
            let mut foot = foot(panel, cell);
            cell.color_bar = Rect { x: cell.plot.right(), ..cell.plot };
            if let Some(bar) = panel.color_bar.as_ref().filter(|bar| bar.below) {
                let (x, width) = (grid.start(c), grid.end(c) - grid.start(c));
                cell.color_bar = Rect { x, y: cell.plot.bottom() + foot, width, height: bar.height(width) };
                foot += cell.color_bar.height;
            }
            below = below.max(foot + cell.plot.height - plot_height);
        }
        *top += head_height + plot_height + below;
    }
}

fn column_titles(figure: &Figure, grid: &Columns, page: &mut Page, top: &mut f64) {
    let wrapped = |(c, title): (usize, &String)| {
        let (start, end) = (grid.start(c), grid.end(c));
        let centre = grid.plot(c) + grid.plot_width / 2.0;
        let width = 2.0 * (centre - start).min(end - centre);
        (centre, text::wrap(title, width, |s| text::bold_width(s, PANEL_TITLE)))
    };
    let titles: Vec<(f64, Vec<String>)> =
        figure.column_titles.iter().take(grid.left.len()).enumerate().map(wrapped).collect();
    for (centre, lines) in &titles {
        write(page, lines, *centre, *top, Anchor::Middle);
    }
    let highest = titles.iter().map(|(_, lines)| lines.len()).max().unwrap_or(0);
    if highest > 0 {
        *top += highest as f64 * PANEL_TITLE * LEADING + 4.0;
    }
}

/// Adds bold lines to the page.
fn write(page: &mut Page, lines: &[String], x: f64, top: f64, anchor: Anchor) {
    for (i, text) in lines.iter().enumerate() {
        let baseline = top + PANEL_TITLE * (1.0 + i as f64 * LEADING);
        let text = text.clone();
        page.lines.push(TextLine { text, x, baseline, size: PANEL_TITLE, bold: true, muted: false, anchor });
    }
}

/// What stands above a panel, heights still open.
struct Head {
    /// One, or one per frame.
    titles: Vec<Vec<TextLine>>,
    labels: Vec<TextLine>,
}

impl Head {
    fn title_height(&self) -> f64 {
        self.titles.iter().map(|title| height(title)).fold(0.0, f64::max)
    }
}

fn height(lines: &[TextLine]) -> f64 {
    lines.iter().map(|line| line.size * LEADING).sum()
}

/// Stacks lines on top of `bottom`.
fn rest(lines: &mut [TextLine], mut bottom: f64) {
    for line in lines.iter_mut().rev() {
        line.baseline = bottom - line.size * (LEADING - 1.0);
        bottom -= line.size * LEADING;
    }
}

/// A panel's title and the label of its vertical axis, from `x` to no further than their ends.
fn head(panel: &Panel, cell: &Cell, x: f64, title_end: f64, label_end: f64) -> Head {
    let centred = !panel.x.visible && !panel.y.visible;
    let (x, anchor) = if centred { (cell.plot.centre(), Anchor::Middle) } else { (x, Anchor::Start) };
    let title_width = if centred { 2.0 * (title_end - x) } else { title_end - x };
    let line = |text, size, bold| TextLine { text, x, baseline: 0.0, size, bold, muted: !bold, anchor };
    let title = |title: &String| {
        let lines = text::wrap(title, title_width, |s| text::bold_width(s, PANEL_TITLE));
        lines.into_iter().map(|t| line(t, PANEL_TITLE, true)).collect()
    };
    let label = if cell.labels_y { panel.y.label.as_str() } else { "" };
    let label = text::wrap(label, label_end - x, |s| text::width(s, SIZE));
    Head {
        titles: panel.titles_over_time().iter().map(title).collect(),
        labels: label.into_iter().map(|t| line(t, SIZE, false)).collect(),
    }
}

/// Adds the label of the horizontal axis; gives the height of everything below the data area.
fn foot(panel: &Panel, cell: &mut Cell) -> f64 {
    if !cell.labels_x {
        return if panel.x.visible { TICK } else { 0.0 };
    }
    let widest = cell.x_ticks.iter().map(|t| text::width(&t.label, SIZE)).fold(0.0, f64::max);
    let mut height = TICK;
    if !cell.x_ticks.is_empty() {
        height += TICK_GAP + if cell.turned { (widest + SIZE) * DIAGONAL } else { SIZE };
    }
    // No wider than the data area and half the gap to the next one on both sides.
    for text in text::wrap(&panel.x.label, cell.plot.width + super::COLUMN_GAP, |s| text::width(s, SIZE)) {
        height += SIZE * LEADING;
        let (x, baseline) = (cell.plot.centre(), cell.plot.bottom() + height);
        let anchor = Anchor::Middle;
        cell.lines.push(TextLine { text, x, baseline, size: SIZE, bold: false, muted: true, anchor });
    }
    height + 6.0
}

#[cfg(test)]
mod tests {
    use crate::{Axis, Figure, Line, Panel, layout};

    #[test]
    fn titles_of_a_row_are_level_whichever_panel_has_a_label() {
        let panel = |label: &str| {
            Panel::new(Axis::new("x"), Axis::new(label)).title("A title").mark(Line::new([(0.0, 1.0), (2.0, 3.0)]))
        };
        for share_y in [false, true] {
            let mut figure = Figure::new("f", "A headline").panel(panel("height")).panel(panel("")).columns(2);
            figure.share_y = share_y;
            let page = layout::layout(&figure);
            let baseline = |cell: usize| page.cells[cell].titles[0][0].baseline;
            assert_eq!(baseline(0), baseline(1));
            // A label of one panel is below its title, one of the whole row above all.
            assert_eq!(page.cells[0].lines[0].baseline > baseline(0), !share_y);
        }
    }
}
