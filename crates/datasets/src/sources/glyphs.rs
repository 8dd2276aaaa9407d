//! Digits drawn with a pen: MNIST's stand-in where there is no network.
//!
//! A digit is a few strokes through points of the unit square, y downwards (`strokes.rs`), bent by Catmull and Rom's spline
//! (*A class of local interpolating splines*, 1974). Each picture takes one of its digit's ways of being written, moves every
//! point a little, and places the whole by a random affine map: width and height, slant, turn, shift. A pen of random width then
//! draws it: a pixel whose centre is at distance d from the line has ink clamp(w/2 + ½ − d, 0, 1), which is the share of the
//! pixel that the pen covers, but for corners. At last ink varies from pixel to pixel.
//!
//! Picture i draws its random numbers from a stream of its own, so that the number of threads moves no bit.

use super::strokes::{self, Point};
use crate::images::{Pictures, image_source};
use crate::{DataError, Dataset, Source, Spec, Splits};
use registry::{Config, Problems};
use std::path::Path;
use tensor::{Purpose, Stream, Streams, math, threads};

image_source! {
    /// Digits 0 to 9 drawn with a pen, 28 × 28 pixels: as hard to tell apart as MNIST's, and made without any file.
    ///
    /// Each picture varies how the digit is written, where its strokes run, its size, slant, turn and place, the width of the pen
    /// and the ink. Picture i shows the digit i mod 10, in one sequence for ever: fewer points are the beginning of more. Samples
    /// have shape 1×28×28 (channels × rows × columns), so that a model of vectors begins with "flatten".
    Glyphs {
        /// How many pictures, at least one of each digit. Default 10000.
        #[serde(default = "default_points")]
        points: usize,
        /// How much the ink varies from pixel to pixel: the standard deviation of the factor on it. Default 0.1.
        #[serde(default = "default_noise")]
        noise: f64,
    }
}

fn default_points() -> usize {
    10_000
}

fn default_noise() -> f64 {
    0.1
}

impl Config for Glyphs {
    const KIND: &str = "glyphs";
    const EXAMPLE: &str = "points = 1000";
}

/// Rows and columns, as MNIST has them.
const SIDE: usize = 28;
const DIGITS: usize = 10;
/// More pictures than this are taken for a slip of the pen: 1.6 GB.
const MOST_POINTS: usize = 2_000_000;

/// How pictures vary, chosen so that the network of 784-32-16-10 units that gets 95 % of MNIST right gets as much of these:
/// standard deviations, of normal variates unless said otherwise.
mod variety {
    /// Of each point of a stroke, in the unit square.
    pub const WOBBLE: f64 = 0.06;
    /// Of width and height, as factors.
    pub const SIZE: f64 = 0.09;
    /// Of columns per row.
    pub const SLANT: f64 = 0.25;
    /// In radians.
    pub const TURN: f64 = 0.15;
    /// In pixels, of the digit's middle.
    pub const SHIFT: f64 = 1.2;
    /// The mean width and height in pixels: MNIST's digits fill 20 rows.
    pub const WIDTH: f64 = 12.5;
    pub const HEIGHT: f64 = 18.5;
    /// The most that a digit may take, pen left out.
    pub const MOST: f64 = 23.0;
    /// Uniform, in pixels.
    pub const PEN: [f64; 2] = [1.4, 3.4];
}

impl Glyphs {
    /// The digits in turn.
    fn labels(&self) -> Vec<u32> {
        (0..self.points).map(|i| (i % DIGITS) as u32).collect()
    }
}

impl Source for Glyphs {
    fn check(&self, problems: &mut Problems) {
        problems.require((DIGITS..=MOST_POINTS).contains(&self.points), "points", || {
            format!("{} pictures, expected {DIGITS} to {MOST_POINTS}", self.points)
        });
        super::plane::noise(problems, self.noise);
        self.options().check(Some([SIDE, SIDE]), true, problems);
        if let Some(each) = self.per_class {
            problems.require(each <= self.points / DIGITS, "per_class", || {
                format!("{each} of each digit, and there are {} of some", self.points / DIGITS)
            });
        }
    }

    fn spec(&self, _base: &Path) -> Result<Spec, DataError> {
        self.options().spec(self.points, 0, [SIDE, SIDE], Some(names()))
    }

