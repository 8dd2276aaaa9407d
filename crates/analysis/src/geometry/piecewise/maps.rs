//! The affine map of a piece, from its pattern.
//!
//! Where the pattern D₁, …, D_L is given, the outputs are (… (x · W₁ + b₁) D₁ · W₂ + b₂ …): the map's columns (one per input, and
//! the offset) pass through the steps as points do, all but the offset without biases. Pieces that come one after another share
//! the first bends, whose columns are kept.

use super::{Pattern, Piecewise, Step};

/// Computes maps, best for patterns in the order in which pieces are cut.
pub(crate) struct Maps<'a> {
    network: &'a Piecewise,
    last: Option<Pattern>,
    /// The columns that go into each step, and those that come out of the last: each (inputs + 1) × units.
    columns: Vec<Vec<f64>>,
}

impl<'a> Maps<'a> {
    pub fn new(network: &'a Piecewise) -> Self {
        let (inputs, n) = (network.inputs, network.inputs + 1);
        let mut columns = vec![Vec::new(); network.steps.len() + 1];
        // Each input's column has a one at the input, the offset's none.
        columns[0] = (0..n * inputs).map(|i| f64::from(u8::from(i / inputs.max(1) == i % inputs.max(1)))).collect();
        Self { network, last: None, columns }
    }

    /// The map of a piece: for each input the gradient of all outputs, then the offset; (inputs + 1) × outputs.
    pub fn of(&mut self, pattern: &Pattern) -> &[f64] {
        let n = self.network.inputs + 1;
        let mut same = self.last.is_some();
        let mut bit = 0;
        for (i, step) in self.network.steps.iter().enumerate() {
            let (before, after) = self.columns.split_at_mut(i + 1);
            let (before, after) = (&before[i], &mut after[0]);
            match step {
                Step::Affine(affine) if !same => {
                    let outputs = affine.bias.len();
                    after.clear();
                    after.resize(n * outputs, 0.0);
                    after[(n - 1) * outputs..].copy_from_slice(&affine.bias);
                    affine.add_product(before, after);
                }
                Step::Affine(_) => {}
                Step::Bend { units, slope } => {
                    let words = bit / 64..bit / 64 + units.div_ceil(64);
                    same = same && self.last.as_ref().is_some_and(|last| last.0[words.clone()] == pattern.0[words]);
                    if !same {
                        after.clone_from(before);
                        for column in after.chunks_exact_mut((before.len() / n).max(1)) {
                            for (unit, v) in column[..*units].iter_mut().enumerate() {
                                *v = if pattern.is_on(bit + unit) { *v } else { *v * slope };
                            }
                        }
                    }
                    bit += 64 * units.div_ceil(64);
                }
            }
        }
        self.last = Some(pattern.clone());
        &self.columns[self.network.steps.len()]
    }
}
