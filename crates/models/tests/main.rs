//! Models from outside: built, run, patched, saved.

mod model;
mod run;
mod weights;
