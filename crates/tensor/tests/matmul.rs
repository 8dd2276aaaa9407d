//! Every kernel path gives, bit for bit, the chain of fused multiply-adds that the crate promises: random shapes, ragged edges, 0
//! and 1 in every dimension, all transposes and starts, one to three threads. And the chain is close to the exact product.

use crate::process::everywhere;
use tensor::{Float, Init, Product, Purpose, Stream, Streams, matmul};

/// The definition, by std's `mul_add` (correctly rounded on every platform).
trait Chain: Float {
    fn mul_add(self, b: Self, c: Self) -> Self;
    fn bits(self) -> u64;
}
impl Chain for f32 {
    fn mul_add(self, b: f32, c: f32) -> f32 {
        f32::mul_add(self, b, c)
    }
    fn bits(self) -> u64 {
        self.to_bits().into()
    }
}
impl Chain for f64 {
    fn mul_add(self, b: f64, c: f64) -> f64 {
        f64::mul_add(self, b, c)
    }
    fn bits(self) -> u64 {
        self.to_bits()
    }
}

fn stream() -> Stream {
    Streams::new(1).stream("matmul test", Purpose::Sample)
}

/// Values of very different sizes, some of them zero.
fn values<F: Float>(random: &mut Stream, n: usize) -> Vec<F> {
    let value = |r: &mut Stream| match r.below(16) {
        0 => 0.0,
        1 => r.normal() * 1e-20,
        2 => r.normal() * 1e10,
        _ => r.normal(),
    };
    (0..n).map(|_| F::from_f64(value(random))).collect()
}

fn at(transposed: bool, rows: usize, columns: usize, i: usize, j: usize) -> usize {
    if transposed { j * rows + i } else { i * columns + j }
}

fn check<F: Chain>(random: &mut Stream, p: Product, init: usize) {
    let Product { m, k, n, a_transposed, b_transposed } = p;
    let (a, b): (Vec<F>, Vec<F>) = (values(random, m * k), values(random, k * n));
    let (row, old): (Vec<F>, Vec<F>) = (values(random, n), values(random, m * n));
    let init = [Init::Zero, Init::Row(&row), Init::Accumulate][init];
    let mut expected = old.clone();
    for i in 0..m {
        for j in 0..n {
            let start = match init {
                Init::Zero => F::ZERO,
                Init::Row(row) => row[j],
                Init::Accumulate => old[i * n + j],
            };
            let term = |acc: F, l| a[at(a_transposed, m, k, i, l)].mul_add(b[at(b_transposed, k, n, l, j)], acc);
            expected[i * n + j] = (0..k).fold(start, term);
        }
    }
    everywhere(|path, count| {
        let mut c = old.clone();
        matmul(p, &a, &b, &mut c, init);
        for (i, (c, e)) in c.iter().zip(&expected).enumerate() {
            assert_eq!(c.bits(), e.bits(), "{p:?} {init:?} {path} {count} threads, element {i}: {c} for {e}");
        }
    });
}

fn both(random: &mut Stream, m: usize, k: usize, n: usize) {
    for case in 0..12 {
        let p = Product { m, k, n, a_transposed: case & 1 > 0, b_transposed: case & 2 > 0 };
        check::<f32>(random, p, case / 4);
        check::<f64>(random, p, case / 4);
    }
}

#[test]
fn nothing_one_and_around_the_block_sizes() {
    let random = &mut stream();
    for m in [0, 1, 2, 13] {
        for n in [0, 1, 3, 4, 5, 17, 33] {
            for k in [0, 1, 2, 9] {
                both(random, m, k, n);
            }
        }
    }
}

#[test]
fn random_shapes() {
    let random = &mut stream();
    for _ in 0..30 {
        let (m, k, n) = (random.below(70), random.below(70), random.below(70));
        both(random, m, k, n);
    }
}

#[test]
fn shapes_that_pack_block_and_split() {
    let random = &mut stream();
    for (m, k, n) in
        [(200, 15, 1), (15, 200, 1), (1, 200, 15), (3, 700, 64), (64, 600, 32), (100, 270, 290), (250, 300, 40)]
    {
        both(random, m, k, n);
    }
}

#[test]
fn close_to_the_exact_product() {
    // |error| ≤ γₖ Σ|aᵢ||bᵢ| with γₖ = ku/(1 − ku) (Higham, Accuracy and Stability of Numerical Algorithms, section 3.1).
    let random = &mut stream();
    let (m, k, n) = (17, 333, 29);
    let (a, b): (Vec<f32>, Vec<f32>) = (values(random, m * k), values(random, k * n));
    let mut c = vec![0.0; m * n];
    matmul(Product::new(m, k, n), &a, &b, &mut c, Init::Zero);
    for i in 0..m {
        for j in 0..n {
            let terms = || (0..k).map(|l| a[i * k + l] as f64 * b[l * n + j] as f64);
            let bound = k as f64 * f32::EPSILON as f64 / 2.0 * 1.001 * terms().map(f64::abs).sum::<f64>();
            assert!((c[i * n + j] as f64 - terms().sum::<f64>()).abs() <= bound);
        }
    }
}
