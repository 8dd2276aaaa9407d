//! The fit loop: batches, epochs, metrics, history, divergence.
