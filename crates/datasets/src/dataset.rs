//! What every source gives: samples, and what is to be predicted for each.

use ndarray::{Array2, Axis};

use crate::Samples;

/// Samples with their targets.
#[derive(Debug, Clone, PartialEq)]
pub struct Dataset {
    /// The samples, one per row: n × features.
    pub x: Samples,
    /// The shape of one sample, whose product is the number of features: `[2]`, `[1, 28, 28]`.
    pub shape: Vec<usize>,
    /// What is to be predicted.
    pub y: Targets,
    /// A name for each feature.
    pub feature_names: Vec<String>,
    /// The values without noise, where the source knows them: n × columns.
    pub truth: Option<Array2<f32>>,
}

/// What is to be predicted for each sample.
#[derive(Debug, Clone, PartialEq)]
pub enum Targets {
    /// One class each.
    Classes {
        /// The class of each sample, an index into `names`.
        labels: Vec<u32>,
        /// The classes' names, in order.
        names: Vec<String>,
    },
    /// One or several numbers each.
    Values {
        /// n × columns.
        values: Array2<f32>,
        /// The columns' names.
        columns: Vec<String>,
    },
    /// Nothing: data to be looked at only.
    None,
}

/// What a source will give, known before it is loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spec {
    /// How many samples.
    pub n: usize,
    /// The shape of one sample.
    pub shape: Vec<usize>,
    /// What is to be predicted.
    pub target: TargetSpec,
    /// A name for each feature.
    pub feature_names: Vec<String>,
}

/// The kind of target, without the targets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TargetSpec {
    /// One of these classes.
    Classes {
        /// The classes' names, in order.
        names: Vec<String>,
    },
    /// Numbers, one per column.
    Values {
        /// The columns' names.
        columns: Vec<String>,
    },
    /// Nothing.
    None,
}

/// Channels, rows and columns of pictures of this shape: `[channels, rows, columns]`, or `[rows, columns]` of one channel. `None`
/// for samples that are no pictures.
pub fn picture(shape: &[usize]) -> Option<[usize; 3]> {
    match *shape {
        [rows, columns] => Some([1, rows, columns]),
        [channels, rows, columns] => Some([channels, rows, columns]),
        _ => None,
    }
}

impl Spec {
    /// How many numbers describe one sample.
    pub fn features(&self) -> usize {
        tensor::shape::size(&self.shape)
    }

    /// How many classes, for a classification.
    pub fn classes(&self) -> Option<usize> {
        match &self.target {
            TargetSpec::Classes { names } => Some(names.len()),
            _ => None,
        }
    }

    /// How many numbers a model has to give: one per class, or one per column.
    pub fn outputs(&self) -> Option<usize> {
        match &self.target {
            TargetSpec::Classes { names } => Some(names.len()),
            TargetSpec::Values { columns } => Some(columns.len()),
            TargetSpec::None => None,
        }
    }
}

impl Dataset {
    /// How many samples.
    pub fn n(&self) -> usize {
        self.x.n()
    }

    /// How many numbers describe one sample.
    pub fn features(&self) -> usize {
        self.x.features()
    }

    /// How many classes, for a classification.
    pub fn classes(&self) -> Option<usize> {
        self.class_names().map(<[_]>::len)
    }

    /// The classes' names, for a classification.
    pub fn class_names(&self) -> Option<&[String]> {
        match &self.y {
            Targets::Classes { names, .. } => Some(names),
            _ => None,
        }
    }

    /// The class of each sample, for a classification.
    pub fn labels(&self) -> Option<&[u32]> {
        match &self.y {
            Targets::Classes { labels, .. } => Some(labels),
            _ => None,
        }
    }

    /// The class of each sample as a number, for a classification.
    pub fn labels_f32(&self) -> Option<Vec<f32>> {
        // Exact: no data set has 2²⁴ classes.
        self.labels().map(|labels| labels.iter().map(|&l| l as f32).collect())
    }

    /// The target values, n × columns, for a regression.
    pub fn values(&self) -> Option<&Array2<f32>> {
        match &self.y {
            Targets::Values { values, .. } => Some(values),
            _ => None,
        }
    }

    /// How many samples each class has, for a classification.
    pub fn class_counts(&self) -> Option<Vec<usize>> {
        let mut counts = vec![0; self.classes()?];
        for &label in self.labels()? {
            counts[label as usize] += 1;
        }
        Some(counts)
    }

    /// The samples at `indices`, in that order; the classes keep their numbers and names.
    ///
    /// # Panics
    /// If an index is `n` or more.
    pub fn subset(&self, indices: &[usize]) -> Dataset {
        Dataset {
            x: self.x.select(indices),
            shape: self.shape.clone(),
            y: match &self.y {
                Targets::Classes { labels, names } => {
                    Targets::Classes { labels: indices.iter().map(|&i| labels[i]).collect(), names: names.clone() }
                }
                Targets::Values { values, columns } => {
                    Targets::Values { values: values.select(Axis(0), indices), columns: columns.clone() }
                }
                Targets::None => Targets::None,
            },
            feature_names: self.feature_names.clone(),
            truth: self.truth.as_ref().map(|t| t.select(Axis(0), indices)),
        }
    }

    /// What this is, without the numbers.
    pub fn spec(&self) -> Spec {
        Spec {
            n: self.n(),
            shape: self.shape.clone(),
            target: match &self.y {
                Targets::Classes { names, .. } => TargetSpec::Classes { names: names.clone() },
                Targets::Values { columns, .. } => TargetSpec::Values { columns: columns.clone() },
                Targets::None => TargetSpec::None,
            },
            feature_names: self.feature_names.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn subset_keeps_rows_together() {
        let data = Dataset {
            x: array![[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]].into(),
            shape: vec![2],
            y: Targets::Classes { labels: vec![0, 1, 2], names: ["a", "b", "c"].map(String::from).into() },
            feature_names: ["u", "v"].map(String::from).into(),
            truth: None,
        };
        let split = data.subset(&[2, 0]);
        assert_eq!(*split.x, array![[4.0, 5.0], [0.0, 1.0]]);
        assert_eq!(split.labels_f32(), Some(vec![2.0, 0.0]));
        assert_eq!(split.class_counts(), Some(vec![1, 0, 1]));
        assert_eq!(split.spec(), Spec { n: 2, ..data.spec() });
        assert_eq!(data.subset(&[]).n(), 0);
        assert_eq!((data.spec().features(), data.spec().outputs()), (2, Some(3)));
    }
}
