//! What is known of a training run, epoch by epoch.

use datasets::Split;

use crate::Measure;

/// How good a model is on one split of the data.
#[derive(Debug, Clone, Copy, PartialEq, Default, serde::Serialize, serde::Deserialize)]
pub struct Score {
    /// Mean loss over the samples.
    pub loss: f32,
    /// Share of samples whose largest output is their class, 0 to 1; none for numbers.
    pub accuracy: Option<f32>,
    /// Mean precision of the classes, where it was asked for.
    pub precision: Option<f32>,
    /// Mean recall of the classes, where it was asked for.
    pub recall: Option<f32>,
    /// Mean F1 of the classes, where it was asked for.
    pub f1: Option<f32>,
}

impl Score {
    /// One of its numbers, where it was measured.
    pub fn get(&self, measure: Measure) -> Option<f32> {
        match measure {
            Measure::Loss => Some(self.loss),
            Measure::Accuracy => self.accuracy,
            Measure::Precision => self.precision,
            Measure::Recall => self.recall,
            Measure::F1 => self.f1,
        }
    }

    /// The numbers that were measured, by name.
    pub fn numbers(&self) -> impl Iterator<Item = (&'static str, f32)> {
        Measure::ALL.into_iter().filter_map(|measure| Some((measure.name(), self.get(measure)?)))
    }
}

/// How good a model is on one split of the data: of the model before its first step, then after each epoch, so that entry e is
/// that after e epochs.
#[derive(Debug, Clone, PartialEq, Default, serde::Serialize, serde::Deserialize)]
pub struct Series {
    /// Mean loss over the samples.
    pub loss: Vec<f32>,
    /// Share of samples whose largest output is their class, 0 to 1; empty for numbers.
    pub accuracy: Vec<f32>,
    /// Mean precision of the classes; empty where it was not asked for.
    pub precision: Vec<f32>,
    /// Mean recall of the classes; empty where it was not asked for.
    pub recall: Vec<f32>,
    /// Mean F1 of the classes; empty where it was not asked for.
    pub f1: Vec<f32>,
}

/// How good the model was before the first step and after every epoch.
///
/// Every split is measured on the model as it predicts, except that the training split has running means from epoch 1 on where
/// [`History::running`] says so.
#[derive(Debug, Clone, PartialEq, Default, serde::Serialize, serde::Deserialize)]
pub struct History {
    /// The training split.
    pub train: Series,
    /// Whether the training split's numbers from epoch 1 on are means over the batches in passing: each batch before the step
    /// that it makes, with units dropped, batches normalised and pictures changed as in training. They belong to no single model.
    /// False where a step sees all samples through the model as it predicts, and where the training split is followed: then they
    /// are those of the model after the epoch, like the other splits'.
    pub running: bool,
    /// The validation split, where there is one.
    pub validation: Option<Series>,
    /// The test split, where there is one.
    pub test: Option<Series>,
}

impl History {
    /// How many epochs have ended.
    pub fn epochs(&self) -> usize {
        self.train.loss.len().saturating_sub(1)
    }

    /// One split's numbers, where it was measured.
    pub fn split(&self, split: Split) -> Option<&Series> {
        match split {
            Split::Train => Some(&self.train),
            Split::Validation => self.validation.as_ref(),
            Split::Test => self.test.as_ref(),
        }
    }

    /// The splits that were measured, by name.
    pub fn splits(&self) -> impl Iterator<Item = (&'static str, &Series)> {
        [("train", Some(&self.train)), ("validation", self.validation.as_ref()), ("test", self.test.as_ref())]
            .into_iter()
            .filter_map(|(name, series)| Some((name, series?)))
    }
}

impl History {
    /// Goes on from what another run recorded, with room for as many epochs as were planned.
    pub(crate) fn take_up(&mut self, from: History) {
        let own = [Some(&mut self.train), self.validation.as_mut(), self.test.as_mut()];
        let other = [Some(from.train), from.validation, from.test];
        for (own, other) in own.into_iter().zip(other) {
            if let (Some(own), Some(other)) = (own, other) {
                Measure::ALL.into_iter().for_each(|measure| own.get_mut(measure).extend(other.get(measure)));
            }
        }
    }
}

impl Series {
    /// One of its numbers epoch by epoch; nothing where it was not measured.
    pub fn get(&self, measure: Measure) -> &[f32] {
        match measure {
            Measure::Loss => &self.loss,
            Measure::Accuracy => &self.accuracy,
            Measure::Precision => &self.precision,
            Measure::Recall => &self.recall,
            Measure::F1 => &self.f1,
        }
    }

    fn get_mut(&mut self, measure: Measure) -> &mut Vec<f32> {
        match measure {
            Measure::Loss => &mut self.loss,
            Measure::Accuracy => &mut self.accuracy,
            Measure::Precision => &mut self.precision,
            Measure::Recall => &mut self.recall,
            Measure::F1 => &mut self.f1,
        }
    }

    /// What was measured after so many epochs.
    pub fn score(&self, epoch: usize) -> Option<Score> {
        let at = |measure| self.get(measure).get(epoch).copied();
        Some(Score {
            loss: at(Measure::Loss)?,
            accuracy: at(Measure::Accuracy),
            precision: at(Measure::Precision),
            recall: at(Measure::Recall),
            f1: at(Measure::F1),
        })
    }

    pub(crate) fn push(&mut self, score: Score) {
        Measure::ALL.into_iter().for_each(|measure| self.get_mut(measure).extend(score.get(measure)));
    }

    /// Makes room for these numbers of so many epochs.
    pub(crate) fn reserve(&mut self, epochs: usize, measures: &[Measure]) {
        measures.iter().for_each(|measure| self.get_mut(*measure).reserve_exact(epochs + 1));
    }
}
