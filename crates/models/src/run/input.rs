//! What a model is run on: samples of a data set, which stay as they are kept until a chunk is gathered, or rows of an array.

use datasets::{Dataset, Samples};
use ndarray::{Array2, ArrayView2};

use crate::{Loss, ModelError};

/// Samples of a data set, or rows of an array: samples × features.
#[derive(Debug, Clone)]
pub enum Input<'a> {
    /// Samples with what is to be predicted for them.
    Data(&'a Dataset),
    /// Rows of numbers.
    Rows(ArrayView2<'a, f32>),
}

impl<'a> From<&'a Dataset> for Input<'a> {
    fn from(data: &'a Dataset) -> Self {
        Self::Data(data)
    }
}

impl<'a> From<&'a Array2<f32>> for Input<'a> {
    fn from(rows: &'a Array2<f32>) -> Self {
        Self::Rows(rows.view())
    }
}

impl<'a> From<ArrayView2<'a, f32>> for Input<'a> {
    fn from(rows: ArrayView2<'a, f32>) -> Self {
        Self::Rows(rows)
    }
}

impl Input<'_> {
    /// How many samples.
    pub fn n(&self) -> usize {
        match self {
            Self::Data(data) => data.n(),
            Self::Rows(rows) => rows.nrows(),
        }
    }

    /// How many numbers one sample has.
    pub fn features(&self) -> usize {
        match self {
            Self::Data(data) => data.features(),
            Self::Rows(rows) => rows.ncols(),
        }
    }

    /// Writes these samples, one after the other.
    pub(super) fn gather(&self, samples: &[u32], to: &mut [f32]) {
        match self {
            Self::Data(data) => data.x.gather(samples, to),
            Self::Rows(rows) => {
                for (&sample, to) in samples.iter().zip(to.chunks_exact_mut(rows.ncols().max(1))) {
                    to.iter_mut().zip(rows.row(sample as usize)).for_each(|(to, from)| *to = *from);
                }
            }
        }
    }

    /// What a loss compares the outputs with.
    pub(super) fn targets(&self, loss: Loss) -> Result<Samples, ModelError> {
        match self {
            Self::Data(data) => loss.targets(data),
            Self::Rows(_) => Err(loss.no_targets()),
        }
    }
}
