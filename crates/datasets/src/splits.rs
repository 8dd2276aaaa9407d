//! A data set in its training, validation and test splits.

use crate::{Dataset, Pixels, Scaled, Standard};

/// A split of the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Split {
    /// The training split.
    Train,
    /// The validation split.
    Validation,
    /// The test split.
    Test,
}

impl Split {
    /// All of them, in the order in which their sizes are listed.
    pub const ALL: [Self; 3] = [Self::Train, Self::Validation, Self::Test];

    /// `train`, `validation` or `test`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Validation => "validation",
            Self::Test => "test",
        }
    }
}

/// A data set divided.
#[derive(Debug, Clone, PartialEq)]
pub struct Splits {
    /// To train on.
    pub train: Dataset,
    /// To watch during training.
    pub validation: Option<Dataset>,
    /// Kept for the end.
    pub test: Option<Dataset>,
    /// Which samples of the whole each split has, ascending: train, validation, test.
    pub indices: [Vec<usize>; 3],
    /// What the bytes of pictures stand for, where the samples are such.
    pub pixels: Option<Pixels>,
    /// By what the pixels were standardised, where they were.
    pub standard: Option<Standard>,
    /// By what each feature was scaled, where it was.
    pub scaled: Vec<Scaled>,
    /// The true classes of the training samples, where their labels were made wrong on purpose.
    pub true_labels: Option<Vec<u32>>,
}

impl Splits {
    /// All of it for training.
    pub fn undivided(data: Dataset) -> Self {
        let indices = [(0..data.n()).collect(), Vec::new(), Vec::new()];
        Splits {
            train: data,
            validation: None,
            test: None,
            indices,
            pixels: None,
            standard: None,
            scaled: Vec::new(),
            true_labels: None,
        }
    }

    /// What a 0 of pictures has become by normalisation: black.
    pub fn background(&self) -> f32 {
        match (&self.pixels, self.scaled.as_slice()) {
            (Some(pixels), _) => pixels.offset,
            // All numbers of samples with several axes are scaled alike.
            (None, [all]) if self.train.shape.len() > 1 => (-all.shift / all.scale) as f32,
            _ => 0.0,
        }
    }

    /// One split, where there is such a one.
    pub fn get(&self, split: Split) -> Option<&Dataset> {
        match split {
            Split::Train => Some(&self.train),
            Split::Validation => self.validation.as_ref(),
            Split::Test => self.test.as_ref(),
        }
    }

    /// The same, to change it.
    pub fn get_mut(&mut self, split: Split) -> Option<&mut Dataset> {
        match split {
            Split::Train => Some(&mut self.train),
            Split::Validation => self.validation.as_mut(),
            Split::Test => self.test.as_mut(),
        }
    }

    /// The splits there are: train, validation, test.
    pub fn iter(&self) -> impl Iterator<Item = &Dataset> {
        std::iter::once(&self.train).chain(&self.validation).chain(&self.test)
    }

    /// The same, to change them.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Dataset> {
        std::iter::once(&mut self.train).chain(&mut self.validation).chain(&mut self.test)
    }
}
