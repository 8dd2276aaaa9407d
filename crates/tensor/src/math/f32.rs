//! Elementary functions of `f32`, free of branches so that loops over them vectorise.
//!
//! Polynomials: Chebyshev interpolation in `f64`, coefficients rounded to `f32`, of a degree that leaves less than a tenth of a
//! unit in the last place. The reductions are the usual ones (Muller, *Elementary Functions*, chapter 11; FreeBSD's msun for ln).

use super::f64 as wide;

/// 1.5 · 2²³: adding it to |x| < 2²² rounds x to an integer, held in the low bits.
const ROUND: f32 = 12_582_912.0;
/// 1/ln 2.
const LOG2_E: f32 = std::f32::consts::LOG2_E;
/// ln 2 in two parts; the first, 0.693359375, has 9 bits, so that its products with |n| < 2¹⁵ are exact.
const LN_2_HI: f32 = 0.693_359_4;
const LN_2_LO: f32 = -2.121_944_4e-4;

/// a₀ + x·(a₁ + x·(a₂ + …)).
#[inline(always)]
fn horner<const N: usize>(x: f32, a: [f32; N]) -> f32 {
    let mut sum = a[N - 1];
    for i in (0..N - 1).rev() {
        sum = sum * x + a[i];
    }
    sum
}

/// 2ⁿ for −126 ≤ n ≤ 127.
#[inline(always)]
fn two_to(n: i32) -> f32 {
    f32::from_bits((n.wrapping_add(127) as u32) << 23)
}

/// x = n·ln 2 + r with |r| ≤ ½ ln 2; gives (n, eʳ − 1).
#[inline(always)]
fn reduced_expm1(x: f32) -> (i32, f32) {
    let shifted = x * LOG2_E + ROUND;
    let n = shifted - ROUND;
    let r = x - n * LN_2_HI - n * LN_2_LO;
    // (eʳ − 1 − r)/r².
    let p = horner(r, [0.5, 0.166_666_67, 4.166_646_3e-2, 8.333_31e-3, 1.393_373_1e-3, 1.989_108e-4]);
    ((shifted.to_bits() as i32).wrapping_sub(ROUND.to_bits() as i32), r + r * r * p)
}

/// eˣ; 0 below −104, +∞ above 88.7228.
#[inline(always)]
pub fn exp(x: f32) -> f32 {
    // Comparisons that leave NaN alone.
    let x = if x > 89.0 { 89.0 } else { x };
    let x = if x < -104.0 { -104.0 } else { x };
    let (n, q) = reduced_expm1(x);
    // 2ⁿ in two factors, since −150 ≤ n ≤ 128; the second may round to a subnormal.
    let half = n >> 1;
    (1.0 + q) * two_to(half) * two_to(n.wrapping_sub(half))
}

/// Hyperbolic tangent: x + x³·P(x²) up to 0.625, beyond it 1 − 2/(e^(2|x|) + 1).
#[inline(always)]
pub fn tanh(x: f32) -> f32 {
    const P: [f32; 6] = [-0.333_333_34, 0.133_333_04, -5.395_925_8e-2, 2.176_892e-2, -8.343_945e-3, 2.292_744_8e-3];
    let a = x.abs();
    let z = a * a;
    let near = a + a * (z * horner(z, P));
    // From 9.02 on the result is 1.
    let clamped = if a > 10.0 { 10.0 } else { a };
    let (n, q) = reduced_expm1(clamped + clamped);
    let scale = two_to(n);
    let far = 1.0 - 2.0 / (scale + scale * q + 1.0);
    (if a < 0.625 { near } else { far }).copysign(x)
}

/// 1/(1 + e⁻ˣ); on the negative side e^x/(1 + eˣ), which keeps small results accurate.
#[inline(always)]
pub fn sigmoid(x: f32) -> f32 {
    let e = exp(-x.abs());
    let numerator = if x < 0.0 { e } else { 1.0 };
    numerator / (1.0 + e)
}

