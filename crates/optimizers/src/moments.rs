//! What the optimizers with a memory share: the state slices and the bias correction.

use crate::StateError;

/// Moments smaller than this are set to zero: 2⁻¹⁰⁰.
///
/// A moving average whose gradient has become exactly zero (a dead ReLU) shrinks by β every step until it is subnormal, where
/// it stays for ever, because β times the smallest number rounds back to it. Subnormal numbers cost processors up to a hundred
/// times a normal operation. The flush is a plain comparison, so that it is the same on every machine, and lies some 10²⁰ below
/// any ε, so that it never shows in a parameter.
const TINY: f32 = 1.0 / (1u128 << 100) as f32;

/// x, or zero where |x| < [`TINY`].
#[inline(always)]
pub fn flush(x: f32) -> f32 {
    if x.abs() < TINY { 0.0 } else { x }
}

/// The `S` state slices of an optimizer, each as long as the parameters.
#[derive(Debug)]
pub struct Moments<const S: usize> {
    slices: [Vec<f32>; S],
}

impl<const S: usize> Moments<S> {
    /// All zero, for `n` parameters.
    pub fn new(n: usize) -> Self {
        Self { slices: std::array::from_fn(|_| vec![0.0; n]) }
    }

    /// The slices, to read.
    pub fn named(&self, names: [&'static str; S]) -> Vec<(&'static str, &[f32])> {
        names.into_iter().zip(self.slices.iter().map(Vec::as_slice)).collect()
    }

    /// The slices, to update.
    #[inline]
    pub fn slices(&mut self) -> [&mut [f32]; S] {
        self.slices.each_mut().map(Vec::as_mut_slice)
    }

    /// Copies saved slices in.
    pub fn restore(&mut self, optimizer: &'static str, state: &[&[f32]]) -> Result<(), StateError> {
        if state.len() != S {
            return Err(StateError::Count { optimizer, found: state.len(), expected: S });
        }
        for (own, saved) in self.slices.iter().zip(state) {
            if own.len() != saved.len() {
                return Err(StateError::Length { optimizer, found: saved.len(), expected: own.len() });
            }
        }
        for (own, saved) in self.slices.iter_mut().zip(state) {
            own.copy_from_slice(saved);
        }
        Ok(())
    }
}

/// The bias 1 − βᵗ of a moving average that started at zero (Kingma & Ba 2015, section 3), step by step in f64.
#[derive(Debug, Clone, Copy)]
pub struct Bias {
    beta: f64,
    power: f64,
}

impl Bias {
    /// Before the first step: β⁰ = 1.
    pub fn new(beta: f64) -> Self {
        Self { beta, power: 1.0 }
    }

    /// Moves to the next step t and gives 1 − βᵗ.
    ///
    /// Below 2⁻⁶⁰, where 1 − βᵗ has long been exactly 1, the power becomes 0: it would end as a subnormal number.
    #[inline]
    pub fn advance(&mut self) -> f64 {
        const NEGLIGIBLE: f64 = 1.0 / (1u64 << 60) as f64;
        self.power *= self.beta;
        if self.power < NEGLIGIBLE {
            self.power = 0.0;
        }
        1.0 - self.power
    }

    /// As after `steps` steps, with the same roundings.
    pub fn restore(&mut self, steps: u64) {
        self.power = 1.0;
        for _ in 0..steps {
            if self.power == 0.0 {
                break;
            }
            self.advance();
        }
    }
}
