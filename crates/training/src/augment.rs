//! Pictures that training sees a little changed, otherwise in every epoch: moved, turned, scaled, noisy.
//!
//! Only what a step learns from is changed: whatever is measured, of any split, is measured on the pictures as they are. A pixel
//! of a changed picture has its middle at p in it and is read at q = m + R(p − m − t)/s in the picture as it is, where m is the
//! middle, t the shift, R the rotation and s the scale, as the bilinear mean of the four pixels around q. What lies outside is 0
//! as the data has it before normalisation.
//!
//! The numbers drawn for a sample in an epoch lie at a place of their stream that follows from both, so that they depend neither
//! on the batch, nor on the threads, nor on where a run was interrupted.

use datasets::{Samples, Splits, picture};
use registry::Problems;
use tensor::math::{f32 as single, f64 as double};
use tensor::random::{Purpose, Stream, Streams};
use tensor::{shape, threads};

/// How training changes its pictures, each anew in every epoch: `{ shift = 2, rotate = 10 }`. Validation and test splits, and
/// whatever else is measured, are of the pictures as they are. What comes in from outside is 0 as the data has it before
/// normalisation.
#[derive(Debug, Clone, PartialEq, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Augment {
    /// Moves a picture by up to so many pixels up or down and by up to as many left or right, every distance equally likely.
    /// Default 0.
    #[serde(default)]
    pub shift: f64,
    /// Whether it is moved by whole pixels, which leaves them as they are. Default false.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub whole_pixels: bool,
    /// Turns a picture about its middle by up to so many degrees to either side, every angle equally likely. Default 0.
    #[serde(default)]
    pub rotate: f64,
    /// Makes a picture larger or smaller by up to this share of its size: 0.1 for 0.9 to 1.1 times, equally likely. Default 0.
    #[serde(default)]
    pub scale: f64,
    /// Adds a normal random number of this standard deviation to every number of a picture, as the network gets it. Default 0.
    #[serde(default)]
    pub noise: f64,
}

impl Augment {
    /// Notes numbers out of range.
    pub fn check(&self, problems: &mut Problems) {
        let mut between = |field: &str, value: f64, most: f64, what: &str| {
            problems.require((0.0..=most).contains(&value), field, || format!("expected {what}, found {value}"));
        };
        between("shift", self.shift, f64::MAX, "a number of pixels, at least 0");
        between("rotate", self.rotate, 180.0, "0 to 180 degrees");
        between("scale", self.scale, 0.9, "a share from 0 to 0.9");
        between("noise", self.noise, 1e6, "a standard deviation from 0 to 1000000");
    }

    /// Notes that samples of this shape, those of the data set `name`, cannot be changed so.
    pub fn check_against(&self, name: &str, sample: &[usize], problems: &mut Problems) {
        match picture(sample) {
            None => problems.add(
                "",
                format!(
                    "expected pictures, rows × columns, and {name} has samples of shape {}",
                    shape::display(sample)
                ),
            ),
            Some([_, rows, columns]) => problems.require(self.shift < rows.min(columns) as f64, "shift", || {
                format!("{} pixels move a picture of {rows}×{columns} out of sight", self.shift)
            }),
        }
    }
}

/// Pictures that are changed at a time: as many as stay in a processor's cache.
const CHUNK: usize = 128;
/// How many 32-bit words are drawn for a picture's place: two shifts, an angle and a scale.
const WORDS: u64 = 8;

/// Changes the pictures of a training split. Its memory is planned once.
#[derive(Debug, Clone)]
pub struct Augmenter {
    config: Augment,
    samples: Samples,
    /// Rows and columns.
    size: [usize; 2],
    background: f32,
    places: Stream,
    noise: Stream,
    plain: Vec<f32>,
}

impl Augmenter {
    /// What changes the training pictures of `splits` with the random numbers of `stage`; `None` where they are no pictures.
    pub fn new(config: &Augment, splits: &Splits, streams: &Streams, stage: &str) -> Option<Self> {
        let train = &splits.train;
        let [_, rows, columns] = picture(&train.shape)?;
        Some(Self {
            config: config.clone(),
            samples: train.x.clone(),
            size: [rows, columns],
            background: splits.background(),
            places: streams.stream(stage, Purpose::Augment),
            noise: streams.stream(stage, Purpose::Noise),
            plain: vec![0.0; train.n().min(CHUNK) * train.features()],
        })
    }

