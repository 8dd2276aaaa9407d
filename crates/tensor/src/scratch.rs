//! Memory for operands in another order, kept per thread and reused, so that a kernel allocates only the first time it
//! needs more.

use std::cell::Cell;

/// What the memory is for; each purpose has its own.
#[derive(Debug, Clone, Copy)]
pub enum Slot {
    /// Packed rows of a product's first operand.
    A,
    /// Packed columns of its second.
    B,
    /// A product's output, transposed.
    Output,
    /// One picture, with what lies around it.
    Picture,
    /// Weights in another order.
    Weights,
    /// Sums on their way.
    Sums,
    /// Where something is.
    Places,
}

/// A cache line, so that packed vectors do not straddle two.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Line([u8; 64]);

thread_local! {
    static SLOTS: [Cell<Vec<Line>>; 7] = const { [const { Cell::new(Vec::new()) }; 7] };
}

/// Lends `f` memory for `len` elements, with unspecified (but initialised) contents. T is a type of numbers: any bits are one.
pub fn with<T: Copy>(slot: Slot, len: usize, f: impl FnOnce(*mut T)) {
    SLOTS.with(|slots| {
        let cell = &slots[slot as usize];
        // A nested use of the same slot would find it empty and allocate; none is.
        let mut lines = cell.take();
        let needed = (len * size_of::<T>()).div_ceil(size_of::<Line>());
        if lines.len() < needed {
            lines.resize(needed, Line([0; 64]));
        }
        f(lines.as_mut_ptr().cast());
        cell.set(lines);
    })
}
