//! Where everything goes: pure arithmetic on estimated text widths.
//!
//! From top to bottom: headline, subtitle, rows of panels, colour bars, legend. A panel's title and the label of its
//! vertical axis stand above it, level, so that no reader has to tilt a head and no width is lost. Margins depend on tick
//! labels, tick labels on the room there is: a few rounds settle it.

mod fit;
mod rows;

pub(crate) use fit::clear;

use crate::figure::{Figure, TextLine};
use crate::legend::{self, LegendPosition};
use crate::marks::Extent;
use crate::plane::Rect;
use crate::svg::Anchor;
use crate::text::SIZE;
use crate::{Aspect, Domain, Panel, Tick, clock, text};
use std::ops::Range;

/// Text sizes in drawing units; everything else is [`SIZE`].
const TITLE: f64 = 21.0;
const PANEL_TITLE: f64 = 17.0;
/// Line height over text size.
const LEADING: f64 = 1.28;
/// Length of a tick.
pub(crate) const TICK: f64 = 5.0;
/// Between a tick and its label.
pub(crate) const TICK_GAP: f64 = 4.0;

/// Between the header and the panels.
const HEADER_GAP: f64 = 8.0;
/// Around the page.
const MARGIN: f64 = 14.0;
/// Between two panels side by side, besides their labels.
const COLUMN_GAP: f64 = 16.0;
const ROW_GAP: f64 = 14.0;
/// The share of the page a legend beside the panels may take.
const BESIDE: f64 = 0.35;
/// Between the panels and a legend beside them.
const BESIDE_GAP: f64 = 20.0;
/// Columns are given up for wider data areas below this.
const NARROWEST: f64 = 45.0;
/// No data area is higher than this.
const HIGHEST: f64 = 470.0;
/// Rounds of growing margins; two or three do.
const ROUNDS: usize = 8;
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
    /// The title, wrapped and placed: one, or one per frame.
    pub titles: Vec<Vec<TextLine>>,
    /// Axis labels, wrapped and placed.
    pub lines: Vec<TextLine>,
    /// The panel's own colour bar, if it has one: beside the data area or below it.
    pub color_bar: Rect,
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
    /// How many panels stand side by side, and how wide their data areas may be.
    pub columns: usize,
    pub plot_width: f64,
    /// Where the frame's name stands.
    pub clock: Option<Rect>,
}

/// The grid's columns: what each needs left and right of its data area, and the one width all data areas may have.
#[derive(Debug, Clone, PartialEq)]
struct Columns {
    left: Vec<f64>,
    right: Vec<f64>,
    plot_width: f64,
}

impl Columns {
    fn new(left: Vec<f64>, right: Vec<f64>, available: f64) -> Self {
        let n = left.len() as f64;
        let taken: f64 = left.iter().chain(&right).sum::<f64>() + (n - 1.0) * COLUMN_GAP;
        Self { left, right, plot_width: ((available - taken) / n).max(20.0) }
    }

    /// With margins at least as wide as these cells need. Margins never shrink, so that growing them comes to an end.
    fn grown(&self, panels: &[Panel], cells: &[Cell], available: f64) -> Self {
        let (mut lefts, mut rights) = (self.left.clone(), self.right.clone());
        for (i, (cell, panel)) in cells.iter().zip(panels).enumerate() {
            let column = i % lefts.len();
            let (mut left, mut right) = (left_of(cell), 1.0f64);
            for tick in cell.x_ticks.iter().filter(|_| cell.labels_x) {
                let (centre, width) = (cell.x.fraction(tick.value) * cell.plot.width, text::width(&tick.label, SIZE));
                if cell.turned {
                    left = left.max(width * DIAGONAL - centre);
                } else {
                    left = left.max(width / 2.0 - centre);
                    right = right.max(centre + width / 2.0 - cell.plot.width);
                }
            }
            right = right.max(panel.beside(cell.plot.height));
            lefts[column] = lefts[column].max(left);
            rights[column] = rights[column].max(right);
        }
        Self::new(lefts, rights, available)
    }

