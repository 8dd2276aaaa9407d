//! Changes to bytes of any format.

use fastrand::Rng;

/// Numbers at which lengths and offsets go wrong.
const EDGES: [u64; 14] =
    [0, 1, 7, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fff_ffff, 0xffff_ffff, 1 << 32, i64::MAX as u64, 1 << 63, u64::MAX];

/// One of a list.
pub fn pick<'a, T>(rng: &mut Rng, list: &'a [T]) -> &'a T {
    &list[rng.usize(..list.len())]
}

/// A number at an edge, or near one.
pub fn edge(rng: &mut Rng) -> u64 {
    pick(rng, &EDGES).wrapping_add(rng.u64(0..3)).wrapping_sub(1)
}

/// A place in something of this length, its end included.
fn place(rng: &mut Rng, length: usize) -> usize {
    rng.usize(..=length)
}

/// Changes bytes in some of the usual ways, 1 to 8 times; parts are taken from one of `others`.
pub fn bytes(rng: &mut Rng, input: &mut Vec<u8>, others: &[Vec<u8>]) {
    let other: &Vec<u8> = pick(rng, others);
    for _ in 0..1 << rng.u32(0..4) {
        let at = place(rng, input.len());
        let most = 1 << rng.u32(0..8);
        let to = at + place(rng, most.min(input.len() - at));
        match rng.u8(0..9) {
            0 => input[at..to].iter_mut().for_each(|b| *b = rng.u8(..)),
            1 => drop(input.drain(at..to)),
            2 => {
                let part = input[at..to].to_vec();
                input.splice(at..at, part);
            }
            3 => input.insert(at, rng.u8(..)),
            4 if at < input.len() => input[at] ^= 1 << rng.u8(0..8),
            5 => {
                let number = edge(rng);
                let all = if rng.bool() { number.to_le_bytes() } else { number.to_be_bytes() };
                let width = 1 << rng.u32(0..4);
                let part = if rng.bool() { &all[..width] } else { &all[8 - width..] };
                let end = (at + width).min(input.len());
                input.splice(at..end, part.iter().copied());
            }
            6 => input.truncate(at),
            7 if !other.is_empty() => {
                let from = rng.usize(..other.len());
                input.splice(at..to, other[from..].iter().take(64).copied());
            }
            _ => {
                let byte = rng.u8(..);
                input.extend(std::iter::repeat_n(byte, rng.usize(0..64)));
            }
        }
    }
}