    /// Writes the samples `rows`, one after the other, to `to` as they are learned from in an epoch, the first of which is 0.
    ///
    /// # Panics
    /// If a row is not there, or `to` is not as long as the rows together.
    pub fn gather(&mut self, rows: &[u32], epoch: usize, to: &mut [f32]) {
        let width = self.samples.features();
        assert_eq!(to.len(), rows.len() * width, "gather: room for every row");
        let mut plain = std::mem::take(&mut self.plain);
        for (rows, to) in rows.chunks(CHUNK).zip(to.chunks_mut(CHUNK * width)) {
            let plain = &mut plain[..to.len()];
            self.samples.gather(rows, plain);
            threads::split(rows.len(), width, to, 20 * width, |range, to| {
                // A stream is some hundred bytes: each thread has its own, at its own place.
                let (mut places, mut noise) = (self.places.clone(), self.noise.clone());
                for (i, to) in range.zip(to.chunks_exact_mut(width)) {
                    let draw = (epoch as u64) * self.samples.n() as u64 + u64::from(rows[i]);
                    places.seek(draw * WORDS);
                    noise.seek(draw * width.next_multiple_of(2) as u64);
                    self.change(&plain[i * width..][..width], to, &mut places, &mut noise);
                }
            });
        }
        self.plain = plain;
    }

    /// One picture.
    fn change(&self, plain: &[f32], to: &mut [f32], places: &mut Stream, noise: &mut Stream) {
        match Place::drawn(&self.config, places) {
            Place::SAME => to.copy_from_slice(plain),
            place => {
                // The channels of a pixel stay together.
                let channel = self.size[0] * self.size[1];
                for (plain, to) in plain.chunks_exact(channel).zip(to.chunks_exact_mut(channel)) {
                    place.read(plain, self.size, self.background, to);
                }
            }
        }
        if self.config.noise > 0.0 {
            add_noise(to, self.config.noise as f32, noise);
        }
    }
}

/// Where a picture is put.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Place {
    /// Pixels down, pixels to the right.
    shift: [f32; 2],
    /// Cosine and sine of the angle, divided by the scale.
    turn: [f32; 2],
}

impl Place {
    const SAME: Self = Self { shift: [0.0; 2], turn: [1.0, 0.0] };

    /// Each number is drawn whether or not it is used, so that none depends on what else is asked for.
    fn drawn(config: &Augment, stream: &mut Stream) -> Self {
        let mut either_side = |most: f64| stream.uniform_in(-most, most);
        // Half a pixel more, so that the last whole one is as likely as the others.
        let furthest = config.shift.trunc();
        let most = if config.whole_pixels { furthest + 0.5 } else { config.shift };
        let whole = |at: f64| if config.whole_pixels { at.round_ties_even().clamp(-furthest, furthest) } else { at };
        let shift = [either_side(most), either_side(most)].map(|at| whole(at) as f32);
        let angle = either_side(config.rotate).to_radians();
        let scale = 1.0 + either_side(config.scale);
        Self { shift, turn: [double::cos(angle), double::sin(angle)].map(|part| (part / scale) as f32) }
    }

