//! Arrays, exact kernels, exact maths and seeded random streams.
//!
//! Every number computed here has the same bits on every machine: with AVX2, AVX-512, NEON or none of them, in debug and release
//! builds, with any number of threads. This is had by definition, not by rounding afterwards:
//!
//! - [`matmul()`]: every output element is one chain of fused multiply-adds over k ascending. Vector lanes and threads run over
//!   outputs, never over k. Where the processor has no fused multiply-add, [`math::fma`] gives the same bits, slower.
//! - [`reduce`]: sixteen strided accumulators combined in one fixed tree.
//! - [`math`]: exp, ln, tanh, sin, cos, … written here (or taken from `libm`), never from the platform.
//! - [`random`]: ChaCha, one named stream per purpose.
//!
//! [`Path`] names the kernel paths; [`map`](map()) and [`dispatch`] compile element-wise loops for each of them; [`threads`]
//! splits outputs among a small pool of workers.
//!
//! ```
//! use tensor::{Init, Product, matmul};
//!
//! let (a, b) = ([1.0f32, 2.0, 3.0, 4.0], [5.0f32, 6.0, 7.0, 8.0]);
//! let mut c = [0.0f32; 4];
//! matmul(Product::new(2, 2, 2), &a, &b, &mut c, Init::Zero);
//! assert_eq!(c, [19.0, 22.0, 43.0, 50.0]);
//! ```

pub use ndarray;

pub mod bytes;
pub mod conv;
pub mod denormals;
pub mod float;
pub mod map;
pub mod math;
pub mod matmul;
pub mod path;
pub mod pool;
mod precompiled;
pub mod random;
pub mod reduce;
mod scratch;
pub mod shape;
mod simd;
pub mod threads;
pub mod trial;

pub use float::Float;
pub use map::{map, map_mut, update, zip, zip3};
pub use matmul::{Init, Numerics, Product, matmul, set_numerics};
pub use path::{Job, Path, PathError, dispatch};
pub use random::{Purpose, Stream, Streams};
pub use reduce::{argmax, dot, mean, sum, sum_axis, sum_map};
pub use shape::ShapeError;

/// A dense array of any rank, row-major where this workspace makes it; `f32` unless said otherwise.
pub type Tensor<F = f32> = ndarray::ArrayD<F>;
