//! Fused multiply-add of `f32` in software: one rounding, on every processor.

/// a·b + c with one rounding: the same bits as `f32::mul_add`, fast without hardware help.
#[inline(always)]
pub fn fma(a: f32, b: f32, c: f32) -> f32 {
    fma_lanes([a], [b], [c])[0]
}

/// [`fma`] of each lane.
///
/// The product of two `f32` is exact in `f64`. Its sum with c is rounded to 53 bits and then to 24, and that is right unless
/// the first rounding lands on the midpoint between two `f32`, or the result is subnormal, where the midpoints lie elsewhere.
/// Both are rare, so they are looked for in all lanes at once and then put right.
#[inline(always)]
pub fn fma_lanes<const N: usize>(a: [f32; N], b: [f32; N], c: [f32; N]) -> [f32; N] {
    if cfg!(any(target_arch = "aarch64", target_feature = "fma")) {
        return std::array::from_fn(|i| a[i].mul_add(b[i], c[i]));
    }
    // 53 − 24 bits are dropped; a midpoint has the highest of them set and the others clear.
    const DROPPED: u64 = (1 << 29) - 1;
    const MIDPOINT: u64 = 1 << 28;
    let product: [f64; N] = std::array::from_fn(|i| a[i] as f64 * b[i] as f64);
    let sum: [f64; N] = std::array::from_fn(|i| product[i] + c[i] as f64);
    let mut doubtful = false;
    for i in 0..N {
        let tiny = (sum[i].abs() < f32::MIN_POSITIVE as f64) & (sum[i] != 0.0);
        doubtful |= (sum[i].to_bits() & DROPPED == MIDPOINT) | tiny;
    }
    if doubtful {
        return std::array::from_fn(|i| to_odd(product[i], c[i] as f64) as f32);
    }
    std::array::from_fn(|i| sum[i] as f32)
}

/// p + c rounded to odd: of the two neighbours of an inexact sum, the one whose last bit is set. Rounding that to at most
/// 51 bits gives what rounding the exact sum gives (Boldo and Melquiond, *Emulation of FMA and correctly rounded sums: proved
/// algorithms using rounding to odd*, 2008).
#[cold]
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
