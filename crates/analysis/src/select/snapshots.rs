//! A model as it was along the way: the parameters that training kept, put back into it.

use models::Model;
use registry::{AnalysisRef, Problem, Problems, TrainRef};
use training::Snapshot;

use crate::{AnalysisError, Metrics, Outcome, Planned, PlannedModel, Trained};

/// Which snapshots of its training a model is looked at, besides the trained one.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Snapshots {
    /// All that training keeps.
    All,
    /// Those after every so many epochs, from the untrained model on.
    Every(usize),
    /// Those after these epochs.
    Epochs(Vec<usize>),
}

impl Snapshots {
    /// Whether that after so many epochs is among them, if it is kept.
    pub fn has(&self, epoch: usize) -> bool {
        match self {
            Self::All => true,
            Self::Every(every) => *every > 0 && epoch.is_multiple_of(*every),
            Self::Epochs(epochs) => epochs.contains(&epoch),
        }
    }

    /// Notes at `snapshots` those that the training of these models does not keep.
    pub fn check<'a>(
        which: Option<&Self>,
        models: impl IntoIterator<Item = &'a TrainRef>,
        planned: &Planned,
        problems: &mut Problems,
    ) {
        let Some(which) = which else { return };
        problems.require(*which != Self::Every(0), "snapshots.every", || "expected at least 1 epoch, found 0".into());
        for model in models.into_iter().filter_map(|name| planned.model(name)) {
            match which {
                Self::All => {
                    problems.note("snapshots", model.needs_snapshots());
                }
                Self::Every(every) => {
                    let mut epochs = (0..=model.epochs).step_by(*every.max(&1));
                    let missing = epochs.find_map(|epoch| model.needs_epoch(Some(epoch)));
                    let help = format!("write snapshots = {{ every = {every} }} in [train.{}]", model.name);
                    problems.note("snapshots.every", missing.map(|problem| problem.help(help)));
                }
                Self::Epochs(epochs) => {
                    for (i, epoch) in epochs.iter().enumerate() {
                        problems.note(format!("snapshots.epochs[{i}]"), model.needs_epoch(Some(*epoch)));
                    }
                }
            }
        }
    }
}

/// What is found in a model at each of the snapshots asked for: epochs and findings, the trained model's last.
#[derive(Debug, Clone, PartialEq)]
pub struct OverTraining<T>(pub Vec<(usize, T)>);

impl<T> OverTraining<T> {
    /// The same search in every snapshot.
    ///
    /// # Errors
    /// That of the first search that fails.
    pub fn of(
        run: &Trained,
        which: Option<&Snapshots>,
        mut search: impl FnMut(&Model) -> Result<T, AnalysisError>,
    ) -> Result<Self, AnalysisError> {
        let found = run.snapshots(which).into_iter().map(|(epoch, model)| Ok((epoch, search(&model)?)));
        Ok(Self(found.collect::<Result<_, AnalysisError>>()?))
    }

    /// The epochs.
    pub fn epochs(&self) -> Vec<usize> {
        self.0.iter().map(|(epoch, _)| *epoch).collect()
    }

    /// What is found in the trained model.
    pub fn trained(&self) -> &T {
        &self.0[self.0.len() - 1].1
    }
}

impl<T: Outcome> Outcome for OverTraining<T> {
    fn metrics(&self) -> Metrics {
        let over_training = self.0.iter().map(|(epoch, found)| (*epoch, found.metrics()));
        self.trained().metrics().with_snapshots(over_training)
    }
}

/// Runs side by side at every epoch of which any of them has a snapshot asked for: each model as it was then, or at its latest
/// snapshot before, or at its first, with the epoch that this is. The trained models come last.
pub fn side_by_side(runs: &[&Trained], which: Option<&Snapshots>) -> Vec<(usize, Vec<(usize, Model)>)> {
    let each: Vec<Vec<(usize, Model)>> = runs.iter().map(|run| run.snapshots(which)).collect();
    let all = each.iter().flatten().map(|(epoch, _)| *epoch);
    let mut epochs: Vec<usize> = if which.is_some() { all.collect() } else { all.max().into_iter().collect() };
    epochs.sort_unstable();
    epochs.dedup();
    // No list is empty: the trained model is in each.
    let at =
        |epoch: usize, list: &[(usize, Model)]| list[list.partition_point(|(e, _)| *e <= epoch).max(1) - 1].clone();
    epochs.into_iter().map(|epoch| (epoch, each.iter().map(|list| at(epoch, list)).collect())).collect()
}

