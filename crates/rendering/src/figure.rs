//! A figure: panels in a grid, with what explains them around it.

use crate::clock;
use crate::colorbar::ColorBar;
use crate::ends;
use crate::frame;
use crate::layout::{self, Page};
use crate::legend::{self, Key, LegendPosition};
use crate::plane::{Plane, Rect};
use crate::svg::{Anchor, Canvas, Group, Style, hundredths};
use crate::{Animation, Panel, RenderingError, palette, text};
use std::cell::RefCell;
use std::rc::Rc;

/// Everything a picture shows.
#[derive(Debug)]
pub struct Figure {
    /// Begins every id in the file: unique among figures that may share a page.
    pub id: String,
    /// The headline, also the SVG's `<title>`.
    pub title: String,
    /// A line or two below the headline; empty for none.
    pub subtitle: String,
    /// What a reader who cannot see the picture should know: the SVG's `<desc>`.
    pub caption: String,
    /// Width in drawing units; text is 16 units high, so that at the default 640 it shows 10 px high on a
    /// page 400 px wide.
    pub width: f64,
    /// Panels side by side; default 1.
    pub columns: usize,
    /// Row by row; the last row may be short.
    pub panels: Vec<Panel>,
    /// What a narrow page shows in place of the panels, one below the other: panels that are drawn to scale, whose texts would
    /// not fit. Empty for the same panels.
    pub narrow_panels: Vec<Panel>,
    /// All panels have one range along x, and only the lowest ones say it. Default false.
    pub share_x: bool,
    /// All panels have one range along y, and only the first of each row say it. Default false.
    pub share_y: bool,
    /// Above the columns; empty for none.
    pub column_titles: Vec<String>,
    /// Above the rows; empty for none.
    pub row_titles: Vec<String>,
    /// Default below.
    pub legend: LegendPosition,
    /// Legend entries besides those of the marks, first.
    pub keys: Vec<Key>,
    /// Colour bars that hold for all panels, below them.
    pub color_bars: Vec<ColorBar>,
    /// How its frames follow each other, if it moves.
    pub animation: Option<Animation>,
}

