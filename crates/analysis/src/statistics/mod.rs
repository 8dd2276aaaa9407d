//! Statistics that several analyses share.

pub mod class_means;
pub mod confusion;
pub mod logistic;
pub mod median;
pub mod order;
pub mod pca;
pub mod softmax;
