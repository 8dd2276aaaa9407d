//! A matrix as coloured cells, with numbers where they fit.

use crate::marks::{Extent, Mark};
use crate::svg::{Anchor, Group, Style};
use crate::{Color, ColorScale, Key, Plane, RenderingError, Span, Swatch, palette, text};

/// Whether cells carry their numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Numbers {
    /// No.
    Hidden,
    /// With this many decimals, where every one fits its cell.
    Decimals(usize),
}

/// Cell (r, c) spans r ± ½ and c ± ½: name rows and columns by ticks at whole numbers, and reverse the vertical axis to have
/// row 0 on top ([`crate::Panel::matrix`] does).
#[derive(Debug, Clone, PartialEq)]
pub struct Heatmap {
    rows: usize,
    columns: usize,
    values: Vec<f64>,
    /// Value to colour.
    pub scale: ColorScale,
    /// Default hidden.
    pub numbers: Numbers,
    /// Words in place of numbers, cell by cell; lines are divided by `\n`. Default none.
    labels: Vec<String>,
    /// Cells that are hatched, and what that means. Default none.
    hatched: (Vec<bool>, String),
}

/// Numbers are written no smaller than this: at 400 px of 640 units it is 7.5 px.
const SMALLEST: f64 = 12.0;
const LARGEST: f64 = 16.0;
/// Height of a line of words over its size.
const LINE: f64 = 1.1;

impl Heatmap {
    /// From values row by row.
    ///
    /// # Errors
    /// Another number of values than rows × columns.
    pub fn new(rows: usize, columns: usize, values: Vec<f64>, scale: ColorScale) -> Result<Self, RenderingError> {
        if values.len() != rows * columns {
            return Err(RenderingError::MatrixLength { what: "heat map", rows, columns, found: values.len() });
        }
        Ok(Self {
            rows,
            columns,
            values,
            scale,
            numbers: Numbers::Hidden,
            labels: Vec::new(),
            hatched: Default::default(),
        })
    }

    /// With numbers of this many decimals.
    pub fn numbers(mut self, decimals: usize) -> Self {
        self.numbers = Numbers::Decimals(decimals);
        self
    }

    /// With words of one or several lines in the cells, row by row, where all of them fit.
    ///
    /// # Errors
    /// Another number of them than cells.
    pub fn labels(mut self, labels: Vec<String>) -> Result<Self, RenderingError> {
        if labels.len() != self.values.len() {
            let (rows, columns) = (self.rows, self.columns);
            return Err(RenderingError::MatrixLength { what: "labels", rows, columns, found: labels.len() });
        }
        self.labels = labels;
        Ok(self)
    }

    /// With some cells hatched, row by row, and what the legend says of them.
    ///
    /// # Errors
    /// Another number of them than cells.
    pub fn hatched(mut self, cells: Vec<bool>, meaning: impl Into<String>) -> Result<Self, RenderingError> {
        if cells.len() != self.values.len() {
            let (rows, columns) = (self.rows, self.columns);
            return Err(RenderingError::MatrixLength { what: "hatched cells", rows, columns, found: cells.len() });
        }
        self.hatched = (cells, meaning.into());
        Ok(self)
    }

    /// The colour of the first hatched cell.
    fn under_hatching(&self) -> Option<Color> {
        let first = self.hatched.0.iter().position(|hatched| *hatched)?;
        Some(self.scale.color(self.values[first]))
    }

    fn draw_hatched(&self, plane: &Plane) {
        let hatched = self.hatched.0.iter().enumerate().filter(|(_, hatched)| **hatched);
        for (row, column) in hatched.map(|(i, _)| (i / self.columns, i % self.columns)) {
            let corner = |side: f64| plane.project((column as f64 + side, row as f64 + side));
            let color = palette::hatching(self.color(row, column));
            plane.canvas(|c| c.hatch(corner(-0.5), corner(0.5), color));
        }
    }

    fn color(&self, row: usize, column: usize) -> Color {
        self.scale.color(self.values[row * self.columns + column])
    }

    /// What is written in each cell; nothing where a number is missing.
    fn words(&self) -> Vec<String> {
        let number = |v: f64, decimals| if v.is_nan() { String::new() } else { text::fixed(v, decimals) };
        match self.numbers {
            _ if !self.labels.is_empty() => self.labels.clone(),
            Numbers::Decimals(decimals) => self.values.iter().map(|v| number(*v, decimals)).collect(),
            Numbers::Hidden => Vec::new(),
        }
    }