impl Figure {
    /// An empty figure.
    pub fn new(id: impl Into<String>, title: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            title: title.into(),
            subtitle: String::new(),
            caption: String::new(),
            width: 640.0,
            columns: 1,
            panels: Vec::new(),
            narrow_panels: Vec::new(),
            share_x: false,
            share_y: false,
            column_titles: Vec::new(),
            row_titles: Vec::new(),
            legend: LegendPosition::Below,
            keys: Vec::new(),
            color_bars: Vec::new(),
            animation: None,
        }
    }

    /// With a line below the headline.
    pub fn subtitle(mut self, subtitle: impl Into<String>) -> Self {
        self.subtitle = subtitle.into();
        self
    }

    /// With a description.
    pub fn caption(mut self, caption: impl Into<String>) -> Self {
        self.caption = caption.into();
        self
    }

    /// With a panel after those it has.
    pub fn panel(mut self, panel: Panel) -> Self {
        self.panels.push(panel);
        self
    }

    /// With a panel for narrow pages after those it has.
    pub fn narrow_panel(mut self, panel: Panel) -> Self {
        self.narrow_panels.push(panel);
        self
    }

    /// With this many panels side by side.
    pub fn columns(mut self, columns: usize) -> Self {
        self.columns = columns;
        self
    }

    /// With one range along x.
    pub fn share_x(mut self) -> Self {
        self.share_x = true;
        self
    }

    /// With one range along y.
    pub fn share_y(mut self) -> Self {
        self.share_y = true;
        self
    }

    /// With titles above the columns.
    pub fn column_titles<S: Into<String>>(mut self, titles: impl IntoIterator<Item = S>) -> Self {
        self.column_titles = titles.into_iter().map(Into::into).collect();
        self
    }

    /// With titles above the rows.
    pub fn row_titles<S: Into<String>>(mut self, titles: impl IntoIterator<Item = S>) -> Self {
        self.row_titles = titles.into_iter().map(Into::into).collect();
        self
    }

    /// With the legend there.
    pub fn legend(mut self, position: LegendPosition) -> Self {
        self.legend = position;
        self
    }

    /// With a legend entry of its own.
    pub fn key(mut self, key: Key) -> Self {
        self.keys.push(key);
        self
    }

    /// With a colour bar for all panels.
    pub fn color_bar(mut self, bar: ColorBar) -> Self {
        self.color_bars.push(bar);
        self
    }

    /// Moving: with frames for the marks that have them.
    pub fn animate(mut self, animation: Animation) -> Self {
        self.animation = Some(animation);
        self
    }

    /// The legend's entries, each once, in the order they are met.
    pub(crate) fn all_keys(&self) -> Vec<Key> {
        let mut keys: Vec<Key> = Vec::new();
        for key in self.keys.iter().cloned().chain(self.panels.iter().flat_map(Panel::keys)) {
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        keys
    }

    /// The figure as an SVG document. The same figure gives the same bytes, everywhere.
    ///
    /// # Errors
    /// A figure with an animation: when something that moves has another number of frames, or the file would be too large.
    pub fn to_svg(&self) -> Result<String, RenderingError> {
        self.check_frames()?;
        let id = text::identifier(&self.id);
        let page = layout::layout(self);
        let timeline = self.animation.as_ref().map(Animation::timeline);
        let mut canvas = Canvas::new(page.width, page.height, timeline);
        canvas.block((0, 0), (hundredths(page.width), hundredths(page.height)), palette::PAPER);
        self.header(&mut canvas, &page);
        if let (Some(animation), Some(place)) = (&self.animation, page.clock) {
            clock::draw(&mut canvas, &id, animation, place);
        }
        let canvas = Rc::new(RefCell::new(canvas));
        for (i, (panel, cell)) in self.panels.iter().zip(&page.cells).enumerate() {
            let id = format!("{id}-panel{i}");
            canvas.borrow_mut().open(&Group::named(&id));
            canvas.borrow_mut().open(&Group::default().plate());
            plate(&mut canvas.borrow_mut(), cell.plot, 1.0);
            frame::draw_below(&mut canvas.borrow_mut(), panel, cell);
            let clip = format!("{id}-clip");
            // A unit of slack shows lines that run along the frame in full.
            let corner = (hundredths(cell.plot.x - 1.0), hundredths(cell.plot.y - 1.0));
            canvas.borrow_mut().clip(
                &clip,
                corner,
                (hundredths(cell.plot.width + 2.0), hundredths(cell.plot.height + 2.0)),
            );
            let plane = Plane::new(&canvas, cell.plot, cell.x, cell.y);
            for (m, mark) in panel.marks.iter().enumerate() {
                let mut group = Group::named(format!("{id}-{}{m}", mark.name()));
                group.clip = mark.clipped().then(|| clip.clone());
                plane.group(group, || mark.draw(&plane));
            }
            canvas.borrow_mut().close();
            frame::draw_above(&mut canvas.borrow_mut(), panel, cell);
            ends::draw(&mut canvas.borrow_mut(), panel, cell);
            if let Some(bar) = &panel.color_bar {
                bar.draw(&mut canvas.borrow_mut(), &format!("{id}-colors"), cell.color_bar);
            }
            canvas.borrow_mut().close();
        }
        {
            let canvas = &mut canvas.borrow_mut();
            for (i, (bar, &place)) in self.color_bars.iter().zip(&page.color_bars).enumerate() {
                bar.draw_lying(canvas, &format!("{id}-colors{i}"), place);
            }
            if let Some(place) = page.legend {
                canvas.open(&Group::default().plate());
                plate(canvas, place, 6.0);
                legend::draw(canvas, &id, &self.all_keys(), place);
                canvas.close();
            }
        }
        // The planes that shared the canvas are gone by now; a new one would only be empty.
        let canvas = canvas.replace(Canvas::new(0.0, 0.0, None));
        let (bytes, moving) = canvas.bytes();
        if let Some(animation) = &self.animation
            && bytes > animation.limit
        {
            let (frames, limit) = (animation.labels.len(), animation.limit);
            let fit = frames * limit.saturating_sub(bytes - moving) / moving.max(1);
            return Err(RenderingError::TooLarge { frames, bytes, limit, fit });
        }
        Ok(canvas.finish(&id, &self.title, &self.caption))
    }

    /// Everything that moves has as many frames as the animation.
    fn check_frames(&self) -> Result<(), RenderingError> {
        let Some(animation) = &self.animation else { return Ok(()) };
        let expected = animation.labels.len();
        let said = animation.headlines.len();
        if said > 0 && said != expected {
            return Err(RenderingError::FrameCount { panel: 0, what: "the clock's headline", expected, found: said });
        }
        for (panel, Panel { marks, titles, .. }) in self.panels.iter().enumerate() {
            let titles = (!titles.is_empty()).then_some(("the title", titles.len()));
            for (what, found) in marks.iter().filter_map(|m| Some((m.name(), m.frames()?))).chain(titles) {
                if found != expected {
                    return Err(RenderingError::FrameCount { panel, what, expected, found });
                }
            }
        }
        Ok(())
    }

    fn header(&self, canvas: &mut Canvas, page: &Page) {
        for line in &page.lines {
            line.draw(canvas);
        }
    }
}

/// Paper below data, so many units wider on each side.
fn plate(canvas: &mut Canvas, place: Rect, slack: f64) {
    let [left, top] = [place.x - slack, place.y - slack].map(hundredths);
    let [right, bottom] = [place.right() + slack, place.bottom() + slack].map(hundredths);
    canvas.block((left, top), (right, bottom), palette::PAPER);
}

/// A line of text somewhere on the page.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TextLine {
    pub text: String,
    pub x: f64,
    pub baseline: f64,
    pub size: f64,
    pub bold: bool,
    pub muted: bool,
    pub anchor: Anchor,
}

impl TextLine {
    /// Writes it.
    pub fn draw(&self, canvas: &mut Canvas) {
        let style = Style::text(if self.muted { palette::MUTED } else { palette::INK }, self.size, self.anchor);
        let style = if self.bold { style.bold() } else { style };
        canvas.styled_text((hundredths(self.x), hundredths(self.baseline)), &self.text, 0, &style);
    }

    /// Where it ends, by estimated width.
    pub fn right(&self) -> f64 {
        let width =
            if self.bold { text::bold_width(&self.text, self.size) } else { text::width(&self.text, self.size) };
        match self.anchor {
            Anchor::Start => self.x + width,
            Anchor::Middle => self.x + width / 2.0,
            Anchor::End => self.x,
        }
    }
}
