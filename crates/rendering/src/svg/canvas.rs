//! The plotters backend that writes SVG text.

use super::scheme::Scheme;
use super::style::{Dash, Group, Style, hundredths};
use crate::animation::Timeline;
use crate::{Color, text};
use plotters_backend::text_anchor::HPos;
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind, FontTransform,
};
use std::convert::Infallible;
use std::fmt::Write;

/// Appends a length given in hundredths with two decimals: `-0.05`, `12.00`.
pub(crate) fn push_hundredths(out: &mut String, value: i32) {
    let (whole, part) = (value.unsigned_abs() / 100, value.unsigned_abs() % 100);
    let sign = if value < 0 { "-" } else { "" };
    let _ = write!(out, "{sign}{whole}.{part:02}");
}

/// An SVG document in the making; see the module above.
#[derive(Debug)]
pub(crate) struct Canvas {
    body: String,
    /// In hundredths.
    size: (i32, i32),
    /// The style in force, innermost group last; never empty.
    styles: Vec<Style>,
    /// When frames are shown; without one, only the last frame of anything is drawn.
    timeline: Option<Timeline>,
    /// Bytes of the body that belong to frames.
    moving: usize,
}

type Drawn = Result<(), DrawingErrorKind<Infallible>>;

/// Writing to a string cannot fail: there is no error to drop.
fn infallible(drawn: Drawn) {
    debug_assert!(drawn.is_ok());
}

/// Colour and width (in hundredths) as plotters wants them said.
struct Pen {
    color: Color,
    width: u32,
}

impl BackendStyle for Pen {
    fn color(&self) -> BackendColor {
        BackendColor { alpha: 1.0, rgb: (self.color.r, self.color.g, self.color.b) }
    }

    fn stroke_width(&self) -> u32 {
        self.width
    }
}

impl Canvas {
    /// An empty page of this size in drawing units.
    pub fn new(width: f64, height: f64, timeline: Option<Timeline>) -> Self {
        let size = (hundredths(width), hundredths(height));
        Self { body: String::new(), size, styles: vec![Style::ROOT], timeline, moving: 0 }
    }

    /// Bytes drawn so far, and how many of them belong to frames.
    pub fn bytes(&self) -> (usize, usize) {
        (self.body.len(), self.moving)
    }

    /// How much has been drawn; [`Canvas::cut`] takes back what follows.
    pub fn mark(&self) -> usize {
        self.body.len()
    }

    /// Takes back what was drawn since the mark.
    pub fn cut(&mut self, mark: usize) -> String {
        self.body.split_off(mark)
    }

    /// Draws the contents of the frames, each shown in its time; equal ones that follow each other are drawn once.
    pub fn frames(&mut self, contents: &[String]) {
        let before = self.body.len();
        let Some(timeline) = &self.timeline else {
            self.body.push_str(contents.last().map_or("", String::as_str));
            return;
        };
        let mut from = 0;
        for same in contents.chunk_by(|a, b| a == b) {
            let to = from + same.len();
            if !same[0].is_empty() {
                self.body.push_str(&timeline.open(from, to));
                self.body.push_str(&same[0]);
                self.body.push_str("</g>\n");
            }
            from = to;
        }
        self.moving += self.body.len() - before;
    }

