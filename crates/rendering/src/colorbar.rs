//! Colour bars: which number a colour stands for.

use crate::plane::Rect;
use crate::svg::{Anchor, Canvas, Group, Style, hundredths};
use crate::text::{self, SIZE};
use crate::{ColorScale, Domain, Scale, Tick, Ticks, layout, palette, ticks};
use plotters::coord::ranged1d::Ranged;

/// A strip of a colour scale with ticks and a label.
#[derive(Debug, Clone, PartialEq)]
pub struct ColorBar {
    /// The quantity with its unit.
    pub label: String,
    /// Its colours.
    pub scale: ColorScale,
    /// Default round numbers.
    pub ticks: Ticks,
    /// Whether there are numbers above the scale's end, which have its last colour: the end is then a tick, "≥ 149".
    pub open: bool,
    /// Whether a panel's own bar lies below it rather than standing beside it.
    pub(crate) below: bool,
}

/// Thickness of the strip.
const STRIP: f64 = 14.0;
const TICK: f64 = 4.0;
/// Ticks of a lying bar, at most.
const MOST: usize = 6;
/// From one line of a label to the next.
const LINE: f64 = 19.0;
/// Of a lying bar, at most.
const LENGTH: f64 = 360.0;
/// Stops of the gradient: offsets are exact in two decimals.
const STOPS: usize = 21;

impl ColorBar {
    /// With ticks at round numbers.
    pub fn new(label: impl Into<String>, scale: ColorScale) -> Self {
        Self { label: label.into(), scale, ticks: Ticks::Auto, open: false, below: false }
    }

    /// With these ticks.
    pub fn ticks(mut self, ticks: Ticks) -> Self {
        self.ticks = ticks;
        self
    }

    /// Says whether there are numbers above the scale's end, which have its last colour.
    pub fn open_above(mut self, open: bool) -> Self {
        self.open = open;
        self
    }

    fn domain(&self) -> Domain {
        let (start, end) = (self.scale.lo, self.scale.hi);
        Domain { scale: Scale::Linear, start, end: if end > start { end } else { start + 1.0 } }
    }

    fn ticks_for(&self, limit: usize) -> Vec<Tick> {
        let mut ticks = self.plain_ticks(limit);
        if self.open {
            let Domain { start, end, .. } = self.domain();
            // The end's own label needs the room of half a tick.
            ticks.retain(|tick| end - tick.value > (end - start) * 0.5 / limit as f64);
            ticks.push(Tick { value: end, label: format!("≥ {}", three_digits(end)) });
        }
        ticks
    }

    fn plain_ticks(&self, limit: usize) -> Vec<Tick> {
        match &self.ticks {
            // One number alone says nothing of the others.
            Ticks::Auto => {
                let tried = (limit..=limit + 4).map(|limit| ticks::automatic(&self.domain(), limit, false));
                let mut lists: Vec<Vec<Tick>> = tried.collect();
                let enough = lists.iter().position(|ticks| ticks.len() > 1).unwrap_or(0);
                lists.swap_remove(enough)
            }
            Ticks::Whole => ticks::automatic(&self.domain(), limit, true),
            Ticks::Given(given) => given.iter().filter(|t| self.domain().contains(t.value)).cloned().collect(),
            Ticks::None => Vec::new(),
        }
    }

    fn upright_ticks(&self, height: f64) -> Vec<Tick> {
        self.ticks_for(((height / 40.0) as usize).clamp(2, 7))
    }

    /// The label beside an upright bar, broken where it is longer than the bar.
    fn upright_label(&self, height: f64) -> Vec<String> {
        text::wrap(&self.label, height.max(100.0), |s| text::width(s, SIZE))
    }

    /// Width a bar of this height takes at the right of its panel.
    pub(crate) fn width(&self, height: f64) -> f64 {
        let labels = self.upright_ticks(height).iter().map(|t| text::width(&t.label, SIZE)).fold(0.0, f64::max);
        12.0 + STRIP + TICK + 4.0 + labels + self.upright_label(height).len() as f64 * LINE + 5.0
    }

    /// The label above a lying bar, broken where it is longer than its place.
    fn lying_label(&self, width: f64) -> Vec<String> {
        text::wrap(&self.label, width, |s| text::width(s, SIZE))
    }

    /// From the top of a lying bar's place to its strip: none without a label.
    fn above_strip(&self, width: f64) -> f64 {
        match self.lying_label(width).len() {
            0 => 0.0,
            lines => SIZE + 7.0 + (lines - 1) as f64 * LINE,
        }
    }

    /// Height of a lying bar in a place of this width.
    pub(crate) fn height(&self, width: f64) -> f64 {
        self.above_strip(width) + STRIP + TICK + SIZE + 8.0
    }

    /// Draws the bar of a panel, in the place that layout found.
    pub(crate) fn draw(&self, canvas: &mut Canvas, id: &str, place: Rect) {
        if self.below { self.draw_lying(canvas, id, place) } else { self.draw_upright(canvas, id, place) }
    }

