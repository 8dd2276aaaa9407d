//! The box: the three walls behind the data with their grid, ticks and labels at the outer edges, and how large it can be drawn.

use super::Stage;
use super::camera::{Camera, V3, View};
use crate::plane::Pixel;
use crate::svg::{Anchor, Group, Style, hundredths};
use crate::text::{self, SIZE};
use crate::{Axis, Plane, Tick, palette};

/// Length of a tick, and between a tick and its label.
const TICK: f64 = 5.0;
const GAP: f64 = 5.0;
/// Between a label and a title, and between a title and other words.
const APART: f64 = 6.0;
/// Height of a line of words over their size: from the baseline up; and how far below its middle the baseline lies.
const HEIGHT: f64 = 0.75;
const DROP: f64 = 0.36;
/// An edge seen so nearly end-on that it is shorter than this carries no labels.
const SHORTEST: f64 = 30.0;
const MOST_TICKS: usize = 6;

/// Titles are broken into lines no longer than this share of the panel's width.
const LONGEST: f64 = 0.3;
/// Line height over text size.
const LEADING: f64 = 1.2;

/// A label or a title around its middle, in drawing units.
#[derive(Debug, Clone, PartialEq)]
struct Word {
    lines: Vec<String>,
    x: f64,
    y: f64,
    width: f64,
    height: f64,
    title: bool,
}

impl Word {
    fn new(lines: Vec<String>, title: bool) -> Self {
        let width = lines.iter().map(|l| text::width(l, SIZE)).fold(0.0, f64::max);
        let height = (HEIGHT + LEADING * lines.len().saturating_sub(1) as f64) * SIZE;
        Self { lines, x: 0.0, y: 0.0, width, height, title }
    }

    /// Half its extent in a direction.
    fn reach(&self, out: [f64; 2]) -> f64 {
        (out[0].abs() * self.width + out[1].abs() * self.height) / 2.0
    }

    /// Whether less than this lies between them from left to right, and less than a third of a line from top to bottom.
    fn collides(&self, other: &Self, gap: f64) -> bool {
        let apart = (self.width + other.width) / 2.0 + gap;
        (self.x - other.x).abs() < apart && (self.y - other.y).abs() < (self.height + other.height) / 2.0 + 0.35 * SIZE
    }
}

/// Everything outside the box, placed for a view.
#[derive(Debug, Default)]
struct Words {
    ticks: Vec<([f64; 2], [f64; 2])>,
    words: Vec<Word>,
}

/// Which walls are behind: the coordinate of the far end of each axis.
fn far(stage: &Stage, view: &View) -> V3 {
    let towards = view.towards();
    std::array::from_fn(|i| if towards[i] > -1e-9 { -stage.half[i] } else { stage.half[i] })
}

/// The edge along which an axis is labelled, from its low to its high end.
fn edge(axis: usize, stage: &Stage, view: &View) -> (V3, V3) {
    let far = far(stage, view);
    let along = |fixed: V3| {
        let end = |sign: f64| {
            let mut place = fixed;
            place[axis] = sign * stage.half[axis];
            place
        };
        (end(-1.0), end(1.0))
    };
    match axis {
        0 => along([0.0, -far[1], far[2]]),
        1 => along([-far[0], 0.0, far[2]]),
        _ => {
            // Two upright edges are outermost: the left one.
            let (a, b) = (along([far[0], -far[1], 0.0]), along([-far[0], far[1], 0.0]));
            if view.project(a.0)[0] <= view.project(b.0)[0] { a } else { b }
        }
    }
}

