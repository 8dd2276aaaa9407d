//! Memory for packed operands, kept per thread and reused, so that a product allocates only the first time it needs more.

use crate::Float;
use std::cell::Cell;

/// What the memory is for; each purpose has its own.
#[derive(Debug, Clone, Copy)]
pub enum Slot {
    A,
    B,
    Output,
}

/// A cache line, so that packed vectors do not straddle two.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Line([u8; 64]);

thread_local! {
    static SLOTS: [Cell<Vec<Line>>; 3] = const { [const { Cell::new(Vec::new()) }; 3] };
}

/// Lends `f` memory for `len` elements, with unspecified (but initialised) contents.
pub fn with<F: Float>(slot: Slot, len: usize, f: impl FnOnce(*mut F)) {
    SLOTS.with(|slots| {
        let cell = &slots[slot as usize];
        // A nested use of the same slot would find it empty and allocate; none is.
        let mut lines = cell.take();
        let needed = (len * size_of::<F>()).div_ceil(size_of::<Line>());
        if lines.len() < needed {
            lines.resize(needed, Line([0; 64]));
        }
        f(lines.as_mut_ptr().cast());
        cell.set(lines);
    })
}
