//! Where weights start.
//!
//! | rule | weights | biases | source |
//! |---|---|---|---|
//! | `torch` | uniform in ±1/√fan_in | the same | PyTorch's default for linear layers |
//! | `xavier_uniform` | uniform in ±√(6/(fan_in + fan_out)) | 0 | Glorot, Bengio 2010, equation 16 |
//! | `xavier_normal` | normal, variance 2/(fan_in + fan_out) | 0 | the same, equation 12 |
//! | `he_uniform` | uniform in ±√(6/fan_in) | 0 | He et al. 2015, equation 10 |
//! | `he_normal` | normal, variance 2/fan_in | 0 | the same |

use tensor::random::Stream;

/// How the weights of a layer are drawn before training.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Init {
    /// Weights and biases uniform in ±1/√fan_in, PyTorch's default.
    #[default]
    Torch,
    /// Weights uniform in ±√(6/(fan_in + fan_out)), biases 0; for tanh and sigmoid.
    XavierUniform,
    /// Weights normal with variance 2/(fan_in + fan_out), biases 0; for tanh and sigmoid.
    XavierNormal,
    /// Weights uniform in ±√(6/fan_in), biases 0; for ReLU.
    HeUniform,
    /// Weights normal with variance 2/fan_in, biases 0; for ReLU.
    HeNormal,
}

impl Init {
    /// Fills a weight array of a unit with `fan_in` inputs in a layer with `fan_out` outputs.
    pub fn fill_weights(self, weights: &mut [f32], fan_in: usize, fan_out: usize, stream: &mut Stream) {
        let (fan_in, fans) = (fan_in.max(1) as f64, (fan_in + fan_out).max(1) as f64);
        match self {
            Self::Torch => uniform(weights, (1.0 / fan_in).sqrt(), stream),
            Self::XavierUniform => uniform(weights, (6.0 / fans).sqrt(), stream),
            Self::XavierNormal => normal(weights, (2.0 / fans).sqrt(), stream),
            Self::HeUniform => uniform(weights, (6.0 / fan_in).sqrt(), stream),
            Self::HeNormal => normal(weights, (2.0 / fan_in).sqrt(), stream),
        }
    }

    /// Fills the biases of the same layer.
    pub fn fill_biases(self, biases: &mut [f32], fan_in: usize, stream: &mut Stream) {
        match self {
            Self::Torch => uniform(biases, (1.0 / fan_in.max(1) as f64).sqrt(), stream),
            _ => biases.fill(0.0),
        }
    }
}

fn uniform(values: &mut [f32], bound: f64, stream: &mut Stream) {
    for value in values {
        *value = stream.uniform_in(-bound, bound) as f32;
    }
}

fn normal(values: &mut [f32], deviation: f64, stream: &mut Stream) {
    for value in values {
        *value = (stream.normal() * deviation) as f32;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tensor::random::{Purpose, Streams};

    /// Standard deviation and largest magnitude of 64 × 400 weights.
    fn spread(init: Init) -> (f64, f64) {
        let mut w = vec![0.0; 64 * 400];
        init.fill_weights(&mut w, 64, 400, &mut Streams::new(3).stream("init", Purpose::Init));
        let variance = w.iter().map(|&v| square(f64::from(v))).sum::<f64>() / w.len() as f64;
        (variance.sqrt(), w.iter().fold(0.0, |m, v| f64::from(v.abs()).max(m)))
    }

    fn square(v: f64) -> f64 {
        v * v
    }

    #[test]
    fn spreads_are_those_of_the_papers() {
        // A uniform distribution in ±b has standard deviation b/√3.
        for (init, deviation, bound) in [
            (Init::Torch, 0.125 / 3.0_f64.sqrt(), 0.125),
            (Init::XavierUniform, (2.0_f64 / 464.0).sqrt(), (6.0_f64 / 464.0).sqrt()),
            (Init::XavierNormal, (2.0_f64 / 464.0).sqrt(), f64::INFINITY),
            (Init::HeUniform, (2.0_f64 / 64.0).sqrt(), (6.0_f64 / 64.0).sqrt()),
            (Init::HeNormal, (2.0_f64 / 64.0).sqrt(), f64::INFINITY),
        ] {
            let (measured, largest) = spread(init);
            assert!((measured / deviation - 1.0).abs() < 0.02, "{init:?}: {measured} for {deviation}");
            assert!(largest <= bound, "{init:?}: {largest} beyond {bound}");
        }
    }

    #[test]
    fn only_torch_draws_biases() {
        let mut stream = Streams::new(3).stream("init", Purpose::Init);
        let mut b = [9.0; 4];
        Init::HeNormal.fill_biases(&mut b, 4, &mut stream);
        assert_eq!(b, [0.0; 4]);
        Init::Torch.fill_biases(&mut b, 4, &mut stream);
        assert!(b.iter().all(|v| *v != 0.0 && v.abs() <= 0.5));
    }
}
