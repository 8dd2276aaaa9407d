//! aarch64: NEON, which every processor of the architecture has.

use super::Simd;
use crate::path::Job;
use std::arch::aarch64::*;

macro_rules! neon {
    ($(#[$doc:meta])* $name:ident, $e:ty, $v:ty, $lanes:literal, $splat:ident, $load:ident, $store:ident, $fma:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub struct $name;

        // SAFETY: NEON belongs to the architecture's baseline; pointers are the caller's promise.
        unsafe impl Simd for $name {
            type E = $e;
            type V = $v;
            type Half = $name;
            const LANES: usize = $lanes;
            const ROWS: usize = 6;
            const VECTORS: usize = 4;

            #[inline(always)]
            unsafe fn enter<J: Job>(job: J) -> J::Out {
                job.run()
            }
            #[inline(always)]
            unsafe fn splat(x: $e) -> $v {
                unsafe { $splat(x) }
            }
            #[inline(always)]
            unsafe fn load(p: *const $e) -> $v {
                unsafe { $load(p) }
            }
            #[inline(always)]
            unsafe fn load_part(p: *const $e, n: usize) -> $v {
                let mut lanes = [0.0; $lanes];
                for i in 0..n {
                    lanes[i] = unsafe { *p.add(i) };
                }
                unsafe { $load(lanes.as_ptr()) }
            }
            #[inline(always)]
            unsafe fn store(p: *mut $e, v: $v) {
                unsafe { $store(p, v) }
            }
            #[inline(always)]
            unsafe fn store_part(p: *mut $e, v: $v, n: usize) {
                let mut lanes = [0.0; $lanes];
                unsafe { $store(lanes.as_mut_ptr(), v) };
                for i in 0..n {
                    unsafe { *p.add(i) = lanes[i] };
                }
            }
            #[inline(always)]
            unsafe fn fma(a: $v, b: $v, c: $v) -> $v {
                // The accumulator comes first: vfmaq(c, a, b) = c + a·b.
                unsafe { $fma(c, a, b) }
            }
            #[inline(always)]
            unsafe fn occupied(v: $v) -> u64 {
                let mut lanes = [0.0; $lanes];
                unsafe { $store(lanes.as_mut_ptr(), v) };
                lanes.iter().rev().fold(0, |mask, v| mask << 1 | u64::from(*v != 0.0))
            }
        }
    };
}

neon!(
    /// 4 `f32`.
    NeonF32, f32, float32x4_t, 4, vdupq_n_f32, vld1q_f32, vst1q_f32, vfmaq_f32
);
neon!(
    /// 2 `f64`.
    NeonF64, f64, float64x2_t, 2, vdupq_n_f64, vld1q_f64, vst1q_f64, vfmaq_f64
);