    fn load(&self, _base: &Path, streams: &Streams, stage: &str) -> Result<Dataset, DataError> {
        let size = SIDE * SIDE;
        let mut pixels = vec![0; self.points * size];
        // A picture takes some ten thousand operations.
        threads::split(self.points, size, &mut pixels, 20_000, |range, out| {
            for (i, picture) in range.zip(out.chunks_exact_mut(size)) {
                let mut stream = streams.stream(&format!("{stage}/{i}"), Purpose::Noise);
                draw(i % DIGITS, self.noise, &mut stream, picture);
            }
        });
        let labels = Some(self.labels());
        let pictures = Pictures { pixels, shape: [SIDE, SIDE], labels, classes: names(), own_test: 0 };
        self.options().dataset(pictures, &mut streams.stream(stage, Purpose::Sample))
    }

    fn rows(&self, _base: &Path, streams: &Streams, stage: &str) -> Result<Option<Vec<usize>>, DataError> {
        self.options().rows(&self.labels(), &names(), 0, &mut streams.stream(stage, Purpose::Sample))
    }

    fn number_size(&self) -> usize {
        self.options().number_size()
    }

    fn finish(&self, splits: &mut Splits) -> Result<(), DataError> {
        self.options().finish(splits)
    }
}

fn names() -> Vec<String> {
    (0..DIGITS).map(|d| d.to_string()).collect()
}

/// Draws a digit on an empty picture.
fn draw(digit: usize, noise: f64, stream: &mut Stream, picture: &mut [u8]) {
    let ways = strokes::of(digit);
    let way = ways[stream.below(ways.len())];
    let shape = Shape::random(stream);
    let shift: Point = std::array::from_fn(|_| variety::SHIFT * some(stream));
    let radius = stream.uniform_in(variety::PEN[0], variety::PEN[1]) / 2.0;
    let mut lines: Vec<Vec<Point>> = way.iter().map(|stroke| strokes::bend(&shape.of(stroke, stream))).collect();
    fit(&mut lines, shift);
    let mut ink = [0.0_f64; SIDE * SIDE];
    for line in &lines {
        line.windows(2).for_each(|ends| rub(&mut ink, ends[0], ends[1], radius));
    }
    // A uniform variate of standard deviation 1 reaches √3 to both sides.
    let reach = noise * 3.0_f64.sqrt();
    for (pixel, ink) in picture.iter_mut().zip(ink) {
        if ink > 0.0 {
            let factor = 1.0 + reach * f64::from(2.0 * stream.uniform_f32() - 1.0);
            *pixel = (255.0 * (ink * factor).clamp(0.0, 1.0)).round() as u8;
        }
    }
}

/// A standard normal variate, but none so far out that a digit could not be read.
fn some(stream: &mut Stream) -> f64 {
    stream.normal().clamp(-2.5, 2.5)
}

/// From the unit square to pixels, up to a shift: x′ = a·x + b·y and y′ = c·x + d·y.
struct Shape {
    abcd: [f64; 4],
}

impl Shape {
    fn random(stream: &mut Stream) -> Self {
        let width = variety::WIDTH * (1.0 + variety::SIZE * some(stream));
        let height = variety::HEIGHT * (1.0 + variety::SIZE * some(stream));
        // Sized, then slanted against the direction of y, then turned.
        let slanted = -variety::SLANT * some(stream) * height;
        let turn = variety::TURN * some(stream);
        let (sin, cos) = (math::f64::sin(turn), math::f64::cos(turn));
        Shape { abcd: [cos * width, cos * slanted - sin * height, sin * width, sin * slanted + cos * height] }
    }

    /// A stroke's points, each a little off.
    fn of(&self, stroke: &[Point], stream: &mut Stream) -> Vec<Point> {
        let [a, b, c, d] = self.abcd;
        let mut off = |v: f64| v + variety::WOBBLE * stream.normal();
        let point = |&[x, y]: &Point| {
            let (x, y) = (off(x), off(y));
            [a * x + b * y, c * x + d * y]
        };
        stroke.iter().map(point).collect()
    }
}

/// Puts the middle of the box around the lines to the middle of the picture and a shift beyond, smaller where it would not fit.
fn fit(lines: &mut [Vec<Point>], shift: Point) {
    for k in 0..2 {
        let ends = |(lo, hi): (f64, f64), p: &Point| (lo.min(p[k]), hi.max(p[k]));
        let (lo, hi) = lines.iter().flatten().fold((f64::INFINITY, f64::NEG_INFINITY), ends);
        let scale = (variety::MOST / (hi - lo)).min(1.0);
        // As far as the border lets it.
        let room = (SIDE as f64 - 3.0 - scale * (hi - lo)) / 2.0;
        let to = SIDE as f64 / 2.0 + shift[k].clamp(-room, room);
        lines.iter_mut().flatten().for_each(|p| p[k] = to + scale * (p[k] - (lo + hi) / 2.0));
    }
}

