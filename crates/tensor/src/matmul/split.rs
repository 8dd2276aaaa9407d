//! One product: on several threads where that pays, on the active path.

use super::blocks::Serial;
use super::native;
use super::view::View;
use crate::simd::on_active_path;
use crate::{Float, threads};

/// The product of one element type, compiled once, in this crate.
pub trait Multiply: Sized {
    /// Computes the product, on several threads where that pays.
    ///
    /// # Safety
    /// The view's pointers must be valid for its sizes; nobody else may use c meanwhile.
    unsafe fn multiply(v: &View<Self>);
}

impl Multiply for f32 {
    unsafe fn multiply(v: &View<f32>) {
        // SAFETY: the caller's promise.
        unsafe { if native::chosen(v) { native::sgemm(v) } else { split(v) } }
    }
}

impl Multiply for f64 {
    unsafe fn multiply(v: &View<f64>) {
        // SAFETY: the caller's promise.
        unsafe { if native::chosen(v) { native::dgemm(v) } else { split(v) } }
    }
}

/// Threads share columns in multiples of this: a cache line of `f32`.
const COLUMNS: usize = 16;

/// Splits the output among the threads where that pays: by rows, or by columns where there are more of those.
///
/// # Safety
/// As for [`Multiply::multiply`].
unsafe fn split<F: Float>(v: &View<F>) {
    // Vectors are computed whole, and storing one costs about as much as eight steps of k.
    let columns = v.n.next_multiple_of(COLUMNS);
    let cost = v.m.saturating_mul(columns).saturating_mul(v.k + 8);
    let by_rows = 2 * v.m >= v.n;
    let units = if by_rows { v.m } else { columns / COLUMNS };
    let pieces = threads::pieces(units, cost);
    if pieces <= 1 {
        // SAFETY: the caller's promise.
        return unsafe { serial(v) };
    }
    let v = Shared(*v);
    threads::run(pieces, &|piece| {
        let v = v.get();
        let part = threads::part(units, pieces, piece);
        // SAFETY: the parts lie within the output and are disjoint; the rest is the caller's promise.
        unsafe {
            serial(&if by_rows {
                v.part(part.start, part.len(), 0, v.n)
            } else {
                let start = part.start * COLUMNS;
                v.part(0, v.m, start, (part.end * COLUMNS).min(v.n) - start)
            })
        }
    });
}

/// A view that several threads may use, each for its own part of the output.
struct Shared<F>(View<F>);

// SAFETY: the operands are only read; each thread writes its own part of c.
unsafe impl<F: Float> Sync for Shared<F> {}

impl<F: Float> Shared<F> {
    /// The view. (A method, so that closures capture the whole struct rather than the bare field.)
    fn get(&self) -> View<F> {
        self.0
    }
}

/// One product on this thread, on the active path.
///
/// # Safety
/// As for [`Multiply::multiply`].
#[inline]
unsafe fn serial<F: Float>(v: &View<F>) {
    // SAFETY: the caller's promise.
    unsafe { on_active_path(Serial(v)) }
}
