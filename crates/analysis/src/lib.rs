//! Analyses, one file each: a trained model and data to a typed result of labelled arrays.
