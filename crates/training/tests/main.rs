//! The crate's tests from outside, as one program: linking is what takes time.

mod allocations;
mod augment;
mod fit;
mod hooks;
mod measured;
#[path = "../../tensor/tests/process.rs"]
mod process;
mod resume;
