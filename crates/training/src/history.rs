//! What is known of a training run, epoch by epoch.

use datasets::Split;

/// Loss and accuracy on one split of the data, one number per epoch.
#[derive(Debug, Clone, PartialEq, Default, serde::Serialize, serde::Deserialize)]
pub struct Series {
    /// Mean loss over the samples.
    pub loss: Vec<f32>,
    /// Share of samples whose largest output is their class, 0 to 1; empty for numbers.
    pub accuracy: Vec<f32>,
}

/// Loss and accuracy of every epoch.
///
/// The training split is measured in passing, on the outputs that the gradient is taken of: in a full-batch run entry 0 is the
/// untrained model, and with dropout some units are left out. Validation and test splits are measured after the epoch's last
/// step, on the model as it predicts.
#[derive(Debug, Clone, PartialEq, Default, serde::Serialize, serde::Deserialize)]
pub struct History {
    /// The training split.
    pub train: Series,
    /// The validation split, where there is one.
    pub validation: Option<Series>,
    /// The test split, where there is one.
    pub test: Option<Series>,
}

impl History {
    /// How many epochs have ended.
    pub fn epochs(&self) -> usize {
        self.train.loss.len()
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
                own.loss.extend(other.loss);
                own.accuracy.extend(other.accuracy);
            }
        }
    }
}

impl Series {
    /// The loss of an epoch, counted from 1.
    pub fn loss_of(&self, epoch: usize) -> Option<f32> {
        self.loss.get(epoch.checked_sub(1)?).copied()
    }

    /// The accuracy of an epoch, counted from 1; none for numbers.
    pub fn accuracy_of(&self, epoch: usize) -> Option<f32> {
        self.accuracy.get(epoch.checked_sub(1)?).copied()
    }

    pub(crate) fn reserve(&mut self, epochs: usize, classifies: bool) {
        self.loss.reserve_exact(epochs);
        if classifies {
            self.accuracy.reserve_exact(epochs);
        }
    }
}
