//! The two element types, `f32` and `f64`, behind one trait whose functions are exact everywhere.

use crate::math;
use std::{
    fmt::{Debug, Display},
    ops::{Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Sub, SubAssign},
};

mod sealed {
    /// Nobody else can implement [`Float`](super::Float); the vector types and kernels that go with it stay private.
    pub trait Sealed: crate::simd::Vectors + crate::matmul::Multiply + crate::precompiled::Precompiled {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
}

/// `f32` (everything) or `f64` (gradient checks, references).
///
/// The functions come from [`crate::math`]; all are inlined, so that a loop over them can be vectorised.
pub trait Float:
    sealed::Sealed
    + Copy
    + PartialOrd
    + PartialEq
    + Debug
    + Display
    + Default
    + Send
    + Sync
    + 'static
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + AddAssign
    + SubAssign
    + MulAssign
    + DivAssign
    + ndarray::LinalgScalar
{
    /// 0.
    const ZERO: Self;
    /// 1.
    const ONE: Self;
    /// +∞.
    const INFINITY: Self;
    /// −∞.
    const NEG_INFINITY: Self;
    /// `f32` or `f64`.
    const NAME: &'static str;

    /// The nearest value.
    fn from_f64(v: f64) -> Self;
    /// The same value.
    fn to_f64(self) -> f64;
    /// The nearest value.
    fn from_usize(n: usize) -> Self;
    /// eˣ.
    fn exp(self) -> Self;
    /// ln x; NaN below 0, −∞ at ±0.
    fn ln(self) -> Self;
    /// Hyperbolic tangent.
    fn tanh(self) -> Self;
    /// Sine of an angle in radians.
    fn sin(self) -> Self;
    /// Cosine of an angle in radians.
    fn cos(self) -> Self;
    /// Square root, correctly rounded.
    fn sqrt(self) -> Self;
    /// |x|.
    fn abs(self) -> Self;
    /// xⁿ by repeated squaring, lowest bit of |n| first; the reciprocal of the power for n < 0.
    fn powi(self, n: i32) -> Self;
    /// xʸ.
    fn powf(self, y: Self) -> Self;
    /// 1/(1 + e⁻ˣ).
    fn sigmoid(self) -> Self;
    /// ln(1 + eˣ).
    fn softplus(self) -> Self;
    /// 2/√π ∫₀ˣ e^(−t²) dt.
    fn erf(self) -> Self;
    /// `if self > o { self } else { o }`: `o` where either is NaN.
    fn max(self, o: Self) -> Self;
    /// `if self < o { self } else { o }`: `o` where either is NaN.
    fn min(self, o: Self) -> Self;
    /// Neither infinite nor NaN.
    fn is_finite(self) -> bool;
    /// NaN.
    fn is_nan(self) -> bool;
}

macro_rules! float {
    ($f:ident, $name:literal) => {
        impl Float for $f {
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;
            const INFINITY: Self = $f::INFINITY;
            const NEG_INFINITY: Self = $f::NEG_INFINITY;
            const NAME: &'static str = $name;

            #[inline(always)]
            fn from_f64(v: f64) -> Self {
                v as $f
            }
            #[inline(always)]
            fn to_f64(self) -> f64 {
                self as f64
            }
            #[inline(always)]
            fn from_usize(n: usize) -> Self {
                n as $f
            }
            #[inline(always)]
            fn exp(self) -> Self {
                math::$f::exp(self)
            }
            #[inline(always)]
            fn ln(self) -> Self {
                math::$f::ln(self)
            }
            #[inline(always)]
            fn tanh(self) -> Self {
                math::$f::tanh(self)
            }
            #[inline(always)]
            fn sin(self) -> Self {
                math::$f::sin(self)
            }
            #[inline(always)]
            fn cos(self) -> Self {
                math::$f::cos(self)
            }
            #[inline(always)]
            fn sqrt(self) -> Self {
                $f::sqrt(self)
            }
            #[inline(always)]
            fn abs(self) -> Self {
                $f::abs(self)
            }
            #[inline(always)]
            fn powi(self, n: i32) -> Self {
                math::$f::powi(self, n)
            }
            #[inline(always)]
            fn powf(self, y: Self) -> Self {
                math::$f::powf(self, y)
            }
            #[inline(always)]
            fn sigmoid(self) -> Self {
                math::$f::sigmoid(self)
            }
            #[inline(always)]
            fn softplus(self) -> Self {
                math::$f::softplus(self)
            }
            #[inline(always)]
            fn erf(self) -> Self {
                math::$f::erf(self)
            }
            // Not std's `max`, whose result for a zero of each sign depends on the platform.
            #[inline(always)]
            fn max(self, o: Self) -> Self {
                if self > o { self } else { o }
            }
            #[inline(always)]
            fn min(self, o: Self) -> Self {
                if self < o { self } else { o }
            }
            #[inline(always)]
            fn is_finite(self) -> bool {
                $f::is_finite(self)
            }
            #[inline(always)]
            fn is_nan(self) -> bool {
                $f::is_nan(self)
            }
        }
    };
}

float!(f32, "f32");
float!(f64, "f64");

/// The bytes of a number in a file, little-endian. Every NaN is the same there: which one 0/0 gives is the processor's choice.
pub fn to_bytes(value: f32) -> [u8; 4] {
    if value.is_nan() { f32::NAN.to_le_bytes() } else { value.to_le_bytes() }
}
