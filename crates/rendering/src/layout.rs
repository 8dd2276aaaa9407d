//! Where everything goes: pure arithmetic on estimated text widths.
//!
//! From top to bottom: headline, subtitle, rows of panels, colour bars, legend. A panel's title and the label of its
//! vertical axis stand above it, level, so that no reader has to tilt a head and no width is lost. Margins depend on tick
//! labels, tick labels on the room there is: three rounds settle it.

use crate::figure::{Figure, TextLine};
use crate::legend::{self, LegendPosition};
use crate::marks::Extent;
use crate::plane::Rect;
use crate::svg::Anchor;
use crate::{Axis, Domain, Panel, Tick, Ticks, text};

/// Text sizes in drawing units.
pub(crate) const TITLE: f64 = 20.0;
pub(crate) const SUBTITLE: f64 = 15.0;
pub(crate) const PANEL_TITLE: f64 = 16.0;
pub(crate) const LABEL: f64 = 15.0;
/// Line height over text size.
pub(crate) const LEADING: f64 = 1.28;
/// Length of a tick.
pub(crate) const TICK: f64 = 5.0;
/// Between a tick and its label.
pub(crate) const TICK_GAP: f64 = 4.0;

/// Around the page.
const MARGIN: f64 = 14.0;
/// Between two panels side by side, besides their labels.
const COLUMN_GAP: f64 = 16.0;
const ROW_GAP: f64 = 14.0;
/// Between a panel's head and its data area: half a tick label, and a little.
const HEAD_GAP: f64 = 10.0;
/// Free space between two tick labels of a row.
const LABEL_GAP: f64 = 9.0;
/// No data area is higher than this.
const HIGHEST: f64 = 470.0;
/// Sine and cosine of the 45° by which crowded labels are turned.
const DIAGONAL: f64 = std::f64::consts::FRAC_1_SQRT_2;

/// A panel in its place.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Cell {
    pub x: Domain,
    pub y: Domain,
    /// The data area.
    pub plot: Rect,
    pub x_ticks: Vec<Tick>,
    pub y_ticks: Vec<Tick>,
    /// Whether labels of x ticks are turned by 45°.
    pub turned: bool,
    /// Whether tick labels and axis label are written.
    pub labels_x: bool,
    pub labels_y: bool,
    /// Title and axis labels, wrapped and placed.
    pub lines: Vec<TextLine>,
}

/// The whole page.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Page {
    pub width: f64,
    pub height: f64,
    pub lines: Vec<TextLine>,
    pub cells: Vec<Cell>,
    pub color_bars: Vec<Rect>,
    pub legend: Option<Rect>,
}

/// Widths that depend on labels, per column.
#[derive(Debug, Clone, PartialEq)]
struct Margins {
    left: Vec<f64>,
    right: Vec<f64>,
}

pub(crate) fn layout(figure: &Figure) -> Page {
    let keys = figure.all_keys();
    let columns = figure.columns.clamp(1, figure.panels.len().max(1));
    let mut page = Page { width: figure.width.max(200.0), ..Page::default() };
    let inner = page.width - 2.0 * MARGIN;
    let mut top = header(figure, inner, &mut page.lines);

    let legend_width = if figure.legend == LegendPosition::Right && !keys.is_empty() {
        legend::column_width(&keys) + 20.0
    } else {
        0.0
    };
    let domains = domains(figure);
    let mut margins = Margins { left: vec![40.0; columns], right: vec![0.0; columns] };
    let mut cells = Vec::new();
    for _ in 0..3 {
        let plot_width = plot_width(inner - legend_width, &margins);
        cells = (0..figure.panels.len()).map(|i| cell(figure, columns, i, domains[i], plot_width)).collect();
        margins = measured(figure, &cells, columns);
    }
    let width = plot_width(inner - legend_width, &margins);
    for cell in &mut cells {
        // The last round's margins may have taken a hair of width.
        if cell.plot.width > width {
            cell.plot.height *= width / cell.plot.width;
            cell.plot.width = width;
        }
    }
    let panels_top = top;
    place(figure, columns, width, &margins, &mut cells, page.width, &mut page.lines, &mut top);
    page.cells = cells;
    let panels_right = (page.cells.iter().zip(&figure.panels))
        .map(|(cell, panel)| cell.plot.right() + panel.color_bar.as_ref().map_or(0.0, |b| b.width(cell.plot.height)))
        .fold(0.0, f64::max);
    page.legend = (legend_width > 0.0).then(|| Rect {
        x: (panels_right + 20.0).min(page.width - MARGIN - legend_width + 20.0),
        y: panels_top + LEADING * LABEL,
        width: legend_width - 20.0,
        height: legend::height(&keys, 1.0),
    });
    if let Some(beside) = page.legend {
        top = top.max(beside.bottom());
    }
    for bar in &figure.color_bars {
        top += 10.0;
        page.color_bars.push(Rect { x: MARGIN, y: top, width: inner - legend_width, height: bar.height() });
        top += bar.height();
    }
    if figure.legend == LegendPosition::Below && !keys.is_empty() {
        top += 10.0;
        let place = Rect { x: MARGIN, y: top, width: inner, height: legend::height(&keys, inner) };
        top = place.bottom();
        page.legend = Some(place);
    }
    page.height = (top + MARGIN).ceil();
    page
}

