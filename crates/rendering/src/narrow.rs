//! Figures for narrow pages: what a phone shows.
//!
//! A page of a phone is 360 to 430 px wide: at [`NARROW`] drawing units text is there as high as the text around the picture,
//! where the usual 640 units would make it half as high. What is narrower is arranged anew, not shrunk: fewer panels stand side
//! by side, colour bars lie below their panels, and legends, titles and names wrap.

use crate::layout::{self, Page};
use crate::{Aspect, Figure, LegendPosition, Panel, Ticks};

/// Width of a narrow figure in drawing units.
const NARROW: f64 = 360.0;
/// Panels stay side by side while their data areas keep this share of their width on a usual page: then so much of what is
/// written at them fits as did there.
const KEPT: f64 = 0.8;
/// Height over width of data areas of no shape of their own, and of those that keep some of their height.
const LOW: f64 = 0.62;
const HIGH: f64 = 0.75;
/// With more rows of panels the legend stands above them: below them a reader would have forgotten them.
const ROWS: usize = 2;

impl Figure {
    /// The figure for a phone: 360 units wide, with the same data, words and text size.
    ///
    /// As many panels stay side by side as keep four fifths of their width: of four small ones two, of two or three large ones
    /// one. Where that is one, axes that were shared are written at every panel. Titles of columns go into those of the panels,
    /// titles of rows stay above the first panel of what was their row, and empty panels are left out.
    pub fn narrow(mut self) -> Self {
        let wide = layout::layout(&self);
        let before = self.columns.clamp(1, self.panels.len().max(1));
        if !self.narrow_panels.is_empty() {
            (self.panels, self.columns) = (std::mem::take(&mut self.narrow_panels), 1);
            return self.on_narrow_page();
        }
        self = self.on_narrow_page();
        self.columns = self.columns_kept(before, &wide);
        if self.columns == 1 {
            self.write_axes(before);
            self.keep_heights(&wide);
        }
        if self.columns < before {
            self.arrange(before);
        }
        if self.legend == LegendPosition::Below && self.panels.len() > ROWS * self.columns {
            self.legend = LegendPosition::Above;
        }
        self
    }

    /// Whether it is drawn for a narrow page.
    pub(crate) fn is_narrow(&self) -> bool {
        self.width <= NARROW
    }

    /// The same panels on a page of another width, with nothing beside them.
    fn on_narrow_page(mut self) -> Self {
        self.width = NARROW;
        if self.legend == LegendPosition::Right {
            self.legend = LegendPosition::Below;
        }
        if let Some(animation) = &mut self.animation {
            // How large it may be was judged as it is drawn on a usual page.
            animation.limit = usize::MAX;
        }
        self.panels.iter_mut().filter_map(|panel| panel.color_bar.as_mut()).for_each(|bar| bar.below = true);
        self
    }

    /// The most columns in which data areas are wide enough.
    fn columns_kept(&mut self, before: usize, wide: &Page) -> usize {
        let fits = |columns: &usize| {
            self.columns = *columns;
            let page = layout::layout(self);
            page.columns == *columns && page.plot_width >= KEPT * wide.plot_width
        };
        (2..=before).rev().find(fits).unwrap_or(1)
    }

    /// Gives every panel what it shares with those beside it: labels, and ranges that it can write itself.
    fn write_axes(&mut self, before: usize) {
        if before == 1 {
            return;
        }
        // A label may be written at the first panel of a row alone.
        for row in self.panels.chunks_mut(before) {
            let label = row[0].y.label.clone();
            row.iter_mut().filter(|panel| panel.y.label.is_empty()).for_each(|panel| panel.y.label.clone_from(&label));
        }
        let domains = layout::domains(self);
        for (panel, (x, y)) in self.panels.iter_mut().zip(domains) {
            if self.share_x {
                panel.x.range.get_or_insert(x.bounds());
            }
            if self.share_y {
                panel.y.range.get_or_insert(y.bounds());
            }
        }
        (self.share_x, self.share_y) = (false, false);
    }

    /// Panels that lose width keep their height, so far as it suits the width that is left. Rows with names, and tall ones,
    /// need all of it.
    fn keep_heights(&mut self, wide: &Page) {
        let narrow = layout::layout(self);
        for (panel, (cell, narrow)) in self.panels.iter_mut().zip(wide.cells.iter().zip(&narrow.cells)) {
            let width = narrow.plot.width;
            let ratio = match panel.aspect {
                Aspect::Auto => LOW,
                Aspect::Ratio(ratio) => ratio,
                Aspect::Equal => continue,
            };
            let named = panel.y.visible && matches!(panel.y.ticks, Ticks::Given(_));
            let most = if named || ratio > 1.0 { f64::INFINITY } else { HIGH * width };
            panel.aspect = Aspect::Ratio(cell.plot.height.min(most).max(ratio * width) / width);
        }
    }