    /// Writes the picture `from` of one channel, put here, to `to`.
    fn read(self, from: &[f32], [rows, columns]: [usize; 2], background: f32, to: &mut [f32]) {
        let middle = [rows, columns].map(|n| (n - 1) as f32 / 2.0);
        let [cos, sin] = self.turn;
        // Negative places are beyond every size.
        let inside = |row: i32, column: i32| (row as usize) < rows && (column as usize) < columns;
        let at = |row: i32, column: i32| row as usize * columns + column as usize;
        let seen = |row: i32, column: i32| if inside(row, column) { from[at(row, column)] } else { background };
        for (row, to) in to.chunks_exact_mut(columns).enumerate() {
            let down = row as f32 - middle[0] - self.shift[0];
            for (column, to) in to.iter_mut().enumerate() {
                let right = column as f32 - middle[1] - self.shift[1];
                let (top, y) = floor(middle[0] + (cos * down - sin * right));
                let (left, x) = floor(middle[1] + (sin * down + cos * right));
                let [a, b, c, d] = match inside(top, left) && inside(top + 1, left + 1) {
                    // Most are: two neighbours in each of two rows that are there.
                    true => {
                        let (above, below) = (&from[at(top, left)..][..2], &from[at(top + 1, left)..][..2]);
                        [above[0], above[1], below[0], below[1]]
                    }
                    false => {
                        [(top, left), (top, left + 1), (top + 1, left), (top + 1, left + 1)].map(|(r, c)| seen(r, c))
                    }
                };
                let (above, below) = (a + x * (b - a), c + x * (d - c));
                *to = above + y * (below - above);
            }
        }
    }
}

/// The next whole number below, and what is left. Both are exact; places are far below 2³¹.
fn floor(at: f32) -> (i32, f32) {
    let toward_zero = at as i32;
    let whole = toward_zero - i32::from(at < toward_zero as f32);
    (whole, at - whole as f32)
}

/// Adds normal numbers of this deviation, two from each pair of draws (Box and Muller 1958): √(−2 ln u)·cos 2πv and ·sin 2πv.
fn add_noise(to: &mut [f32], deviation: f32, stream: &mut Stream) {
    for pair in to.chunks_mut(2) {
        // 1 − u lies in (0, 1], so that the logarithm is finite.
        let radius = deviation * (-2.0 * single::ln(1.0 - stream.uniform_f32())).sqrt();
        let angle = std::f32::consts::TAU * stream.uniform_f32();
        for (to, part) in pair.iter_mut().zip([single::cos(angle), single::sin(angle)]) {
            *to += radius * part;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A picture of 4 × 5 pixels, put at a place.
    fn put(place: Place) -> Vec<f32> {
        let mut to = vec![f32::NAN; 20];
        place.read(&picture(), [4, 5], -1.0, &mut to);
        to
    }

    fn picture() -> Vec<f32> {
        (0..20).map(|i| (i * i % 23) as f32 / 7.0).collect()
    }

    #[test]
    fn a_picture_put_where_it_was_is_as_it_was() {
        assert_eq!(put(Place::SAME), picture());
    }

    #[test]
    fn half_a_pixel_is_the_mean_of_two() {
        let (found, plain) = (put(Place { shift: [0.0, 0.5], ..Place::SAME }), picture());
        assert!((1..5).all(|i| found[i] == plain[i - 1] + 0.5 * (plain[i] - plain[i - 1])));
        assert_eq!(found[0], -1.0 + 0.5 * (plain[0] + 1.0));
    }

    #[test]
    fn a_quarter_turn_takes_every_pixel_to_another_one() {
        let square: Vec<f32> = (0..25).map(|i| i as f32 / 8.0).collect();
        let angle = std::f64::consts::FRAC_PI_2;
        let turn = [double::cos(angle) as f32, double::sin(angle) as f32];
        let mut to = vec![f32::NAN; 25];
        Place { turn, ..Place::SAME }.read(&square, [5, 5], 0.0, &mut to);
        for (i, found) in to.iter().enumerate() {
            // Row r, column c is read at row 4 − c, column r.
            let expected = square[(4 - i % 5) * 5 + i / 5];
            assert!((found - expected).abs() < 1e-5, "{found} for {expected}");
        }
    }

    #[test]
    fn twice_the_size_reads_half_as_far_from_the_middle() {
        let square: Vec<f32> = (0..25).map(|i| (i / 5) as f32).collect();
        let mut to = vec![f32::NAN; 25];
        Place { turn: [0.5, 0.0], ..Place::SAME }.read(&square, [5, 5], 0.0, &mut to);
        assert_eq!((0..5).map(|row| to[row * 5]).collect::<Vec<_>>(), [1.0, 1.5, 2.0, 2.5, 3.0]);
    }
}
