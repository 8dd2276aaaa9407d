//! A panel: two axes and the marks between them.

use crate::colorbar::ColorBar;
use crate::ends;
use crate::marks::{Extent, Frames, Mark};
use crate::{Axis, Domain, End, Key};

/// Height of a panel's data area against its width.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Aspect {
    /// Lower where there are fewer panels side by side.
    #[default]
    Auto,
    /// Height over width.
    Ratio(f64),
    /// One unit is as long along x as along y: geometry, matrices, pictures.
    Equal,
}

/// One panel of a figure.
#[derive(Debug)]
pub struct Panel {
    /// Above it; empty for none.
    pub title: String,
    /// In place of the title, one per frame of the figure's animation; none by default.
    pub titles: Vec<String>,
    /// The horizontal axis.
    pub x: Axis,
    /// The vertical axis.
    pub y: Axis,
    /// In the order they are drawn: the last lies on top.
    pub marks: Vec<Box<dyn Mark>>,
    /// Default automatic.
    pub aspect: Aspect,
    /// A colour bar of its own, to its right; none by default.
    pub color_bar: Option<ColorBar>,
    /// Names of lines, to its right; none by default.
    pub ends: Vec<End>,
}

impl Panel {
    /// An empty panel.
    pub fn new(x: Axis, y: Axis) -> Self {
        Self {
            title: String::new(),
            titles: Vec::new(),
            x,
            y,
            marks: Vec::new(),
            aspect: Aspect::Auto,
            color_bar: None,
            ends: Vec::new(),
        }
    }

    /// For a matrix: square cells, row 0 on top.
    pub fn matrix(x: Axis, y: Axis) -> Self {
        Self { aspect: Aspect::Equal, ..Self::new(x, y.reversed()) }
    }

    /// For a picture: square pixels, row 0 on top, no axes.
    pub fn picture() -> Self {
        Self::matrix(Axis::hidden(), Axis::hidden())
    }

    /// An empty place in a grid of panels.
    pub fn blank() -> Self {
        Self::new(Axis::hidden(), Axis::hidden())
    }

    /// With a title.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// With a title per frame.
    pub fn titles<S: Into<String>>(mut self, titles: impl IntoIterator<Item = S>) -> Self {
        self.titles = titles.into_iter().map(Into::into).collect();
        self
    }

    /// The titles it has over time: one where it does not change.
    pub(crate) fn titles_over_time(&self) -> &[String] {
        if self.titles.is_empty() { std::slice::from_ref(&self.title) } else { &self.titles }
    }

    /// With a mark on top of those it has.
    pub fn mark(mut self, mark: impl Mark + 'static) -> Self {
        self.marks.push(Box::new(mark));
        self
    }

    /// With a mark that has another shape in every frame of the figure's animation; a single one stays as it is.
    pub fn frames<M: Mark + 'static>(self, marks: impl IntoIterator<Item = M>) -> Self {
        let mut marks: Vec<M> = marks.into_iter().collect();
        match marks.pop() {
            Some(only) if marks.is_empty() => self.mark(only),
            last => self.mark(Frames::new(marks.into_iter().chain(last))),
        }
    }

    /// With equal units along both axes.
    pub fn equal(mut self) -> Self {
        self.aspect = Aspect::Equal;
        self
    }

    /// This much higher than wide.
    pub fn ratio(mut self, height_over_width: f64) -> Self {
        self.aspect = Aspect::Ratio(height_over_width);
        self
    }

    /// With a colour bar of its own.
    pub fn color_bar(mut self, bar: ColorBar) -> Self {
        self.color_bar = Some(bar);
        self
    }

    /// With a name where a line ends.
    pub fn end(mut self, end: End) -> Self {
        self.ends.push(end);
        self
    }

    /// What stands right of its frame: the names of its lines, or its colour bar unless that lies below.
    pub(crate) fn beside(&self, height: f64) -> f64 {
        let bar = self.color_bar.as_ref().filter(|bar| !bar.below);
        ends::width(self).max(bar.map_or(0.0, |bar| bar.width(height)))
    }

    /// The range of its marks.
    pub(crate) fn extent(&self) -> Extent {
        self.marks.iter().map(|m| m.extent()).fold(Extent::EMPTY, Extent::union)
    }

    /// The legend entries of its marks.
    pub(crate) fn keys(&self) -> impl Iterator<Item = Key> {
        self.marks.iter().flat_map(|m| m.keys())
    }

    /// Height over width of its data area, where that is fixed.
    pub(crate) fn height_over_width(&self, x: &Domain, y: &Domain, columns: usize) -> f64 {
        let ratio = match self.aspect {
            Aspect::Auto => [0.55, 0.75][usize::from(columns > 1)],
            Aspect::Ratio(ratio) => ratio,
            Aspect::Equal => (y.end - y.start).abs() / (x.end - x.start).abs(),
        };
        if ratio.is_finite() { ratio.clamp(0.02, 50.0) } else { 1.0 }
    }
}