    fn draw_words(&self, plane: &Plane) {
        let labels = self.words();
        if labels.is_empty() {
            return;
        }
        let (a, b) = (plane.project((0.0, 0.0)), plane.project((1.0, 1.0)));
        let (cell_width, cell_height) = (f64::from((b.0 - a.0).abs()) / 100.0, f64::from((b.1 - a.1).abs()) / 100.0);
        let widest = labels.iter().flat_map(|l| l.lines()).map(|l| text::width(l, 1.0)).fold(0.0, f64::max);
        let most = labels.iter().map(|l| l.lines().count()).max().unwrap_or(0).max(1) as f64;
        let size = LARGEST.min((cell_width - 4.0) / widest.max(0.1)).min((cell_height - 2.0) / (LINE * most));
        if size < SMALLEST {
            return;
        }
        let size = size.floor();
        for (dark, ink) in [(false, palette::ON_LIGHT), (true, palette::PAPER)] {
            plane.group(Group::styled(Style::text(ink, size, Anchor::Middle)), || {
                for (i, label) in labels.iter().enumerate().filter(|(_, l)| !l.is_empty()) {
                    let (row, column) = (i / self.columns, i % self.columns);
                    if self.color(row, column).is_dark() == dark {
                        let above = (label.lines().count() - 1) as f64 / 2.0;
                        for (line, words) in label.lines().enumerate() {
                            let up = (above - line as f64) * LINE * size - 0.36 * size;
                            let at = plane.offset((column as f64, row as f64), 0.0, up);
                            plane.canvas(|c| c.text(at, words, 0));
                        }
                    }
                }
            });
        }
    }
}

impl Mark for Heatmap {
    fn name(&self) -> &'static str {
        "heatmap"
    }

    fn extent(&self) -> Extent {
        let edges = |n: usize| if n == 0 { Span::EMPTY } else { Span::tight([-0.5, n as f64 - 0.5]) };
        Extent { x: edges(self.columns), y: edges(self.rows) }
    }

    fn keys(&self) -> Vec<Key> {
        self.under_hatching().map(|color| Key::new(&self.hatched.1, Swatch::Hatched(color))).into_iter().collect()
    }

    fn covers(&self) -> bool {
        true
    }

    fn draw(&self, plane: &Plane) {
        let Some(&first) = self.values.first() else { return };
        // Neighbours of equal colour in a row are one rectangle; crisp edges leave no seams.
        plane.group(Group::styled(Style::filled(self.scale.color(first))).crisp(), || {
            for row in 0..self.rows {
                let mut start = 0;
                for column in 1..=self.columns {
                    if column == self.columns || self.color(row, column) != self.color(row, start) {
                        let (top, bottom) = (row as f64 - 0.5, row as f64 + 0.5);
                        plane.rect((start as f64 - 0.5, top), (column as f64 - 0.5, bottom), self.color(row, start));
                        start = column;
                    }
                }
            }
        });
        self.draw_hatched(plane);
        self.draw_words(plane);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Axis, Figure, Panel};

    fn drawn(map: Heatmap) -> String {
        let panel = Panel::matrix(Axis::new("c"), Axis::new("r")).mark(map);
        Figure::new("f", "t").panel(panel).to_svg().expect("a figure")
    }

    #[test]
    fn cells_have_as_many_lines_as_their_words() {
        let map = || Heatmap::new(1, 2, vec![1.0, 2.0], ColorScale::magnitude(0.0, 2.0)).expect("two cells");
        let svg = drawn(map().labels(vec!["many\n90%".into(), String::new()]).expect("two labels"));
        assert!(svg.contains(">many<") && svg.contains(">90%<"));
        let wide = "wide ".repeat(60);
        assert!(!drawn(map().labels(vec![wide.clone(), String::new()]).expect("two labels")).contains(wide.trim()));
        assert!(map().labels(vec![String::new()]).is_err());
    }

    #[test]
    fn hatched_cells_are_in_the_legend_and_others_are_not_hatched() {
        let map = || Heatmap::new(1, 2, vec![1.0, f64::NAN], ColorScale::magnitude(0.0, 2.0)).expect("two cells");
        let none = drawn(map().hatched(vec![false, false], "silent").expect("two cells"));
        assert!(!none.contains(">silent<"));
        let one = drawn(map().hatched(vec![false, true], "silent").expect("two cells"));
        assert!(one.contains(">silent<") && one.len() > none.len());
        assert!(map().hatched(vec![true], "silent").is_err());
    }
}
