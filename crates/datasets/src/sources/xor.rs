//! The exclusive or: the four corners of the unit square, 1 where the coordinates differ.
//!
//! The smallest problem that no single layer solves (Minsky & Papert 1969).

use crate::{DataError, Dataset, Source, Spec, Targets};
use ndarray::array;
use registry::Config;
use std::path::Path;
use tensor::Streams;

/// The exclusive or: four points whose value is 1 where their two coordinates differ, the smallest problem that needs a
/// hidden layer.
///
/// (0,0) → 0, (0,1) → 1, (1,0) → 1, (1,1) → 0. Features: `x1`, `x2`; target: `y`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Xor {}

impl Config for Xor {
    const KIND: &str = "xor";
    const EXAMPLE: &str = "";
}

fn four_points() -> Dataset {
    let values = array![[0.0], [1.0], [1.0], [0.0]];
    Dataset {
        x: array![[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]].into(),
        shape: vec![2],
        y: Targets::Values { values: values.clone(), columns: vec!["y".into()] },
        feature_names: vec!["x1".into(), "x2".into()],
        truth: Some(values),
    }
}

impl Source for Xor {
    fn spec(&self, _base: &Path) -> Result<Spec, DataError> {
        Ok(four_points().spec())
    }

    fn load(&self, _base: &Path, _streams: &Streams, _stage: &str) -> Result<Dataset, DataError> {
        Ok(four_points())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_the_truth_table() {
        let data = four_points();
        for (x, y) in data.x.rows().into_iter().zip(data.values().unwrap()) {
            assert_eq!(*y == 1.0, (x[0] == 1.0) ^ (x[1] == 1.0));
        }
    }
}