/// How far these models move in the space of their parameters from each of the epochs to the next: the Euclidean distance, as a
/// share of the model's whole way over these epochs, summed over the models. One number fewer than epochs. At each epoch a model
/// is as at its latest snapshot until then, or at its first.
pub fn moved(runs: &[&Trained], epochs: &[usize]) -> Vec<f64> {
    let mut sums = vec![0.0; epochs.len().saturating_sub(1)];
    for run in runs {
        let mut places: Vec<(usize, &[f32])> =
            run.fit.snapshots.iter().map(|s| (s.epoch, s.parameters.as_slice())).collect();
        if run.fit.snapshots.iter().all(|s| s.epoch != run.fit.epoch) {
            places.insert(
                places.partition_point(|(epoch, _)| *epoch < run.fit.epoch),
                (run.fit.epoch, run.fit.model.parameters.values()),
            );
        }
        let at = |epoch: usize| places[places.partition_point(|(e, _)| *e <= epoch).max(1) - 1].1;
        let way: Vec<f64> = epochs.windows(2).map(|pair| distance(at(pair[0]), at(pair[1]))).collect();
        let whole: f64 = way.iter().sum();
        if whole > 0.0 {
            sums.iter_mut().zip(&way).for_each(|(sum, step)| *sum += step / whole);
        }
    }
    sums
}

/// The Euclidean distance of two places.
fn distance(a: &[f32], b: &[f32]) -> f64 {
    let squares = a.iter().zip(b).map(|(a, b)| (f64::from(*a) - f64::from(*b)) * (f64::from(*a) - f64::from(*b)));
    squares.sum::<f64>().sqrt()
}

impl Planned {
    /// The epochs at which an analysis looks at its models, ascending, the trained models' last; none where they are not known.
    pub fn epochs_of(&self, analysis: &AnalysisRef) -> Vec<usize> {
        let models = || self.models_of(analysis).iter().filter_map(|name| self.model(name));
        let ends = models().map(|model| model.epochs);
        let mut epochs: Vec<usize> = match self.snapshots_of(analysis) {
            None => ends.max().into_iter().collect(),
            Some(Snapshots::All) => models().flat_map(|model| model.snapshots.clone()).chain(ends).collect(),
            Some(Snapshots::Every(every)) => {
                models().flat_map(|model| (0..=model.epochs).step_by(*every.max(&1))).chain(ends).collect()
            }
            Some(Snapshots::Epochs(epochs)) => epochs.iter().copied().chain(ends).collect(),
        };
        epochs.sort_unstable();
        epochs.dedup();
        epochs
    }
}

impl Trained {
    /// The snapshots asked for that training kept, and the trained model last: how many epochs had ended, and the model. Of a run
    /// whose best model is kept none is later than that.
    pub fn snapshots(&self, which: Option<&Snapshots>) -> Vec<(usize, Model)> {
        let asked = |s: &&Snapshot| s.epoch < self.fit.epoch && which.is_some_and(|which| which.has(s.epoch));
        let kept = self.fit.snapshots.iter().filter(asked).map(|s| (s.epoch, self.model_at(s)));
        kept.chain([(self.fit.epoch, self.fit.model.clone())]).collect()
    }

    /// The model with the parameters of a snapshot.
    pub fn model_at(&self, snapshot: &Snapshot) -> Model {
        let mut model = self.fit.model.clone();
        model.parameters.values_mut().copy_from_slice(&snapshot.parameters);
        model
    }

    /// The model after so many epochs, or as training left it, and how many epochs that are. A run that stopped early stays as it
    /// was in its last epoch.
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

