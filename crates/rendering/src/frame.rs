//! What surrounds a panel's data: grid lines below the marks; axes, ticks and labels above them.

use crate::figure::TextLine;
use crate::layout::{Cell, TICK, TICK_GAP};
use crate::svg::{Anchor, Canvas, Group, Style, hundredths};
use crate::text::SIZE;
use crate::{Panel, palette, ticks};
use plotters::coord::ranged1d::Ranged;

/// The data area's edges in hundredths: left, top, right, bottom.
fn edges(cell: &Cell) -> (i32, i32, i32, i32) {
    let p = &cell.plot;
    (hundredths(p.x), hundredths(p.y), hundredths(p.right()), hundredths(p.bottom()))
}

/// Grid lines at the ticks, unless a mark covers the plane or the axis shows categories.
pub(crate) fn draw_below(canvas: &mut Canvas, panel: &Panel, cell: &Cell) {
    if panel.marks.iter().any(|m| m.covers()) {
        return;
    }
    let (left, top, right, bottom) = edges(cell);
    canvas.open(&Group::styled(Style::stroked(palette::GRID, 1.0)));
    if panel.x.visible && !matches!(panel.x.ticks, crate::Ticks::Given(_)) {
        for tick in &cell.x_ticks {
            let x = cell.x.map(&tick.value, (left, right));
            canvas.line((x, top), (x, bottom));
        }
    }
    if panel.y.visible && !matches!(panel.y.ticks, crate::Ticks::Given(_)) {
        for tick in &cell.y_ticks {
            let y = cell.y.map(&tick.value, (bottom, top));
            canvas.line((left, y), (right, y));
        }
    }
    canvas.close();
}

/// Ticks between the decades, where the axis chose its ticks itself.
fn minor(axis: &crate::Axis, domain: &crate::Domain) -> Vec<f64> {
    if axis.ticks == crate::Ticks::Auto { ticks::minor(domain) } else { Vec::new() }
}

/// Axis lines, ticks, their labels, and the panel's title and axis labels.
pub(crate) fn draw_above(canvas: &mut Canvas, panel: &Panel, cell: &Cell) {
    let (left, top, right, bottom) = edges(cell);
    canvas.open(&Group::styled(Style::stroked(palette::INK, 1.0)));
    if panel.x.visible {
        canvas.line((left, bottom), (right, bottom));
        for tick in &cell.x_ticks {
            let x = cell.x.map(&tick.value, (left, right));
            canvas.line((x, bottom), (x, bottom + hundredths(TICK)));
        }
        for value in minor(&panel.x, &cell.x) {
            let x = cell.x.map(&value, (left, right));
            canvas.line((x, bottom), (x, bottom + hundredths(TICK * 0.5)));
        }
    }
    if panel.y.visible {
        canvas.line((left, top), (left, bottom));
        if cell.labels_y {
            for tick in &cell.y_ticks {
                let y = cell.y.map(&tick.value, (bottom, top));
                canvas.line((left - hundredths(TICK), y), (left, y));
            }
            for value in minor(&panel.y, &cell.y) {
                let y = cell.y.map(&value, (bottom, top));
                canvas.line((left - hundredths(TICK * 0.5), y), (left, y));
            }
        }
    }
    canvas.close();
    x_labels(canvas, cell);
    y_labels(canvas, cell);
    if let [title] = cell.titles.as_slice() {
        title.iter().for_each(|line| line.draw(canvas));
    } else {
        let content = |title: &Vec<TextLine>| {
            let mark = canvas.mark();
            title.iter().for_each(|line| line.draw(canvas));
            canvas.cut(mark)
        };
        let contents: Vec<String> = cell.titles.iter().map(content).collect();
        canvas.frames(&contents);
    }
    for line in &cell.lines {
        line.draw(canvas);
    }
}

fn x_labels(canvas: &mut Canvas, cell: &Cell) {
    if !cell.labels_x || cell.x_ticks.is_empty() {
        return;
    }
    let (left, _, right, bottom) = edges(cell);
    let anchor = if cell.turned { Anchor::End } else { Anchor::Middle };
    canvas.open(&Group::styled(Style::text(palette::INK, SIZE, anchor)));
    for tick in &cell.x_ticks {
        let x = cell.x.map(&tick.value, (left, right));
        if cell.turned {
            canvas.text((x + 400, bottom + hundredths(TICK + TICK_GAP + 6.0)), &tick.label, 45);
        } else {
            canvas.text((x, bottom + hundredths(TICK + TICK_GAP + 0.75 * SIZE)), &tick.label, 0);
        }
    }
    canvas.close();
}

fn y_labels(canvas: &mut Canvas, cell: &Cell) {
    if !cell.labels_y || cell.y_ticks.is_empty() {
        return;
    }
    let (left, top, _, bottom) = edges(cell);
    canvas.open(&Group::styled(Style::text(palette::INK, SIZE, Anchor::End)));
    for tick in &cell.y_ticks {
        let y = cell.y.map(&tick.value, (bottom, top));
        canvas.text((left - hundredths(TICK + TICK_GAP), y + hundredths(0.36 * SIZE)), &tick.label, 0);
    }
    canvas.close();
}
