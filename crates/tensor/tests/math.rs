//! The largest error of each `f32` function in units in the last place, against `libm`'s `f64` functions (whose own error is
//! below 1 ulp of `f64`), and the values that are known exactly.
//!
//! The common run visits every 4099th argument; `cargo test --release -p tensor math:: -- --ignored --no-capture` visits all 2³²
//! and prints the table in the documentation of `tensor::math`.

use tensor::math::{f32 as ours, f64 as wide};

struct Case {
    name: &'static str,
    f: fn(f32) -> f32,
    exact: fn(f64) -> f64,
    /// What the documentation promises.
    bound: f64,
}

const CASES: &[Case] = &[
    Case { name: "exp", f: ours::exp, exact: wide::exp, bound: 1.0 },
    Case { name: "ln", f: ours::ln, exact: wide::ln, bound: 0.9 },
    Case { name: "tanh", f: ours::tanh, exact: wide::tanh, bound: 1.4 },
    Case { name: "sigmoid", f: ours::sigmoid, exact: wide::sigmoid, bound: 2.5 },
    Case { name: "softplus", f: ours::softplus, exact: wide::softplus, bound: 1.8 },
    Case { name: "erf", f: ours::erf, exact: wide::erf, bound: 1.3 },
    Case { name: "sin", f: ours::sin, exact: wide::sin, bound: 0.51 },
    Case { name: "cos", f: ours::cos, exact: wide::cos, bound: 0.51 },
];

/// Error of `value` in units in the last place of the `f32` nearest to `exact`; infinite for a wrong NaN or infinity.
fn ulps(value: f32, exact: f64) -> f64 {
    let nearest = exact as f32;
    if value.is_finite() && nearest.is_finite() {
        return (value as f64 - exact).abs() / unit(nearest);
    }
    if value == nearest || (value.is_nan() && nearest.is_nan()) { 0.0 } else { f64::INFINITY }
}

/// The distance between neighbours at `x`.
fn unit(x: f32) -> f64 {
    let exponent = u64::from((x.to_bits() >> 23 & 0xff).max(1));
    f64::from_bits((exponent + 1023 - 127 - 23) << 52)
}

/// The largest error over every `stride`th argument, and where.
fn worst(case: &Case, stride: usize) -> (f64, f32) {
    let mut worst = (0.0, 0.0);
    for bits in (0..=u32::MAX).step_by(stride) {
        let x = f32::from_bits(bits);
        let error = ulps((case.f)(x), (case.exact)(x as f64));
        if error > worst.0 {
            worst = (error, x);
        }
    }
    worst
}

#[test]
fn errors_are_as_documented() {
    for case in CASES {
        let (error, at) = worst(case, 4099);
        assert!(error <= case.bound, "{} is {error} ulp off at {at:e}", case.name);
    }
}

#[test]
#[ignore = "visits all arguments: minutes"]
fn errors_over_all_arguments() {
    println!("| function | largest error (ulp) | at |\n|---|---|---|");
    for case in CASES {
        let (error, at) = worst(case, 1);
        println!("| {} | {error:.3} | {at:e} |", case.name);
        assert!(error <= case.bound);
    }
}

#[test]
fn exact_values() {
    let inf = f32::INFINITY;
    let same = |name: &str, value: f32, expected: f32| {
        let equal = value.to_bits() == expected.to_bits() || (value.is_nan() && expected.is_nan());
        assert!(equal, "{name}: {value:e}, not {expected:e}");
    };
    for (x, y) in [
        (0.0, 1.0),
        (-0.0, 1.0),
        (inf, inf),
        (-inf, 0.0),
        (89.0, inf),
        (-104.0, 0.0),
        (f32::NAN, f32::NAN),
        (1e-40, 1.0),
    ] {
        same("exp", ours::exp(x), y);
    }
    for (x, y) in
        [(1.0, 0.0), (0.0, -inf), (-0.0, -inf), (inf, inf), (-1.0, f32::NAN), (-inf, f32::NAN), (f32::NAN, f32::NAN)]
    {
        same("ln", ours::ln(x), y);
    }
    for (x, y) in [(0.0, 0.0), (inf, 1.0), (1e-40, 1e-40), (20.0, 1.0), (f32::NAN, f32::NAN)] {
        same("tanh", ours::tanh(x), y);
        same("tanh", ours::tanh(-x), -y);
    }
    for (x, y) in [(0.0, 0.0), (inf, 1.0), (5.0, 1.0), (f32::NAN, f32::NAN)] {
        same("erf", ours::erf(x), y);
        same("erf", ours::erf(-x), -y);
    }
    for (x, y) in [(0.0, 0.5), (inf, 1.0), (-inf, 0.0), (f32::NAN, f32::NAN)] {
        same("sigmoid", ours::sigmoid(x), y);
    }
    for (x, y) in [(0.0, std::f32::consts::LN_2), (inf, inf), (-inf, 0.0), (f32::NAN, f32::NAN), (100.0, 100.0)] {
        same("softplus", ours::softplus(x), y);
    }
    for (x, n, y) in
        [(2.0, 10, 1024.0), (2.0, -2, 0.25), (3.0, 0, 1.0), (0.0, 0, 1.0), (-1.5, 3, -3.375), (1.0, i32::MIN, 1.0)]
    {
        same("powi", ours::powi(x, n), y);
        assert_eq!(wide::powi(x.into(), n), f64::from(y));
    }
    for (x, y, z) in [(2.0, 0.5, std::f32::consts::SQRT_2), (9.0, 1.5, 27.0), (0.0, 0.0, 1.0), (-8.0, 3.0, -512.0)] {
        same("powf", ours::powf(x, y), z);
    }
}
