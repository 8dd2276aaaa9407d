//! A model as it was along the way: the parameters that training kept, put back into it.

use models::Model;
use registry::TrainRef;
use training::Snapshot;

use crate::{AnalysisError, PlannedModel, Trained};

impl Trained {
    /// The model with the parameters of a snapshot.
    pub fn model_at(&self, snapshot: &Snapshot) -> Model {
        let mut model = self.fit.model.clone();
        model.parameters.values_mut().copy_from_slice(&snapshot.parameters);
        model
    }

    /// The model after so many epochs, or as training left it, and how many epochs that are. A run that stopped early stays as it was
    /// in its last epoch.
    ///
    /// # Errors
    /// When training kept no parameters of that epoch: the error lists those it kept.
    pub fn model_after(&self, epoch: Option<usize>) -> Result<(usize, Model), AnalysisError> {
        let last = self.fit.history.epochs();
        let epoch = epoch.map_or(self.fit.epoch, |epoch| epoch.min(last));
        match self.fit.snapshots.iter().find(|s| s.epoch == epoch) {
            Some(snapshot) => Ok((epoch, self.model_at(snapshot))),
            None if epoch == self.fit.epoch => Ok((epoch, self.fit.model.clone())),
            None => Err(AnalysisError::NoSnapshot {
                name: self.name.clone(),
                epoch,
                kept: some_of(&self.fit.snapshots.iter().map(|s| s.epoch).collect::<Vec<_>>()),
            }),
        }
    }

    /// Every moment that training kept, and the model it left: how many epochs had ended, and the model. The last is the end of
    /// training; that is the model left, unless an earlier one was the best and kept.
    pub fn moments(&self) -> Vec<(usize, Model)> {
        let mut moments: Vec<_> = self.fit.snapshots.iter().map(|s| (s.epoch, self.model_at(s))).collect();
        let place = moments.partition_point(|(epoch, _)| *epoch < self.fit.epoch);
        if moments.get(place).is_none_or(|(epoch, _)| *epoch != self.fit.epoch) {
            moments.insert(place, (self.fit.epoch, self.fit.model.clone()));
        }
        moments
    }
}

impl PlannedModel {
    /// What is wrong, if anything, with looking at this model over its training, and what to do about it.
    pub fn needs_snapshots(&self, name: &TrainRef) -> Option<(String, String)> {
        // A round number that gives about a hundred of them.
        let rounds = (0..).flat_map(|k| [1, 2, 5].map(|digit| digit * 10_usize.pow(k)));
        let every = rounds.into_iter().find(|every| self.epochs <= 100 * every).unwrap_or(1);
        self.snapshots.is_empty().then(|| {
            let message = format!("{} keeps no parameters of its training", name.0);
            (message, format!("write snapshots = {{ every = {every} }} in [train.{}]", name.0))
        })
    }

    /// What is wrong, if anything, with looking at this model after so many epochs, and what to do about it.
    pub fn needs_epoch(&self, name: &TrainRef, epoch: Option<usize>) -> Option<(String, String)> {
        let epoch = epoch.filter(|e| *e != self.epochs && !self.snapshots.contains(e))?;
        let name = &name.0;
        if epoch > self.epochs {
            return Some((
                format!("epoch {epoch} is beyond the {} that {name} trains", self.epochs),
                format!("name an epoch from 0 to {}", self.epochs),
            ));
        }
        let help = match self.snapshots.as_slice() {
            [] => format!("write snapshots = {{ epochs = [{epoch}] }} in [train.{name}]"),
            kept => format!("it keeps {}", some_of(kept)),
        };
        Some((format!("{name} keeps no parameters of epoch {epoch}"), help))
    }
}

/// How many epochs a message names before it says only how the list ends.
const NAMED: usize = 8;

