//! Counting what is recognised without each unit and each pair of units.
//!
//! Every accuracy is that of the graph with the units masked, to the bit. What is not changed by a removal is not computed again
//! ([`Run::variants`](models::Run::variants)): for a pair of units of different nodes, the second removal goes on from what the
//! first one left at its node, which below the logits is one small product. (The logits could be corrected by the outer product
//! of the unit's values and its weights instead. That costs as much here, and rounds otherwise than the graph does.) Counts are
//! whole numbers, so that it does not matter how samples are added up.

use datasets::Dataset;
use models::{Model, Patch, Seen};
use ndarray::Array2;
use tensor::reduce::argmax;

use crate::AnalysisError;

/// All removals: none, each unit, each pair of units.
pub(super) struct Removals {
    /// How many units there are.
    n: usize,
    variants: Vec<Vec<Patch>>,
}

impl Removals {
    /// Of units each of which is removed by a patch.
    pub fn new(units: Vec<Patch>, pairs: bool) -> Self {
        let mut variants = vec![Vec::new()];
        variants.extend(units.iter().map(|unit| vec![unit.clone()]));
        if pairs {
            let both = |(i, a): (usize, &Patch)| units[i + 1..].iter().map(|b| vec![a.clone(), b.clone()]).collect();
            variants.extend(units.iter().enumerate().flat_map::<Vec<_>, _>(both));
        }
        Self { n: units.len(), variants }
    }

    /// The number of a pair, i < j, after the empty removal and the single units.
    pub fn place(&self, i: usize, j: usize) -> usize {
        1 + self.n + i * (2 * self.n - i - 1) / 2 + (j - i - 1)
    }

    /// How many samples of each class are recognised: removals × classes.
    pub fn count(
        &self,
        model: &Model,
        data: &Dataset,
        labels: &[u32],
        classes: usize,
    ) -> Result<Array2<u64>, AnalysisError> {
        let width = model.outputs();
        // A chunk has some hundred samples.
        let count = |counts: &mut Array2<u16>, seen: Seen<'_>| {
            for (row, label) in seen.values(0).chunks_exact(width).zip(&labels[seen.samples.clone()]) {
                if argmax(row) == *label as usize {
                    counts[[seen.variant, *label as usize]] += 1;
                }
            }
        };
        let shape = (self.variants.len(), classes);
        let zeros = || Array2::zeros(shape);
        let chunks = model.run(data).variants(&self.variants).fold(model.nodes().last(), zeros, count)?;
        let mut sums = Array2::zeros(shape);
        chunks.iter().for_each(|counts| sums.zip_mut_with(counts, |sum, n| *sum += u64::from(*n)));
        Ok(sums)
    }
}
