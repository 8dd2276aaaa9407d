//! Vectors as plain arrays, for processors without (known) vector instructions.

use super::Simd;
use crate::math;
use crate::path::Job;

macro_rules! portable {
    ($(#[$doc:meta])* $name:ident, $e:ty, $lanes:literal, $rows:literal, $vectors:literal, $fma:path) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub struct $name;

        // SAFETY: plain Rust on every processor; pointers are the caller's promise.
        unsafe impl Simd for $name {
            type E = $e;
            type V = [$e; $lanes];
            type Half = $name;
            const LANES: usize = $lanes;
            const ROWS: usize = $rows;
            const VECTORS: usize = $vectors;

            #[inline(always)]
            unsafe fn enter<J: Job>(job: J) -> J::Out {
                job.run()
            }
            #[inline(always)]
            unsafe fn splat(x: $e) -> Self::V {
                [x; $lanes]
            }
            #[inline(always)]
            unsafe fn load(p: *const $e) -> Self::V {
                // SAFETY: all lanes are readable.
                unsafe { p.cast::<Self::V>().read_unaligned() }
            }
            #[inline(always)]
            unsafe fn load_part(p: *const $e, n: usize) -> Self::V {
                // SAFETY: the first n lanes are readable.
                std::array::from_fn(|i| if i < n { unsafe { *p.add(i) } } else { 0.0 })
            }
            #[inline(always)]
            unsafe fn store(p: *mut $e, v: Self::V) {
                // SAFETY: all lanes are writable.
                unsafe { p.cast::<Self::V>().write_unaligned(v) }
            }
            #[inline(always)]
            unsafe fn store_part(p: *mut $e, v: Self::V, n: usize) {
                for i in 0..n {
                    // SAFETY: the first n lanes are writable.
                    unsafe { *p.add(i) = v[i] }
                }
            }
            #[inline(always)]
            unsafe fn fma(a: Self::V, b: Self::V, c: Self::V) -> Self::V {
                $fma(a, b, c)
            }
            #[inline(always)]
            unsafe fn occupied(v: Self::V) -> u64 {
                v.iter().rev().fold(0, |mask, v| mask << 1 | u64::from(*v != 0.0))
            }
        }
    };
}

portable!(
    /// `f32` without vector instructions.
    PortableF32, f32, 8, 2, 1, math::fma_lanes
);
portable!(
    /// `f64` without vector instructions.
    PortableF64, f64, 4, 4, 1, f64_lanes
);

#[inline(always)]
fn f64_lanes<const N: usize>(a: [f64; N], b: [f64; N], c: [f64; N]) -> [f64; N] {
    std::array::from_fn(|i| math::f64::fma(a[i], b[i], c[i]))
}
