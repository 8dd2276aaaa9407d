//! The crate's tests from outside, as one program: linking is what takes time.

mod allocation;
mod map;
mod math;
mod matmul;
mod native;
mod pinned;
mod process;
mod random;
