//! A training run put aside between two epochs, and taken up again: it ends with the same bits as one that was never interrupted.
//!
//! What is kept is what a step changes: the parameters and states, the optimizer's memory, how far the random streams have been
//! read, and what was recorded. Graphs and data are made again from the settings.

use serde::{Deserialize, Serialize};

use crate::{Fit, History, Score, Snapshot, Statistics, TrainError, Trainer, stopping::Monitor};

/// A training run between two epochs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Steps that have ended.
    step: u64,
    /// Steps that have ended of each graph: whole batches, what was left of an epoch.
    steps: Vec<u64>,
    parameters: Vec<f32>,
    /// What the optimizer remembers.
    state: Vec<Vec<f32>>,
    /// How many words of the stream that shuffles have been read.
    shuffle: u64,
    history: History,
    snapshots: Vec<Snapshot>,
    watch: Option<Monitor>,
    /// The training split's score of the model to be left.
    end: Option<Score>,
    /// What each hook has recorded.
    recorded: Vec<Vec<Statistics>>,
}

impl Checkpoint {
    /// How many epochs had ended.
    pub fn epochs(&self) -> usize {
        self.history.epochs()
    }
}

impl Trainer {
    /// The run as it is, to be put aside. Only between two epochs.
    pub fn checkpoint(&self) -> Checkpoint {
        Checkpoint {
            step: self.step as u64,
            steps: self.passes.iter().map(|pass| pass.steps).collect(),
            parameters: self.model.parameters.values().to_vec(),
            state: self.optimizer.state().into_iter().map(|(_, state)| state.to_vec()).collect(),
            shuffle: self.order.position(),
            history: self.history.clone(),
            snapshots: self.snapshots.clone(),
            watch: self.watch.clone(),
            end: self.end,
            recorded: self.hooks.recorded(),
        }
    }

    /// Takes a run up again where it was put aside. `self` is as [`Trainer::new`] and [`Trainer::with_hooks`] made it from the
    /// same settings, data and streams.
    ///
    /// # Errors
    /// [`TrainError::Checkpoint`] when the checkpoint belongs to another run.
    pub fn resume(mut self, from: Checkpoint) -> Result<Self, TrainError> {
        let parameters = self.model.parameters.values_mut();
        let fits = parameters.len() == from.parameters.len()
            && self.passes.len() == from.steps.len()
            && self.watch.is_some() == from.watch.is_some()
            && from.snapshots.iter().all(|s| s.parameters.len() == parameters.len())
            && self.hooks.put_back(from.recorded);
        if !fits {
            return Err(TrainError::Checkpoint);
        }
        parameters.copy_from_slice(&from.parameters);
        let state: Vec<&[f32]> = from.state.iter().map(Vec::as_slice).collect();
        self.optimizer.restore(&state, from.step).map_err(|_| TrainError::Checkpoint)?;
        for (pass, steps) in self.passes.iter_mut().zip(from.steps) {
            pass.network.graph.skip(steps);
            pass.steps = steps;
        }
        self.order.seek(from.shuffle);
        self.step = from.step as usize;
        // The epoch that is about to begin may still be wanted.
        self.wanted.retain(|epoch| *epoch >= from.history.epochs());
        self.history.take_up(from.history);
        self.snapshots = from.snapshots;
        self.watch = from.watch;
        self.end = from.end;
        Ok(self)
    }

    /// The result of a run that had ended when it was put aside.
    ///
    /// # Errors
    /// As for [`Trainer::resume`].
    pub fn finished(self, from: Checkpoint) -> Result<Fit, TrainError> {
        Ok(self.resume(from)?.finish())
    }
}