    /// Puts what stood in rows of `before` panels into its columns.
    fn arrange(&mut self, before: usize) {
        let columns = self.columns;
        let heads = std::mem::take(&mut self.column_titles);
        let rows = std::mem::take(&mut self.row_titles);
        for (i, mut panel) in std::mem::take(&mut self.panels).into_iter().enumerate() {
            if i.is_multiple_of(before) && !(heads.is_empty() && rows.is_empty()) {
                self.panels.resize_with(self.panels.len().next_multiple_of(columns), Panel::blank);
                self.row_titles.resize(self.panels.len() / columns, String::new());
                self.row_titles.extend(rows.get(i / before).cloned());
            }
            if panel.is_blank() {
                continue;
            }
            if let Some(head) = heads.get(i % before).filter(|head| !head.is_empty()) {
                panel.put_before_titles(head);
            }
            self.panels.push(panel);
        }
    }
}

impl Panel {
    fn is_blank(&self) -> bool {
        self.marks.is_empty() && self.title.is_empty() && !self.x.visible && !self.y.visible
    }

    /// Begins its title, or all it has over time, by what stood above its column.
    fn put_before_titles(&mut self, head: &str) {
        for title in std::iter::once(&mut self.title).chain(&mut self.titles) {
            *title = if title.is_empty() { head.to_owned() } else { format!("{head}: {title}") };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Axis, ColorBar, ColorScale, Line};

    fn panel() -> Panel {
        Panel::new(Axis::new("x"), Axis::new("y")).mark(Line::new([(0.0, 1.0), (2.0, 3.0)]))
    }

    fn figure(panels: usize, columns: usize) -> Figure {
        (0..panels).fold(Figure::new("f", "A title"), |figure, _| figure.panel(panel())).columns(columns)
    }

    #[test]
    fn large_panels_stand_below_each_other_and_small_ones_by_twos() {
        let kept = [1, 2, 3, 4, 6].map(|columns| figure(12, columns).narrow().columns);
        assert_eq!(kept, [1, 1, 1, 2, 3]);
        let pictures =
            |columns: usize| (0..12).fold(Figure::new("f", ""), |f, _| f.panel(Panel::picture())).columns(columns);
        assert_eq!([2, 3, 4, 8].map(|columns| pictures(columns).narrow().columns), [1, 2, 2, 5]);
    }

    #[test]
    fn titles_of_columns_go_into_the_panels_and_titles_of_rows_stay_above() {
        let mut wide = figure(3, 2).panel(Panel::blank()).column_titles(["mean", "spread"]).row_titles(["one", "two"]);
        wide.panels[1].title = "of all".into();
        let narrow = wide.narrow();
        let titles: Vec<&str> = narrow.panels.iter().map(|p| p.title.as_str()).collect();
        assert_eq!(titles, ["mean", "spread: of all", "mean"]);
        assert_eq!(
            (narrow.row_titles, narrow.column_titles.len()),
            (vec!["one".into(), String::new(), "two".into()], 0)
        );
    }

    #[test]
    fn panels_that_shared_an_axis_keep_its_range_and_write_it() {
        let mut wide = figure(2, 2).share_x().share_y();
        wide.panels[1] = Panel::new(Axis::new("x"), Axis::new("y")).mark(Line::new([(0.0, 0.0), (9.0, 9.0)]));
        let before = layout::domains(&wide);
        let narrow = wide.narrow();
        assert_eq!(layout::domains(&narrow), before);
        let page = layout::layout(&narrow);
        assert!(page.cells.iter().all(|cell| cell.labels_x && cell.labels_y));
    }

    #[test]
    fn panels_are_neither_flat_nor_taller_than_they_were() {
        let shape = |ratio: f64| {
            let mut wide = figure(1, 1);
            wide.panels[0].aspect = Aspect::Ratio(ratio);
            let page = layout::layout(&wide.narrow());
            page.cells[0].plot.height / page.cells[0].plot.width
        };
        let [low, usual, high] = [0.2, 0.6, 1.2].map(shape);
        assert!(
            (0.3..0.5).contains(&low) && (0.7..0.8).contains(&usual) && (1.15..1.7).contains(&high),
            "{low} {usual} {high}"
        );
    }

    #[test]
    fn a_colour_bar_lies_below_its_panel() {
        let mut wide = figure(1, 1);
        wide.panels[0].color_bar = Some(ColorBar::new("a", ColorScale::magnitude(0.0, 1.0)));
        let with = layout::layout(&wide.narrow());
        let without = layout::layout(&figure(1, 1).narrow());
        assert_eq!(with.plot_width, without.plot_width);
        assert!(with.height > without.height + 30.0);
    }
}
