//! Fused multiply-add of `f32` in software: one rounding, on every processor.

/// a·b + c with one rounding: the same bits as `f32::mul_add`, fast without hardware help.
#[inline(always)]
pub fn fma(a: f32, b: f32, c: f32) -> f32 {
    fma_lanes([a], [b], [c])[0]
}

/// [`fma`] of each lane.
///
/// The product of two `f32` is exact in `f64`. Its sum with c is rounded to 53 bits and then to 24, which gives what one rounding
/// gives unless the first one lands on a midpoint between two `f32`. Such a sum has the highest of the 29 bits that are dropped
/// set and the others clear; for a subnormal result the midpoints lie elsewhere. Both are rare, so they are looked for in all
/// lanes at once and then put right. (A result of 0 is right: |c| ≥ 2⁻¹⁴⁹ or c = 0, so a sum below 2⁻¹⁴⁹ is exact, by Sterbenz's
/// lemma.)
#[inline(always)]
pub fn fma_lanes<const N: usize>(a: [f32; N], b: [f32; N], c: [f32; N]) -> [f32; N] {
    if cfg!(any(target_arch = "aarch64", target_feature = "fma")) {
        return std::array::from_fn(|i| a[i].mul_add(b[i], c[i]));
    }
    const DROPPED: u32 = (1 << 29) - 1;
    const MIDPOINT: u32 = 1 << 28;
    let sum: [f64; N] = std::array::from_fn(|i| a[i] as f64 * b[i] as f64 + c[i] as f64);
    let rounded: [f32; N] = std::array::from_fn(|i| sum[i] as f32);
    // Masks rather than booleans, which LLVM would pack into bytes.
    let doubts: [u32; N] = std::array::from_fn(|i| {
        let magnitude = (rounded[i].to_bits() & 0x7fff_ffff) as i32;
        let subnormal = mask(magnitude > 0) & mask(magnitude < 0x0080_0000);
        mask(sum[i].to_bits() as u32 & DROPPED == MIDPOINT) | subnormal
    });
    if doubts.iter().fold(0, |all, d| all | d) != 0 { careful(a, b, c) } else { rounded }
}

/// All bits set where `test` holds.
#[inline(always)]
fn mask(test: bool) -> u32 {
    if test { u32::MAX } else { 0 }
}

/// The same, always right.
#[cold]
#[inline(never)]
fn careful<const N: usize>(a: [f32; N], b: [f32; N], c: [f32; N]) -> [f32; N] {
    std::array::from_fn(|i| to_odd(a[i] as f64 * b[i] as f64, c[i] as f64) as f32)
}

/// p + c rounded to odd: of the two neighbours of an inexact sum, the one whose last bit is set. Rounding that to at most
/// 51 bits gives what rounding the exact sum gives (Boldo and Melquiond, *Emulation of FMA and correctly rounded sums: proved
/// algorithms using rounding to odd*, 2008).
fn to_odd(p: f64, c: f64) -> f64 {
    let sum = p + c;
    // Knuth's TwoSum: sum + error = p + c exactly; NaN where the sum is infinite, which is then left alone.
    let back = sum - p;
    let error = (p - (sum - back)) + (c - back);
    let bits = sum.to_bits();
    if bits & 1 == 1 || error == 0.0 || error.is_nan() {
        sum
    } else if (error > 0.0) == (sum > 0.0) {
        f64::from_bits(bits + 1)
    } else {
        f64::from_bits(bits - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Purpose, Streams};

    /// std's `mul_add` is correctly rounded on every platform.
    fn check(a: f32, b: f32, c: f32) {
        let (ours, std) = (fma(a, b, c), a.mul_add(b, c));
        assert!(
            ours.to_bits() == std.to_bits() || (ours.is_nan() && std.is_nan()),
            "fma({a:e}, {b:e}, {c:e}) = {ours:e}, not {std:e}"
        );
    }

    #[test]
    fn agrees_with_std_on_random_bits() {
        let mut random = Streams::new(5).stream("fma test", Purpose::Sample);
        let mut bits = || f32::from_bits(random.next_u32());
        for _ in 0..1_000_000 {
            check(bits(), bits(), bits());
        }
    }

    #[test]
    fn agrees_with_std_where_rounding_is_delicate() {
        let mut random = Streams::new(5).stream("fma test, delicate", Purpose::Sample);
        for _ in 0..1_000_000 {
            // Short mantissas and an exponent of c near the product's or far below: midpoints, cancellation, subnormals.
            let mut short = |exponents: usize, low: i32| {
                let mantissa = random.next_u32() & random.next_u32() & random.next_u32() & 0x007f_ffff;
                let exponent = (low + random.below(exponents) as i32).clamp(0, 254) as u32;
                f32::from_bits(random.next_u32() & 0x8000_0000 | exponent << 23 | mantissa)
            };
            let (a, b) = (short(250, 1), short(250, 1));
            let exponent = ((a * b).to_bits() >> 23 & 0xff) as i32;
            check(a, b, short(60, exponent - 55));
            // A product that is exactly a midpoint, and a tiny push in either direction.
            let (a, b) = (
                1.0 + crate::math::f32::powi(2.0, -12),
                1.0 - crate::math::f32::powi(2.0, -12) + (exponent as f32) * f32::EPSILON,
            );
            check(a, b, short(80, 1));
            check(a * crate::math::f32::powi(2.0, -70), b * crate::math::f32::powi(2.0, -70), short(20, 0));
        }
    }

    #[test]
    fn special_values() {
        let special = [0.0, 1.0, f32::INFINITY, f32::NAN, f32::MAX, f32::MIN_POSITIVE, 1e-45, 3.5];
        let signed: Vec<f32> = special.iter().flat_map(|&v| [v, -v]).collect();
        for &a in &signed {
            for &b in &signed {
                for &c in &signed {
                    check(a, b, c);
                }
            }
        }
    }
}
