//! Products with a matrix that is mostly zeros, such as a batch of pictures: only its other elements are visited.
//!
//! c = row + a·b and c = aᵀ·b as [`matmul`](super::matmul()) computes them: each element is one chain of fused multiply-adds in
//! the same order, but without the terms in which a is zero. As long as b is finite such a term is ±0, and adding it changes no
//! number; only a zero could get the other sign. So every zero of c is made +0 in the end: a dense product that has been through
//! [`positive_zeros`] has the same bits.
//!
//! The elements that are not zero are found once ([`Occupied::look`]), a bit each. Narrow products walk two rows of a at a time,
//! along the columns where either has something: the two share what is loaded of b, and each hides the other's latency.

use std::ops::Range;

use crate::simd::{
    Kernel, Simd, on_active_path,
    panels::{load, panels, store},
};
use crate::{Float, threads};

/// Columns of a that one word of [`Occupied`] tells of.
const WORD: usize = 64;

/// Where a matrix is not zero.
#[derive(Debug, Clone, Default)]
pub struct Occupied {
    rows: usize,
    columns: usize,
    /// Words in a row.
    words: usize,
    bits: Vec<u64>,
    count: usize,
}

impl Occupied {
    /// Nowhere yet, for a matrix of this shape.
    pub fn new(rows: usize, columns: usize) -> Self {
        let words = columns.div_ceil(WORD);
        Self { rows, columns, words, bits: vec![0; rows * words], count: 0 }
    }

    /// Finds the elements of `a` that are not zero.
    ///
    /// # Panics
    /// If `a` has another shape.
    pub fn look<F: Float>(&mut self, a: &[F]) {
        assert_eq!(a.len(), self.rows * self.columns, "look: a matrix of the shape that was announced");
        // SAFETY: the shape was checked.
        unsafe { F::look(self, a) }
    }

    /// The share of the elements that are not zero, 0 to 1; 0 of none.
    pub fn share(&self) -> f64 {
        self.count as f64 / (self.rows * self.columns).max(1) as f64
    }

    /// `c[m×n] = row + a·b` for the matrix `a` that was looked at, b k×n, every row of c from the one given.
    ///
    /// # Panics
    /// If a slice does not have the length that the shapes ask for.
    pub fn multiply<F: Float>(&self, a: &[F], b: &[F], row: &[F], c: &mut [F]) {
        let n = row.len();
        self.check(a, b.len() == self.columns * n && c.len() == self.rows * n);
        threads::split(self.rows, n, c, self.count / self.rows.max(1) * n, |rows, c| {
            // SAFETY: the lengths were checked, and c holds these rows.
            unsafe { F::sparse(self, rows, [a, b, row], c) }
        });
    }

    /// `c[k×n] = aᵀ·b` for the matrix `a` (m×k) that was looked at, b m×n.
    ///
    /// # Panics
    /// If a slice does not have the length that the shapes ask for.
    pub fn multiply_transposed<F: Float>(&self, a: &[F], b: &[F], n: usize, c: &mut [F]) {
        self.check(a, b.len() == self.rows * n && c.len() == self.columns * n);
        threads::split(self.columns, n, c, self.count / self.columns.max(1) * n, |columns, c| {
            // SAFETY: the lengths were checked, and c holds the rows that belong to these columns of a.
            unsafe { F::sparse_transposed(self, columns, [a, b], n, c) }
        });
    }

    fn check<F>(&self, a: &[F], others: bool) {
        assert!(a.len() == self.rows * self.columns && others, "sparse product: slices of the shapes' lengths");
    }

    /// The word `word` of the rows from `row` on: of each, and of all together.
    #[inline(always)]
    fn word<const R: usize>(&self, row: usize, word: usize) -> u64 {
        (0..R).fold(0, |all, i| all | self.bits[(row + i) * self.words + word])
    }
}

/// Makes every −0 a +0.
pub fn positive_zeros<F: Float>(c: &mut [F]) {
    crate::map::map_mut(c, |c| c + F::ZERO);
}

/// [`Occupied::look`] on the active path.
///
/// # Safety
/// `a` has the shape that was announced.
pub(crate) unsafe fn look<F: Float>(to: &mut Occupied, a: &[F]) {
    unsafe { on_active_path::<F, _>(Look { a, to }) }
}

/// Some rows of [`Occupied::multiply`], on the active path; the operands are a, b and the row that all begin with.
///
/// # Safety
/// The lengths are right, and c holds these rows.
pub(crate) unsafe fn multiply<F: Float>(at: &Occupied, rows: Range<usize>, [a, b, row]: [&[F]; 3], c: &mut [F]) {
    unsafe { on_active_path(Multiply { at, rows, a, b, row, c: c.as_mut_ptr(), n: row.len() }) }
}

/// What some columns of a give in [`Occupied::multiply_transposed`], on the active path; the operands are a and b.
///
/// # Safety
/// The lengths are right, and c holds the rows that belong to these columns.
pub(crate) unsafe fn multiply_transposed<F: Float>(
    at: &Occupied,
    columns: Range<usize>,
    [a, b]: [&[F]; 2],
    n: usize,
    c: &mut [F],
) {
    unsafe { on_active_path(MultiplyTransposed { at, columns, a, b, c: c.as_mut_ptr(), n }) }
}

