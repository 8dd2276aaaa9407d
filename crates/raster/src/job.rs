//! What is asked for: one figure in a format, and the files that this makes.

use serde::{Deserialize, Serialize};

use crate::RasterError;
use crate::film::Film;
use crate::movement::{Movement, at_rest};
use crate::picture::{missing, pdf, pixels, png, size, title, tree};
use crate::theme::{Theme, dressed, is_ours};

/// How much larger than in units a picture is in pixels, where no width is given: screens and projectors have about two a unit.
const SCALE: f32 = 2.0;
/// The most pictures of a film.
pub const MOST: usize = 10_000;

/// The kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// One picture in pixels.
    Png,
    /// One page.
    Pdf,
    /// A moving figure, frame by frame, looping.
    Gif,
    /// A moving figure as pictures at even steps of time.
    Frames,
}

/// A figure, and what it becomes.
#[derive(Debug, Clone, Deserialize)]
pub struct Job {
    /// The figure's file.
    pub svg: String,
    /// What it becomes.
    pub format: Format,
    /// What it is to lie on.
    pub theme: Theme,
    /// Pixels from left to right; default two per unit.
    pub width: Option<u32>,
    /// The moment of a moving figure, in seconds; default its last frame. For one picture or page.
    pub time: Option<f64>,
    /// How many pictures a second has; for `Frames`.
    pub fps: u32,
}

/// A file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// What is in it.
    pub bytes: Vec<u8>,
    /// How many files in a row are the same: of a film's pictures.
    pub times: usize,
}

/// What is said of the files of a job.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Answer {
    /// Width in pixels; in points, of a page.
    pub width: u32,
    /// Height in pixels; in points, of a page.
    pub height: u32,
    /// How many different pictures there are.
    pub frames: usize,
    /// Letters that the fonts do not have.
    pub missing: String,
}

impl Job {
    /// Makes the files.
    ///
    /// # Errors
    /// When the figure cannot be drawn so.
    pub fn draw(&self) -> Result<(Answer, Vec<Picture>), RasterError> {
        if !is_ours(&self.svg) {
            tree(&self.svg)?;
            return Err(RasterError::Foreign);
        }
        let movement = Movement::of(&self.svg)?;
        let svg = dressed(&self.svg, self.theme);
        let film = matches!(self.format, Format::Gif | Format::Frames);
        let Some(movement) = movement else {
            return if film || self.time.is_some() { Err(RasterError::Still) } else { self.one(&svg) };
        };
        if film {
            if self.format == Format::Gif && self.theme.transparent() {
                return Err(RasterError::Ragged);
            }
            return self.film(&svg, &movement);
        }
        let frame = match self.time {
            Some(time) if time >= movement.period => return Err(RasterError::Late(movement.period, time)),
            Some(time) => movement.frame(time / movement.period),
            None => movement.last(),
        };
        self.one(&at_rest(&svg, movement.begins[frame]))
    }

    /// One picture or page.
    fn one(&self, svg: &str) -> Result<(Answer, Vec<Picture>), RasterError> {
        let tree = tree(svg)?;
        let ((width, height), bytes) = match self.format {
            Format::Pdf => (size(&tree, None, 1.0)?, pdf(&tree, &title(svg)?)?),
            _ => {
                let size = size(&tree, self.width, SCALE)?;
                (size, png(&pixels(&tree, size)?)?)
            }
        };
        Ok((Answer { width, height, frames: 1, missing: missing(&tree) }, vec![Picture { bytes, times: 1 }]))
    }

    /// All frames, in one file or one by one.
    fn film(&self, svg: &str, movement: &Movement) -> Result<(Answer, Vec<Picture>), RasterError> {
        let shown = self.shown(movement)?;
        let mut answer = Answer { width: 0, height: 0, frames: shown.len(), missing: String::new() };
        let (mut film, mut pictures) = (Film::default(), Vec::new());
        for &(frame, times) in &shown {
            let tree = tree(&at_rest(svg, movement.begins[frame]))?;
            let size = size(&tree, self.width, SCALE)?;
            let picture = pixels(&tree, size)?;
            match self.format {
                Format::Gif => film.push(&picture),
                _ => pictures.push(Picture { bytes: png(&picture)?, times }),
            }
            (answer.width, answer.height) = size;
            answer.missing = missing(&tree);
        }
        if self.format == Format::Gif {
            let begins: Vec<f64> = movement.begins.iter().map(|share| share * movement.period).collect();
            pictures.push(Picture { bytes: film.gif(&begins, movement.period)?, times: 1 });
        }
        Ok((answer, pictures))
    }

    /// The frames of a film, each with how many pictures in a row show it: for a GIF one each, otherwise as many as even steps
    /// of time meet, perhaps none.
    fn shown(&self, movement: &Movement) -> Result<Vec<(usize, usize)>, RasterError> {
        if self.format == Format::Gif {
            return Ok((0..movement.begins.len()).map(|frame| (frame, 1)).collect());
        }
        let fps = f64::from(self.fps);
        let steps = (movement.period * fps).round().max(1.0) as usize;
        if steps > MOST {
            return Err(RasterError::Long(steps));
        }
        let frames: Vec<usize> = (0..steps).map(|i| movement.frame(i as f64 / fps / movement.period)).collect();
        Ok(frames.chunk_by(|a, b| a == b).map(|same| (same[0], same.len())).collect())
    }
}

#[cfg(test)]
mod tests;
