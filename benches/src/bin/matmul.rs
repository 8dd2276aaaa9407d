//! Speed of the matrix product: GFLOP/s (two per fused multiply-add) for the shapes that matter, and for small ones the time of a
//! call.
//!
//! `cargo run --release -p benches --bin matmul [-- FILTER]`

use std::hint::black_box;

use benches::seconds;
use tensor::ndarray::{ArrayView2, ArrayViewMut2, ShapeBuilder, linalg::general_mat_mul};
use tensor::{Init, Path, Product, Purpose, Streams, matmul, threads};

/// m, k, n, a transposed, b transposed, what it is.
type Case = (usize, usize, usize, bool, bool, &'static str);

const CASES: &[Case] = &[
    (1000, 2, 64, false, false, "spiral 1 forward"),
    (1000, 64, 32, false, false, "spiral 2 forward"),
    (1000, 32, 3, false, false, "spiral 3 forward"),
    (2, 1000, 64, true, false, "spiral 1 dW"),
    (64, 1000, 32, true, false, "spiral 2 dW"),
    (32, 1000, 3, true, false, "spiral 3 dW"),
    (1000, 3, 32, false, true, "spiral 3 dX"),
    (1000, 32, 64, false, true, "spiral 2 dX"),
    (4, 2, 3, false, false, "xor 1 forward"),
    (4, 3, 1, false, false, "xor 2 forward"),
    (2, 4, 3, true, false, "xor 1 dW"),
    (3, 4, 1, true, false, "xor 2 dW"),
    (4, 1, 3, false, true, "xor 2 dX"),
    (200, 1, 15, false, false, "basis 1 forward"),
    (200, 15, 1, false, false, "basis 2 forward"),
    (1, 200, 15, true, false, "basis 1 dW"),
    (15, 200, 1, true, false, "basis 2 dW"),
    (200, 1, 15, false, true, "basis 2 dX"),
    (64, 784, 32, false, false, "mnist 32 forward"),
    (784, 64, 32, true, false, "mnist 32 dW"),
    (64, 32, 16, false, false, "mnist 16 forward"),
    (64, 16, 10, false, false, "mnist 10 forward"),
    (64, 784, 128, false, false, "mnist 128 forward"),
    (784, 64, 128, true, false, "mnist 128 dW"),
    (64, 128, 64, false, false, "mnist 64 forward"),
    (64, 64, 128, false, true, "mnist 64 dX"),
    (512, 512, 512, false, false, "512"),
    (512, 512, 512, true, false, "512 at"),
    (512, 512, 512, false, true, "512 bt"),
    (1024, 1024, 1024, false, false, "1024"),
];

fn main() {
    let filter = std::env::args().nth(1).unwrap_or_default();
    println!("path {}; GFLOP/s (µs)", Path::active());
    println!("{:<20}{:>16} {:>18}{:>18}{:>18}", "", "m·k·n", "1 thread", "2 threads", "matrixmultiply");
    for &(m, k, n, a_transposed, b_transposed, name) in CASES.iter().filter(|c| c.5.contains(&filter)) {
        let mut random = Streams::new(1).stream(name, Purpose::Sample);
        let mut normals = |n: usize| -> Vec<f32> { (0..n).map(|_| random.normal() as f32).collect() };
        let (a, b) = (normals(m * k), normals(k * n));
        let mut c = vec![0.0f32; m * n];
        let p = Product { m, k, n, a_transposed, b_transposed };
        let mut line = format!("{name:<20}{:>16} ", format!("{m}·{k}·{n}"));
        let mut report = |s: f64| line += &format!("{:>9.1} ({:>8.3})", 2e-9 * (m * k * n) as f64 / s, 1e6 * s);
        for count in [1, 2] {
            threads::set(count);
            report(seconds(|| matmul(p, black_box(&a), black_box(&b), black_box(&mut c), Init::Zero)));
        }
        // ndarray's product is matrixmultiply's.
        let shape = |rows: usize, columns: usize, transposed| (rows, columns).set_f(transposed);
        let a = ArrayView2::from_shape(shape(m, k, a_transposed), &a).expect("m × k");
        let b = ArrayView2::from_shape(shape(k, n, b_transposed), &b).expect("k × n");
        let mut c = ArrayViewMut2::from_shape((m, n), &mut c).expect("m × n");
        report(seconds(|| general_mat_mul(1.0, black_box(&a), black_box(&b), 0.0, black_box(&mut c))));
        println!("{line}");
    }
}
