//! The ranges that several optimizers share.

use registry::Problems;

/// A learning rate: finite and above 0.
pub fn lr(problems: &mut Problems, lr: f64) {
    problems
        .require(lr.is_finite() && lr > 0.0, "lr", || format!("the learning rate is {lr}, expected a number above 0"));
}

/// A decay rate of an exponential moving average: in [0, 1). At 1 the average would never move.
pub fn beta(problems: &mut Problems, path: &str, beta: f64) {
    problems.require((0.0..1.0).contains(&beta), path, || format!("{path} is {beta}, expected 0 ≤ {path} < 1"));
}

/// A small constant in a denominator: finite and above 0, so that a zero gradient divides by something, and large enough
/// to be a normal number in f32.
pub fn eps(problems: &mut Problems, eps: f64) {
    let smallest = 1e-30;
    problems
        .require(eps.is_finite() && eps >= smallest, "eps", || format!("eps is {eps}, expected at least {smallest:e}"));
}

/// A weight decay: finite and not negative.
pub fn weight_decay(problems: &mut Problems, decay: f64) {
    problems.require(decay.is_finite() && decay >= 0.0, "weight_decay", || {
        format!("the weight decay is {decay}, expected 0 or more")
    });
}
