//! Exact elementary functions for `f32` and `f64`: the same bits on every platform, Rust version and build profile.

pub mod f32;
pub mod f64;

pub use self::f32::fma;
