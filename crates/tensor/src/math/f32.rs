//! Elementary functions of `f32`.

use super::f64 as wide;

/// eˣ.
#[inline(always)]
pub fn exp(x: f32) -> f32 {
    wide::exp(x as f64) as f32
}
/// ln x.
#[inline(always)]
pub fn ln(x: f32) -> f32 {
    wide::ln(x as f64) as f32
}
/// Hyperbolic tangent.
#[inline(always)]
pub fn tanh(x: f32) -> f32 {
    wide::tanh(x as f64) as f32
}
/// Sine.
#[inline(always)]
pub fn sin(x: f32) -> f32 {
    wide::sin(x as f64) as f32
}
/// Cosine.
#[inline(always)]
pub fn cos(x: f32) -> f32 {
    wide::cos(x as f64) as f32
}
/// xʸ.
#[inline(always)]
pub fn powf(x: f32, y: f32) -> f32 {
    wide::powf(x as f64, y as f64) as f32
}
/// The error function.
#[inline(always)]
pub fn erf(x: f32) -> f32 {
    wide::erf(x as f64) as f32
}
/// 1/(1 + e⁻ˣ).
#[inline(always)]
pub fn sigmoid(x: f32) -> f32 {
    wide::sigmoid(x as f64) as f32
}
/// ln(1 + eˣ).
#[inline(always)]
pub fn softplus(x: f32) -> f32 {
    wide::softplus(x as f64) as f32
}
/// xⁿ by repeated squaring, lowest bit of |n| first; the reciprocal of the power for n < 0.
#[inline(always)]
pub fn powi(x: f32, n: i32) -> f32 {
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

/// a·b + c with one rounding, without hardware help: the same bits as `f32::mul_add`.
#[inline(always)]
pub fn fma(a: f32, b: f32, c: f32) -> f32 {
    libm::fmaf(a, b, c)
}
