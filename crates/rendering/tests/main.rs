//! The crate's tests from outside, as one program: linking is what takes time.

mod documents;
mod gallery;
mod goldens;
mod soundness;
