//! Update rules, one file each, and learning-rate schedules; sees parameters and gradients, never layers.