fn header(figure: &Figure, inner: f64, lines: &mut Vec<TextLine>) -> f64 {
    let mut top = MARGIN;
    let mut write = |content: &str, size: f64, bold: bool| {
        let measure = |s: &str| if bold { text::bold_width(s, size) } else { text::width(s, size) };
        for line in text::wrap(content, inner, measure) {
            let (x, baseline) = (MARGIN, top + size);
            lines.push(TextLine { text: line, x, baseline, size, bold, muted: !bold, anchor: Anchor::Start });
            top += size * LEADING;
        }
    };
    write(&figure.title, TITLE, true);
    write(&figure.subtitle, SUBTITLE, false);
    top + 8.0
}

/// Every panel's domains, shared where the figure says so.
fn domains(figure: &Figure) -> Vec<(Domain, Domain)> {
    let all = figure.panels.iter().map(Panel::extent).fold(Extent::EMPTY, Extent::union);
    let of = |panel: &Panel| {
        let own = panel.extent();
        let x = panel.x.domain(if figure.share_x { &all.x } else { &own.x });
        let y = panel.y.domain(if figure.share_y { &all.y } else { &own.y });
        (x, y)
    };
    figure.panels.iter().map(of).collect()
}

fn plot_width(available: f64, margins: &Margins) -> f64 {
    let columns = margins.left.len() as f64;
    let taken: f64 = margins.left.iter().chain(&margins.right).sum::<f64>() + (columns - 1.0) * COLUMN_GAP;
    ((available - taken) / columns).max(20.0)
}

/// A panel's size and ticks; its position is still open.
fn cell(figure: &Figure, columns: usize, i: usize, (x, y): (Domain, Domain), plot_width: f64) -> Cell {
    let panel = &figure.panels[i];
    let ratio = panel.height_over_width(&x, &y, columns);
    let height = (plot_width * ratio).min(HIGHEST);
    let width = if panel.aspect == crate::Aspect::Equal { height / ratio } else { plot_width };
    let lowest = i + columns >= figure.panels.len();
    let labels_x = panel.x.visible && (!figure.share_x || lowest);
    let labels_y = panel.y.visible && (!figure.share_y || i.is_multiple_of(columns));
    let (x_ticks, turned) = x_ticks(&panel.x, &x, width);
    let y_ticks = y_ticks(&panel.y, &y, height);
    let plot = Rect { x: 0.0, y: 0.0, width, height };
    Cell { x, y, plot, x_ticks, y_ticks, turned, labels_x, labels_y, lines: Vec::new() }
}

/// Whether labels of this width, centred on their ticks, keep clear of each other.
fn clear(ticks: &[Tick], domain: &Domain, length: f64, extent: impl Fn(&Tick) -> f64, gap: f64) -> bool {
    let mut places: Vec<(f64, f64)> =
        ticks.iter().map(|t| (domain.fraction(t.value) * length, extent(t) / 2.0)).collect();
    places.sort_by(|a, b| a.0.total_cmp(&b.0));
    places.windows(2).all(|w| w[1].0 - w[0].0 >= w[0].1 + w[1].1 + gap)
}

