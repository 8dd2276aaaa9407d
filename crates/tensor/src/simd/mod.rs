//! Vectors of a few numbers with a fused multiply-add: all that the matrix kernel needs of a processor.
//!
//! One small file per instruction set; each lane computes exactly what [`crate::math::fma`] computes.

use crate::Float;
use crate::path::{Job, Path};

pub mod panels;
mod portable;
#[cfg(target_arch = "x86_64")]
pub mod x86;

#[cfg(target_arch = "aarch64")]
pub mod neon;

pub use portable::{PortableF32, PortableF64};

/// A vector type of one instruction set.
///
/// # Safety
/// The methods may be called only on a processor that has the instructions, and give their speed only when inlined into
/// [`Simd::enter`]. Pointers must be valid for the lanes that are read or written; no alignment is needed.
pub unsafe trait Simd: Copy {
    /// The element.
    type E: Float;
    /// The register.
    type V: Copy;
    /// Vectors of half the width where the instruction set has them and they are worth it for narrow matrices, else the same.
    type Half: Simd<E = Self::E>;
    /// Elements of a vector.
    const LANES: usize;
    /// Rows of the matrix kernel's largest block.
    const ROWS: usize;
    /// Vectors in a row of that block: ROWS · VECTORS accumulators fill the registers, some left for the operands.
    const VECTORS: usize;

    /// Runs a job in a function compiled for this instruction set.
    unsafe fn enter<J: Job>(job: J) -> J::Out;
    /// x in every lane.
    unsafe fn splat(x: Self::E) -> Self::V;
    /// All lanes from `p`.
    unsafe fn load(p: *const Self::E) -> Self::V;
    /// The first `n` < LANES lanes from `p`, the others 0 without being read.
    unsafe fn load_part(p: *const Self::E, n: usize) -> Self::V;
    /// All lanes to `p`.
    unsafe fn store(p: *mut Self::E, v: Self::V);
    /// The first `n` < LANES lanes to `p`; what lies behind is not touched.
    unsafe fn store_part(p: *mut Self::E, v: Self::V, n: usize);
    /// a·b + c, rounded once.
    unsafe fn fma(a: Self::V, b: Self::V, c: Self::V) -> Self::V;
    /// A bit for each lane that is not zero, the first lane's lowest.
    unsafe fn occupied(v: Self::V) -> u64;
}

/// Work that is compiled once for each vector type.
pub trait Kernel<F> {
    /// Does it. Mark this and everything hot below it `#[inline(always)]`.
    ///
    /// # Safety
    /// The processor must have S's instructions; the rest is what the kernel asks of its pointers.
    unsafe fn run<S: Simd<E = F>>(self);
}

/// A kernel with its vector type, as a job for the type's own function.
struct With<S, K>(K, std::marker::PhantomData<S>);

impl<S: Simd, K: Kernel<S::E>> Job for With<S, K> {
    type Out = ();
    #[inline(always)]
    fn run(self) {
        // SAFETY: made in `on_active_path` only.
        unsafe { self.0.run::<S>() }
    }
}

/// Runs a kernel on the active path.
///
/// # Safety
/// What the kernel asks of its pointers.
#[inline]
pub unsafe fn on_active_path<F: Float, K: Kernel<F>>(kernel: K) {
    /// # Safety
    /// As above, on a processor that has S's instructions.
    #[inline(always)]
    unsafe fn enter<S: Simd>(kernel: impl Kernel<S::E>) {
        unsafe { S::enter(With::<S, _>(kernel, std::marker::PhantomData)) }
    }
    // SAFETY: a path is active only if the processor has its instructions; the rest is the caller's promise.
    unsafe {
        match Path::active() {
            #[cfg(target_arch = "x86_64")]
            Path::Avx512 => enter::<F::Avx512>(kernel),
            #[cfg(target_arch = "x86_64")]
            Path::Avx2 => enter::<F::Avx2>(kernel),
            #[cfg(target_arch = "aarch64")]
            Path::Neon => enter::<F::Neon>(kernel),
            _ => enter::<F::Portable>(kernel),
        }
    }
}

/// The vector types of an element on each path.
pub trait Vectors: Sized {
    /// Without special instructions.
    type Portable: Simd<E = Self>;
    /// AVX2 and FMA.
    #[cfg(target_arch = "x86_64")]
    type Avx2: Simd<E = Self>;
    /// AVX-512.
    #[cfg(target_arch = "x86_64")]
    type Avx512: Simd<E = Self>;
    /// NEON.
    #[cfg(target_arch = "aarch64")]
    type Neon: Simd<E = Self>;
}

macro_rules! vectors {
    ($f:ty, $portable:ident, $avx2:ident, $avx512:ident, $neon:ident) => {
        impl Vectors for $f {
            type Portable = $portable;
            #[cfg(target_arch = "x86_64")]
            type Avx2 = x86::$avx2;
            #[cfg(target_arch = "x86_64")]
            type Avx512 = x86::$avx512;
            #[cfg(target_arch = "aarch64")]
            type Neon = neon::$neon;
        }
    };
}

vectors!(f32, PortableF32, Avx2F32, Avx512F32, NeonF32);
vectors!(f64, PortableF64, Avx2F64, Avx512F64, NeonF64);
