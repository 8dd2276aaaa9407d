//! The crate's tests from outside, as one program: linking is what takes time.

mod convolution;
mod gradients;
mod normalisation;
#[path = "../../tensor/tests/process.rs"]
mod process;
mod pytorch;
mod replay;
