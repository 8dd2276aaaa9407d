//! x86-64: AVX-512, AVX2 and 128-bit vectors with FMA.

use super::Simd;
use crate::path::{self, Job};
use std::arch::x86_64::*;

macro_rules! avx512 {
    ($(#[$doc:meta])* $name:ident, $e:ty, $v:ty, $mask:ty, $half:ty, $lanes:literal,
     $splat:ident, $load:ident, $load_mask:ident, $store:ident, $store_mask:ident, $fma:ident, $occupied:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub struct $name;

        // SAFETY: the caller of each method promises AVX-512 F, VL, BW, DQ and valid pointers, which is all the intrinsics ask.
        unsafe impl Simd for $name {
            type E = $e;
            type V = $v;
            type Half = $half;
            const LANES: usize = $lanes;
            const ROWS: usize = 12;
            const VECTORS: usize = 2;

            #[inline(always)]
            unsafe fn enter<J: Job>(job: J) -> J::Out {
                unsafe { path::run_avx512(job) }
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
                unsafe { $load_mask(((1u32 << n) - 1) as $mask, p) }
            }
            #[inline(always)]
            unsafe fn store(p: *mut $e, v: $v) {
                unsafe { $store(p, v) }
            }
            #[inline(always)]
            unsafe fn store_part(p: *mut $e, v: $v, n: usize) {
                unsafe { $store_mask(p, ((1u32 << n) - 1) as $mask, v) }
            }
            #[inline(always)]
            unsafe fn fma(a: $v, b: $v, c: $v) -> $v {
                unsafe { $fma(a, b, c) }
            }
            #[inline(always)]
            unsafe fn occupied(v: $v) -> u64 {
                #[allow(clippy::redundant_closure_call, reason = "the macro takes an expression")]
                unsafe { u64::from($occupied(v)) }
            }
        }
    };
}

avx512!(
    /// 16 `f32`.
    Avx512F32, f32, __m512, __mmask16, Avx2F32, 16,
    _mm512_set1_ps, _mm512_loadu_ps, _mm512_maskz_loadu_ps, _mm512_storeu_ps, _mm512_mask_storeu_ps, _mm512_fmadd_ps,
    |v| _mm512_cmp_ps_mask::<_CMP_NEQ_UQ>(v, _mm512_setzero_ps())
);
avx512!(
    /// 8 `f64`.
    Avx512F64, f64, __m512d, __mmask8, Avx2F64, 8,
    _mm512_set1_pd, _mm512_loadu_pd, _mm512_maskz_loadu_pd, _mm512_storeu_pd, _mm512_mask_storeu_pd, _mm512_fmadd_pd,
    |v| _mm512_cmp_pd_mask::<_CMP_NEQ_UQ>(v, _mm512_setzero_pd())
);

/// `MASK[8 − n..]` has `n` lanes set.
static MASK_32: [i32; 16] = [-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0];
/// `MASK[4 − n..]` has `n` lanes set.
static MASK_64: [i64; 8] = [-1, -1, -1, -1, 0, 0, 0, 0];

macro_rules! avx2 {
    ($(#[$doc:meta])* $name:ident, $e:ty, $v:ty, $half:ty, $lanes:literal, $rows:literal, $vectors:literal, $mask:ident, $load_int:ident,
     $int:ty, $splat:ident, $load:ident, $load_mask:ident, $store:ident, $store_mask:ident, $fma:ident, $occupied:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub struct $name;

        // SAFETY: the caller of each method promises AVX2, FMA and valid pointers, which is all the intrinsics ask; n < LANES
        // keeps the mask's load inside its table.
        unsafe impl Simd for $name {
            type E = $e;
            type V = $v;
            type Half = $half;
            const LANES: usize = $lanes;
            const ROWS: usize = $rows;
            const VECTORS: usize = $vectors;

            #[inline(always)]
            unsafe fn enter<J: Job>(job: J) -> J::Out {
                unsafe { path::run_avx2(job) }
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
                unsafe { $load_mask(p, $load_int($mask.as_ptr().add($mask.len() / 2 - n).cast::<$int>())) }
            }
            #[inline(always)]
            unsafe fn store(p: *mut $e, v: $v) {
                unsafe { $store(p, v) }
            }
            #[inline(always)]
            unsafe fn store_part(p: *mut $e, v: $v, n: usize) {
                unsafe { $store_mask(p, $load_int($mask.as_ptr().add($mask.len() / 2 - n).cast::<$int>()), v) }
            }
            #[inline(always)]
            unsafe fn fma(a: $v, b: $v, c: $v) -> $v {
                unsafe { $fma(a, b, c) }
            }
            #[inline(always)]
            unsafe fn occupied(v: $v) -> u64 {
                #[allow(clippy::redundant_closure_call, reason = "the macro takes an expression")]
                unsafe { u64::from($occupied(v)) }
            }
        }
    };
}

avx2!(
    /// 8 `f32`.
    Avx2F32, f32, __m256, SseF32, 8, 6, 2, MASK_32, _mm256_loadu_si256, __m256i,
    _mm256_set1_ps, _mm256_loadu_ps, _mm256_maskload_ps, _mm256_storeu_ps, _mm256_maskstore_ps, _mm256_fmadd_ps,
    |v| _mm256_movemask_ps(_mm256_cmp_ps::<_CMP_NEQ_UQ>(v, _mm256_setzero_ps())) as u32
);
avx2!(
    /// 4 `f64`.
    Avx2F64, f64, __m256d, Avx2F64, 4, 6, 2, MASK_64, _mm256_loadu_si256, __m256i,
    _mm256_set1_pd, _mm256_loadu_pd, _mm256_maskload_pd, _mm256_storeu_pd, _mm256_maskstore_pd, _mm256_fmadd_pd,
    |v| _mm256_movemask_pd(_mm256_cmp_pd::<_CMP_NEQ_UQ>(v, _mm256_setzero_pd())) as u32
);
avx2!(
    /// 4 `f32`: half the registers' width, for matrices of at most 4 columns.
    SseF32, f32, __m128, SseF32, 4, 12, 1, MASK_32, _mm_loadu_si128, __m128i,
    _mm_set1_ps, _mm_loadu_ps, _mm_maskload_ps, _mm_storeu_ps, _mm_maskstore_ps, _mm_fmadd_ps,
    |v| _mm_movemask_ps(_mm_cmp_ps::<_CMP_NEQ_UQ>(v, _mm_setzero_ps())) as u32
);
