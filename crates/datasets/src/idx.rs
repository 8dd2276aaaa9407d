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
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

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
/// As much of a file as its head takes, compressed or not.
const HEAD: u64 = 1 << 16;
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
        return fail(length_problem(bytes.len() as u64, &shape));
    }
    // One more byte is one too many; at the end gzip's check sum is compared.
    match reader.read(&mut [0]) {
        Ok(0) => Ok(Idx { shape, bytes }),
        Ok(_) => fail(FileProblem::LongerIdx { shape: shown(&shape) }),
        Err(error) => fail(damaged(&error, bytes.len(), &shape)),
    }
}

/// The shape of the file `path`, whose elements are not read where its size, or the one that gzip writes behind the data, is
/// theirs; `file` is its name in errors.
///
/// # Errors
/// If it is no IDX file of bytes, or holds more or fewer elements than it says.
pub fn shape(path: &Path, file: &str) -> Result<Vec<usize>, DataError> {
    let read = || {
        let mut open = File::open(path)?;
        let length = open.metadata()?.len();
        let mut start = Vec::new();
        open.by_ref().take(HEAD).read_to_end(&mut start)?;
        let mut end = [0; 4];
        if length >= 4 {
            open.seek(SeekFrom::End(-4))?;
            open.read_exact(&mut end)?;
        }
        Ok((start, length, u32::from_le_bytes(end)))
    };
    let fail = |source| DataError::Read { file: file.into(), source };
    let (start, length, unpacked_size) = read().map_err(fail)?;
    let shape = head_of(&mut unpacked(&start), &start, length, file)?;
    // RFC 1952, section 2.3.1: ISIZE, the size of the last member's data.
    if is_gzip(&start) && unpacked_size as usize != 4 * (1 + shape.len()) + shape.iter().product::<usize>() {
        decode(&std::fs::read(path).map_err(fail)?, file)?;
    }
    Ok(shape)
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
    let gzip = is_gzip(start);
    if gzip && expected > length.saturating_mul(MOST_PACKED) {
        let why = format!("{length} bytes of gzip can hold");
        return Err(fail(FileProblem::IdxSize { shape: shown(&shape), why }));
    }
    if expected > MOST_BYTES {
        let why = format!("the {MOST_BYTES} that are read");
        return Err(fail(FileProblem::IdxSize { shape: shown(&shape), why }));
    }
    let there = length.saturating_sub(seen as u64);
    match () {
        () if gzip || there == expected => Ok(shape),
        () if there < expected => Err(fail(length_problem(there, &shape))),
        () => Err(fail(FileProblem::LongerIdx { shape: shown(&shape) })),
    }
}

fn shown(shape: &[usize]) -> String {
    tensor::shape::display(shape).to_string()
}

fn length_problem(found: u64, shape: &[usize]) -> FileProblem {
    FileProblem::Length { found, expected: shape.iter().product::<usize>() as u64, shape: shown(shape) }
}

/// What a decoder's error means: an end that comes too soon, or bytes that are none of its.
fn damaged(error: &io::Error, found: usize, shape: &[usize]) -> FileProblem {
    match error.kind() {
        io::ErrorKind::UnexpectedEof if found < shape.iter().product() => length_problem(found as u64, shape),
        // All elements were there: what follows is no further member.
        io::ErrorKind::InvalidInput if found >= shape.iter().product() && error.to_string().contains("header") => {
            FileProblem::BehindGzip
        }
        _ => FileProblem::Gzip { reason: error.to_string() },
    }
}

#[cfg(test)]
#[path = "idx_tests.rs"]
pub(crate) mod tests;