    /// Where a column begins, its labels included.
    fn start(&self, column: usize) -> f64 {
        let width = |c: usize| self.left[c] + self.plot_width + self.right[c] + COLUMN_GAP;
        MARGIN + (0..column).map(width).sum::<f64>()
    }

    /// Where its data areas may begin.
    fn plot(&self, column: usize) -> f64 {
        self.start(column) + self.left[column]
    }

    /// Where it ends.
    fn end(&self, column: usize) -> f64 {
        self.plot(column) + self.plot_width + self.right[column]
    }
}

pub(crate) fn layout(figure: &Figure) -> Page {
    let keys = figure.all_keys();
    let columns = figure.columns.clamp(1, figure.panels.len().max(1));
    let mut page = Page { width: figure.width.max(200.0), ..Page::default() };
    let inner = page.width - 2.0 * MARGIN;
    let mut top = header(figure, inner, &mut page.lines);
    if let Some(animation) = &figure.animation {
        let place = Rect { x: MARGIN, y: top - HEADER_GAP, width: inner, height: clock::height(animation, inner) };
        top += place.height;
        page.clock = Some(place);
    }

    if figure.legend == LegendPosition::Above && !keys.is_empty() {
        page.legend = Some(Rect { x: MARGIN, y: top, width: inner, height: legend::height(&keys, inner) });
        top += legend::height(&keys, inner) + 10.0;
    }

    let domains = domains(figure);
    let beside = if figure.legend == LegendPosition::Right && !keys.is_empty() {
        legend::column_width(&keys, BESIDE * page.width) + BESIDE_GAP
    } else {
        0.0
    };
    // Where panels would become too narrow, the legend goes below them after all, then fewer stand side by side.
    let attempts = [(columns, beside)].into_iter().chain((1..=columns).rev().map(|columns| (columns, 0.0)));
    let mut settled = attempts.map(|(columns, beside)| (settle(figure, &domains, columns, inner - beside), beside));
    let fitting = settled.by_ref().find(|((rows, _), _)| narrowest(rows) >= NARROWEST || rows[0].left.len() == 1);
    let ((grids, mut cells), legend_width) = fitting.unwrap_or_else(|| (settle(figure, &domains, 1, inner), 0.0));
    let (panels_top, n_header) = (top, page.lines.len());
    (page.columns, page.plot_width) = (grids[0].left.len(), narrowest(&grids));
    rows::place(figure, &grids, &mut cells, &mut page, &mut top);
    page.cells = cells;
    let plots =
        (page.cells.iter().zip(&figure.panels)).map(|(cell, panel)| cell.plot.right() + panel.beside(cell.plot.height));
    let texts = page
        .cells
        .iter()
        .flat_map(|cell| cell.titles.iter().flatten().chain(&cell.lines))
        .chain(&page.lines[n_header..])
        .map(TextLine::right);
    let panels_right = plots.chain(texts).fold(0.0, f64::max);
    if legend_width > 0.0 {
        let beside = Rect {
            x: (panels_right + BESIDE_GAP).min(page.width - MARGIN - legend_width + BESIDE_GAP),
            y: panels_top + LEADING * SIZE,
            width: legend_width - BESIDE_GAP,
            height: legend::height(&keys, legend_width - BESIDE_GAP),
        };
        top = top.max(beside.bottom());
        page.legend = Some(beside);
    }
    for bar in &figure.color_bars {
        top += 10.0;
        let width = inner - legend_width;
        let place = Rect { x: MARGIN, y: top, width, height: bar.height(width) };
        top = place.bottom();
        page.color_bars.push(place);
    }
    if figure.legend != LegendPosition::None && page.legend.is_none() && !keys.is_empty() {
        top += 10.0;
        let place = Rect { x: MARGIN, y: top, width: inner, height: legend::height(&keys, inner) };
        top = place.bottom();
        page.legend = Some(place);
    }
    page.height = (top + MARGIN).ceil();
    page
}

