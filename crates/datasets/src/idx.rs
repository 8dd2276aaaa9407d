//! IDX files, the format of MNIST: arrays of bytes, plain or compressed by gzip.
//!
//! Two zero bytes, the type of the elements (0x08: unsigned bytes), the number of dimensions, each dimension as 32 bits with the
//! highest byte first, then the elements in row-major order (LeCun, *The MNIST database*, "the IDX file format").
//!
//! Nothing in a file is believed before it is seen: memory grows with the elements that are there, never with those that the head
//! promises, and never beyond what the head promises, what deflate could have packed into the file, and [`MOST_BYTES`].

use crate::sources::files::whole;
use crate::{DataError, FileProblem};
use flate2::bufread::MultiGzDecoder;
use std::io::{self, Read};

/// An array of bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Idx {
    /// Its dimensions.
    pub shape: Vec<usize>,
    /// Its elements in row-major order.
    pub bytes: Vec<u8>,
}

/// More elements than this are refused: 40 times MNIST.
pub const MOST_BYTES: u64 = 1 << 31;
/// Deflate packs at most 258 bytes into a quarter of a byte (RFC 1951: a distance code and a length code of one bit each).
const MOST_PACKED: u64 = 1032;
/// How many dimensions an array may have.
const MOST_DIMENSIONS: u8 = 8;

/// Reads a whole file; `file` is its name in errors.
///
/// # Errors
/// If it is no IDX file of bytes, holds more or fewer elements than it says, or is damaged.
pub fn decode(packed: &[u8], file: &str) -> Result<Idx, DataError> {
    let mut reader = unpacked(packed);
    let shape = head(&mut reader, packed, file)?;
    let fail = |problem| Err(DataError::file(whole(file), problem));
    // `head` has seen that the product is at most `MOST_BYTES`.
    let expected = shape.iter().product::<usize>();
    // Room for what is promised, as far as the file's size makes it likely; the rest is added as it appears.
    let mut bytes = Vec::with_capacity(expected.min(packed.len().saturating_mul(8)));
    if let Err(error) = reader.by_ref().take(expected as u64).read_to_end(&mut bytes) {
        return fail(damaged(&error, bytes.len(), &shape));
    }
    if bytes.len() < expected {
        return fail(length(bytes.len() as u64, &shape));
    }
    // One more byte is one too many; at the end gzip's check sum is compared.
    match reader.read(&mut [0]) {
        Ok(0) => Ok(Idx { shape, bytes }),
        Ok(_) => fail(FileProblem::LongerIdx { shape: shown(&shape) }),
        Err(error) => fail(damaged(&error, bytes.len(), &shape)),
    }
}

/// The shape of a file that starts with `start`, and whose elements are not read.
///
/// # Errors
/// If it is no IDX file of bytes, or holds more than `length` bytes can.
pub fn shape(start: &[u8], length: u64, file: &str) -> Result<Vec<usize>, DataError> {
    head_of(&mut unpacked(start), start, length, file)
}

/// The bytes, gzip or not.
fn unpacked<'a>(bytes: &'a [u8]) -> Box<dyn Read + 'a> {
    if is_gzip(bytes) { Box::new(MultiGzDecoder::new(bytes)) } else { Box::new(bytes) }
}

/// Whether a file is compressed (RFC 1952, section 2.3.1).
fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1f, 0x8b])
}

fn head(reader: &mut impl Read, packed: &[u8], file: &str) -> Result<Vec<usize>, DataError> {
    head_of(reader, packed, packed.len() as u64, file)
}

/// Reads the head from `reader`, which unpacks `start`, the beginning of a file of `length` bytes.
fn head_of(reader: &mut impl Read, start: &[u8], length: u64, file: &str) -> Result<Vec<usize>, DataError> {
    let fail = |problem| DataError::file(whole(file), problem);
    if length == 0 {
        return Err(fail(FileProblem::Empty));
    }
    let mut seen = 0;
    let mut four = || -> Result<[u8; 4], DataError> {
        let mut bytes = [0; 4];
        let mut got = 0;
        while got < 4 {
            match reader.read(&mut bytes[got..]) {
                Ok(0) => return Err(fail(FileProblem::IdxHead { found: seen + got })),
                Ok(n) => got += n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(fail(FileProblem::Gzip { reason: error.to_string() })),
            }
        }
        seen += 4;
        Ok(bytes)
    };
    let magic = four()?;
    let dimensions = match magic {
        [0, 0, 0x08, n @ 1..=MOST_DIMENSIONS] => n,
        [0, 0, kind @ (0x09 | 0x0b..=0x0e), _] => {
            let names = ["signed bytes", "16-bit integers", "32-bit integers", "32-bit floats", "64-bit floats"];
            let found = names[if kind == 0x09 { 0 } else { usize::from(kind) - 0x0a }].to_owned();
            return Err(fail(FileProblem::IdxType { found }));
        }
        _ => {
            let found = magic.iter().map(|b| format!("{b:02x}")).collect::<Vec<_>>().join(" ");
            return Err(fail(FileProblem::NotIdx { found }));
        }
    };
    let mut shape = Vec::new();
    for _ in 0..dimensions {
        shape.push(u32::from_be_bytes(four()?) as usize);
    }
    if shape.contains(&0) {
        return Err(fail(FileProblem::NoElements { shape: shown(&shape) }));
    }
    let expected = shape.iter().try_fold(1_u64, |n, &d| n.checked_mul(d as u64)).unwrap_or(u64::MAX);
    let possible = if is_gzip(start) { length.saturating_mul(MOST_PACKED) } else { u64::MAX };
    if expected > possible {
        let why = format!("{length} bytes of gzip can hold");
        return Err(fail(FileProblem::IdxSize { shape: shown(&shape), why }));
    }
    if expected > MOST_BYTES {
        let why = format!("the {MOST_BYTES} that are read");
        return Err(fail(FileProblem::IdxSize { shape: shown(&shape), why }));
    }
    Ok(shape)
}

fn shown(shape: &[usize]) -> String {
    tensor::shape::display(shape).to_string()
}

fn length(found: u64, shape: &[usize]) -> FileProblem {
    FileProblem::Length { found, expected: shape.iter().product::<usize>() as u64, shape: shown(shape) }
}

/// What a decoder's error means: an end that comes too soon, or bytes that are none of its.
fn damaged(error: &io::Error, found: usize, shape: &[usize]) -> FileProblem {
    match error.kind() {
        io::ErrorKind::UnexpectedEof if found < shape.iter().product() => length(found as u64, shape),
        _ => FileProblem::Gzip { reason: error.to_string() },
    }
}

#[cfg(test)]
#[path = "idx_tests.rs"]
pub(crate) mod tests;
