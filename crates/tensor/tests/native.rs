//! `Numerics::Native` agrees with the exact kernels to rounding. In a process of its own, since the switch is process-wide.

use crate::process::is_alone;
use tensor::{Init, Numerics, Product, Purpose, Streams, matmul, set_numerics};

#[test]
fn native_products_agree_to_rounding() {
    if !is_alone("native::native_products_agree_to_rounding") {
        return;
    }
    let mut random = Streams::new(1).stream("native test", Purpose::Sample);
    let (m, k, n) = (70, 50, 40);
    let mut values = |n: usize| -> Vec<f32> { (0..n).map(|_| random.normal() as f32).collect() };
    let (a, b, row) = (values(k * m), values(n * k), values(n));
    for init in [Init::Zero, Init::Row(&row), Init::Accumulate] {
        let p = Product { m, k, n, a_transposed: true, b_transposed: true };
        let (mut exact, mut native) = (vec![0.5; m * n], vec![0.5; m * n]);
        set_numerics(Numerics::Exact);
        matmul(p, &a, &b, &mut exact, init);
        set_numerics(Numerics::Native);
        matmul(p, &a, &b, &mut native, init);
        for (e, n) in exact.iter().zip(&native) {
            assert!((e - n).abs() < 1e-4, "{e} {n}");
        }
    }
}