/// Where columns are, row by row or once for all rows, and cells with their sizes and ticks, that agree with each other.
fn settle(figure: &Figure, domains: &[(Domain, Domain)], columns: usize, available: f64) -> (Vec<Columns>, Vec<Cell>) {
    let n = figure.panels.len();
    // On a narrow page no panel gives way to the long names of another, unless the two have one axis.
    let together = if figure.is_narrow() && columns == 1 && !figure.share_x { 1 } else { n.max(1) };
    let part = |begin: usize| settle_part(figure, domains, columns, available, begin..n.min(begin + together));
    let (grids, cells): (Vec<Columns>, Vec<Vec<Cell>>) = (0..n.max(1)).step_by(together).map(part).unzip();
    (grids, cells.concat())
}

/// The width of the narrowest data areas.
fn narrowest(grids: &[Columns]) -> f64 {
    grids.iter().map(|grid| grid.plot_width).fold(f64::INFINITY, f64::min)
}

/// [`settle`] for the panels of a range.
fn settle_part(
    figure: &Figure,
    domains: &[(Domain, Domain)],
    columns: usize,
    available: f64,
    range: Range<usize>,
) -> (Columns, Vec<Cell>) {
    let sized =
        |width: f64| -> Vec<Cell> { range.clone().map(|i| cell(figure, columns, i, domains[i], width)).collect() };
    let mut grid = Columns::new(vec![0.0; columns], vec![0.0; columns], available);
    let mut cells = sized(grid.plot_width);
    for _ in 0..ROUNDS {
        let wider = grid.grown(&figure.panels[range.clone()], &cells, available);
        if wider == grid {
            break;
        }
        grid = wider;
        cells = sized(grid.plot_width);
    }
    (grid, cells)
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
    write(&figure.subtitle, SIZE, false);
    top + HEADER_GAP
}

/// Every panel's domains, shared where the figure says so.
pub(crate) fn domains(figure: &Figure) -> Vec<(Domain, Domain)> {
    let all = figure.panels.iter().map(Panel::extent).fold(Extent::EMPTY, Extent::union);
    let of = |panel: &Panel| {
        let own = panel.extent();
        let x = panel.x.domain(if figure.share_x { &all.x } else { &own.x });
        let y = panel.y.domain(if figure.share_y { &all.y } else { &own.y });
        (x, y)
    };
    figure.panels.iter().map(of).collect()
}

/// A panel's size and ticks; its position is still open.
fn cell(figure: &Figure, columns: usize, i: usize, (x, y): (Domain, Domain), plot_width: f64) -> Cell {
    let panel = &figure.panels[i];
    let ratio = panel.height_over_width(&x, &y, columns);
    // A narrow page is scrolled through: how high its panels are was decided one by one.
    let decided = figure.is_narrow() && matches!(panel.aspect, Aspect::Ratio(_));
    let height = (plot_width * ratio).min(if decided { f64::INFINITY } else { HIGHEST });
    let width = if panel.aspect == Aspect::Equal { height / ratio } else { plot_width };
    let lowest = i + columns >= figure.panels.len();
    let labels_x = panel.x.visible && (!figure.share_x || lowest);
    let labels_y = panel.y.visible && (!figure.share_y || i.is_multiple_of(columns));
    let longest = fit::longest(figure.width);
    let (x_ticks, turned) = fit::along_x(&panel.x, &x, width, longest);
    let y_ticks = fit::along_y(&panel.y, &y, height, longest);
    let plot = Rect { x: 0.0, y: 0.0, width, height };
    Cell {
        x,
        y,
        plot,
        x_ticks,
        y_ticks,
        turned,
        labels_x,
        labels_y,
        titles: Vec::new(),
        lines: Vec::new(),
        color_bar: plot,
    }
}

/// What ticks and labels of the vertical axis take left of the data area.
fn left_of(cell: &Cell) -> f64 {
    let widest = cell.y_ticks.iter().map(|t| text::width(&t.label, SIZE)).fold(0.0, f64::max);
    if cell.labels_y && !cell.y_ticks.is_empty() { widest + TICK_GAP + TICK } else { 1.0 }
}
