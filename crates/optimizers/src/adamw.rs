//! AdamW: Adam whose weight decay acts on the parameters themselves, outside the adaptive step.
//!
//! Loshchilov & Hutter 2019, "Decoupled weight decay regularization", Algorithm 2. As in PyTorch, the decay is scaled by the
//! learning rate: w ← (1 − ηλ)w before Adam's step.

use crate::{Optimizer, OptimizerKind, adam, checks};
use registry::{Config, Problems};

/// Adam with decoupled weight decay: every step first shrinks the parameters by the factor 1 − ηλ.
///
/// w ← (1 − ηλ)w − η m̂/(√v̂ + ε), with m̂ and v̂ as in `adam` (Loshchilov & Hutter 2019, Algorithm 2). Unlike an L2 penalty,
/// whose gradient Adam would rescale, the decay is the same for every parameter.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Adamw {
    /// Learning rate η, above 0. Default 0.001.
    #[serde(default = "adam::default_lr")]
    pub lr: f64,
    /// Decay rate β₁ of the mean of gradients, 0 ≤ β₁ < 1. Default 0.9.
    #[serde(default = "adam::default_beta1")]
    pub beta1: f64,
    /// Decay rate β₂ of the mean of squared gradients, 0 ≤ β₂ < 1. Default 0.999.
    #[serde(default = "adam::default_beta2")]
    pub beta2: f64,
    /// ε, added to the root so that a zero gradient divides by something. Default 1e-8.
    #[serde(default = "adam::default_eps")]
    pub eps: f64,
    /// Weight decay λ. Default 0.01, PyTorch's.
    #[serde(default = "default_weight_decay")]
    pub weight_decay: f64,
}

fn default_weight_decay() -> f64 {
    0.01
}

impl Config for Adamw {
    const KIND: &str = "adamw";
    const EXAMPLE: &str = "lr = 0.01\nweight_decay = 0.1";
}

impl OptimizerKind for Adamw {
    fn check(&self, problems: &mut Problems) {
        checks::lr(problems, self.lr);
        checks::beta(problems, "beta1", self.beta1);
        checks::beta(problems, "beta2", self.beta2);
        checks::eps(problems, self.eps);
        checks::weight_decay(problems, self.weight_decay);
        problems.require(self.lr * self.weight_decay < 1.0, "weight_decay", || {
            format!(
                "lr × weight_decay is {}, expected below 1: a step would turn the signs around",
                self.lr * self.weight_decay
            )
        });
    }

    fn build(&self, n_parameters: usize) -> Box<dyn Optimizer> {
        Box::new(adam::State::new(Adamw::KIND, self.beta1, self.beta2, self.eps, self.weight_decay, n_parameters))
    }

    fn lr(&self) -> f64 {
        self.lr
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::follows;

    #[test]
    fn follows_pytorch() {
        // torch.optim.AdamW(lr=0.05, weight_decay=0.1), PyTorch 2.15.0
        follows(
            &Adamw { lr: 0.05, beta1: 0.9, beta2: 0.999, eps: 1e-8, weight_decay: 0.1 },
            &[
                [0.944999993, -1.94000006, 2.93500018],
                [0.890332401, -1.88034308, 2.8703568],
                [0.836036444, -1.82105756, 2.80608964],
                [0.78215301, -1.76217246, 2.74221945],
                [0.728724837, -1.70371807, 2.67876673],
                [0.675796151, -1.64572501, 2.61575198],
                [0.623412848, -1.58822453, 2.55319643],
                [0.571622133, -1.53124869, 2.49112129],
            ],
        );
    }

    #[test]
    fn without_gradient_only_decays() {
        // η = 1/2, λ = 1/2: w shrinks by exactly 3/4.
        let mut optimizer = Adamw { lr: 0.5, beta1: 0.9, beta2: 0.999, eps: 1e-8, weight_decay: 0.5 }.build(2);
        let mut w = [16.0, -4.0];
        optimizer.step(&mut w, &[0.0, 0.0], 0.5);
        assert_eq!(w, [12.0, -3.0]);
    }
}