/// "0, 10, 20, … 1000".
fn some_of(epochs: &[usize]) -> String {
    let words = |list: &[usize]| list.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    match epochs {
        [] => "none".to_owned(),
        [.., last] if epochs.len() > NAMED => format!("{}, … {last}", words(&epochs[..NAMED - 1])),
        all => words(all),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planned(epochs: usize, snapshots: &[usize]) -> PlannedModel {
        PlannedModel {
            data: crate::fixture::exclusive_or().spec(),
            sizes: [4, 0, 0],
            layers: Vec::new(),
            loss: models::Loss::MeanSquaredError,
            epochs,
            snapshots: snapshots.to_vec(),
        }
    }

    #[test]
    fn epochs_that_are_not_kept_are_told_of() {
        let name = TrainRef("m".into());
        let complaint = |planned: PlannedModel, epoch| planned.needs_epoch(&name, Some(epoch));
        assert_eq!(complaint(planned(100, &[0, 50, 100]), 50), None);
        // The end is always there.
        assert_eq!(complaint(planned(100, &[]), 100), None);
        let (message, help) = complaint(planned(100, &[0, 50, 100]), 40).expect("a complaint");
        assert_eq!((message.as_str(), help.as_str()), ("m keeps no parameters of epoch 40", "it keeps 0, 50, 100"));
        let (_, help) = complaint(planned(100, &[]), 40).expect("a complaint");
        assert_eq!(help, "write snapshots = { epochs = [40] } in [train.m]");
        assert_eq!(complaint(planned(100, &[]), 101).expect("a complaint").1, "name an epoch from 0 to 100");
        let (_, help) = planned(50_000, &[]).needs_snapshots(&name).expect("a complaint");
        assert_eq!(help, "write snapshots = { every = 500 } in [train.m]");
        assert_eq!(planned(100, &[0, 100]).needs_snapshots(&name), None);
    }

    #[test]
    fn moments_end_where_training_ends() {
        let mut trained = crate::fixture::trained(vec![models::layers::Linear::new(1).into()], &[1.0, 2.0, 3.0]);
        let snapshot = |epoch, v: f32| Snapshot { epoch, parameters: vec![v; 3] };
        trained.fit.snapshots = vec![snapshot(0, 0.0), snapshot(1, 1.0)];
        trained.fit.history.train.loss = vec![0.0; 2];
        trained.fit.epoch = 2;
        let ends: Vec<(usize, Vec<f32>)> =
            trained.moments().into_iter().map(|(e, m)| (e, m.parameters.values().to_vec())).collect();
        assert_eq!(ends, [(0, vec![0.0; 3]), (1, vec![1.0; 3]), (2, vec![1.0, 2.0, 3.0])]);
        assert_eq!(trained.model_after(Some(1)).expect("kept").1.parameters.values(), [1.0; 3]);
        assert_eq!(trained.model_after(None).expect("kept").0, 2);
        // Training that stopped before the epoch asked for.
        assert_eq!(trained.model_after(Some(7)).expect("the end").0, 2);
        trained.fit.snapshots.remove(1);
        let error = trained.model_after(Some(1)).expect_err("not kept").to_string();
        assert_eq!(error, "m kept no parameters of epoch 1, only of 0");
    }

    #[test]
    fn the_best_epoch_takes_its_place_among_the_moments() {
        let mut trained = crate::fixture::trained(vec![models::layers::Linear::new(1).into()], &[1.0, 2.0, 3.0]);
        let snapshot = |epoch, v: f32| Snapshot { epoch, parameters: vec![v; 3] };
        trained.fit.snapshots = vec![snapshot(0, 0.0), snapshot(9, 9.0)];
        trained.fit.history.train.loss = vec![0.0; 9];
        trained.fit.epoch = 4;
        let moments: Vec<usize> = trained.moments().into_iter().map(|(epoch, _)| epoch).collect();
        assert_eq!(moments, [0, 4, 9]);
        let after = |epoch| trained.model_after(epoch).map(|(e, m)| (e, m.parameters.values()[0])).expect("there");
        assert_eq!((after(None), after(Some(9)), after(Some(4))), ((4, 1.0), (9, 9.0), (4, 1.0)));
    }

    #[test]
    fn long_lists_are_cut_in_their_middle() {
        assert_eq!(some_of(&[]), "none");
        assert_eq!(some_of(&[0, 5]), "0, 5");
        let many: Vec<usize> = (0..=100).map(|i| i * 10).collect();
        assert_eq!(some_of(&many), "0, 10, 20, 30, 40, 50, 60, … 1000");
    }
}