/// As many ticks as fit; whether their labels are turned.
fn x_ticks(axis: &Axis, domain: &Domain, width: f64) -> (Vec<Tick>, bool) {
    let label_width = |t: &Tick| text::width(&t.label, LABEL);
    let level = |ticks: &[Tick]| clear(ticks, domain, width, label_width, LABEL_GAP);
    if let Ticks::Given(_) = axis.ticks {
        let all = axis.ticks_within(domain, 0);
        if level(&all) {
            return (all, false);
        }
        if clear(&all, domain, width, |_| LABEL * 1.1, 0.0) {
            return (all, true);
        }
        let every = |n: usize| all.iter().step_by(n).cloned().collect::<Vec<Tick>>();
        let fitting = (2..=all.len()).map(every).find(|ticks| level(ticks));
        return (fitting.unwrap_or_default(), false);
    }
    let most = ((width / 44.0) as usize).clamp(3, 9);
    let fitting = (1..=most).rev().map(|limit| axis.ticks_within(domain, limit)).find(|ticks| level(ticks));
    (fitting.unwrap_or_default(), false)
}

fn y_ticks(axis: &Axis, domain: &Domain, height: f64) -> Vec<Tick> {
    let level = |ticks: &[Tick]| clear(ticks, domain, height, |_| LABEL, 1.0);
    if let Ticks::Given(_) = axis.ticks {
        let all = axis.ticks_within(domain, 0);
        let every = |n: usize| all.iter().step_by(n).cloned().collect::<Vec<Tick>>();
        return (1..=all.len()).map(every).find(|ticks| level(ticks)).unwrap_or_default();
    }
    let most = ((height / 36.0) as usize).clamp(3, 8);
    (1..=most).rev().map(|limit| axis.ticks_within(domain, limit)).find(|ticks| level(ticks)).unwrap_or_default()
}

/// What ticks and labels of the vertical axis take left of the data area.
fn left_of(cell: &Cell) -> f64 {
    let widest = cell.y_ticks.iter().map(|t| text::width(&t.label, LABEL)).fold(0.0, f64::max);
    if cell.labels_y && !cell.y_ticks.is_empty() { widest + TICK_GAP + TICK } else { 1.0 }
}

/// What the columns need left and right of their data areas.
fn measured(figure: &Figure, cells: &[Cell], columns: usize) -> Margins {
    let mut margins = Margins { left: vec![0.0; columns], right: vec![0.0; columns] };
    for (i, (cell, panel)) in cells.iter().zip(&figure.panels).enumerate() {
        let mut left = left_of(cell);
        let mut right: f64 = 1.0;
        if cell.labels_x {
            for tick in &cell.x_ticks {
                let (centre, width) = (cell.x.fraction(tick.value) * cell.plot.width, text::width(&tick.label, LABEL));
                if cell.turned {
                    left = left.max(width * DIAGONAL - centre);
                } else {
                    left = left.max(width / 2.0 - centre);
                    right = right.max(centre + width / 2.0 - cell.plot.width);
                }
            }
        }
        if let Some(bar) = &panel.color_bar {
            right = right.max(bar.width(cell.plot.height));
        }
        let column = i % columns;
        margins.left[column] = margins.left[column].max(left);
        margins.right[column] = margins.right[column].max(right);
    }
    margins
}

