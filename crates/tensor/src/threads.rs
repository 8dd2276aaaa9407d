//! Threads over outputs.

use std::{
    ops::Range,
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
};

static COUNT: AtomicUsize = AtomicUsize::new(0);

/// Uses `n` threads from now on, at least 1.
pub fn set(n: usize) {
    COUNT.store(n.max(1), Relaxed);
}

/// The number of threads in use; at first what the machine offers.
pub fn count() -> usize {
    match COUNT.load(Relaxed) {
        0 => {
            let n = std::thread::available_parallelism().map_or(1, usize::from);
            set(n);
            n
        }
        n => n,
    }
}

/// Splits `rows` rows of `row_len` elements of `out` among the threads: `f(range, its part of out)`.
///
/// `cost_per_row` is about the number of elementary operations (a fused multiply-add, a comparison) behind one row; small work stays on the caller.
pub fn split<T: Send>(
    rows: usize,
    row_len: usize,
    out: &mut [T],
    cost_per_row: usize,
    f: impl Fn(Range<usize>, &mut [T]) + Sync,
) {
    let _ = cost_per_row;
    assert_eq!(rows * row_len, out.len(), "split: out holds rows × row_len elements");
    f(0..rows, out)
}
