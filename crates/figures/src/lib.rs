//! Figures, one file each: a typed result to a scene with title, caption and the numbers behind it.
