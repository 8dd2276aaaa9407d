//! Element-wise loops and the elementary functions give the same bits on every path and with any number of threads.

use crate::process::everywhere;
use tensor::{Float, Purpose, Streams, map, map_mut, update, zip, zip3};

const LENGTHS: &[usize] = &[0, 1, 2, 3, 12, 13, 15, 16, 17, 31, 33, 64, 100, 257, 1000, 50_000, 100_003];

/// Normals of many sizes, and the special values.
fn values(n: usize, stage: &str) -> Vec<f32> {
    let mut random = Streams::new(2).stream(stage, Purpose::Sample);
    let special = [
        0.0,
        -0.0,
        f32::INFINITY,
        f32::NEG_INFINITY,
        f32::NAN,
        f32::MIN_POSITIVE,
        1e-45,
        -1e-40,
        88.8,
        -104.5,
        f32::MAX,
    ];
    let mut value = |i: usize| match i % 8 {
        7 => special[i / 8 % special.len()],
        k => random.normal() as f32 * [1.0, 0.1, 10.0, 1e-10, 1e10, 3.0, 0.5][k],
    };
    (0..n).map(&mut value).collect()
}

/// Bits, all NaNs alike: their payload and sign are not specified.
fn bits(x: &[f32]) -> Vec<u32> {
    x.iter().map(|x| if x.is_nan() { f32::NAN } else { *x }.to_bits()).collect()
}

/// Runs `f` on every path with 1, 2 and 3 threads and compares with `expected`.
fn check(what: &str, expected: &[f32], mut f: impl FnMut() -> Vec<f32>) {
    let expected = bits(expected);
    everywhere(|path, count| {
        assert!(bits(&f()) == expected, "{what}: {path}, {count} threads, {} elements", expected.len());
    });
}

#[test]
fn loops_do_what_they_say() {
    for &n in LENGTHS {
        let (a, b, c) = (values(n, "a"), values(n, "b"), values(n, "c"));
        let expected: Vec<f32> = (0..n).map(|i| a[i] * b[i] + c[i]).collect();
        check("zip3", &expected, || {
            let mut y = vec![0.0; n];
            zip3(&a, &b, &c, &mut y, |a, b, c| a * b + c);
            y
        });
        let expected: Vec<f32> = (0..n).map(|i| a[i] / b[i]).collect();
        check("zip", &expected, || {
            let mut y = vec![0.0; n];
            zip(&a, &b, &mut y, |a, b| a / b);
            y
        });
        let expected: Vec<f32> = a.iter().map(|&a| if a > 0.0 { a } else { 0.0 }).collect();
        check("map_mut", &expected, || {
            let mut y = a.clone();
            map_mut(&mut y, |a| Float::max(a, 0.0));
            y
        });
        let step = |w: f32, [m, v]: [f32; 2], g: f32| (w - m / (v.abs().sqrt() + 1e-8), [0.9 * m + g, v + g * g]);
        let expected: Vec<f32> = (0..n).map(|i| step(a[i], [b[i], c[i]], b[i]).1[1]).collect();
        check("update", &expected, || {
            let (mut w, mut m, mut v) = (a.clone(), b.clone(), c.clone());
            update(&mut w, [&mut m, &mut v], &b, step);
            v
        });
    }
}

#[test]
fn functions_do_not_depend_on_the_path() {
    type Function = (&'static str, fn(f32) -> f32);
    let functions: [Function; 8] = [
        ("exp", Float::exp),
        ("ln", Float::ln),
        ("tanh", Float::tanh),
        ("sigmoid", Float::sigmoid),
        ("softplus", Float::softplus),
        ("erf", Float::erf),
        ("sin", Float::sin),
        ("sqrt", Float::sqrt),
    ];
    let x = values(3001, "functions");
    for (name, f) in functions {
        // One element at a time, through a pointer: never vectorised.
        let expected: Vec<f32> = x.iter().map(|&x| std::hint::black_box(f)(x)).collect();
        check(name, &expected, || {
            let mut y = vec![0.0; x.len()];
            match name {
                "exp" => map(&x, &mut y, Float::exp),
                "ln" => map(&x, &mut y, Float::ln),
                "tanh" => map(&x, &mut y, Float::tanh),
                "sigmoid" => map(&x, &mut y, Float::sigmoid),
                "softplus" => map(&x, &mut y, Float::softplus),
                "erf" => map(&x, &mut y, Float::erf),
                "sin" => map(&x, &mut y, Float::sin),
                _ => map(&x, &mut y, Float::sqrt),
            }
            y
        });
    }
}
