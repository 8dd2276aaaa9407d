//! Exact elementary functions for `f32` and `f64`: the same bits on every platform, Rust version and build profile.
//!
//! The `f32` functions that networks spend time in are polynomials of our own, written with plain `+ − × ÷` and without branches:
//! the same source is vectorised on every kernel path, and since each of those operations is rounded correctly everywhere, so
//! are the bits the same. The others are computed in `f64` by `libm`.
//!
//! Largest errors in units in the last place, over all 2³² `f32` (sine and cosine: every seventh), against `libm`'s `f64`
//! functions (`cargo test --release -p tensor math:: -- --ignored --no-capture`; the common run of the tests visits every
//! 4099th):
//!
//! | function | largest error (ulp) | at |
//! |---|---|---|
//! | exp | 0.957 | -5.9902615e1 |
//! | ln | 0.835 | 1.4054595e0 |
//! | tanh | 1.330 | 6.2830955e-1 |
//! | sigmoid | 2.402 | -4.157294e0 |
//! | softplus | 1.687 | -7.9369766e-1 |
//! | erf | 1.244 | 8.9709103e-1 |
//! | sin | 0.501 | -2.8604003e33 |
//! | cos | 0.501 | -4.6122644e16 |
//!
//! `sqrt` is rounded correctly; `powf` is computed in `f64` and rounded once more; `powi` loses up to half a unit in each of its
//! 2·log₂ n products.

pub mod f32;
pub mod f64;
mod fma;

pub use fma::{fma, fma_lanes};
