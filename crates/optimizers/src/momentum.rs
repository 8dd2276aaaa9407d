//! Momentum as a moving average of the gradient: v ← βv + (1−β)g, w ← w − ηv.
//!
//! Polyak 1964's heavy ball, with the average normalised by 1−β. PyTorch (and Sutskever et al. 2013, equations 1 and 2) write
//! v ← βv + g instead: the same path with the learning rate η(1−β).

use crate::{
    Optimizer, OptimizerKind, StateError, checks,
    moments::{Moments, flush},
};
use registry::{Config, Problems};

/// Gradient descent along a moving average of the gradient, which rolls through ravines that plain descent zigzags in.
///
/// v ← βv + (1−β)(g + λw), w ← w − ηv, with v = 0 at first, η the learning rate, λ the weight decay (Polyak 1964). Because of
/// the factor 1−β the rate keeps the meaning it has without momentum; PyTorch leaves the factor out, so that its `lr` is this
/// one times 1−β.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Momentum {
    /// Learning rate η, above 0.
    pub lr: f64,
    /// Decay rate β of the average, 0 ≤ β < 1: it looks back over about 1/(1−β) steps. Default 0.9.
    #[serde(default = "default_beta")]
    pub beta: f64,
    /// Weight decay λ: the L2 penalty ½λ‖w‖² on every parameter. Default 0.
    #[serde(default)]
    pub weight_decay: f64,
}

/// Ten steps of memory, the value in common use since Sutskever et al. 2013.
pub(crate) fn default_beta() -> f64 {
    0.9
}

impl Config for Momentum {
    const KIND: &str = "momentum";
    const EXAMPLE: &str = "lr = 0.1\nbeta = 0.9";
}

impl OptimizerKind for Momentum {
    fn check(&self, problems: &mut Problems) {
        check(problems, self.lr, self.beta, self.weight_decay);
    }

    fn build(&self, n_parameters: usize) -> Box<dyn Optimizer> {
        Box::new(Average::<false>::new(self.beta, self.weight_decay, n_parameters))
    }

    fn lr(&self) -> f64 {
        self.lr
    }
}

/// Notes numbers out of range of an optimizer with a moving average.
pub(crate) fn check(problems: &mut Problems, lr: f64, beta: f64, weight_decay: f64) {
    checks::lr(problems, lr);
    checks::beta(problems, "beta", beta);
    checks::weight_decay(problems, weight_decay);
}

/// The moving average v at work. Plain momentum steps along v, Nesterov's (`AHEAD`) along what v would be after another step
/// with the same gradient, βv + (1−β)g. `rest` is 1 − β, rounded once.
pub(crate) struct Average<const AHEAD: bool> {
    beta: f32,
    rest: f32,
    decay: f32,
    moments: Moments<1>,
}

impl<const AHEAD: bool> Average<AHEAD> {
    /// v = 0 for so many parameters.
    pub fn new(beta: f64, weight_decay: f64, n_parameters: usize) -> Self {
        let (rest, moments) = ((1.0 - beta) as f32, Moments::new(n_parameters));
        Self { beta: beta as f32, rest, decay: weight_decay as f32, moments }
    }
}

impl<const AHEAD: bool> Optimizer for Average<AHEAD> {
    fn name(&self) -> &'static str {
        if AHEAD { crate::nesterov::Nesterov::KIND } else { Momentum::KIND }
    }

    fn step(&mut self, w: &mut [f32], g: &[f32], lr: f64) {
        let (lr, beta, rest, decay) = (lr as f32, self.beta, self.rest, self.decay);
        tensor::map::update(w, self.moments.slices(), g, move |w, [v], g| {
            let share = rest * (g + decay * w);
            let v = flush(beta * v + share);
            let direction = if AHEAD { beta * v + share } else { v };
            (w - lr * direction, [v])
        });
    }

    fn state(&self) -> Vec<(&'static str, &[f32])> {
        self.moments.named(["v"])
    }

    fn restore(&mut self, state: &[&[f32]], _steps: u64) -> Result<(), StateError> {
        self.moments.restore(self.name(), state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::follows;

    #[test]
    fn follows_pytorch() {
        // torch.optim.SGD(lr=0.01, momentum=0.9), PyTorch 2.15.0: without the factor 1−β, so a tenth of our rate
        follows(
            &Momentum { lr: 0.1, beta: 0.9, weight_decay: 0.0 },
            &[
                [0.985000014, -1.78999996, 2.99699998],
                [0.956650019, -1.41199994, 2.99130297],
                [0.916568518, -0.920599997, 2.98318434],
                [0.866329491, -0.376280069, 2.97289443],
                [0.807451069, 0.161235899, 2.9606607],
                [0.741385996, 0.638876677, 2.94668961],
                [0.669513524, 1.01486576, 2.93116903],
                [0.593133211, 1.26176929, 2.91426921],
            ],
        );
    }

    #[test]
    fn averages_a_constant_gradient() {
        // With g = 1, vₜ = 1 − βᵗ; β = 1/2 keeps it exact.
        let mut optimizer = Momentum { lr: 1.0, beta: 0.5, weight_decay: 0.0 }.build(1);
        let mut w = [0.0];
        for t in 1..=10 {
            optimizer.step(&mut w, &[1.0], 1.0);
            assert_eq!(optimizer.state()[0].1[0], 1.0 - 1.0 / (1u32 << t) as f32);
        }
    }

    #[test]
    fn with_beta_zero_is_plain_descent() {
        let mut optimizer = Momentum { lr: 0.25, beta: 0.0, weight_decay: 0.5 }.build(2);
        let mut w = [4.0, -2.0];
        optimizer.step(&mut w, &[1.0, 3.0], 0.25);
        assert_eq!(w, [4.0 - 0.25 * (1.0 + 2.0), -2.0 - 0.25 * (3.0 - 1.0)]);
    }
}