fn words(axes: [&Axis; 3], stage: &Stage, view: &View, width: f64) -> Words {
    let mut all = Words::default();
    let mut titles = Vec::new();
    for axis in [2, 0, 1] {
        if !axes[axis].visible {
            continue;
        }
        let (low, high) = edge(axis, stage, view);
        let (a, b) = (view.project(low), view.project(high));
        let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
        let length = (dx * dx + dy * dy).sqrt();
        if length < SHORTEST {
            continue;
        }
        let middle = [(a[0] + b[0]) / 2.0, (a[1] + b[1]) / 2.0];
        let side = dy * (middle[0] - view.centre.0) - dx * (middle[1] - view.centre.1);
        let sign = if side < 0.0 { -1.0 } else { 1.0 };
        let out = [sign * dy / length, -sign * dx / length];
        let placed = |tick: &Tick| {
            let t = (stage.along(axis, tick.value) / stage.half[axis] + 1.0) / 2.0;
            let at = [a[0] + t * dx, a[1] + t * dy];
            let mut word = Word::new(vec![tick.label.clone()], false);
            let distance = TICK + GAP + word.reach(out);
            (word.x, word.y) = (at[0] + out[0] * distance, at[1] + out[1] * distance);
            (at, word)
        };
        let free = |ticks: &[([f64; 2], Word)]| {
            ticks.iter().enumerate().all(|(i, (_, w))| ticks[..i].iter().all(|(_, other)| !w.collides(other, 3.0)))
        };
        let ticks = (1..=MOST_TICKS).rev().map(|limit| -> Vec<_> {
            axes[axis].ticks_within(&stage.domains[axis], limit).iter().map(placed).collect()
        });
        let ticks = ticks.into_iter().find(|ticks| free(ticks)).unwrap_or_default();
        let widest = ticks.iter().map(|(_, w)| w.reach(out)).fold(0.0, f64::max);
        let start = ticks.iter().map(|(_, w)| w.x - w.width / 2.0).fold(a[0], f64::min);
        for (at, word) in ticks {
            all.ticks.push((at, [at[0] + TICK * out[0], at[1] + TICK * out[1]]));
            if all.words.iter().all(|other| !word.collides(other, SIZE)) {
                all.words.push(word);
            }
        }
        let lines = text::wrap(&axes[axis].label, LONGEST * width, |s| text::width(s, SIZE));
        if lines.is_empty() {
            continue;
        }
        let mut title = Word::new(lines, true);
        if axis == 2 {
            // Above the upper end, level with the labels' left end, and clear of the box.
            title.x = start + title.width / 2.0;
            title.y = roof(stage, view, start, start + title.width).min(a[1].min(b[1]) - SIZE * 0.6)
                - title.height / 2.0
                - APART;
            titles.push((title, [0.0, -1.0]));
        } else {
            let distance = TICK + GAP + 2.0 * widest + APART + title.reach(out);
            (title.x, title.y) = (middle[0] + out[0] * distance, middle[1] + out[1] * distance);
            titles.push((title, out));
        }
    }
    for (mut title, out) in titles {
        for _ in 0..20 {
            if all.words.iter().all(|other| !title.collides(other, 3.0)) {
                break;
            }
            title.x += 5.0 * out[0];
            title.y += 5.0 * out[1];
        }
        all.words.push(title);
    }
    all
}

/// The twelve edges of the box on the page.
fn edges(stage: &Stage, view: &View) -> Vec<(V3, V3)> {
    let corner =
        |k: usize| view.project(std::array::from_fn(|i| if k >> i & 1 == 1 { stage.half[i] } else { -stage.half[i] }));
    (0..8)
        .flat_map(|k| (0..3).filter(move |i| k >> i & 1 == 0).map(move |i| (k, k | 1 << i)))
        .map(|(a, b)| (corner(a), corner(b)))
        .collect()
}

/// The highest place of the box between two places along the page.
fn roof(stage: &Stage, view: &View, left: f64, right: f64) -> f64 {
    let highest = |(a, b): &(V3, V3)| {
        let (a, b) = if a[0] <= b[0] { (a, b) } else { (b, a) };
        let (from, to) = (a[0].max(left), b[0].min(right));
        let at = |x: f64| if b[0] > a[0] { a[1] + (b[1] - a[1]) * (x - a[0]) / (b[0] - a[0]) } else { a[1].min(b[1]) };
        if from <= to { at(from).min(at(to)) } else { f64::INFINITY }
    };
    edges(stage, view).iter().map(highest).fold(f64::INFINITY, f64::min)
}

/// Left, top, right and bottom of the box and its words.
fn bounds(axes: [&Axis; 3], stage: &Stage, view: &View, width: f64) -> [f64; 4] {
    let mut bounds = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
    let mut add = |x: f64, y: f64| {
        bounds = [bounds[0].min(x), bounds[1].min(y), bounds[2].max(x), bounds[3].max(y)];
    };
    for (a, b) in edges(stage, view) {
        add(a[0], a[1]);
        add(b[0], b[1]);
    }
    for word in words(axes, stage, view, width).words {
        add(word.x - word.width / 2.0 - 1.0, word.y - word.height / 2.0 - 2.0);
        add(word.x + word.width / 2.0 + 1.0, word.y + word.height / 2.0 + 4.0);
    }
    bounds
}

