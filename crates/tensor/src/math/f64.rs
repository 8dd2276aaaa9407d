//! Elementary functions of `f64`, from `libm` (a port of musl's, pure Rust).
//!
//! `libm` uses processor instructions only for operations that are correctly rounded everywhere (square root, fused
//! multiply-add, rounding to integers), so that its results depend on no platform.

pub use libm::{
    acos, asin, atan, atan2, cbrt, cos, cosh, erf, exp, expm1, fma, hypot, log as ln, log1p as ln_1p, log2, log10,
};
pub use libm::{pow as powf, sin, sinh, sqrt, tan, tanh};

/// xⁿ by repeated squaring, lowest bit of |n| first; the reciprocal of the power for n < 0.
#[inline(always)]
pub fn powi(x: f64, n: i32) -> f64 {
    let (mut power, mut square, mut left) = (1.0, x, n.unsigned_abs());
    while left > 0 {
        if left & 1 == 1 {
            power *= square;
        }
        square *= square;
        left >>= 1;
    }
    if n < 0 { 1.0 / power } else { power }
}

/// 1/(1 + e⁻ˣ), accurate on both sides.
#[inline(always)]
pub fn sigmoid(x: f64) -> f64 {
    let e = exp(-x.abs());
    if x < 0.0 { e / (1.0 + e) } else { 1.0 / (1.0 + e) }
}

/// ln(1 + eˣ) = max(x, 0) + ln(1 + e^(−|x|)).
#[inline(always)]
pub fn softplus(x: f64) -> f64 {
    let positive = if x < 0.0 { 0.0 } else { x };
    positive + ln_1p(exp(-x.abs()))
}
