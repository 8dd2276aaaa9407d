//! Softmax over the last axis, the shared part of `softmax`, `log_softmax` and `cross_entropy`. Each pass is a plain loop over
//! all rows, so that the exponentials vectorise even where a row is short.

use tensor::{Float, map};

use crate::{Graph, GraphError, Node};

/// An array seen as rows of its last axis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rows {
    pub rows: usize,
    pub classes: usize,
}

impl Rows {
    pub fn of<F: Float>(graph: &Graph<F>, op: &'static str, x: Node) -> Result<Self, GraphError> {
        match graph.shape(x).split_last() {
            Some((&classes, rest)) if classes > 0 => Ok(Self { rows: tensor::shape::size(rest), classes }),
            _ => Err(GraphError::Rank {
                op,
                expected: "an array with a last axis to normalise over",
                name: graph.name_of(x).to_owned(),
                shape: graph.shape(x).to_vec(),
            }),
        }
    }

    /// y = x − max of its row, which changes no softmax and keeps exp from overflowing.
    pub fn shift<F: Float>(self, x: &[F], y: &mut [F]) {
        for (x, y) in x.chunks_exact(self.classes).zip(y.chunks_exact_mut(self.classes)) {
            let max = x.iter().fold(x[0], |m, &v| if v > m { v } else { m });
            for (x, y) in x.iter().zip(y) {
                *y = *x - max;
            }
        }
    }

    /// Shifted logits to probabilities in place; the rows' sums of exponentials are left in `sums`.
    pub fn normalise<F: Float>(self, y: &mut [F], sums: &mut [F]) {
        map::map_mut(y, |y| y.exp());
        for (y, sum) in y.chunks_exact_mut(self.classes).zip(sums) {
            *sum = y.iter().fold(F::ZERO, |s, &v| s + v);
            for y in y {
                *y /= *sum;
            }
        }
    }
}
