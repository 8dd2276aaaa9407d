//! Products with a matrix that is mostly zeros, such as a batch of pictures: only its other elements are visited.
//!
//! c = row + a·b and c = aᵀ·b as [`matmul`](super::matmul()) computes them: each element is one chain of fused multiply-adds in
//! the same order, but without the terms in which a is zero. As long as b is finite such a term is ±0, and adding it changes no
//! number; only a zero could get the other sign. So every zero of c is made +0 in the end: a dense product that has been through
//! [`positive_zeros`] has the same bits.
//!
//! The elements that are not zero are found once ([`Occupied::look`]), a bit each. Two rows of a are walked at a time, along the
//! columns where either has something: the two share what is loaded of b, and each hides the other's latency. So do neighbouring
//! columns of a in the transposed product, along the rows where one of them has something.

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

    /// Which of 64 rows are occupied in each of the columns of a word: the bits of a square, turned.
    #[inline(always)]
    fn down(&self, block: usize, word: usize) -> [u64; WORD] {
        let mut square = [0; WORD];
        for (i, row) in (block * WORD..self.rows.min((block + 1) * WORD)).enumerate() {
            square[i] = self.bits[row * self.words + word];
        }
        turn(&mut square);
        square
    }

    /// The word `word` of the rows from `row` on: of each, and of all together.
    #[inline(always)]
    fn word<const R: usize>(&self, row: usize, word: usize) -> u64 {
        (0..R).fold(0, |all, i| all | self.bits[(row + i) * self.words + word])
    }
}

/// Makes rows of bits columns: swaps the corners of the square, then the corners of each corner, down to single bits (Warren,
/// *Hacker's Delight*, 7–3).
#[inline(always)]
fn turn(square: &mut [u64; WORD]) {
    let (mut size, mut low) = (WORD / 2, u64::MAX >> (WORD / 2));
    while size > 0 {
        for pair in square.chunks_exact_mut(2 * size) {
            let (above, below) = pair.split_at_mut(size);
            for (above, below) in above.iter_mut().zip(below) {
                let swapped = (*above >> size ^ *below) & low;
                *above ^= swapped << size;
                *below ^= swapped;
            }
        }
        size /= 2;
        low ^= low << size;
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
            // The part of b that belongs to one word stays in the first-level cache while all rows of a go by.
            for word in 0..self.at.words.max(1) {
                let mut i = self.rows.start;
                while i + 2 <= self.rows.end {
                    unsafe { self.rows::<S, 2, V, RAGGED>(word, i, j, tail) };
                    i += 2;
                }
                while i < self.rows.end {
                    unsafe { self.rows::<S, 1, V, RAGGED>(word, i, j, tail) };
                    i += 1;
                }
            }
        });
    }
}

impl<F: Float> Multiply<'_, F> {
    /// What a word of the columns adds to R rows from `i`, one panel from column `j`.
    #[inline(always)]
    unsafe fn rows<S: Simd<E = F>, const R: usize, const V: usize, const RAGGED: bool>(
        &self,
        word: usize,
        i: usize,
        j: usize,
        tail: usize,
    ) {
        unsafe {
            let (n, columns) = (self.n, self.at.columns);
            let a = self.a.as_ptr().wrapping_add(i * columns + word * WORD);
            let b = self.b.as_ptr().wrapping_add(word * WORD * n + j);
            let c = self.c.add((i - self.rows.start) * n + j);
            let mut acc: [[S::V; V]; R] = std::array::from_fn(
                #[inline(always)]
                |r| {
                    let begun = if word == 0 { self.row.as_ptr().add(j) } else { c.add(r * n).cast_const() };
                    load::<S, V, RAGGED>(begun, tail)
                },
            );
            let mut bits = if self.at.words == 0 { 0 } else { self.at.word::<R>(i, word) };
            while bits != 0 {
                let k = bits.trailing_zeros() as usize;
                bits &= bits - 1;
                let b = load::<S, V, RAGGED>(b.wrapping_add(k * n), tail);
                for r in 0..R {
                    let a = S::splat(*a.wrapping_add(r * columns + k));
                    for v in 0..V {
                        acc[r][v] = S::fma(a, b[v], acc[r][v]);
                    }
                }
            }
            for r in 0..R {
                let sum = if word + 1 >= self.at.words { positive::<S, V>(acc[r]) } else { acc[r] };
                store::<S, V, RAGGED>(c.add(r * n), sum, tail);
            }
        }
    }
}

/// Every −0 as +0.
#[inline(always)]
unsafe fn positive<S: Simd, const V: usize>(sums: [S::V; V]) -> [S::V; V] {
    sums.map(
        #[inline(always)]
        |sum| unsafe { S::fma(S::splat(S::E::ONE), sum, S::splat(S::E::ZERO)) },
    )
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
            // Of a matrix without rows there is one block as well: it makes c zero.
            for block in 0..self.at.rows.div_ceil(WORD).max(1) {
                let rows = self.at.down(block, word);
                panels!(S, self.n, |V, RAGGED, j, tail| {
                    let mut k = first;
                    while k + together(V) <= end {
                        unsafe { self.columns::<S, { together(V) }, V, RAGGED>(&rows, block, k, j, tail) };
                        k += together(V);
                    }
                    while k < end {
                        unsafe { self.columns::<S, 1, V, RAGGED>(&rows, block, k, j, tail) };
                        k += 1;
                    }
                });
            }
        }
    }
}

/// How many columns of a are taken together where c has so many vectors: enough chains to hide the latency, few enough to stay in
/// registers. Neighbours are mostly occupied in the same rows.
const fn together(vectors: usize) -> usize {
    match vectors {
        1 => 4,
        2 => 3,
        _ => 2,
    }
}

impl<F: Float> MultiplyTransposed<'_, F> {
    /// What a block of a's rows adds to the rows of c for C columns of a from `k`, one panel from column `j`; `down` tells where
    /// the columns of that word are occupied.
    #[inline(always)]
    unsafe fn columns<S: Simd<E = F>, const C: usize, const V: usize, const RAGGED: bool>(
        &self,
        down: &[u64; WORD],
        block: usize,
        k: usize,
        j: usize,
        tail: usize,
    ) {
        unsafe {
            let (n, columns) = (self.n, self.at.columns);
            let a = self.a.as_ptr().wrapping_add(block * WORD * columns + k);
            let b = self.b.as_ptr().wrapping_add(block * WORD * n + j);
            let c = self.c.add((k - self.columns.start) * n + j);
            let mut acc = [[S::splat(F::ZERO); V]; C];
            if block > 0 {
                for l in 0..C {
                    acc[l] = load::<S, V, RAGGED>(c.add(l * n), tail);
                }
            }
            let mut bits = (0..C).fold(0, |all, l| all | down[k % WORD + l]);
            while bits != 0 {
                let i = bits.trailing_zeros() as usize;
                bits &= bits - 1;
                let b = load::<S, V, RAGGED>(b.wrapping_add(i * n), tail);
                for l in 0..C {
                    let a = S::splat(*a.wrapping_add(i * columns + l));
                    for v in 0..V {
                        acc[l][v] = S::fma(a, b[v], acc[l][v]);
                    }
                }
            }
            for l in 0..C {
                let sum = if (block + 1) * WORD >= self.at.rows { positive::<S, V>(acc[l]) } else { acc[l] };
                store::<S, V, RAGGED>(c.add(l * n), sum, tail);
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
