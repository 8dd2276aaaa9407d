//! Numbers kept as bytes: a picture's grey levels take a quarter of the memory, and of the traffic, of `f32`.
//!
//! `x[i] = bytes[i]·scale + offset`, the product rounded and then the sum, so the same bits on every kernel path.

use crate::path::{Job, dispatch};

/// Rows ahead to ask for while one is being widened.
const AHEAD: usize = 8;

/// The rows of `bytes` (`width` each) with these numbers, widened, one after the other.
///
/// Rows picked at random lie nowhere near each other: each is asked for a little before its turn.
///
/// # Panics
/// If a row is not there, or `to` is not as long as the rows together.
pub fn gather(bytes: &[u8], width: usize, rows: &[u32], scale: f32, offset: f32, to: &mut [f32]) {
    assert_eq!(to.len(), rows.len() * width, "gather: room for every row");
    let row = |i: usize| &bytes[rows[i] as usize * width..][..width];
    for i in 0..rows.len() {
        if i == 0 {
            (1..rows.len().min(AHEAD)).for_each(|i| prefetch(row(i)));
        }
        if i + AHEAD < rows.len() {
            prefetch(row(i + AHEAD));
        }
        widen(row(i), scale, offset, &mut to[i * width..][..width]);
    }
}

/// Asks for the rows of `bytes` (`width` each) with these numbers, which will be gathered soon: memory answers meanwhile.
///
/// # Panics
/// If a row is not there.
pub fn ask(bytes: &[u8], width: usize, rows: &[u32]) {
    rows.iter().for_each(|row| prefetch(&bytes[*row as usize * width..][..width]));
}

/// Asks for memory that will be read soon, where the processor can be asked.
#[inline]
fn prefetch(bytes: &[u8]) {
    #[cfg(target_arch = "x86_64")]
    for line in bytes.chunks(64) {
        use std::arch::x86_64::{_MM_HINT_T1, _mm_prefetch};
        // To the second-level cache: the first has no room for a batch.
        // SAFETY: a hint; the address is valid besides.
        unsafe { _mm_prefetch::<_MM_HINT_T1>(line.as_ptr().cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = bytes;
}

/// `to[i] = bytes[i]·scale + offset`.
///
/// # Panics
/// If the lengths differ.
#[inline]
pub fn widen(bytes: &[u8], scale: f32, offset: f32, to: &mut [f32]) {
    assert_eq!(bytes.len(), to.len(), "widen: one number for each byte");
    dispatch(Widen { bytes, scale, offset, to });
}

struct Widen<'a> {
    bytes: &'a [u8],
    scale: f32,
    offset: f32,
    to: &'a mut [f32],
}

impl Job for Widen<'_> {
    type Out = ();

    #[inline(always)]
    fn run(self) {
        for (to, &byte) in self.to.iter_mut().zip(self.bytes) {
            *to = f32::from(byte) * self.scale + self.offset;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Path;

    #[test]
    fn every_byte_has_the_same_bits_on_every_path() {
        let bytes: Vec<u8> = (0..=255).chain([7, 0, 255]).collect();
        let (scale, offset) = (1.0 / (255.0 * 0.3081), -0.1307 / 0.3081);
        let expected: Vec<u32> = bytes.iter().map(|&b| (f32::from(b) * scale + offset).to_bits()).collect();
        for path in Path::available() {
            Path::force(Some(*path)).expect("available");
            let mut to = vec![0.0; bytes.len()];
            widen(&bytes, scale, offset, &mut to);
            assert_eq!(to.iter().map(|v| v.to_bits()).collect::<Vec<_>>(), expected, "{path}");
        }
        Path::force(None).expect("the fastest is available");
        widen(&[], 1.0, 0.0, &mut []);
    }
}