/// The largest scale, and where the box's centre lies, for which box and words fit a place of this size from all sides.
pub(crate) fn fit(
    axes: [&Axis; 3],
    stage: &Stage,
    cameras: &[Camera],
    (width, height): (f64, f64),
) -> (f64, (f64, f64)) {
    let around = |scale: f64| {
        cameras
            .iter()
            .map(|camera| bounds(axes, stage, &View::new(camera, scale, (0.0, 0.0)), width))
            .fold([f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY], |a, b| {
                [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])]
            })
    };
    // What words take grows slowly with the scale: halving the interval finds it surely.
    let (mut fits, mut too_large) = (1.0, 2.0 * width.max(height) / stage.half.iter().copied().fold(0.05, f64::max));
    for _ in 0..24 {
        let scale = (fits + too_large) / 2.0;
        let [left, top, right, bottom] = around(scale);
        if right - left <= width && bottom - top <= height { fits = scale } else { too_large = scale }
    }
    let [left, top, right, bottom] = around(fits);
    (fits, ((width - left - right) / 2.0, (height - top - bottom) / 2.0))
}

/// Draws walls, grid, edges, ticks and words.
pub(crate) fn draw(plane: &Plane, axes: [&Axis; 3], stage: &Stage, view: &View) {
    let pixel = |p: V3| -> Pixel {
        let at = view.project(p);
        (hundredths(at[0]), hundredths(at[1]))
    };
    let far = far(stage, view);
    // The wall across an axis, its corners in order.
    let wall = |across: usize| -> Vec<V3> {
        let (i, j) = ((across + 1) % 3, (across + 2) % 3);
        let corner = |(a, b): (f64, f64)| {
            let mut place = far;
            (place[i], place[j]) = (a * stage.half[i], b * stage.half[j]);
            place
        };
        [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)].map(corner).to_vec()
    };
    plane.group(Group::styled(Style::outlined(palette::WALL, palette::GRID, 1.0)), || {
        for across in 0..3 {
            let corners: Vec<Pixel> = wall(across).into_iter().map(pixel).collect();
            plane.canvas(|c| c.polygon(&corners, palette::WALL));
        }
    });
    plane.group(Group::styled(Style::stroked(palette::GRID, 1.0)), || {
        for (axis, labelled) in axes.iter().enumerate().filter(|(_, a)| a.visible) {
            for tick in labelled.ticks_within(&stage.domains[axis], MOST_TICKS) {
                // Along both walls that the axis runs along.
                for other in (0..3).filter(|o| *o != axis) {
                    let end = |sign: f64| {
                        let mut place = far;
                        place[axis] = stage.along(axis, tick.value);
                        place[other] = sign * stage.half[other];
                        pixel(place)
                    };
                    plane.canvas(|c| c.line(end(-1.0), end(1.0)));
                }
            }
        }
    });
    let words = words(axes, stage, view, plane.size().0);
    let page = |[x, y]: [f64; 2]| (hundredths(x), hundredths(y));
    plane.group(Group::styled(Style::stroked(palette::INK, 1.0)), || {
        for axis in (0..3).filter(|i| axes[*i].visible) {
            let (low, high) = edge(axis, stage, view);
            plane.canvas(|c| c.line(pixel(low), pixel(high)));
        }
        for (from, to) in &words.ticks {
            plane.canvas(|c| c.line(page(*from), page(*to)));
        }
    });
    for (title, color) in [(false, palette::INK), (true, palette::MUTED)] {
        plane.group(Group::styled(Style::text(color, SIZE, Anchor::Middle)), || {
            for word in words.words.iter().filter(|w| w.title == title) {
                for (i, line) in word.lines.iter().enumerate() {
                    let down = (i as f64 - (word.lines.len() - 1) as f64 / 2.0) * LEADING + DROP;
                    plane.canvas(|c| c.text(page([word.x, word.y + down * SIZE]), line, 0));
                }
            }
        });
    }
}
