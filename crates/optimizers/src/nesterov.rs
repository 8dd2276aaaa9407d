//! Nesterov's momentum: v ← βv + (1−β)g, w ← w − η(βv + (1−β)g).
//!
//! Nesterov 1983; as momentum with the gradient taken after the step along v, Sutskever et al. 2013, equations 3 and 4. This is
//! their rule written for the point where the gradient is taken, as PyTorch has it, with v normalised by 1−β like
//! [`crate::momentum`].

use crate::{
    Optimizer, OptimizerKind,
    momentum::{self, Average, default_beta},
};
use registry::{Config, Problems};

/// Momentum that looks one step ahead: it brakes before a slope turns, where plain momentum overshoots.
///
/// v ← βv + (1−β)(g + λw), w ← w − η(βv + (1−β)(g + λw)), with v = 0 at first, η the learning rate, λ the weight decay
/// (Nesterov 1983; Sutskever et al. 2013, section 2). As with `momentum`, PyTorch's `lr` is this one times 1−β.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Nesterov {
    /// Learning rate η, above 0.
    pub lr: f64,
    /// Decay rate β of the average, 0 ≤ β < 1. Default 0.9.
    #[serde(default = "default_beta")]
    pub beta: f64,
    /// Weight decay λ: the L2 penalty ½λ‖w‖² on every parameter. Default 0.
    #[serde(default)]
    pub weight_decay: f64,
}

impl Config for Nesterov {
    const KIND: &str = "nesterov";
    const EXAMPLE: &str = "lr = 0.1\nbeta = 0.9";
}

impl OptimizerKind for Nesterov {
    fn check(&self, problems: &mut Problems) {
        momentum::check(problems, self.lr, self.beta, self.weight_decay);
    }

    fn build(&self, n_parameters: usize) -> Box<dyn Optimizer> {
        Box::new(Average::<true>::new(self.beta, self.weight_decay, n_parameters))
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
        // torch.optim.SGD(lr=0.01, momentum=0.9, nesterov=True), PyTorch 2.15.0: a tenth of our rate, see above
        follows(
            &Nesterov { lr: 0.1, beta: 0.9, weight_decay: 0.0 },
            &[
                [0.971499979, -1.60100007, 2.99429989],
                [0.931391478, -1.10771012, 2.98618078],
                [0.881340861, -0.58737421, 2.97589469],
                [0.822932363, -0.0971647203, 2.96367049],
                [0.757661104, 0.319621474, 2.94971609],
                [0.686927795, 0.635256112, 2.93422008],
                [0.612035155, 0.837394595, 2.91735339],
                [0.534185469, 0.927387238, 2.89927101],
            ],
        );
        // the same with weight_decay=0.05
        follows(
            &Nesterov { lr: 0.1, beta: 0.9, weight_decay: 0.05 },
            &[
                [0.970550001, -1.59909999, 2.99145007],
                [0.929132521, -1.1038419, 2.97927952],
                [0.877492309, -0.581969559, 2.96387339],
                [0.817290425, -0.0909999087, 2.94558287],
                [0.750096142, 0.325610071, 2.92472768],
            ],
        );
    }

    #[test]
    fn looks_one_step_ahead() {
        // First step from v = 0: v = (1−β)g, and w moves by η(β + 1)(1−β)g; β = 1/2: η · 3/4 · g.
        let mut optimizer = Nesterov { lr: 1.0, beta: 0.5, weight_decay: 0.0 }.build(1);
        let mut w = [0.0];
        optimizer.step(&mut w, &[4.0], 1.0);
        assert_eq!(w, [-3.0]);
    }
}
