//! Files in which a run keeps what only this program reads: checkpoints of training, the models of a sweep.
//!
//! Three lines (what it is, the key of what it belongs to, the SHA-256 of the rest), then the value in postcard's format. A file that is
//! cut short, changed or of another key is never taken for what it is not.

use std::path::Path;

use serde::{Serialize, de::DeserializeOwned};

use crate::files::{FileError, Folder};
use crate::machine::sha256;

const FIRST: &str = "unfold kept 1";

/// What was found in the place of a kept file.
#[derive(Debug, PartialEq)]
pub enum Kept<T> {
    /// The value.
    Here(T),
    /// Nothing, or something that belongs to other settings.
    Absent,
    /// A file that is not what was written.
    Damaged,
}

/// The bytes of a kept file.
fn bytes<T: Serialize>(key: &str, value: &T) -> Vec<u8> {
    // Fails for maps of unknown length only, of which there are none.
    let rest = postcard::to_stdvec(value).unwrap_or_default();
    let mut bytes = format!("{FIRST}\n{key}\n{}\n", sha256(&rest)).into_bytes();
    bytes.extend(rest);
    bytes
}

/// Writes a kept file.
pub fn write<T: Serialize>(folder: &mut Folder, relative: &str, key: &str, value: &T) -> Result<(), FileError> {
    folder.write(relative, &bytes(key, value))
}

/// Reads a kept file.
pub fn read<T: DeserializeOwned>(path: &Path, key: &str) -> Kept<T> {
    let Ok(bytes) = std::fs::read(path) else { return Kept::Absent };
    parse(&bytes, key)
}

fn parse<T: DeserializeOwned>(bytes: &[u8], key: &str) -> Kept<T> {
    let mut lines = bytes.splitn(4, |b| *b == b'\n');
    let (Some(first), Some(own), Some(hash), Some(rest)) = (lines.next(), lines.next(), lines.next(), lines.next())
    else {
        return Kept::Damaged;
    };
    if first != FIRST.as_bytes() || hash != sha256(rest).as_bytes() {
        Kept::Damaged
    } else if own != key.as_bytes() {
        Kept::Absent
    } else {
        postcard::from_bytes(rest).map_or(Kept::Damaged, Kept::Here)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_files_of_the_same_key_are_read() {
        let value: (u64, Vec<f32>) = (7, vec![1.5, -0.0, f32::INFINITY]);
        let whole = bytes("k", &value);
        assert_eq!(parse(&whole, "k"), Kept::Here(value));
        assert_eq!(parse::<(u64, Vec<f32>)>(&whole, "other"), Kept::Absent);
        for cut in 0..whole.len() {
            assert_eq!(parse::<(u64, Vec<f32>)>(&whole[..cut], "k"), Kept::Damaged, "cut at {cut}");
        }
        for i in 0..whole.len() {
            let mut changed = whole.clone();
            changed[i] ^= 1;
            // A changed key is another's.
            assert!(!matches!(parse::<(u64, Vec<f32>)>(&changed, "k"), Kept::Here(_)), "byte {i}");
        }
        assert_eq!(read::<u8>(Path::new("/nowhere/at all"), "k"), Kept::Absent);
    }
}
