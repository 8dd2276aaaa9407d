//! The clock of an animated figure: the name of the frame, what the headline says of its moment, and beside them a
//! track with a dot that says how far the animation is.

use crate::plane::Rect;
use crate::svg::{Anchor, Canvas, Group, Style, hundredths};
use crate::text::{self, SIZE};
use crate::{Animation, palette};

/// Height of the line that names the frame, and of those below it.
const ROW: f64 = 30.0;
const LINE: f64 = 20.0;
/// Between the longest name and the track.
const GAP: f64 = 16.0;
/// Length of the track, at most and at least.
const TRACK: f64 = 200.0;
const SHORTEST: f64 = 40.0;
const DOT: f64 = 4.5;

/// What it takes above the panels on a page with so much room: a still of one nameless frame needs no clock.
pub(crate) fn height(animation: &Animation, room: f64) -> f64 {
    if animation.labels.iter().all(String::is_empty) { 0.0 } else { ROW + spoken_lines(animation, room) as f64 * LINE }
}

/// Lines below the name and the track that the headlines take: none where all fit between the two.
fn spoken_lines(animation: &Animation, room: f64) -> usize {
    let name = animation.labels.iter().map(|label| text::bold_width(label, SIZE)).fold(0.0, f64::max);
    let longest = animation.headlines.iter().map(|headline| text::width(headline, SIZE)).fold(0.0, f64::max);
    if name + GAP + longest <= room {
        return 0;
    }
    animation.headlines.iter().map(|headline| wrapped(headline, room).len()).max().unwrap_or(0)
}

fn wrapped(headline: &str, room: f64) -> Vec<String> {
    text::wrap(headline, room, |s| text::width(s, SIZE))
}

/// Draws it at the left of `place`: the name, what is said of the moment, the track, each in a column of its own, so that none
/// moves when another grows. What is too long to be said beside the name stands below it.
pub(crate) fn draw(canvas: &mut Canvas, id: &str, animation: &Animation, place: Rect) {
    if place.height <= 0.0 {
        return;
    }
    let widest = |of: f64, texts: &[String], bold: bool| {
        let width = |t: &String| if bold { text::bold_width(t, SIZE) } else { text::width(t, SIZE) };
        texts.iter().map(width).fold(0.0, f64::max).min(of)
    };
    let second = place.x + widest(place.width, &animation.labels, true) + GAP;
    let room = (place.right() - second).max(0.0);
    let below = spoken_lines(animation, place.width) > 0;
    let said = if below { 0.0 } else { widest(room, &animation.headlines, false) };
    let start = second + if said > 0.0 { said + GAP } else { 0.0 };
    let end = (start + TRACK).min(place.right() - DOT);
    let y = place.y + ROW - 14.0;
    let track = end - start >= SHORTEST && animation.labels.len() > 1;
    canvas.open(&Group::named(format!("{id}-clock")));
    if track {
        canvas.open(&Group::styled(Style::stroked(palette::GRID, 3.0)).round());
        canvas.line((hundredths(start), hundredths(y)), (hundredths(end), hundredths(y)));
        canvas.close();
    }
    let plain = Style::text(palette::INK, SIZE, Anchor::Start);
    let style = plain.bold();
    let baseline = hundredths(y + 0.36 * SIZE);
    let content = |((i, label), share): ((usize, &String), f64)| {
        let mark = canvas.mark();
        let label = text::shortened(label, place.width, |s| text::bold_width(s, SIZE));
        canvas.styled_text((hundredths(place.x), baseline), &label, 0, &style);
        let headline = animation.headlines.get(i).map_or("", String::as_str);
        for (line, words) in wrapped(headline, place.width).iter().enumerate() {
            let x = if below { place.x } else { second };
            let down = if below { (line + 1) as f64 * LINE } else { 0.0 };
            canvas.styled_text((hundredths(x), baseline + hundredths(down)), words, 0, &plain);
        }
        if track {
            canvas.disc((hundredths(start + (end - start) * share), hundredths(y)), DOT, palette::INK);
        }
        canvas.cut(mark)
    };
    let contents: Vec<String> = animation.labels.iter().enumerate().zip(animation.shares()).map(content).collect();
    canvas.frames(&contents);
    canvas.close();
}
