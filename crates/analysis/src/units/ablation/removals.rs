//! Counting what is recognised without each unit and each pair of units.
//!
//! Every accuracy is that of the graph with the units masked, to the bit; what is not changed by a removal is not computed again.
//! The samples go through in blocks of some hundred. A block's values at a node are computed once; removing a unit replays the
//! layers above its node only; and for a pair of units of different nodes, the values at the upper node that the first removal
//! left are kept, so that the second one replays what lies above the upper node only: below the logits, one small product. (The
//! logits could be corrected by the outer product of the unit's values and its weights instead. That costs as much here, and
//! rounds otherwise than the graph does.) Blocks are shared among the threads, and counts are whole numbers, so that threads
//! change nothing.

use std::{
    ops::Range,
    sync::{Mutex, PoisonError},
};

use ndarray::{Array2, ArrayView2, s};
use tensor::reduce::argmax;

use crate::{
    AnalysisError,
    above::{Above, CHUNK, Op},
    select::units::Group,
};

/// All removals: none, each unit, each pair of units.
pub(super) struct Removals<'a> {
    pub model: &'a models::Model,
    pub groups: &'a [Group],
    /// Each group's node: samples × units.
    pub values: &'a [Array2<f32>],
    /// Each unit's group, and its number there.
    pub units: &'a [(usize, usize)],
    pub fills: &'a [f32],
    pub pairs: bool,
}

impl Removals<'_> {
    /// How many removals there are, the empty one among them.
    fn len(&self) -> usize {
        let n = self.units.len();
        1 + n + if self.pairs { n * (n - 1) / 2 } else { 0 }
    }

    /// The number of a pair, i < j, after the empty one and the single units.
    pub fn place(&self, i: usize, j: usize) -> usize {
        let n = self.units.len();
        1 + n + i * (2 * n - i - 1) / 2 + (j - i - 1)
    }

    /// How many samples of each class are recognised: removals × classes.
    pub fn count(&self, labels: &[u32], classes: usize) -> Result<Array2<u64>, AnalysisError> {
        let blocks = labels.len().div_ceil(CHUNK);
        let width = self.len() * classes;
        let mut counts = vec![0_u32; blocks * width];
        let failed = Mutex::new(None);
        // Thousands of operations stand behind one removal of one sample.
        let cost = CHUNK * self.len() * 1000;
        tensor::threads::split(blocks, width, &mut counts, cost, |range, counts| {
            for (block, counts) in range.zip(counts.chunks_exact_mut(width.max(1))) {
                let rows = block * CHUNK..labels.len().min((block + 1) * CHUNK);
                if let Err(error) = self.block(rows.clone(), &labels[rows], classes, counts) {
                    *failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                }
            }
        });
        if let Some(error) = failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
            return Err(error);
        }
        let mut sums = Array2::zeros((self.len(), classes));
        for block in counts.chunks_exact(width.max(1)) {
            sums.iter_mut().zip(block).for_each(|(sum, n)| *sum += u64::from(*n));
        }
        Ok(sums)
    }

    /// Counts for some samples.
    fn block(
        &self,
        rows: Range<usize>,
        labels: &[u32],
        classes: usize,
        counts: &mut [u32],
    ) -> Result<(), AnalysisError> {
        let above = |group: &Group| Above::new(self.model, &group.node, Op::Mask, labels.len());
        let mut above = self.groups.iter().map(above).collect::<Result<Vec<_>, _>>()?;
        let base = |g: usize| -> ArrayView2<'_, f32> { self.values[g].slice(s![rows.clone(), ..]) };
        let mut count = |removal: usize, outputs: &[f32]| {
            let scores = outputs.len() / labels.len().max(1);
            for (row, label) in outputs.chunks_exact(scores.max(1)).zip(labels) {
                if argmax(row) == *label as usize {
                    counts[removal * classes + *label as usize] += 1;
                }
            }
        };
        above[0].load(base(0));
        count(0, above[0].replay());
        for (i, &(group, unit)) in self.units.iter().enumerate() {
            let (own, others) =
                above[group..].split_first_mut().unwrap_or_else(|| unreachable!("every unit has a group"));
            own.load(base(group));
            own.set(unit, [0.0, self.fills[i]]);
            count(1 + i, own.replay());
            if self.pairs {
                // First those further up, while the replay's values are there.
                for (other, upper) in (group + 1..).zip(others) {
                    upper.load(own.value(&self.groups[other].node)?);
                    for (j, &(_, second)) in self.of_group(other) {
                        upper.set(second, [0.0, self.fills[j]]);
                        count(self.place(i, j), upper.replay());
                        upper.clear(second);
                    }
                }
                for (j, &(_, second)) in self.of_group(group).filter(|(j, _)| *j > i) {
                    own.set(second, [0.0, self.fills[j]]);
                    count(self.place(i, j), own.replay());
                    own.clear(second);
                }
            }
            own.clear(unit);
        }
        Ok(())
    }

    fn of_group(&self, group: usize) -> impl Iterator<Item = (usize, &(usize, usize))> {
        self.units.iter().enumerate().filter(move |(_, (g, _))| *g == group)
    }
}