struct Look<'a, F> {
    a: &'a [F],
    to: &'a mut Occupied,
}

impl<F: Float> Kernel<F> for Look<'_, F> {
    #[inline(always)]
    unsafe fn run<S: Simd<E = F>>(self) {
        let Occupied { rows, columns, words, bits, count } = self.to;
        *count = 0;
        for (i, bits) in bits.chunks_exact_mut((*words).max(1)).enumerate().take(*rows) {
            bits.fill(0);
            for j in (0..*columns).step_by(S::LANES) {
                // SAFETY: the element (i, j) lies within a, and so do as many after it as are loaded.
                let mask = unsafe {
                    let (p, left) = (self.a.as_ptr().add(i * *columns + j), *columns - j);
                    S::occupied(if left < S::LANES { S::load_part(p, left) } else { S::load(p) })
                };
                // LANES divides 64, so that a vector's bits lie in one word.
                bits[j / WORD] |= mask << (j % WORD);
            }
            *count += bits.iter().map(|word| word.count_ones() as usize).sum::<usize>();
        }
    }
}

struct Multiply<'a, F> {
    at: &'a Occupied,
    rows: Range<usize>,
    a: &'a [F],
    b: &'a [F],
    row: &'a [F],
    /// The first of `rows`.
    c: *mut F,
    n: usize,
}

impl<F: Float> Kernel<F> for Multiply<'_, F> {
    #[inline(always)]
    unsafe fn run<S: Simd<E = F>>(self) {
        panels!(S, self.n, |V, RAGGED, j, tail| {
            let mut i = self.rows.start;
            // Three or more chains a row hide the latency by themselves, and then the columns that only the other row needs cost
            // more.
            while const { V <= 2 } && i + 2 <= self.rows.end {
                unsafe { self.rows::<S, 2, V, RAGGED>(i, j, tail) };
                i += 2;
            }
            while i < self.rows.end {
                unsafe { self.rows::<S, 1, V, RAGGED>(i, j, tail) };
                i += 1;
            }
        });
    }
}

impl<F: Float> Multiply<'_, F> {
    /// R rows from `i`, one panel from column `j`.
    #[inline(always)]
    unsafe fn rows<S: Simd<E = F>, const R: usize, const V: usize, const RAGGED: bool>(
        &self,
        i: usize,
        j: usize,
        tail: usize,
    ) {
        unsafe {
            let (n, columns) = (self.n, self.at.columns);
            let a = self.a.as_ptr().add(i * columns);
            let b = self.b.as_ptr().add(j);
            let mut acc = [load::<S, V, RAGGED>(self.row.as_ptr().add(j), tail); R];
            for word in 0..self.at.words {
                let mut bits = self.at.word::<R>(i, word);
                while bits != 0 {
                    let k = word * WORD + bits.trailing_zeros() as usize;
                    bits &= bits - 1;
                    let b = load::<S, V, RAGGED>(b.add(k * n), tail);
                    for r in 0..R {
                        let a = S::splat(*a.add(r * columns + k));
                        for v in 0..V {
                            acc[r][v] = S::fma(a, b[v], acc[r][v]);
                        }
                    }
                }
            }
            let (one, zero) = (S::splat(F::ONE), S::splat(F::ZERO));
            for r in 0..R {
                let c = self.c.add((i + r - self.rows.start) * n + j);
                store::<S, V, RAGGED>(c, acc[r].map(|c| S::fma(one, c, zero)), tail);
            }
        }
    }
}

struct MultiplyTransposed<'a, F> {
    at: &'a Occupied,
    columns: Range<usize>,
    a: &'a [F],
    b: &'a [F],
    /// The row of the first of `columns`.
    c: *mut F,
    n: usize,
}

impl<F: Float> Kernel<F> for MultiplyTransposed<'_, F> {
    #[inline(always)]
    unsafe fn run<S: Simd<E = F>>(self) {
        for word in self.columns.start / WORD..self.columns.end.div_ceil(WORD) {
            // The first and the last word may belong to two threads.
            let first = self.columns.start.max(word * WORD);
            let end = self.columns.end.min((word + 1) * WORD);
            let within = (u64::MAX << (first % WORD)) & (u64::MAX >> (WORD - 1 - (end - 1) % WORD));
            // SAFETY: c has a row of n for each of the columns.
            let c = unsafe {
                let c = self.c.add((first - self.columns.start) * self.n);
                std::slice::from_raw_parts_mut(c, (end - first) * self.n)
            };
            // One word's part of c stays in the first-level cache while all rows of a add to it.
            c.fill(F::ZERO);
            // SAFETY: of c this reaches the rows `within`, all of which are in the slice.
            unsafe { self.word::<S>(word, within, c.as_mut_ptr().wrapping_sub((first - word * WORD) * self.n)) };
            c.iter_mut().for_each(|c| *c += F::ZERO);
        }
    }
}

