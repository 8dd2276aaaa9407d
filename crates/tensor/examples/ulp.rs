//! The largest error of each `f32` function over all 2³² arguments, in units in the last place, against `libm`'s `f64` functions.
//!
//! `cargo run --release -p tensor --example ulp [-- STRIDE]`

use tensor::math::{f32 as ours, f64 as wide};

type Case = (&'static str, fn(f32) -> f32, fn(f64) -> f64);

const CASES: &[Case] = &[
    ("exp", ours::exp, wide::exp),
    ("ln", ours::ln, wide::ln),
    ("tanh", ours::tanh, wide::tanh),
    ("sigmoid", ours::sigmoid, wide::sigmoid),
    ("softplus", ours::softplus, wide::softplus),
    ("erf", ours::erf, wide::erf),
    ("sin", ours::sin, wide::sin),
    ("cos", ours::cos, wide::cos),
];

/// Error of `value` in units of the last place of the `f32` nearest to `exact`; infinite for a wrong NaN or infinity.
fn ulps(value: f32, exact: f64) -> f64 {
    let nearest = exact as f32;
    if value.is_finite() && nearest.is_finite() {
        return (value as f64 - exact).abs() / unit(nearest);
    }
    if value == nearest || (value.is_nan() && nearest.is_nan()) { 0.0 } else { f64::INFINITY }
}

/// The distance between neighbours at `x`.
fn unit(x: f32) -> f64 {
    let exponent = (x.to_bits() >> 23 & 0xff).max(1);
    f64::from_bits(((exponent as u64) + 1023 - 127 - 23) << 52)
}

fn main() {
    let stride = std::env::args().nth(1).and_then(|s| s.parse().ok()).unwrap_or(1);
    println!("| function | largest error (ulp) | at |\n|---|---|---|");
    for &(name, f, exact) in CASES {
        let (mut worst, mut at) = (0.0, 0.0);
        for bits in (0..=u32::MAX).step_by(stride) {
            let x = f32::from_bits(bits);
            let error = ulps(f(x), exact(x as f64));
            if error > worst {
                (worst, at) = (error, x);
            }
        }
        println!("| {name} | {worst:.3} | {at:e} |");
    }
}