    /// Every snapshot that training kept, and the model it left: how many epochs had ended, and the model. The last is the end of
    /// training; that is the model left, unless an earlier one was the best and kept.
    pub fn all_snapshots(&self) -> Vec<(usize, Model)> {
        let mut all: Vec<_> = self.fit.snapshots.iter().map(|s| (s.epoch, self.model_at(s))).collect();
        let place = all.partition_point(|(epoch, _)| *epoch < self.fit.epoch);
        if all.get(place).is_none_or(|(epoch, _)| *epoch != self.fit.epoch) {
            all.insert(place, (self.fit.epoch, self.fit.model.clone()));
        }
        all
    }
}

impl PlannedModel {
    /// What is wrong, if anything, with looking at this model over its training.
    pub fn needs_snapshots(&self) -> Option<Problem> {
        // A round number that gives about a hundred of them.
        let rounds = (0..).flat_map(|k| [1, 2, 5].map(|digit| digit * 10_usize.pow(k)));
        let every = rounds.into_iter().find(|every| self.epochs <= 100 * every).unwrap_or(1);
        self.snapshots.is_empty().then(|| {
            let problem = Problem::from(format!("{} keeps no parameters of its training", self.name));
            problem.help(format!("write snapshots = {{ every = {every} }} in [train.{}]", self.name))
        })
    }

    /// What is wrong, if anything, with looking at this model after so many epochs.
    pub fn needs_epoch(&self, epoch: Option<usize>) -> Option<Problem> {
        let (epoch, name) = (epoch.filter(|e| *e != self.epochs && !self.snapshots.contains(e))?, &self.name);
        if epoch > self.epochs {
            let problem = Problem::from(format!("epoch {epoch} is beyond the {} that {name} trains", self.epochs));
            return Some(problem.help(format!("name an epoch from 0 to {}", self.epochs)));
        }
        let help = match self.snapshots.as_slice() {
            [] => format!("write snapshots = {{ epochs = [{epoch}] }} in [train.{name}]"),
            kept => format!("it keeps {}", some_of(kept)),
        };
        Some(Problem::from(format!("{name} keeps no parameters of epoch {epoch}")).help(help))
    }
}

/// How many epochs a message names before it says only how the list ends.
const NAMED: usize = 8;

