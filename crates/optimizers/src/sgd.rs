//! Stochastic gradient descent: w ← w − η (g + λw).
//!
//! Robbins & Monro 1951, "A stochastic approximation method". The weight decay λ is the gradient of the penalty ½λ‖w‖² added
//! to the loss.

use crate::{Optimizer, OptimizerKind, StateError, checks, moments::Moments};
use registry::{Config, Problems};

/// Plain gradient descent: every parameter moves against its gradient.
///
/// w ← w − η (g + λw), with η the learning rate and λ the weight decay. On a full batch it is steepest descent; on mini-batches,
/// stochastic gradient descent (Robbins & Monro 1951).
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sgd {
    /// Learning rate η, above 0.
    pub lr: f64,
    /// Weight decay λ: the L2 penalty ½λ‖w‖² on every parameter. Default 0.
    #[serde(default)]
    pub weight_decay: f64,
}

impl Config for Sgd {
    const KIND: &str = "sgd";
    const EXAMPLE: &str = "lr = 0.1";
}

impl OptimizerKind for Sgd {
    fn check(&self, problems: &mut Problems) {
        checks::lr(problems, self.lr);
        checks::weight_decay(problems, self.weight_decay);
    }

    fn build(&self, n_parameters: usize) -> Box<dyn Optimizer> {
        Box::new(State { decay: self.weight_decay as f32, moments: Moments::new(n_parameters) })
    }

    fn lr(&self) -> f64 {
        self.lr
    }
}

struct State {
    decay: f32,
    moments: Moments<0>,
}

impl Optimizer for State {
    fn name(&self) -> &'static str {
        Sgd::KIND
    }

    fn step(&mut self, w: &mut [f32], g: &[f32], lr: f64) {
        let (lr, decay) = (lr as f32, self.decay);
        tensor::map::update(w, [], g, move |w, [], g| (w - lr * (g + decay * w), []));
    }

    fn state(&self) -> Vec<(&'static str, &[f32])> {
        self.moments.named([])
    }

    fn restore(&mut self, state: &[&[f32]], _steps: u64) -> Result<(), StateError> {
        self.moments.restore(Sgd::KIND, state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::follows;

    #[test]
    fn follows_pytorch() {
        // torch.optim.SGD(lr=0.1), PyTorch 2.15.0
        follows(
            &Sgd { lr: 0.1, weight_decay: 0.0 },
            &[
                [0.850000024, 0.100000031, 2.97000003],
                [0.715000033, 0.099999994, 2.94029999],
                [0.593500018, 0.099999994, 2.91089702],
                [0.484150022, 0.099999994, 2.88178802],
                [0.385735005, 0.099999994, 2.85297012],
            ],
        );
        // torch.optim.SGD(lr=0.1, weight_decay=0.05), PyTorch 2.15.0
        follows(
            &Sgd { lr: 0.1, weight_decay: 0.05 },
            &[
                [0.845000029, 0.110000066, 2.95499992],
                [0.706275046, 0.0994500071, 2.91067481],
                [0.582116187, 0.0995027497, 2.86701465],
                [0.470993996, 0.0995024815, 2.82400942],
                [0.371539623, 0.099502489, 2.78164935],
            ],
        );
    }

    #[test]
    fn shrinks_a_quadratic_geometrically() {
        // On f(w) = w²/2 the gradient is w, so that wₜ = (1 − η)ᵗ w₀; η = 1/2 keeps every power exact.
        let mut optimizer = Sgd { lr: 0.5, weight_decay: 0.0 }.build(1);
        let mut w = [1.0f32];
        for t in 1..=20 {
            let g = w;
            optimizer.step(&mut w, &g, 0.5);
            assert_eq!(w[0], 1.0 / (1u32 << t) as f32);
        }
    }
}
