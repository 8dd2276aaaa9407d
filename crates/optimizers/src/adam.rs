//! Adam: momentum divided by the root of the second moment, both corrected for their start at zero.
//!
//! Kingma & Ba 2015, "Adam: a method for stochastic optimization", Algorithm 1, in the order of operations that the end of their
//! section 2 gives: with b₁ = 1 − β₁ᵗ and b₂ = 1 − β₂ᵗ,
//! η m̂/(√v̂ + ε) = (η √b₂ / b₁) · m/(√v + ε √b₂).
//! The two constants on the right are computed once per step in f64.

use crate::{
    Optimizer, OptimizerKind, StateError, checks,
    moments::{Bias, Moments, flush},
};
use registry::{Config, Problems};

/// Momentum with a step size of its own for every parameter; the usual first choice.
///
/// m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², w ← w − η m̂/(√v̂ + ε), where m̂ = m/(1−β₁ᵗ) and v̂ = v/(1−β₂ᵗ) correct for the
/// start at m = v = 0 (Kingma & Ba 2015, Algorithm 1). A step is never much larger than η, whatever the gradient's scale.
/// For weight decay take `adamw`.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Adam {
    /// Learning rate η, above 0. Default 0.001, the paper's.
    #[serde(default = "default_lr")]
    pub lr: f64,
    /// Decay rate β₁ of the mean of gradients, 0 ≤ β₁ < 1. Default 0.9, the paper's.
    #[serde(default = "default_beta1")]
    pub beta1: f64,
    /// Decay rate β₂ of the mean of squared gradients, 0 ≤ β₂ < 1. Default 0.999, the paper's.
    #[serde(default = "default_beta2")]
    pub beta2: f64,
    /// ε, added to the root so that a zero gradient divides by something. Default 1e-8, the paper's.
    #[serde(default = "default_eps")]
    pub eps: f64,
}

impl Adam {
    /// With this learning rate and the paper's other settings.
    pub fn new(lr: f64) -> Self {
        Self { lr, beta1: default_beta1(), beta2: default_beta2(), eps: default_eps() }
    }
}

pub(crate) fn default_lr() -> f64 {
    0.001
}

pub(crate) fn default_beta1() -> f64 {
    0.9
}

pub(crate) fn default_beta2() -> f64 {
    0.999
}

pub(crate) fn default_eps() -> f64 {
    1e-8
}

impl Config for Adam {
    const KIND: &str = "adam";
    const EXAMPLE: &str = "lr = 0.01";
}

impl OptimizerKind for Adam {
    fn check(&self, problems: &mut Problems) {
        checks::lr(problems, self.lr);
        checks::beta(problems, "beta1", self.beta1);
        checks::beta(problems, "beta2", self.beta2);
        checks::eps(problems, self.eps);
    }

    fn build(&self, n_parameters: usize) -> Box<dyn Optimizer> {
        Box::new(State::new(Adam::KIND, self.beta1, self.beta2, self.eps, 0.0, n_parameters))
    }

    fn lr(&self) -> f64 {
        self.lr
    }
}

/// Adam at work, and AdamW, which first shrinks w by η times `decay`.
pub(crate) struct State {
    name: &'static str,
    beta1: f64,
    beta2: f64,
    eps: f64,
    decay: f64,
    bias1: Bias,
    bias2: Bias,
    moments: Moments<2>,
}

impl State {
    pub(crate) fn new(name: &'static str, beta1: f64, beta2: f64, eps: f64, decay: f64, n: usize) -> Self {
        let (bias1, bias2) = (Bias::new(beta1), Bias::new(beta2));
        Self { name, beta1, beta2, eps, decay, bias1, bias2, moments: Moments::new(n) }
    }
}

impl Optimizer for State {
    fn name(&self) -> &'static str {
        self.name
    }

    fn step(&mut self, w: &mut [f32], g: &[f32], lr: f64) {
        let bias1 = self.bias1.advance();
        let root = self.bias2.advance().sqrt();
        let (size, eps) = ((lr * root / bias1) as f32, (self.eps * root) as f32);
        let (beta1, rest1) = (self.beta1 as f32, (1.0 - self.beta1) as f32);
        let (beta2, rest2) = (self.beta2 as f32, (1.0 - self.beta2) as f32);
        // 1 for plain Adam: multiplying by it changes no bit.
        let keep = (1.0 - lr * self.decay) as f32;
        tensor::map::update(w, self.moments.slices(), g, move |w, [m, v], g| {
            let m = flush(beta1 * m + rest1 * g);
            let v = flush(beta2 * v + rest2 * (g * g));
            (keep * w - size * (m / (v.sqrt() + eps)), [m, v])
        });
    }

    fn state(&self) -> Vec<(&'static str, &[f32])> {
        self.moments.named(["m", "v"])
    }

    fn restore(&mut self, state: &[&[f32]], steps: u64) -> Result<(), StateError> {
        self.moments.restore(self.name, state)?;
        self.bias1.restore(steps);
        self.bias2.restore(steps);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::follows;

    #[test]
    fn follows_pytorch() {
        // torch.optim.Adam(lr=0.05), PyTorch 2.15.0
        follows(
            &Adam::new(0.05),
            &[
                [0.949999988, -1.95000005, 2.95000005],
                [0.900051355, -1.90003502, 2.9000237],
                [0.850190759, -1.8501296, 2.8500874],
                [0.800456762, -1.80030894, 2.80020761],
                [0.750889719, -1.75059915, 2.75040126],
                [0.701531768, -1.70102704, 2.7006855],
                [0.652426839, -1.65161991, 2.65107799],
                [0.603620529, -1.60240602, 2.60159612],
            ],
        );
    }

    #[test]
    fn first_step_is_the_rate_whatever_the_gradient() {
        // m̂ = g and v̂ = g², so that w moves by η·sign(g) up to ε.
        let mut optimizer = Adam::new(0.25).build(3);
        let mut w = [0.0; 3];
        optimizer.step(&mut w, &[1e4, -1.0, 0.0], 0.25);
        assert!((w[0] + 0.25).abs() < 1e-6 && (w[1] - 0.25).abs() < 1e-6 && w[2] == 0.0, "{w:?}");
    }

    #[test]
    fn a_gradient_that_vanished_leaves_no_subnormal_state() {
        let mut optimizer = Adam { lr: 0.01, beta1: 0.9, beta2: 0.9, eps: 1e-8 }.build(1);
        let mut w = [1.0];
        optimizer.step(&mut w, &[1e-3], 0.01);
        for _ in 0..2000 {
            optimizer.step(&mut w, &[0.0], 0.01);
        }
        assert!(w[0].is_finite());
        assert!(optimizer.state().iter().all(|(_, s)| s[0] == 0.0), "{:?}", optimizer.state());
    }
}
