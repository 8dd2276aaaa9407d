//! Pictures that follow each other, as a GIF (CompuServe, *Graphics Interchange Format 89a*).
//!
//! All have one palette of 256 colours, so that what stays does not flicker, and each writes only the rectangle that has changed.
//! A figure's colours are few and flat: those that cover most are kept exactly, and of the shades between them, which smooth the
//! edges of letters and lines, those that the others are farthest from. (General quantisers move every colour a little, white
//! paper too.)

use std::collections::BTreeMap;

use gif::{DisposalMethod, Encoder, Frame, Repeat};
use resvg::tiny_skia::Pixmap;

use crate::RasterError;

type Color = [u8; 3];

/// As many as a GIF can have.
const COLORS: usize = 256;
/// Of those, how many are chosen by how much they cover alone.
const FLAT: usize = 64;
/// The least that browsers keep to, in hundredths of a second: they show shorter frames for ten.
const SHORTEST: u64 = 2;

/// The pictures met so far.
#[derive(Debug, Default)]
pub struct Film {
    size: (u32, u32),
    frames: Vec<Changed>,
    last: Vec<Color>,
    counts: BTreeMap<Color, u64>,
}

/// The rectangle of a picture that differs from the one before.
#[derive(Debug)]
struct Changed {
    left: usize,
    top: usize,
    width: usize,
    pixels: Vec<Color>,
}

impl Film {
    /// Adds a picture; all are of one size, and opaque.
    pub fn push(&mut self, picture: &Pixmap) {
        self.size = (picture.width(), picture.height());
        let pixels: Vec<Color> = picture.pixels().iter().map(|p| [p.red(), p.green(), p.blue()]).collect();
        let changed = changed(&self.last, &pixels, picture.width() as usize);
        changed.pixels.iter().for_each(|&color| *self.counts.entry(color).or_default() += 1);
        self.frames.push(changed);
        self.last = pixels;
    }

    /// The file, looping for ever. `begins` says when each picture is shown, in seconds, and `period` when all begins again.
    pub fn gif(self, begins: &[f64], period: f64) -> Result<Vec<u8>, RasterError> {
        let palette = palette(&self.counts);
        let nearest: BTreeMap<Color, u8> = self.counts.keys().map(|&color| (color, nearest(&palette, color))).collect();
        let hundredths = |seconds: f64| (seconds * 100.0).round() as u64;
        let ends = begins.iter().skip(1).chain([&period]);
        let mut bytes = Vec::new();
        // Sides are below 16,384 pixels and periods below 660 s.
        let mut encoder =
            Encoder::new(&mut bytes, self.size.0 as u16, self.size.1 as u16, palette.as_flattened()).map_err(failed)?;
        encoder.set_repeat(Repeat::Infinite).map_err(failed)?;
        for ((part, begin), end) in self.frames.iter().zip(begins).zip(ends) {
            let frame = Frame {
                delay: hundredths(*end).saturating_sub(hundredths(*begin)).max(SHORTEST) as u16,
                dispose: DisposalMethod::Keep,
                left: part.left as u16,
                top: part.top as u16,
                width: part.width as u16,
                height: (part.pixels.len() / part.width) as u16,
                buffer: part.pixels.iter().map(|color| nearest[color]).collect(),
                ..Frame::default()
            };
            encoder.write_frame(&frame).map_err(failed)?;
        }
        drop(encoder);
        Ok(bytes)
    }
}

fn failed(why: gif::EncodingError) -> RasterError {
    RasterError::Encoding(why.to_string())
}

/// What differs from the picture before; all of the first one, and one pixel where nothing does.
fn changed(old: &[Color], new: &[Color], width: usize) -> Changed {
    let differs = |i: &usize| old.get(*i) != Some(&new[*i]);
    let rows = || (0..new.len()).filter(differs).map(|i| i / width);
    let (top, bottom) = (rows().next().unwrap_or(0), rows().next_back().unwrap_or(0));
    let columns = || (top * width..(bottom + 1) * width).filter(differs).map(|i| i % width);
    let (left, right) = (columns().min().unwrap_or(0), columns().max().unwrap_or(0));
    let row = |y: usize| new[y * width + left..=y * width + right].iter().copied();
    Changed { left, top, width: right - left + 1, pixels: (top..=bottom).flat_map(row).collect() }
}

/// The colours that stand for all: every one, if there are few enough.
fn palette(counts: &BTreeMap<Color, u64>) -> Vec<Color> {
    let mut colors: Vec<(Color, u64)> = counts.iter().map(|(&color, &count)| (color, count)).collect();
    colors.sort_by_key(|&(color, count)| (std::cmp::Reverse(count), color));
    let flat = if colors.len() <= COLORS { COLORS } else { FLAT };
    let mut palette: Vec<Color> = colors.iter().take(flat).map(|&(color, _)| color).collect();
    // How far each of the others is from what has been chosen.
    let mut left: Vec<(Color, u64, u64)> = colors.into_iter().skip(flat).map(|(c, n)| (c, n, u64::MAX)).collect();
    let mut chosen = palette.clone();
    while !left.is_empty() && palette.len() < COLORS {
        for (color, _, far) in &mut left {
            *far = chosen.iter().map(|&c| distance(c, *color)).min().unwrap_or(*far).min(*far);
        }
        // The first of equals is the one that covers most.
        let weight = |&(_, count, far): &(Color, u64, u64)| far.saturating_mul(count.isqrt());
        let best = (0..left.len()).rev().max_by_key(|&i| weight(&left[i])).unwrap_or(0);
        chosen = vec![left.remove(best).0];
        palette.extend(&chosen);
    }
    palette
}

fn nearest(palette: &[Color], color: Color) -> u8 {
    // A palette has 256 colours at most.
    (0..palette.len()).min_by_key(|&i| distance(palette[i], color)).unwrap_or(0) as u8
}

fn distance(a: Color, b: Color) -> u64 {
    a.into_iter().zip(b).map(|(a, b)| u64::from(a.abs_diff(b)).pow(2)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_colours_are_kept_exactly_and_of_many_the_flat_ones() {
        let few: BTreeMap<Color, u64> = (0..=255).map(|i| ([i, 0, 7], 1)).collect();
        assert!(few.keys().all(|&color| palette(&few)[usize::from(nearest(&palette(&few), color))] == color));
        let mut many: BTreeMap<Color, u64> = (0..3000_u32).map(|i| ([(i / 12) as u8, (i % 12) as u8, 9], 1)).collect();
        // A dot of a colour far from all others, and paper.
        many.extend([([255, 255, 255], 1_000_000), ([0, 158, 255], 3)]);
        let colors = palette(&many);
        assert!(colors.len() == 256 && colors.contains(&[255, 255, 255]) && colors.contains(&[0, 158, 255]));
        let farthest = many.keys().map(|&c| distance(c, colors[usize::from(nearest(&colors, c))])).max();
        assert!(farthest < Some(100), "{farthest:?}");
    }

    #[test]
    fn only_what_changes_is_written_again() {
        let (o, x) = ([0; 3], [9; 3]);
        let part = changed(&[o; 9], &[o, o, o, o, o, x, o, x, o], 3);
        assert_eq!((part.left, part.top, part.width, part.pixels), (1, 1, 2, vec![o, x, x, o]));
        let same = changed(&[o; 9], &[o; 9], 3);
        assert_eq!((same.width, same.pixels.len()), (1, 1));
        assert_eq!(changed(&[], &[x; 6], 3).pixels.len(), 6);
    }
}