/// "0, 10, 20, … 1000".
pub fn some_of(epochs: &[usize]) -> String {
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
    use registry::TrainRef;

    fn planned(epochs: usize, snapshots: &[usize]) -> PlannedModel {
        let known = crate::fixture::planned(epochs);
        let model = known.model(&TrainRef("m".into())).expect("the one");
        PlannedModel { snapshots: snapshots.to_vec(), ..model.clone() }
    }

    #[test]
    fn epochs_that_are_not_kept_are_told_of() {
        let complaint = |planned: PlannedModel, epoch| planned.needs_epoch(Some(epoch));
        let help = |problem: Option<Problem>| problem.and_then(|p| p.help).expect("a complaint");
        assert_eq!(complaint(planned(100, &[0, 50, 100]), 50), None);
        // The end is always there.
        assert_eq!(complaint(planned(100, &[]), 100), None);
        let problem = complaint(planned(100, &[0, 50, 100]), 40).expect("a complaint");
        assert_eq!(problem.message, "m keeps no parameters of epoch 40");
        assert_eq!(problem.help.as_deref(), Some("it keeps 0, 50, 100"));
        assert_eq!(help(complaint(planned(100, &[]), 40)), "write snapshots = { epochs = [40] } in [train.m]");
        assert_eq!(help(complaint(planned(100, &[]), 101)), "name an epoch from 0 to 100");
        assert_eq!(help(planned(50_000, &[]).needs_snapshots()), "write snapshots = { every = 500 } in [train.m]");
        assert_eq!(planned(100, &[0, 100]).needs_snapshots(), None);
    }

    #[test]
    fn snapshots_end_where_training_ends() {
        let mut trained = crate::fixture::trained(vec![models::layers::Linear::new(1).into()], &[1.0, 2.0, 3.0]);
        let snapshot = |epoch, v: f32| Snapshot { epoch, parameters: vec![v; 3] };
        trained.fit.snapshots = vec![snapshot(0, 0.0), snapshot(1, 1.0)];
        trained.fit.history.train.loss = vec![0.0; 3];
        trained.fit.epoch = 2;
        let ends: Vec<(usize, Vec<f32>)> =
            trained.all_snapshots().into_iter().map(|(e, m)| (e, m.parameters.values().to_vec())).collect();
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
    fn the_best_epoch_takes_its_place_among_the_snapshots() {
        let mut trained = crate::fixture::trained(vec![models::layers::Linear::new(1).into()], &[1.0, 2.0, 3.0]);
        let snapshot = |epoch, v: f32| Snapshot { epoch, parameters: vec![v; 3] };
        trained.fit.snapshots = vec![snapshot(0, 0.0), snapshot(9, 9.0)];
        trained.fit.history.train.loss = vec![0.0; 10];
        trained.fit.epoch = 4;
        let epochs: Vec<usize> = trained.all_snapshots().into_iter().map(|(epoch, _)| epoch).collect();
        assert_eq!(epochs, [0, 4, 9]);
        let after = |epoch| trained.model_after(epoch).map(|(e, m)| (e, m.parameters.values()[0])).expect("there");
        assert_eq!((after(None), after(Some(9)), after(Some(4))), ((4, 1.0), (9, 9.0), (4, 1.0)));
    }

    /// The stage `m` of two snapshots, looked at by the analysis `a`.
    fn complaints(snapshots: &[usize], which: Snapshots) -> Vec<(String, String, String)> {
        let mut all = Planned::default();
        all.insert_model(planned(100, snapshots));
        let mut problems = Problems::default();
        Snapshots::check(Some(&which), [&TrainRef("m".into())], &all, &mut problems);
        problems.into_vec().into_iter().map(|p| (p.path, p.message, p.help.unwrap_or_default())).collect()
    }

    #[test]
    fn snapshots_that_training_does_not_keep_are_told_of() {
        let kept = [0, 50, 100];
        let told = |path: &str, message: &str, help: &str| vec![(path.to_owned(), message.to_owned(), help.to_owned())];
        assert_eq!(complaints(&kept, Snapshots::All), []);
        assert_eq!(complaints(&kept, Snapshots::Every(50)), []);
        assert_eq!(complaints(&kept, Snapshots::Epochs(vec![50, 100])), []);
        let message = "m keeps no parameters of its training";
        assert_eq!(
            complaints(&[], Snapshots::All),
            told("snapshots", message, "write snapshots = { every = 1 } in [train.m]")
        );
        let (message, help) = ("m keeps no parameters of epoch 25", "write snapshots = { every = 25 } in [train.m]");
        assert_eq!(complaints(&kept, Snapshots::Every(25)), told("snapshots.every", message, help));
        let epochs = Snapshots::Epochs(vec![0, 25]);
        assert_eq!(complaints(&kept, epochs), told("snapshots.epochs[1]", message, "it keeps 0, 50, 100"));
        assert_eq!(complaints(&kept, Snapshots::Every(0))[0].1, "expected at least 1 epoch, found 0");
    }

    #[test]
    fn the_epochs_of_an_analysis_are_those_of_its_models() {
        let mut all = Planned::default();
        all.insert_model(PlannedModel { name: "a".into(), ..planned(100, &[0, 50, 100]) });
        all.insert_model(PlannedModel { name: "b".into(), ..planned(60, &[0, 20, 40, 60]) });
        let mut epochs = |which: Option<Snapshots>| {
            all.insert_analysis("x", ["a", "b"].map(|name| TrainRef(name.into())).into(), which);
            all.epochs_of(&AnalysisRef("x".into()))
        };
        assert_eq!(epochs(None), [100]);
        assert_eq!(epochs(Some(Snapshots::All)), [0, 20, 40, 50, 60, 100]);
        assert_eq!(epochs(Some(Snapshots::Every(50))), [0, 50, 60, 100]);
        // What training does not keep is told of where it is asked for.
        assert_eq!(epochs(Some(Snapshots::Epochs(vec![30]))), [30, 60, 100]);
        assert!(all.epochs_of(&AnalysisRef("y".into())).is_empty());
    }

    /// A run of so many epochs that kept those.
    fn run(snapshots: &[usize], epoch: usize) -> Trained {
        let mut trained = crate::fixture::trained(vec![models::layers::Linear::new(1).into()], &[epoch as f32; 3]);
        let snapshot = |epoch: &usize| Snapshot { epoch: *epoch, parameters: vec![*epoch as f32; 3] };
        trained.fit.snapshots = snapshots.iter().map(snapshot).collect();
        trained.fit.epoch = epoch;
        trained
    }

    #[test]
    fn runs_stand_side_by_side_as_they_were() {
        let (a, b) = (run(&[0, 10, 20, 30], 30), run(&[5, 20], 25));
        let seen = |which: Option<Snapshots>| -> Vec<(usize, Vec<f32>)> {
            let of = |(epoch, models): (usize, Vec<(usize, Model)>)| {
                let value = |(own, model): &(usize, Model)| {
                    assert_eq!(*own as f32, model.parameters.values()[0], "each has its own epoch");
                    model.parameters.values()[0]
                };
                (epoch, models.iter().map(value).collect())
            };
            side_by_side(&[&a, &b], which.as_ref()).into_iter().map(of).collect()
        };
        assert_eq!(seen(None), [(30, vec![30.0, 25.0])]);
        let all: Vec<(usize, [f32; 2])> =
            seen(Some(Snapshots::All)).into_iter().map(|(e, v)| (e, [v[0], v[1]])).collect();
        let ends = [(20, [20.0, 20.0]), (25, [20.0, 25.0]), (30, [30.0, 25.0])];
        assert_eq!(all[..3], [(0, [0.0, 5.0]), (5, [0.0, 5.0]), (10, [10.0, 5.0])]);
        assert_eq!(all[3..], ends);
        assert_eq!(seen(Some(Snapshots::Epochs(vec![20])))[0], (20, vec![20.0, 20.0]));
        // The best model is kept: nothing of what came later.
        let best: Vec<usize> = run(&[0, 10, 20], 10).snapshots(Some(&Snapshots::All)).iter().map(|s| s.0).collect();
        assert_eq!(best, [0, 10]);
    }

    #[test]
    fn models_move_by_shares_of_their_way() {
        // Three equal parameters: a step of 10 is 10·√3 long, and the way of `a` has three of them, that of `b` one of 15, which
        // it takes from its first snapshot, of epoch 5, to epoch 20, and one of 5 to its end.
        let (a, b) = (run(&[0, 10, 20, 30], 30), run(&[5, 20], 25));
        let near = |found: Vec<f64>, expected: [f64; 3]| {
            assert!(found.iter().zip(expected).all(|(f, e)| (f - e).abs() < 1e-12), "{found:?}");
            assert_eq!(found.len(), 3);
        };
        near(moved(&[&a], &[0, 10, 20, 30]), [1.0 / 3.0; 3]);
        near(moved(&[&b], &[0, 10, 20, 30]), [0.0, 0.75, 0.25]);
        near(moved(&[&a, &b], &[0, 10, 20, 30]), [1.0 / 3.0, 1.0 / 3.0 + 0.75, 1.0 / 3.0 + 0.25]);
        assert_eq!(moved(&[], &[0, 1]), [0.0]);
        assert!(moved(&[&a], &[]).is_empty());
    }

    #[test]
    fn long_lists_are_cut_in_their_middle() {
        assert_eq!(some_of(&[]), "none");
        assert_eq!(some_of(&[0, 5]), "0, 5");
        let many: Vec<usize> = (0..=100).map(|i| i * 10).collect();
        assert_eq!(some_of(&many), "0, 10, 20, 30, 40, 50, 60, … 1000");
    }
}
