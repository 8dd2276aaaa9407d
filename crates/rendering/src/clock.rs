//! The clock of an animated figure: the name of the frame, and beside it a track with a dot that says how far the animation is.

use crate::plane::Rect;
use crate::svg::{Anchor, Canvas, Group, Style, hundredths};
use crate::text::{self, SIZE};
use crate::{Animation, palette};

/// Line height.
const ROW: f64 = 30.0;
/// Between the longest name and the track.
const GAP: f64 = 16.0;
/// Length of the track, at most and at least.
const TRACK: f64 = 200.0;
const SHORTEST: f64 = 40.0;
const DOT: f64 = 4.5;

/// What it takes above the panels: a still of one nameless frame needs no clock.
pub(crate) fn height(animation: &Animation) -> f64 {
    if animation.labels.iter().all(String::is_empty) { 0.0 } else { ROW }
}

/// Draws it at the left of `place`.
pub(crate) fn draw(canvas: &mut Canvas, id: &str, animation: &Animation, place: Rect) {
    if place.height <= 0.0 {
        return;
    }
    let widest = animation.labels.iter().map(|l| text::bold_width(l, SIZE)).fold(0.0, f64::max);
    let start = place.x + widest.min(place.width) + GAP;
    let end = (start + TRACK).min(place.right() - DOT);
    let y = place.y + ROW - 14.0;
    let track = end - start >= SHORTEST && animation.labels.len() > 1;
    canvas.open(&Group::named(format!("{id}-clock")));
    if track {
        canvas.open(&Group::styled(Style::stroked(palette::GRID, 3.0)).round());
        canvas.line((hundredths(start), hundredths(y)), (hundredths(end), hundredths(y)));
        canvas.close();
    }
    let style = Style::text(palette::INK, SIZE, Anchor::Start).bold();
    let last = animation.labels.len().saturating_sub(1).max(1) as f64;
    let content = |(i, label): (usize, &String)| {
        let mark = canvas.mark();
        let label = text::shortened(label, place.width, |s| text::bold_width(s, SIZE));
        canvas.styled_text((hundredths(place.x), hundredths(y + 0.36 * SIZE)), &label, 0, &style);
        if track {
            let x = start + (end - start) * i as f64 / last;
            canvas.disc((hundredths(x), hundredths(y)), DOT, palette::INK);
        }
        canvas.cut(mark)
    };
    let contents: Vec<String> = animation.labels.iter().enumerate().map(content).collect();
    canvas.frames(&contents);
    canvas.close();
}
