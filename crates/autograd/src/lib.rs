//! The computation graph, one file per operation, and the gradient check.