    /// Length of a lying strip, so that the labels at its ends stay inside a place of this width, and its ticks, as many as keep
    /// clear of each other.
    fn lying_strip(&self, width: f64) -> (f64, Vec<Tick>) {
        let attempt = |limit: usize| {
            let ticks = self.ticks_for(limit);
            let widths = ticks.iter().map(|t| text::width(&t.label, SIZE)).fold(0.0, f64::max);
            (LENGTH.min(width - widths).max(STRIP), ticks)
        };
        let clear = |(length, ticks): &(f64, Vec<Tick>)| {
            layout::clear(ticks, &self.domain(), *length, |t| text::width(&t.label, SIZE), TICK)
        };
        (2..=MOST).rev().map(attempt).find(clear).unwrap_or_else(|| attempt(1))
    }

    /// Draws an upright bar whose strip has the height of `place` and starts 12 units right of its left edge.
    fn draw_upright(&self, canvas: &mut Canvas, id: &str, place: Rect) {
        let strip = Rect { x: place.x + 12.0, width: STRIP, ..place };
        self.strip(canvas, id, strip, true);
        let ticks = self.upright_ticks(place.height);
        let limits = (hundredths(strip.bottom()), hundredths(strip.y));
        let widest = ticks.iter().map(|t| text::width(&t.label, SIZE)).fold(0.0, f64::max);
        canvas.open(&Group::styled(Style::text(palette::INK, SIZE, Anchor::Start)));
        for tick in &ticks {
            let y = self.domain().map(&tick.value, limits);
            canvas.line((hundredths(strip.right()), y), (hundredths(strip.right() + TICK), y));
            canvas.text((hundredths(strip.right() + TICK + 3.0), y + hundredths(0.36 * SIZE)), &tick.label, 0);
        }
        for (i, line) in self.upright_label(place.height).iter().enumerate() {
            let x = strip.right() + TICK + 3.0 + widest + (i + 1) as f64 * LINE;
            let at = (hundredths(x), hundredths(strip.y + strip.height / 2.0));
            canvas.styled_text(at, line, 90, &Style::text(palette::INK, SIZE, Anchor::Middle));
        }
        canvas.close();
        canvas.close();
    }

    /// Draws a lying bar centred in `place`, its label above it.
    pub(crate) fn draw_lying(&self, canvas: &mut Canvas, id: &str, place: Rect) {
        let (length, ticks) = self.lying_strip(place.width);
        let y = place.y + self.above_strip(place.width);
        let strip = Rect { x: place.centre() - length / 2.0, y, width: length, height: STRIP };
        self.strip(canvas, id, strip, false);
        canvas.open(&Group::styled(Style::text(palette::INK, SIZE, Anchor::Middle)));
        for (i, line) in self.lying_label(place.width).iter().enumerate() {
            canvas.text((hundredths(strip.centre()), hundredths(place.y + SIZE + i as f64 * LINE)), line, 0);
        }
        let limits = (hundredths(strip.x), hundredths(strip.right()));
        for tick in &ticks {
            let x = self.domain().map(&tick.value, limits);
            canvas.line((x, hundredths(strip.bottom())), (x, hundredths(strip.bottom() + TICK)));
            canvas.text((x, hundredths(strip.bottom() + TICK + SIZE)), &tick.label, 0);
        }
        canvas.close();
        canvas.close();
    }

    /// Opens the bar's group and fills its strip.
    fn strip(&self, canvas: &mut Canvas, id: &str, strip: Rect, upward: bool) {
        canvas.open(&Group::named(id));
        let stops: Vec<_> = (0..STOPS).map(|i| self.scale.at(i as f64 / (STOPS - 1) as f64)).collect();
        let gradient = format!("{id}-gradient");
        canvas.gradient(&gradient, upward, &stops);
        let corner = (hundredths(strip.x), hundredths(strip.y));
        canvas.gradient_rect(&gradient, corner, (hundredths(strip.width), hundredths(strip.height)));
    }
}

/// A number to three digits: "149", "1.50", "0.00234".
fn three_digits(value: f64) -> String {
    let scientific = format!("{value:.2e}");
    // What is not finite has no exponent, and stays as it is.
    let parts =
        scientific.split_once('e').and_then(|(d, e)| Some((d.replace('.', "").parse().ok()?, e.parse::<i32>().ok()?)));
    parts.map_or(scientific.clone(), |(count, exponent)| text::decimals(&[count], exponent - 2).concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_that_is_cut_off_says_so_at_its_end() {
        let bar = ColorBar::new("slope", ColorScale::magnitude_of(&[38.2, 148.6]));
        let labels = |bar: &ColorBar| bar.ticks_for(6).into_iter().map(|t| t.label).collect::<Vec<_>>();
        assert_eq!(labels(&bar), ["40", "60", "80", "100", "120", "140"]);
        assert_eq!(labels(&bar.clone().open_above(false)), labels(&bar));
        assert_eq!(labels(&bar.open_above(true)), ["40", "60", "80", "100", "120", "≥ 149"]);
        assert_eq!([1.5, 0.002_344, 2e6].map(three_digits), ["1.50", "0.00234", "2,000,000"]);
    }
}
