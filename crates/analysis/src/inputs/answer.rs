//! What a model takes one sample for: what a look inside it at that sample is to explain.

use datasets::Dataset;
use models::Model;

use crate::{
    AnalysisError, Metrics,
    predictions::classification::softmax,
    select::samples::{self, Picked},
};

/// A sample, and what a model takes it for.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// Which sample of its split, from 0.
    pub index: usize,
    /// The sample, to go on a sentence: `test sample 18, a "3"`.
    pub sample: String,
    /// The classes' names.
    pub classes: Vec<String>,
    /// Its class.
    pub target: usize,
    /// What the model gives to each class, 0 to 1.
    pub probabilities: Vec<f64>,
}

impl Answer {
    /// What `model` takes the one sample picked of `data` for.
    ///
    /// # Errors
    /// When the data has no classes.
    pub fn of(model: &Model, data: &Dataset, picked: &Picked) -> Result<Self, AnalysisError> {
        let (labels, classes) = samples::classes(data)?;
        let scores = model.predict(&picked.rows(data))?;
        let index = picked.indices.first().copied().unwrap_or(0);
        Ok(Self {
            index,
            sample: picked.words.clone(),
            classes: classes.to_vec(),
            target: labels[index] as usize,
            probabilities: softmax(&scores.row(0).to_vec()),
        })
    }

    /// The most probable class.
    pub fn predicted(&self) -> usize {
        let most = |best: usize, i: usize| if self.probabilities[i] > self.probabilities[best] { i } else { best };
        (0..self.probabilities.len()).fold(0, most)
    }

    /// Its probability.
    pub fn confidence(&self) -> f64 {
        self.probabilities[self.predicted()]
    }

    /// Whether that is its own.
    pub fn is_right(&self) -> bool {
        self.predicted() == self.target
    }

    /// Its numbers for `metrics.json`.
    pub fn metrics(&self) -> Metrics {
        let mut metrics = Metrics::default();
        metrics.add("sample", self.sample.as_str());
        metrics.add("predicted", self.classes[self.predicted()].as_str());
        metrics.add("probability", self.confidence());
        metrics
    }
}