/// Draws a straight piece of line with a round pen of this radius, in pixels.
fn rub(ink: &mut [f64; SIDE * SIDE], [x0, y0]: Point, [x1, y1]: Point, radius: f64) {
    let reach = radius + 0.5;
    let range = |a: f64, b: f64| {
        let (lo, hi) = (a.min(b) - reach - 0.5, a.max(b) + reach - 0.5);
        // Casts saturate, so that what lies outside gives an empty range or one that ends at the border.
        (lo.ceil().max(0.0) as usize, ((hi.floor() + 1.0).max(0.0) as usize).min(SIDE))
    };
    let ((left, right), (top, bottom)) = (range(x0, x1), range(y0, y1));
    let (dx, dy) = (x1 - x0, y1 - y0);
    let square = dx * dx + dy * dy;
    for row in top..bottom {
        for column in left..right {
            let (px, py) = (column as f64 + 0.5 - x0, row as f64 + 0.5 - y0);
            let t = if square > 0.0 { ((px * dx + py * dy) / square).clamp(0.0, 1.0) } else { 0.0 };
            let (ex, ey) = (px - t * dx, py - t * dy);
            let near = ex * ex + ey * ey;
            if near < reach * reach {
                let pixel = &mut ink[row * SIDE + column];
                *pixel = pixel.max((reach - near.sqrt()).min(1.0));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::load;

    fn glyphs(points: usize) -> Glyphs {
        Glyphs { points, noise: 0.1, normalize: Default::default(), downsample: None, resize: None, per_class: None }
    }

    #[test]
    fn every_digit_is_drawn_where_it_can_be_seen() {
        let data = load(&glyphs(1000));
        assert_eq!((data.class_counts().unwrap(), data.shape.clone()), (vec![100; 10], vec![1, 28, 28]));
        let (bytes, ..) = data.x.bytes().unwrap();
        for picture in bytes.rows() {
            let ink: f64 = picture.iter().map(|&b| f64::from(b)).sum::<f64>() / 255.0;
            assert!((20.0..300.0).contains(&ink), "{ink} pixels of ink");
            let border =
                (0..28).flat_map(|i| [picture[i], picture[27 * 28 + i], picture[28 * i], picture[28 * i + 27]]);
            assert!(border.filter(|&b| b > 0).count() < 12, "a digit runs out of the picture");
        }
        // About as much ink as MNIST has, 0.1307.
        let mean = data.x.mean().unwrap();
        assert!((0.1..0.17).contains(&mean), "{mean}");
    }

    #[test]
    fn threads_and_the_number_of_pictures_move_no_bit() {
        let before = threads::count();
        threads::set(1);
        let one = load(&glyphs(200));
        threads::set(3);
        let three = load(&glyphs(300));
        threads::set(before);
        let first: Vec<usize> = (0..200).collect();
        assert_eq!(one, three.subset(&first));
        assert_ne!(three.x.bytes().unwrap().0.row(0), three.x.bytes().unwrap().0.row(10), "no two are alike");
    }

    #[test]
    fn a_pen_covers_what_it_should() {
        // A level line of width 2 through the middle of a row of pixels: it covers the row and half of each neighbour.
        let mut ink = [0.0; SIDE * SIDE];
        rub(&mut ink, [5.0, 10.5], [20.0, 10.5], 1.0);
        let column: Vec<f64> = (8..13).map(|row| ink[row * SIDE + 12]).collect();
        assert_eq!(column, [0.0, 0.5, 1.0, 0.5, 0.0]);
        assert_eq!((ink[10 * SIDE + 3], ink[10 * SIDE + 22]), (0.0, 0.0));
        // A dot, and a line that leaves the picture.
        rub(&mut ink, [1.0, 1.0], [1.0, 1.0], 1.0);
        rub(&mut ink, [-50.0, 14.0], [80.0, 14.0], 2.0);
        assert!(ink[0] > 0.0 && ink.iter().all(|i| (0.0..=1.0).contains(i)));
    }
}