    /// The document: the root element, its title and description, and everything drawn so far.
    pub fn finish(self, id: &str, title: &str, description: &str) -> String {
        let (mut width, mut height) = (String::new(), String::new());
        push_hundredths(&mut width, self.size.0);
        push_hundredths(&mut height, self.size.1);
        let (title, description) = (text::escape(title), text::escape(description));
        let scheme = Scheme::of(&self.body);
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" id=\"{id}\"{class} viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
             height=\"{height}\" role=\"img\" aria-labelledby=\"{id}-title {id}-desc\" font-family=\"{family}\" fill=\"none\">\n\
             <title id=\"{id}-title\">{title}</title>\n<desc id=\"{id}-desc\">{description}</desc>\n{style}\n{body}</svg>\n",
            class = if scheme.plated { " class=\"plated\"" } else { "" },
            family = text::FONT_FAMILY,
            style = scheme.style(),
            body = self.body,
        )
    }

    /// The style elements inherit here.
    pub fn style(&self) -> Style {
        // The root style is pushed in `new` and `close` never takes it.
        *self.styles.last().unwrap_or(&Style::ROOT)
    }

    /// Writes one line of markup as it is.
    pub fn raw(&mut self, line: &str) {
        self.body.push_str(line);
        self.body.push('\n');
    }

    /// Opens a group.
    pub fn open(&mut self, group: &Group) {
        let inherited = self.style();
        let style = group.style.unwrap_or(inherited);
        self.body.push_str("<g");
        if let Some(id) = &group.id {
            let _ = write!(self.body, " id=\"{id}\"");
        }
        if group.plate {
            self.body.push_str(" class=\"plate\"");
        }
        style.write(&inherited, &mut self.body);
        if let Some(opacity) = group.opacity {
            let _ = write!(self.body, " fill-opacity=\"{opacity:.2}\" stroke-opacity=\"{opacity:.2}\"");
        }
        if let Some(array) = group.dash.array() {
            let _ = write!(self.body, " stroke-dasharray=\"{array}\"");
        }
        if let Some(clip) = &group.clip {
            let _ = write!(self.body, " clip-path=\"url(#{clip})\"");
        }
        if group.round {
            self.body.push_str(" stroke-linejoin=\"round\"");
            // Round caps would close the gaps of a broken line.
            if group.dash == Dash::Solid {
                self.body.push_str(" stroke-linecap=\"round\"");
            }
        }
        if group.crisp {
            self.body.push_str(" shape-rendering=\"crispEdges\"");
        }
        if group.stroke_below {
            self.body.push_str(" paint-order=\"stroke\" stroke-linejoin=\"round\"");
        }
        self.body.push_str(">\n");
        self.styles.push(style);
    }

    /// Closes the innermost group.
    pub fn close(&mut self) {
        if self.styles.len() > 1 {
            self.styles.pop();
        }
        self.body.push_str("</g>\n");
    }

    /// Defines a rectangle to clip by.
    pub fn clip(&mut self, id: &str, corner: BackendCoord, size: BackendCoord) {
        let _ = writeln!(self.body, "<clipPath id=\"{id}\">");
        self.begin("rect");
        self.lengths(&[("x", corner.0), ("y", corner.1), ("width", size.0), ("height", size.1)]);
        self.body.push_str("/>\n");
        self.raw("</clipPath>");
    }

    /// A horizontal gradient for a colour bar, its stops evenly spaced.
    pub fn gradient(&mut self, id: &str, upward: bool, stops: &[Color]) {
        let direction =
            if upward { "x1=\"0\" y1=\"1\" x2=\"0\" y2=\"0\"" } else { "x1=\"0\" y1=\"0\" x2=\"1\" y2=\"0\"" };
        let _ = writeln!(self.body, "<linearGradient id=\"{id}\" {direction}>");
        for (i, color) in stops.iter().enumerate() {
            let offset = hundredths(i as f64 / (stops.len() - 1).max(1) as f64);
            self.begin("stop");
            self.lengths(&[("offset", offset)]);
            let _ = writeln!(self.body, " stop-color=\"{color}\"/>");
        }
        self.raw("</linearGradient>");
    }

    /// A rectangle filled with a gradient.
    pub fn gradient_rect(&mut self, id: &str, corner: BackendCoord, size: BackendCoord) {
        self.begin("rect");
        self.lengths(&[("x", corner.0), ("y", corner.1), ("width", size.0), ("height", size.1)]);
        let _ = writeln!(self.body, " fill=\"url(#{id})\"/>");
    }

    /// A line of text at its baseline in the current style, turned anticlockwise by whole degrees.
    pub fn text(&mut self, at: BackendCoord, content: &str, turned: i32) {
        self.styled_text(at, content, turned, &self.style());
    }

    /// [`Canvas::text`] in a style of its own.
    pub fn styled_text(&mut self, at: BackendCoord, content: &str, turned: i32, style: &Style) {
        self.begin("text");
        self.lengths(&[("x", at.0), ("y", at.1)]);
        if turned != 0 {
            let _ = write!(self.body, " transform=\"rotate({} ", -turned);
            push_hundredths(&mut self.body, at.0);
            self.body.push(' ');
            push_hundredths(&mut self.body, at.1);
            self.body.push_str(")\"");
        }
        style.write(&self.style(), &mut self.body);
        let _ = writeln!(self.body, ">{}</text>", text::escape(content));
    }

    /// A picture of `columns` × `rows` pixels stretched over a rectangle, row 0 on top, its pixels kept square-edged.
    pub fn picture(&mut self, corner: BackendCoord, size: BackendCoord, columns: usize, rows: usize, pixels: &[Color]) {
        self.begin("image");
        self.lengths(&[("x", corner.0), ("y", corner.1), ("width", size.0), ("height", size.1)]);
        let data = super::png::data_uri(columns, rows, pixels);
        let _ =
            writeln!(self.body, " preserveAspectRatio=\"none\" style=\"image-rendering:pixelated\" href=\"{data}\"/>");
    }

    /// A filled shape of several rings, holes by the even-odd rule, in the current style.
    pub fn rings(&mut self, rings: &[Vec<BackendCoord>], fill: Color) {
        self.begin("path");
        self.body.push_str(" d=\"");
        for ring in rings {
            self.segments(ring.iter().copied());
            self.body.push('Z');
        }
        self.body.push_str("\" fill-rule=\"evenodd\"");
        let inherited = self.style();
        Style { fill: Some(fill), ..inherited }.write(&inherited, &mut self.body);
        self.body.push_str("/>\n");
    }

    /// A straight stroke in the current style.
    pub fn line(&mut self, from: BackendCoord, to: BackendCoord) {
        let style = self.style();
        let color = style.stroke.unwrap_or(crate::palette::INK);
        infallible(self.draw_line(from, to, &Pen { color, width: style.stroke_width.unsigned_abs() }));
    }

    /// Slanted lines over a rectangle, which meet those of rectangles beside it.
    pub fn hatch(&mut self, from: BackendCoord, to: BackendCoord, color: Color) {
        /// Between two lines, along the page: hundredths.
        const STEP: i32 = 600;
        let ((left, right), (top, bottom)) =
            ((from.0.min(to.0), from.0.max(to.0)), (from.1.min(to.1), from.1.max(to.1)));
        self.open(&Group::styled(Style::stroked(color, 1.2)));
        // Along a line x + y is the same.
        for k in (left + top).div_euclid(STEP) + 1..=(right + bottom - 1).div_euclid(STEP) {
            let sum = k * STEP;
            let (low, high) = (left.max(sum - bottom), right.min(sum - top));
            self.line((low, sum - low), (high, sum - high));
        }
        self.close();
    }

    /// A polyline in the current style.
    pub fn polyline(&mut self, points: impl IntoIterator<Item = BackendCoord>) {
        let style = self.style();
        let color = style.stroke.unwrap_or(crate::palette::INK);
        infallible(self.draw_path(points, &Pen { color, width: style.stroke_width.unsigned_abs() }));
    }

    /// Dots as wide as the current stroke, in one element: strokes of no length with round caps.
    pub fn specks(&mut self, places: impl IntoIterator<Item = BackendCoord>) {
        self.begin("path");
        self.body.push_str(" d=\"");
        for place in places {
            self.segments(std::iter::once(place));
            self.body.push_str("h0");
        }
        self.body.push_str("\"/>\n");
    }

    /// Level strokes of these lengths to the right, in one element.
    pub fn runs(&mut self, runs: impl IntoIterator<Item = (BackendCoord, i32)>) {
        self.begin("path");
        self.body.push_str(" d=\"");
        for (start, length) in runs {
            self.segments(std::iter::once(start));
            self.body.push('h');
            push_hundredths(&mut self.body, length);
        }
        self.body.push_str("\"/>\n");
    }

    /// A filled polygon.
    pub fn polygon(&mut self, corners: &[BackendCoord], fill: Color) {
        infallible(self.fill_polygon(corners.iter().copied(), &Pen { color: fill, width: 0 }));
    }

    /// A filled rectangle.
    pub fn block(&mut self, from: BackendCoord, to: BackendCoord, fill: Color) {
        infallible(self.draw_rect(from, to, &Pen { color: fill, width: 0 }, true));
    }

    /// A filled circle.
    pub fn disc(&mut self, center: BackendCoord, radius: f64, fill: Color) {
        infallible(self.draw_circle(center, hundredths(radius).unsigned_abs(), &Pen { color: fill, width: 0 }, true));
    }

    fn begin(&mut self, element: &str) {
        self.body.push('<');
        self.body.push_str(element);
    }

    fn lengths(&mut self, attributes: &[(&str, i32)]) {
        for (name, value) in attributes {
            let _ = write!(self.body, " {name}=\"");
            push_hundredths(&mut self.body, *value);
            self.body.push('"');
        }
    }

    /// `M…L…`: repeats of one place are left out.
    fn segments(&mut self, points: impl Iterator<Item = BackendCoord>) {
        let mut last = None;
        for point in points {
            if last == Some(point) {
                continue;
            }
            self.body.push(if last.is_none() { 'M' } else { 'L' });
            push_hundredths(&mut self.body, point.0);
            self.body.push(' ');
            push_hundredths(&mut self.body, point.1);
            last = Some(point);
        }
    }

    /// Ends an element in plotters' style: filled shapes keep the outline of their group, lines have no fill.
    fn end<S: BackendStyle>(&mut self, style: &S, fill: bool) -> Drawn {
        let inherited = self.style();
        let BackendColor { alpha, rgb: (r, g, b) } = style.color();
        let color = Some(Color { r, g, b });
        let own = if fill {
            Style { fill: color, ..inherited }
        } else {
            // Plotters' widths are unsigned pixels; ours are hundredths far below `i32::MAX`.
            Style { fill: None, stroke: color, stroke_width: style.stroke_width() as i32, ..inherited }
        };
        own.write(&inherited, &mut self.body);
        if alpha < 1.0 {
            let _ = write!(self.body, " opacity=\"{alpha:.2}\"");
        }
        self.body.push_str("/>\n");
        Ok(())
    }
}

