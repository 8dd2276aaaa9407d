//! Cache files, which only this program reads: checkpoints of training, the runs of a sweep, the list of what is finished.
//!
//! Three lines (the format, the key of what it belongs to, the SHA-256 of the rest), then the value, in postcard's format unless
//! it is text. A file that is cut short, changed or of another key is never taken for what it is not.

use std::path::Path;

use serde::{Serialize, de::DeserializeOwned};

use crate::files::{FileError, Folder};
use crate::hash::sha256;

const FORMAT: &str = "unfold cache 1";

/// What a cache file turns out to be.
#[derive(Debug, PartialEq)]
pub enum Cached<T> {
    /// The value that was written.
    Valid(T),
    /// Not there, or of another key.
    Absent,
    /// Not what was written.
    Damaged,
}

impl<T> Cached<T> {
    /// The same with what is valid read further.
    pub(super) fn and_then<U>(self, read: impl FnOnce(T) -> Option<U>) -> Cached<U> {
        match self {
            Cached::Valid(value) => read(value).map_or(Cached::Damaged, Cached::Valid),
            Cached::Absent => Cached::Absent,
            Cached::Damaged => Cached::Damaged,
        }
    }
}

/// The bytes of a cache file.
fn bytes<T: Serialize>(key: &str, value: &T) -> Vec<u8> {
    // Fails only for sequences of unknown length, of which there are none.
    sealed(key, &postcard::to_stdvec(value).expect("a value of known length"))
}

/// The three lines, then `rest`.
pub(super) fn sealed(key: &str, rest: &[u8]) -> Vec<u8> {
    let mut bytes = format!("{FORMAT}\n{key}\n{}\n", sha256(rest)).into_bytes();
    bytes.extend(rest);
    bytes
}

/// Writes a cache file.
pub fn write<T: Serialize>(folder: &mut Folder, relative: &str, key: &str, value: &T) -> Result<(), FileError> {
    folder.write(relative, &bytes(key, value))
}

/// Reads a cache file.
pub fn read<T: DeserializeOwned>(path: &Path, key: &str) -> Cached<T> {
    let Ok(bytes) = std::fs::read(path) else { return Cached::Absent };
    parse(&bytes, key)
}

fn parse<T: DeserializeOwned>(bytes: &[u8], key: &str) -> Cached<T> {
    opened(bytes, key).and_then(|rest| postcard::from_bytes(rest).ok())
}

/// What follows the three lines.
pub(super) fn opened<'b>(bytes: &'b [u8], key: &str) -> Cached<&'b [u8]> {
    let mut lines = bytes.splitn(4, |b| *b == b'\n');
    let (Some(first), Some(own), Some(hash), Some(rest)) = (lines.next(), lines.next(), lines.next(), lines.next())
    else {
        return Cached::Damaged;
    };
    if first != FORMAT.as_bytes() || hash != sha256(rest).as_bytes() {
        Cached::Damaged
    } else if own != key.as_bytes() {
        Cached::Absent
    } else {
        Cached::Valid(rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_files_of_the_same_key_are_read() {
        let value: (u64, Vec<f32>) = (7, vec![1.5, -0.0, f32::INFINITY]);
        let whole = bytes("k", &value);
        assert_eq!(parse(&whole, "k"), Cached::Valid(value));
        assert_eq!(parse::<(u64, Vec<f32>)>(&whole, "other"), Cached::Absent);
        for cut in 0..whole.len() {
            assert_eq!(parse::<(u64, Vec<f32>)>(&whole[..cut], "k"), Cached::Damaged, "cut at {cut}");
        }
        for i in 0..whole.len() {
            let mut changed = whole.clone();
            changed[i] ^= 1;
            // A changed key is another's.
            assert!(!matches!(parse::<(u64, Vec<f32>)>(&changed, "k"), Cached::Valid(_)), "byte {i}");
        }
        assert_eq!(read::<u8>(Path::new("/nowhere/at all"), "k"), Cached::Absent);
    }
}
