//! Criterion benches; see README.md beside this file.
