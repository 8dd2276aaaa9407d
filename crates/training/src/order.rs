//! In which order the samples of an epoch are seen.

use tensor::random::{Purpose, Stream, Streams};

use crate::{Batch, TrainConfig};

/// The order of the training samples, epoch after epoch: in batches a new one for each, drawn from the stage's own stream; all at
/// once always the data's own.
#[derive(Debug, Clone)]
pub struct Order {
    places: Vec<u32>,
    shuffle: Stream,
    batch: Batch,
}

impl Order {
    /// That of the run `stage` on `n` samples, before the first epoch.
    pub fn new(config: &TrainConfig, stage: &str, n: usize, streams: &Streams) -> Self {
        let shuffle = streams.stream(&config.start(stage), Purpose::Shuffle);
        Self { places: (0..n as u32).collect(), shuffle, batch: config.batch }
    }

    /// Begins the next epoch and returns its order.
    pub fn next_epoch(&mut self) -> &[u32] {
        if let Batch::Size(_) = self.batch {
            self.shuffle.fill_permutation(&mut self.places);
        }
        &self.places
    }

    /// The samples of the epoch under way, by their places in the training split.
    pub fn places(&self) -> &[u32] {
        &self.places
    }

    /// How many words of its stream have been read.
    pub(crate) fn position(&self) -> u64 {
        self.shuffle.position()
    }

    /// Goes to where so many words of its stream have been read.
    pub(crate) fn seek(&mut self, position: u64) {
        self.shuffle.seek(position);
    }
}
