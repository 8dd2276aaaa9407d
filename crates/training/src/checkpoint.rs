//! A training run put aside between two epochs, and taken up again: it ends with the same bits as one that was never interrupted.
//!
//! What is kept is what a step changes: the parameters and states, the optimizer's memory, how far the random streams have been
//! read, and what was recorded. Graphs and data are made again from the settings.

use serde::{Deserialize, Serialize};

use crate::{Fit, History, Hook, Score, Snapshot, Statistics, TrainConfig, TrainError, Trainer, stopping::Monitor};

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

    /// Whether a run of these settings and hooks goes on from here, of whose steps it is known that they are the same
    /// ([`TrainConfig::course`]): it is no shorter, and keeps and records the same up to here.
    pub fn continues<'h>(&self, config: &TrainConfig, hooks: impl IntoIterator<Item = &'h Hook>) -> bool {
        let ended = self.epochs();
        let past = |epochs: Vec<usize>| epochs.into_iter().filter(|epoch| *epoch <= ended).collect::<Vec<_>>();
        let kept = config.snapshots.as_ref().map(|s| s.list(config.epochs)).unwrap_or_default();
        // An epoch's snapshot is taken as the next one begins.
        let kept = kept.into_iter().filter(|epoch| *epoch < ended);
        let recorded = self.recorded.iter().map(|list| past(list.iter().map(|s| s.epoch).collect()));
        ended <= config.epochs
            && self.snapshots.iter().map(|s| s.epoch).eq(kept)
            && hooks.into_iter().map(|hook| past(hook.listens(config.epochs))).eq(recorded)
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
    /// same settings, data and streams. It may be a run of more epochs, where no step depends on how many there are
    /// ([`TrainConfig::course`]).
    ///
    /// # Errors
    /// [`TrainError::Checkpoint`] when the checkpoint belongs to another run.
    pub fn resume(mut self, from: Checkpoint) -> Result<Self, TrainError> {
        let epochs = from.epochs();
        let continues = from.continues(&self.config, self.hooks.hooks());
        let parameters = self.model.parameters.values_mut();
        let fits = continues
            && parameters.len() == from.parameters.len()
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
        self.wanted.retain(|epoch| *epoch >= epochs);
        self.history.take_up(from.history);
        self.snapshots = from.snapshots;
        self.watch = from.watch;
        // The end of a shorter run is not that of this one.
        self.end = from.end.filter(|_| self.is_over());
        Ok(self)
    }

    /// The result of a run that had ended when it was put aside.
    ///
    /// # Errors
    /// As for [`Trainer::resume`], and when it had not ended.
    pub fn finished(self, from: Checkpoint) -> Result<Fit, TrainError> {
        let resumed = self.resume(from)?;
        if resumed.is_over() { Ok(resumed.finish()) } else { Err(TrainError::Checkpoint) }
    }
}
