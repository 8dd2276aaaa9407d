//! Exact elementary functions for `f32` and `f64`: the same bits on every platform, Rust version and build profile.
//!
//! The `f32` functions that networks spend time in are polynomials of our own, written with plain `+ − × ÷` and without branches:
//! the same source is vectorised on every kernel path, and since each of those operations is rounded correctly everywhere, so
//! are the bits the same. The others are computed in `f64` by `libm`.
//!
//! Largest errors in units in the last place, over *all* 2³² `f32` against `libm`'s `f64` functions
//! (`cargo run --release -p tensor --example ulp`; the tests visit every 4099th):
//!
//! | function | largest error (ulp) | at |
//! |---|---|---|
//! | exp | – | – |

pub mod f32;
pub mod f64;
mod fma;

pub use fma::{fma, fma_lanes};