/// ln(1 + f) + k·ln 2 for √½ ≤ 1 + f < √2.
///
/// With s = f/(2 + f), ln(1 + f) = ln((1 + s)/(1 − s)) = 2s + s·R(s²), and 2s = f − s·f.
#[inline(always)]
fn reduced_ln(f: f32, k: f32) -> f32 {
    let s = f / (2.0 + f);
    let z = s * s;
    let r = z * horner(z, [0.666_666_7, 0.400_001_23, 0.285_507_32, 0.233_329_13]);
    let half = 0.5 * f * f;
    k * LN_2_HI - ((half - (s * (half + r) + k * LN_2_LO)) - f)
}

/// ln x; NaN below 0, −∞ at ±0.
#[inline(always)]
pub fn ln(x: f32) -> f32 {
    let subnormal = x < f32::MIN_POSITIVE;
    let bits = (if subnormal { x * (1 << 25) as f32 } else { x }).to_bits();
    // x = 2ᵏ·m with √½ ≤ m < √2: count exponents from √½.
    const ROOT_HALF: u32 = 0x3f35_04f3;
    let above = bits.wrapping_sub(ROOT_HALF);
    let k = (above as i32 >> 23) as f32 - if subnormal { 25.0 } else { 0.0 };
    let m = f32::from_bits((above & 0x007f_ffff).wrapping_add(ROOT_HALF));
    let ln = reduced_ln(m - 1.0, k);
    let ln = if x == f32::INFINITY { f32::INFINITY } else { ln };
    let ln = if x == 0.0 { f32::NEG_INFINITY } else { ln };
    if (x < 0.0) | x.is_nan() { f32::NAN } else { ln }
}

/// ln(1 + eˣ) = max(x, 0) + ln(1 + e^(−|x|)).
#[inline(always)]
pub fn softplus(x: f32) -> f32 {
    let e = exp(-x.abs());
    // 1 + e = 2ᵏ·(1 + f) with k = 0 or 1; e − 1 is exact for e ≥ ½.
    let upper = e > 0.414_213_57;
    let f = if upper { 0.5 * (e - 1.0) } else { e };
    let ln = reduced_ln(f, if upper { 1.0 } else { 0.0 });
    let positive = if x < 0.0 { 0.0 } else { x };
    positive + ln
}

/// 2/√π ∫₀ˣ e^(−t²) dt: x·P(x²) up to 0.875, beyond it 1 − e^Q(|x|) with Q = ln(1 − erf).
#[inline(always)]
pub fn erf(x: f32) -> f32 {
    const P: [f32; 7] =
        [0.128_379_17, -0.376_126_35, 0.112_837_35, -2.686_170_7e-2, 5.207_049e-3, -8.214_570_7e-4, 8.690_369e-5];
    const Q: [f32; 10] = [
        3.182_814_4e-4,
        -1.130_253,
        -0.631_734_13,
        -0.110_238_99,
        2.656_814e-2,
        -4.840_867e-3,
        6.245_292e-4,
        -5.178_449_3e-5,
        2.294_289_3e-6,
        -3.216_69e-8,
    ];
    let near = x + x * horner(x * x, P);
    let a = x.abs();
    // From 3.93 on the result is 1.
    let a = if a > 4.0 { 4.0 } else { a };
    let far = (1.0 - exp(horner(a, Q))).copysign(x);
    if x.abs() < 0.875 { near } else { far }
}

/// Sine of an angle in radians, reduced exactly at any size (`libm`, in `f64` inside).
#[inline(always)]
pub fn sin(x: f32) -> f32 {
    libm::sinf(x)
}

/// Cosine of an angle in radians, reduced exactly at any size (`libm`, in `f64` inside).
#[inline(always)]
pub fn cos(x: f32) -> f32 {
    libm::cosf(x)
}

/// xʸ, computed in `f64`.
#[inline(always)]
pub fn powf(x: f32, y: f32) -> f32 {
    wide::powf(x as f64, y as f64) as f32
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
