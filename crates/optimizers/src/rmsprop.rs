//! RMSprop: v ← αv + (1−α)g², w ← w − ηg/(√v + ε).
//!
//! Tieleman & Hinton 2012, lecture 6.5 of "Neural networks for machine learning", slide 29.

use crate::{
    Optimizer, OptimizerKind, StateError, checks,
    moments::{Moments, flush},
};
use registry::{Config, Problems};

/// Divides each gradient by the root of a moving average of its square, so that every parameter moves at about the same pace.
///
/// v ← αv + (1−α)(g + λw)², w ← w − η(g + λw)/(√v + ε), with v = 0 at first (Tieleman & Hinton 2012). The average is not
/// corrected for its start at zero: the first step is 1/√(1−α) times the rate.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rmsprop {
    /// Learning rate η, above 0. Default 0.001, the lecture's.
    #[serde(default = "default_lr")]
    pub lr: f64,
    /// Decay rate α of the average of squares, 0 ≤ α < 1. Default 0.9, the lecture's (PyTorch's is 0.99).
    #[serde(default = "default_alpha")]
    pub alpha: f64,
    /// ε, added to the root so that a zero gradient divides by something. Default 1e-8.
    #[serde(default = "default_eps")]
    pub eps: f64,
    /// Weight decay λ: the L2 penalty ½λ‖w‖² on every parameter. Default 0.
    #[serde(default)]
    pub weight_decay: f64,
}

fn default_lr() -> f64 {
    0.001
}

fn default_alpha() -> f64 {
    0.9
}

fn default_eps() -> f64 {
    1e-8
}

impl Config for Rmsprop {
    const KIND: &str = "rmsprop";
    const EXAMPLE: &str = "lr = 0.001\nalpha = 0.99";
}

impl OptimizerKind for Rmsprop {
    fn check(&self, problems: &mut Problems) {
        checks::lr(problems, self.lr);
        checks::beta(problems, "alpha", self.alpha);
        checks::eps(problems, self.eps);
        checks::weight_decay(problems, self.weight_decay);
    }

    fn build(&self, n_parameters: usize) -> Box<dyn Optimizer> {
        Box::new(State {
            alpha: self.alpha as f32,
            rest: (1.0 - self.alpha) as f32,
            eps: self.eps as f32,
            decay: self.weight_decay as f32,
            moments: Moments::new(n_parameters),
        })
    }

    fn lr(&self) -> f64 {
        self.lr
    }
}

/// `rest` is 1 − α, rounded once.
struct State {
    alpha: f32,
    rest: f32,
    eps: f32,
    decay: f32,
    moments: Moments<1>,
}

impl Optimizer for State {
    fn name(&self) -> &'static str {
        Rmsprop::KIND
    }

    fn step(&mut self, w: &mut [f32], g: &[f32], lr: f64) {
        let (lr, alpha, rest, eps, decay) = (lr as f32, self.alpha, self.rest, self.eps, self.decay);
        tensor::map::update(w, self.moments.slices(), g, move |w, [v], g| {
            let g = g + decay * w;
            let v = flush(alpha * v + rest * (g * g));
            (w - lr * (g / (v.sqrt() + eps)), [v])
        });
    }

    fn state(&self) -> Vec<(&'static str, &[f32])> {
        self.moments.named(["v"])
    }

    fn restore(&mut self, state: &[&[f32]], _steps: u64) -> Result<(), StateError> {
        self.moments.restore(Rmsprop::KIND, state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::follows;

    #[test]
    fn follows_pytorch() {
        // torch.optim.RMSprop(lr=0.01, alpha=0.9), PyTorch 2.15.0
        follows(
            &Rmsprop { lr: 0.01, alpha: 0.9, eps: 1e-8, weight_decay: 0.0 },
            &[
                [0.968377233, -1.96837723, 2.96837711],
                [0.945668638, -1.94560122, 2.94555116],
                [0.926772177, -1.92661393, 2.92649651],
                [0.910076916, -1.90981472, 2.90962029],
                [0.894837379, -1.89446211, 2.89418411],
                [0.880638897, -1.88014328, 2.87977672],
                [0.867223799, -1.86660171, 2.86614227],
                [0.854419708, -1.85366571, 2.8531096],
            ],
        );
        // torch.optim.RMSprop(lr=0.01, alpha=0.99, weight_decay=0.05), PyTorch 2.15.0
        follows(
            &Rmsprop { lr: 0.01, alpha: 0.99, eps: 1e-8, weight_decay: 0.05 },
            &[
                [0.899999976, -1.89999998, 2.9000001],
                [0.831627071, -1.83085334, 2.8303175],
                [0.776949823, -1.77513921, 2.77388859],
                [0.730358779, -1.72736692, 2.72530627],
                [0.689258039, -1.68498707, 2.6820538],
            ],
        );
    }

    #[test]
    fn first_step_is_the_rate_over_the_root_of_the_rest() {
        // v = (1−α)g², so that the step is η/√(1−α) whatever the gradient's size; α = 3/4: 2η.
        let mut optimizer = Rmsprop { lr: 0.5, alpha: 0.75, eps: 1e-30, weight_decay: 0.0 }.build(2);
        let mut w = [0.0, 0.0];
        optimizer.step(&mut w, &[1024.0, -0.125], 0.5);
        assert_eq!(w, [-1.0, 1.0]);
    }
}