impl<F: Float> MultiplyTransposed<'_, F> {
    /// The columns `within` a word; `c` is where the row of the word's first column lies or would lie.
    #[inline(always)]
    unsafe fn word<S: Simd<E = F>>(&self, word: usize, within: u64, c: *mut F) {
        panels!(S, self.n, |V, RAGGED, j, tail| {
            let mut i = 0;
            while i + 2 <= self.at.rows {
                unsafe { self.rows::<S, 2, V, RAGGED>(word, within, i, c.wrapping_add(j), j, tail) };
                i += 2;
            }
            if i < self.at.rows {
                unsafe { self.rows::<S, 1, V, RAGGED>(word, within, i, c.wrapping_add(j), j, tail) };
            }
        });
    }

    /// Adds what R rows of a from `i` give, one panel from column `j`.
    #[inline(always)]
    unsafe fn rows<S: Simd<E = F>, const R: usize, const V: usize, const RAGGED: bool>(
        &self,
        word: usize,
        within: u64,
        i: usize,
        c: *mut F,
        j: usize,
        tail: usize,
    ) {
        let mut bits = self.at.word::<R>(i, word) & within;
        unsafe {
            let (n, columns) = (self.n, self.at.columns);
            let a = self.a.as_ptr().add(i * columns + word * WORD);
            let b: [[S::V; V]; R] = std::array::from_fn(
                #[inline(always)]
                |r| load::<S, V, RAGGED>(self.b.as_ptr().add((i + r) * n + j), tail),
            );
            while bits != 0 {
                let k = bits.trailing_zeros() as usize;
                bits &= bits - 1;
                let c = c.wrapping_add(k * n);
                let mut acc = load::<S, V, RAGGED>(c, tail);
                for r in 0..R {
                    let a = S::splat(*a.add(r * columns + k));
                    for v in 0..V {
                        acc[v] = S::fma(a, b[r][v], acc[v]);
                    }
                }
                store::<S, V, RAGGED>(c, acc, tail);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Init, Path, Product, Purpose, Stream, Streams, matmul, threads};

    fn values(random: &mut Stream, n: usize, zeros: usize) -> Vec<f32> {
        (0..n).map(|_| if random.below(100) < zeros { 0.0 } else { random.normal() as f32 }).collect()
    }

    fn bits(c: &[f32]) -> Vec<u32> {
        c.iter().map(|c| c.to_bits()).collect()
    }

    /// Both products on every path and with several threads, against the dense ones.
    fn check(random: &mut Stream, (m, k, n): (usize, usize, usize), zeros: usize) {
        let (a, b, row, dy) =
            (values(random, m * k, zeros), values(random, k * n, 5), values(random, n, 30), values(random, m * n, 30));
        let (mut y, mut dw) = (vec![1.0; m * n], vec![1.0; k * n]);
        matmul(Product::new(m, k, n), &a, &b, &mut y, Init::Row(&row));
        matmul(Product::transposed_a(k, m, n), &a, &dy, &mut dw, Init::Zero);
        positive_zeros(&mut y);
        positive_zeros(&mut dw);
        for (path, count) in Path::available().iter().flat_map(|path| [1, 2, 3].map(|count| (path, count))) {
            Path::force(Some(*path)).expect("available");
            threads::set(count);
            let mut at = Occupied::new(m, k);
            at.look(&a);
            assert_eq!(at.count, a.iter().filter(|a| **a != 0.0).count());
            let (mut y_sparse, mut dw_sparse) = (vec![f32::NAN; m * n], vec![f32::NAN; k * n]);
            at.multiply(&a, &b, &row, &mut y_sparse);
            at.multiply_transposed(&a, &dy, n, &mut dw_sparse);
            assert_eq!(bits(&y_sparse), bits(&y), "{m}×{k}×{n}, {zeros}% zeros, {path}, {count} threads");
            assert_eq!(bits(&dw_sparse), bits(&dw), "{m}×{k}×{n}, {zeros}% zeros, {path}, {count} threads");
        }
        Path::force(None).expect("the fastest is available");
    }

    #[test]
    fn the_bits_are_those_of_the_dense_product() {
        let random = &mut Streams::new(1).stream("sparse test", Purpose::Sample);
        for m in [0, 1, 2, 3, 7] {
            for k in [0, 1, 63, 64, 65, 130] {
                for n in [0, 1, 3, 10, 16, 31, 32, 33, 65, 150] {
                    check(random, (m, k, n), 80);
                }
            }
        }
        // Large enough for several threads.
        for (shape, zeros) in [((64, 784, 40), 20), ((64, 784, 128), 81), ((64, 784, 128), 100), ((61, 300, 50), 0)] {
            check(random, shape, zeros);
        }
    }

    #[test]
    fn zeros_are_positive() {
        let mut at = Occupied::new(1, 2);
        at.look(&[0.0f32, -0.0]);
        assert_eq!(at.share(), 0.0);
        let mut c = [1.0f32];
        at.multiply(&[0.0, -0.0], &[5.0, -5.0], &[-0.0], &mut c);
        assert_eq!(c[0].to_bits(), 0);
        at.look(&[f32::NAN, 1e-45]);
        assert_eq!((at.share(), at.bits[0]), (1.0, 3));
    }
}