/// Puts the cells into their rows and moves `top` below them.
fn place(
    figure: &Figure,
    columns: usize,
    plot_width: f64,
    margins: &Margins,
    cells: &mut [Cell],
    page_width: f64,
    lines: &mut Vec<TextLine>,
    top: &mut f64,
) {
    let mut column_x = vec![MARGIN; columns];
    for c in 1..columns {
        column_x[c] = column_x[c - 1] + margins.left[c - 1] + plot_width + margins.right[c - 1] + COLUMN_GAP;
    }
    let heading = |content: &str, x: f64, baseline: f64, anchor: Anchor| {
        let (size, text) = (PANEL_TITLE, content.to_string());
        TextLine { text, x, baseline, size, bold: true, muted: false, anchor }
    };
    if !figure.column_titles.is_empty() {
        for (c, title) in figure.column_titles.iter().take(columns).enumerate() {
            let centre = column_x[c] + margins.left[c] + plot_width / 2.0;
            lines.push(heading(title, centre, *top + PANEL_TITLE, Anchor::Middle));
        }
        *top += PANEL_TITLE * LEADING + 4.0;
    }
    for (row, (in_row, panels)) in cells.chunks_mut(columns).zip(figure.panels.chunks(columns)).enumerate() {
        if row > 0 {
            *top += ROW_GAP;
        }
        if let Some(title) = figure.row_titles.get(row).filter(|t| !t.is_empty()) {
            lines.push(heading(title, MARGIN, *top + PANEL_TITLE, Anchor::Start));
            *top += PANEL_TITLE * LEADING + 4.0;
        }
        // Room for the highest head, so that data areas of a row begin level.
        let heads: Vec<Vec<TextLine>> = (0..in_row.len())
            .map(|c| {
                // A label that stands for the whole row may run over its neighbours.
                let own = margins.left[c] + plot_width + margins.right[c];
                let whole_row = if figure.share_y { page_width - MARGIN - column_x[c] } else { own };
                head(&panels[c], &in_row[c], own, whole_row, figure.share_y)
            })
            .collect();
        let head_height = heads.iter().map(|h| h.iter().map(|l| l.size * LEADING).sum::<f64>()).fold(0.0, f64::max);
        let head_height = if head_height > 0.0 { head_height + HEAD_GAP } else { 0.0 };
        let plot_height = in_row.iter().map(|cell| cell.plot.height).fold(0.0, f64::max);
        let mut below: f64 = 0.0;
        for (c, (cell, head)) in in_row.iter_mut().zip(heads).enumerate() {
            let spare = plot_width - cell.plot.width;
            // A narrow panel stands in the middle, or close to the legend beside it.
            let shift = if figure.legend == LegendPosition::Right { 0.0 } else { spare / 2.0 };
            cell.plot.x = column_x[c] + margins.left[c] + shift;
            cell.plot.y = *top + head_height;
            // Heads of a column begin level, unless another panel's long tick labels would leave this one's far away.
            let own = left_of(cell);
            let left = if margins.left[c] - own > 30.0 { own } else { margins.left[c] };
            place_head(cell, head, left, *top + head_height);
            below = below.max(foot(&panels[c], cell));
        }
        *top += head_height + plot_height + below;
    }
}

/// A panel's title and the label of its vertical axis, positions still open.
///
/// The title stands above the label, unless the label holds for the whole row: then titles stay level below it.
fn head(panel: &Panel, cell: &Cell, width: f64, label_width: f64, label_first: bool) -> Vec<TextLine> {
    let centred = !panel.x.visible && !panel.y.visible;
    let anchor = if centred { Anchor::Middle } else { Anchor::Start };
    let line = |text, size, bold| TextLine { text, x: 0.0, baseline: 0.0, size, bold, muted: !bold, anchor };
    let title = text::wrap(&panel.title, width, |s| text::bold_width(s, PANEL_TITLE));
    let label = if cell.labels_y { panel.y.label.as_str() } else { "" };
    let label = text::wrap(label, label_width, |s| text::width(s, LABEL));
    let titles = title.into_iter().map(|t| line(t, PANEL_TITLE, true));
    let labels = label.into_iter().map(|t| line(t, LABEL, false));
    if label_first { labels.chain(titles).collect() } else { titles.chain(labels).collect() }
}

/// Puts a head's lines right above the data area.
fn place_head(cell: &mut Cell, head: Vec<TextLine>, left: f64, bottom: f64) {
    let mut bottom = bottom - HEAD_GAP;
    for mut line in head.into_iter().rev() {
        line.x = if line.anchor == Anchor::Middle { cell.plot.centre() } else { cell.plot.x - left };
        line.baseline = bottom - line.size * (LEADING - 1.0);
        bottom -= line.size * LEADING;
        cell.lines.push(line);
    }
    cell.lines.reverse();
}

/// Adds the label of the horizontal axis; gives the height of everything below the data area.
fn foot(panel: &Panel, cell: &mut Cell) -> f64 {
    if !cell.labels_x {
        return if panel.x.visible { TICK } else { 0.0 };
    }
    let widest = cell.x_ticks.iter().map(|t| text::width(&t.label, LABEL)).fold(0.0, f64::max);
    let mut height = TICK;
    if !cell.x_ticks.is_empty() {
        height += TICK_GAP + if cell.turned { (widest + LABEL) * DIAGONAL } else { LABEL };
    }
    for line in text::wrap(&panel.x.label, cell.plot.width + 40.0, |s| text::width(s, LABEL)) {
        height += LABEL * LEADING;
        let (x, baseline) = (cell.plot.centre(), cell.plot.bottom() + height);
        let (size, anchor) = (LABEL, Anchor::Middle);
        cell.lines.push(TextLine { text: line, x, baseline, size, bold: false, muted: true, anchor });
    }
    height + 5.0
}
