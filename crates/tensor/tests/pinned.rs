//! Digests of everything this crate computes. They must come out the same on every processor, operating system, compiler version
//! and build profile; `qemu-x86_64 -cpu Nehalem` on this test's binary shows it for a processor without AVX and FMA.

use tensor::{Float, Init, Product, Purpose, Stream, Streams, matmul, reduce};

/// FNV-1a of the numbers' bits; all NaNs count alike, since their payloads differ between processors.
fn digest<F: Float>(values: &[F]) -> u64 {
    let canonical = |v: &F| if v.is_nan() { f64::NAN } else { v.to_f64() };
    let bytes = values.iter().flat_map(|v| canonical(v).to_bits().to_le_bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, b| (hash ^ u64::from(b)).wrapping_mul(0x0000_0100_0000_01b3))
}

fn random(stage: &str) -> Stream {
    Streams::new(11).stream(stage, Purpose::Sample)
}

fn normals<F: Float>(random: &mut Stream, n: usize) -> Vec<F> {
    (0..n).map(|_| F::from_f64(random.normal())).collect()
}

fn products<F: Float>() -> u64 {
    let random = &mut random("products");
    let mut all: Vec<F> = vec![];
    for (m, k, n) in [(1, 1, 1), (4, 2, 3), (33, 70, 17), (64, 100, 32), (5, 300, 1), (130, 40, 70)] {
        for case in 0..4 {
            let p = Product { m, k, n, a_transposed: case & 1 > 0, b_transposed: case & 2 > 0 };
            let (a, b, mut c) = (normals::<F>(random, m * k), normals::<F>(random, k * n), normals::<F>(random, m * n));
            matmul(p, &a, &b, &mut c, Init::Accumulate);
            all.append(&mut c);
        }
    }
    digest(&all)
}

fn sums<F: Float>() -> u64 {
    let random = &mut random("sums");
    let mut all: Vec<F> = vec![];
    for (outer, reduced, inner) in [(1, 1000, 1), (7, 3, 1), (1, 100, 64), (2, 33, 3)] {
        let x = normals::<F>(random, outer * reduced * inner);
        let mut y = vec![F::ZERO; outer * inner];
        reduce::sum_axis(&x, outer, reduced, inner, &mut y);
        all.append(&mut y);
        all.extend([reduce::sum(&x), reduce::dot(&x, &x), reduce::mean(&x)]);
    }
    digest(&all)
}

/// Every function at arguments of all sizes and signs.
fn functions<F: Float>(arguments: &[F]) -> u64 {
    let each = |&x: &F| {
        let y = x.abs().sqrt();
        [x.exp(), x.ln(), x.tanh(), x.sin(), x.cos(), x.sigmoid(), x.softplus(), x.erf(), y, x.powi(-3), y.powf(x)]
    };
    digest(&arguments.iter().flat_map(each).collect::<Vec<F>>())
}

#[test]
fn digests_are_those_of_every_machine() {
    let single: Vec<f32> = (0..=u32::MAX).step_by(1_000_003).map(f32::from_bits).collect();
    let double: Vec<f64> = (0..=u64::MAX).step_by(4_000_000_000_000_037).map(f64::from_bits).collect();
    let mut near_zero = random("arguments");
    let double: Vec<f64> = double.into_iter().chain(normals(&mut near_zero, 2000)).collect();
    let digests = [
        ("products, f32", products::<f32>(), 0x3a21_e321_d03a_50f6),
        ("products, f64", products::<f64>(), 0xbe16_4f40_33a3_49fe),
        ("sums, f32", sums::<f32>(), 0x6c64_e256_3b6f_4b51),
        ("sums, f64", sums::<f64>(), 0xd0c6_2e90_4166_a66c),
        ("functions, f32", functions(&single), 0x5a2e_8cc7_88e1_c92b),
        ("functions, f64", functions(&double), 0xc5c9_4d25_714b_a9df),
    ];
    for (what, digest, expected) in digests {
        assert!(digest == expected, "{what}: {digest:#x}");
    }
}
