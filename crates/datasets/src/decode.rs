//! Pictures in PNG and JPEG files.
//!
//! Grey is (299·R + 587·G + 114·B + 500) / 1000, rounded down (ITU-R BT.601); a grey pixel has its value in every colour. What is
//! transparent in a PNG shows white paper. JPEG is decoded in whole numbers, so that pixels do not depend on the processor.

use std::io::{BufRead, Cursor, Seek};

use jpeg_decoder::PixelFormat;

use crate::sources::files::whole;
use crate::{DataError, FileProblem};

/// Rows or columns beyond which no picture is read.
const MOST_PIXELS: usize = 1 << 14;

/// How a picture is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Png,
    Jpeg,
}

impl Format {
    /// That of a file, by how it begins.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0x89, b'P', b'N', b'G', ..] => Some(Self::Png),
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            _ => None,
        }
    }

    /// That of a file, by its name.
    pub fn named(file: &str) -> Option<Self> {
        match file.rsplit_once('.')?.1.to_ascii_lowercase().as_str() {
            "png" => Some(Self::Png),
            "jpg" | "jpeg" => Some(Self::Jpeg),
            _ => None,
        }
    }

    fn fail(self, file: &str, reason: impl ToString) -> DataError {
        let format = match self {
            Self::Png => "PNG",
            Self::Jpeg => "JPEG",
        };
        DataError::file(whole(file), FileProblem::Picture { format, reason: reason.to_string() })
    }

    /// Refuses what is too large.
    fn sized(self, file: &str, [height, width]: [usize; 2]) -> Result<[usize; 2], DataError> {
        match height.max(width) {
            0..=MOST_PIXELS => Ok([height, width]),
            _ => Err(self.fail(file, format!("{height}×{width} pixels, expected at most {MOST_PIXELS} each way"))),
        }
    }
}

/// Rows and columns of the picture in a file, from its head.
///
/// # Errors
/// If it is no PNG or JPEG picture, or too large.
pub(crate) fn size(mut file: impl BufRead + Seek, name: &str) -> Result<[usize; 2], DataError> {
    let read = |source| DataError::Read { file: name.to_owned(), source };
    let format = Format::of(file.fill_buf().map_err(read)?).or(Format::named(name)).unwrap_or(Format::Png);
    let size = match format {
        Format::Png => {
            let reader = png::Decoder::new(file).read_info().map_err(|error| format.fail(name, error))?;
            [reader.info().height, reader.info().width].map(|n| n as usize)
        }
        Format::Jpeg => {
            let mut decoder = jpeg_decoder::Decoder::new(file);
            decoder.read_info().map_err(|error| format.fail(name, error))?;
            let info = decoder.info().ok_or_else(|| format.fail(name, "it has no size"))?;
            [info.height, info.width].map(usize::from)
        }
    };
    format.sized(name, size)
}

/// A picture, channel after channel, each row by row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decoded {
    /// Channels (grey, or red, green and blue), height, width.
    pub shape: [usize; 3],
    pub bytes: Vec<u8>,
}

impl Decoded {
    /// The picture in the bytes of a file, which is called so in errors.
    ///
    /// # Errors
    /// If it is no picture that can be read, or too large.
    pub fn of(bytes: &[u8], file: &str) -> Result<Self, DataError> {
        let format = Format::of(bytes).or(Format::named(file)).unwrap_or(Format::Png);
        let (channels, [height, width], pixels) = match format {
            Format::Png => png(bytes, file)?,
            Format::Jpeg => jpeg(bytes, file)?,
        };
        let bytes = (0..channels).flat_map(|k| pixels.iter().skip(k).step_by(channels).copied()).collect();
        Ok(Self { shape: [channels, height, width], bytes })
    }

    /// The same in grey.
    pub fn grey(self) -> Vec<u8> {
        let [channels, height, width] = self.shape;
        // From one channel or three there is a way.
        coloured(&self.bytes, height * width, [channels, 1]).unwrap_or_default()
    }
}

/// Channels, rows and columns, and pixels.
type Pixels = (usize, [usize; 2], Vec<u8>);

fn png(bytes: &[u8], file: &str) -> Result<Pixels, DataError> {
    let fail = |reason: String| Format::Png.fail(file, reason);
    let mut decoder = png::Decoder::new(Cursor::new(bytes));
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().map_err(|error| fail(error.to_string()))?;
    let size = Format::Png.sized(file, [reader.info().height, reader.info().width].map(|n| n as usize))?;
    let room = reader.output_buffer_size().ok_or_else(|| fail("it is too large".into()))?;
    let mut pixels = vec![0; room];
    let frame = reader.next_frame(&mut pixels).map_err(|error| fail(error.to_string()))?;
    pixels.truncate(frame.buffer_size());
    let (channels, alpha) = match frame.color_type {
        png::ColorType::Grayscale | png::ColorType::Indexed => (1, false),
        png::ColorType::GrayscaleAlpha => (1, true),
        png::ColorType::Rgb => (3, false),
        png::ColorType::Rgba => (3, true),
    };
    if alpha {
        pixels = pixels.chunks_exact(channels + 1).flat_map(on_paper).collect();
    }
    Ok((channels, size, pixels))
}

fn jpeg(bytes: &[u8], file: &str) -> Result<Pixels, DataError> {
    let fail = |reason: String| Format::Jpeg.fail(file, reason);
    let size = size(Cursor::new(bytes), file)?;
    let mut decoder = jpeg_decoder::Decoder::new(bytes);
    let pixels = decoder.decode().map_err(|error| fail(error.to_string()))?;
    let channels = match decoder.info().map(|info| info.pixel_format) {
        Some(PixelFormat::L8) => 1,
        Some(PixelFormat::RGB24) => 3,
        other => return Err(fail(format!("its pixels are {other:?}, expected grey or red, green and blue of 8 bits"))),
    };
    Ok((channels, size, pixels))
}

/// The numbers of a pixel, the last of which is its opacity, on white.
fn on_paper(pixel: &[u8]) -> impl Iterator<Item = u8> {
    let (opacity, numbers) = pixel.split_last().map_or((0, pixel), |(last, rest)| (u32::from(*last), rest));
    numbers.iter().map(move |&v| ((u32::from(v) * opacity + 255 * (255 - opacity) + 127) / 255) as u8)
}

/// Pictures of so many channels of `area` pixels as pictures of so many others; `None` where nothing says how.
pub(crate) fn coloured(bytes: &[u8], area: usize, [from, to]: [usize; 2]) -> Option<Vec<u8>> {
    match (from, to) {
        _ if from == to => Some(bytes.to_vec()),
        (3, 1) => {
            let grey = |picture: &[u8]| -> Vec<u8> {
                let [red, green, blue] = [0, 1, 2].map(|k| &picture[k * area..][..area]);
                let of =
                    |i: usize| 299 * u32::from(red[i]) + 587 * u32::from(green[i]) + 114 * u32::from(blue[i]) + 500;
                (0..area).map(|i| (of(i) / 1000) as u8).collect()
            };
            Some(bytes.chunks_exact(3 * area).flat_map(grey).collect())
        }
        (1, 3) => Some(bytes.chunks_exact(area).flat_map(|picture| [picture; 3].concat()).collect()),
        _ => None,
    }
}