impl DrawingBackend for Canvas {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        (self.size.0.unsigned_abs(), self.size.1.unsigned_abs())
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        Ok(())
    }

    fn draw_pixel(&mut self, point: BackendCoord, color: BackendColor) -> Drawn {
        self.draw_rect(point, (point.0 + 1, point.1 + 1), &color, true)
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Drawn {
        self.draw_path([from, to], style)
    }

    fn draw_rect<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S, fill: bool) -> Drawn {
        self.begin("rect");
        self.lengths(&[("x", from.0), ("y", from.1), ("width", to.0 - from.0), ("height", to.1 - from.1)]);
        self.end(style, fill)
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, path: I, style: &S) -> Drawn {
        self.begin("path");
        self.body.push_str(" d=\"");
        self.segments(path.into_iter());
        self.body.push('"');
        self.end(style, false)
    }

    fn draw_circle<S: BackendStyle>(&mut self, center: BackendCoord, radius: u32, style: &S, fill: bool) -> Drawn {
        self.begin("circle");
        // Radii are hundredths of a unit, far below `i32::MAX`.
        self.lengths(&[("cx", center.0), ("cy", center.1), ("r", radius as i32)]);
        self.end(style, fill)
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, vertices: I, style: &S) -> Drawn {
        self.begin("path");
        self.body.push_str(" d=\"");
        self.segments(vertices.into_iter());
        self.body.push_str("Z\"");
        self.end(style, true)
    }

    fn draw_text<T: BackendTextStyle>(&mut self, content: &str, style: &T, at: BackendCoord) -> Drawn {
        let (r, g, b) = style.color().rgb;
        let anchor = match style.anchor().h_pos {
            HPos::Left => super::Anchor::Start,
            HPos::Center => super::Anchor::Middle,
            HPos::Right => super::Anchor::End,
        };
        let turned = match style.transform() {
            FontTransform::None => 0,
            FontTransform::Rotate90 => -90,
            FontTransform::Rotate180 => 180,
            FontTransform::Rotate270 => 90,
        };
        // Plotters' font sizes are pixels, that is hundredths.
        self.styled_text(at, content, turned, &Style::text(Color { r, g, b }, style.size() / 100.0, anchor));
        Ok(())
    }

    fn estimate_text_size<T: BackendTextStyle>(
        &self,
        content: &str,
        style: &T,
    ) -> Result<(u32, u32), DrawingErrorKind<Infallible>> {
        Ok((text::width(content, style.size()).round() as u32, style.size().round() as u32))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plotters::prelude::{BLUE, Circle, DrawingArea, IntoFont, PathElement, RED, Text};
    use plotters::style::Color as _;

    #[test]
    fn hundredths_have_two_decimals_and_no_negative_zero() {
        let text = |v| {
            let mut s = String::new();
            push_hundredths(&mut s, v);
            s
        };
        assert_eq!([0, 5, -5, 1234, -100].map(text), ["0.00", "0.05", "-0.05", "12.34", "-1.00"]);
        assert_eq!(hundredths(-0.004), 0);
    }

    #[test]
    fn plotters_elements_become_short_elements() {
        let canvas = std::rc::Rc::new(std::cell::RefCell::new(Canvas::new(4.0, 3.0, None)));
        canvas.borrow_mut().open(&Group::styled(Style::filled(crate::Color::hex(0xff0000))));
        let area: DrawingArea<Canvas, plotters::coord::Shift> = (&canvas).into();
        area.draw(&Circle::new((100, 50), 25, RED.filled())).unwrap();
        area.draw(&Circle::new((100, 50), 25, BLUE.filled())).unwrap();
        area.draw(&PathElement::new(vec![(0, 0), (0, 0), (100, 50)], plotters::style::Color::stroke_width(&BLUE, 200)))
            .unwrap();
        area.draw(&Text::new("a<b", (1, 2), ("sans-serif", 1500).into_font())).unwrap();
        canvas.borrow_mut().close();
        assert_eq!(
            canvas.borrow().body,
            "<g fill=\"#ff0000\">\n\
             <circle cx=\"1.00\" cy=\"0.50\" r=\"0.25\"/>\n\
             <circle cx=\"1.00\" cy=\"0.50\" r=\"0.25\" fill=\"#0000ff\"/>\n\
             <path d=\"M0.00 0.00L1.00 0.50\" fill=\"none\" stroke=\"#0000ff\" stroke-width=\"2.00\"/>\n\
             <text x=\"0.01\" y=\"0.02\" fill=\"#000000\" font-size=\"15.00\">a&lt;b</text>\n\
             </g>\n"
        );
    }
}
