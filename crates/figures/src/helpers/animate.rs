//! The option `animate`: a figure shown as it was along training, one frame per snapshot.

use analysis::{Planned, Trained};
use models::Model;
use registry::{Problems, TrainRef};
use rendering::{Animation, text};

/// One frame per snapshot of training, from the first to the last, on which the picture rests: `{ every = 50, seconds = 8 }`, or
/// more closely where more happens: `{ every = 100, epochs = [5, 10, 20, 50] }`.
///
/// The training run has to keep snapshots: `snapshots = { every = 50 }` in its table.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Animate {
    /// Shows every so many epochs, from the untrained model on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<usize>,
    /// Shows these epochs too. Default: every snapshot that is kept, where `every` is not given either.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub epochs: Vec<usize>,
    /// Seconds from the first frame to the last. Default 8.
    #[serde(default = "default_seconds")]
    pub seconds: f64,
}

fn default_seconds() -> f64 {
    8.0
}

/// More frames than this would flicker past: eight seconds at fifty a second.
const MOST: usize = 400;

/// A moment of training that a frame shows.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Moment {
    /// How many epochs had ended.
    pub epoch: usize,
    /// One per training run: as it was then, or at its latest snapshot before, or at its first.
    pub models: Vec<Model>,
}

impl Moment {
    /// The end of training.
    pub fn end(runs: &[&Trained]) -> Self {
        let epoch = runs.iter().map(|run| run.fit.epoch).max().unwrap_or(0);
        Self { epoch, models: runs.iter().map(|run| run.fit.model.clone()).collect() }
    }
}

impl Animate {
    /// Notes numbers out of range.
    pub fn check(&self, problems: &mut Problems) {
        problems.require(self.every != Some(0), "animate.every", || "expected at least 1 epoch, found 0".into());
        problems.require((0.5..=120.0).contains(&self.seconds), "animate.seconds", || {
            format!("expected 0.5 to 120 seconds, found {}", self.seconds)
        });
    }

    /// Notes models that do not keep the snapshots to be shown.
    pub fn check_against<'a>(
        &self,
        names: impl IntoIterator<Item = &'a TrainRef>,
        planned: &Planned,
        problems: &mut Problems,
    ) {
        for name in names {
            let Some(model) = planned.model(name) else { continue };
            if let Some((message, help)) = model.needs_snapshots(name) {
                let as_here = |every| format!("write snapshots = {{ every = {every} }} in [train.{}]", name.0);
                problems.add_with_help("animate", message, self.every.map_or(help, as_here));
                continue;
            }
            let lacks = |epoch: &usize| model.snapshots.binary_search(epoch).is_err();
            let mut complain = |path: String, epoch: usize, what: String| {
                let help = format!("write snapshots = {{ {what} }} in [train.{}]", name.0);
                problems.add_with_help(path, format!("{} keeps no snapshot of epoch {epoch}", name.0), help);
            };
            if let Some(every) = self.every.filter(|e| *e > 0)
                && let Some(missing) = (0..=model.epochs).step_by(every).find(lacks)
            {
                complain("animate.every".into(), missing, format!("every = {every}"));
            }
            for (i, &missing) in self.epochs.iter().enumerate().filter(|(_, e)| lacks(e)) {
                complain(format!("animate.epochs[{i}]"), missing, format!("epochs = [{missing}, …]"));
            }
            let frames = model.snapshots.iter().filter(|e| self.shows(**e)).count();
            problems.require(frames <= MOST, "animate", || {
                let epochs = model.epochs.div_ceil(MOST);
                format!("expected at most {MOST} frames, found {frames}: every = {epochs} or more makes few enough")
            });
        }
    }

    /// Whether an epoch is to be shown, besides the last.
    pub(crate) fn shows(&self, epoch: usize) -> bool {
        let every = self.every.filter(|e| *e > 0);
        let all = every.is_none() && self.epochs.is_empty();
        all || every.is_some_and(|e| epoch.is_multiple_of(e)) || self.epochs.contains(&epoch)
    }

    /// The moments to be shown of runs that are seen side by side: every epoch of which any of them has a snapshot to be shown.
    pub(crate) fn moments(&self, runs: &[&Trained]) -> Vec<Moment> {
        let mut kept: Vec<Vec<(usize, Model)>> = runs.iter().map(|run| run.moments()).collect();
        for list in &mut kept {
            let last = list.last().map(|(epoch, _)| *epoch);
            list.retain(|(epoch, _)| self.shows(*epoch) || Some(*epoch) == last);
        }
        let mut epochs: Vec<usize> = kept.iter().flatten().map(|(epoch, _)| *epoch).collect();
        epochs.sort_unstable();
        epochs.dedup();
        let at = |epoch: usize, list: &[(usize, Model)]| {
            // The end of training is always a moment, so that no list is empty.
            list[list.partition_point(|(e, _)| *e <= epoch).saturating_sub(1)].1.clone()
        };
        epochs
            .into_iter()
            .map(|epoch| Moment { epoch, models: kept.iter().map(|list| at(epoch, list)).collect() })
            .collect()
    }

    /// Frames named after their epochs.
    pub fn animation(&self, epochs: impl IntoIterator<Item = usize>) -> Animation {
        let label = |epoch: usize| format!("epoch {}", text::decimals(&[epoch as i64], 0).concat());
        Animation::new(epochs.into_iter().map(label)).seconds(self.seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use analysis::PlannedModel;
    use datasets::{Spec, TargetSpec};
    fn complaints(animate: &Animate, epochs: usize, snapshots: Vec<usize>) -> Vec<(String, String)> {
        let data = Spec { n: 4, shape: vec![2], target: TargetSpec::None, feature_names: Vec::new() };
        let mut planned = Planned::default();
        let model = PlannedModel {
            data,
            sizes: [4, 0, 0],
            layers: Vec::new(),
            loss: models::Loss::CrossEntropy,
            epochs,
            snapshots,
        };
        planned.insert_model("deep", model);
        let mut problems = Problems::default();
        animate.check(&mut problems);
        animate.check_against([&TrainRef("deep".into())], &planned, &mut problems);
        problems.into_vec().into_iter().map(|p| (p.message, p.help.unwrap_or_default())).collect()
    }

    #[test]
    fn what_is_not_kept_cannot_be_shown() {
        let every = |every| Animate { every, epochs: Vec::new(), seconds: 8.0 };
        assert!(complaints(&every(Some(50)), 120, vec![0, 50, 100, 120]).is_empty());
        assert!(complaints(&every(None), 120, vec![0, 7, 120]).is_empty());
        let [(message, help)] = &complaints(&every(Some(20)), 120, vec![0, 50, 100, 120])[..] else { panic!() };
        assert_eq!(message, "deep keeps no snapshot of epoch 20");
        assert_eq!(help, "write snapshots = { every = 20 } in [train.deep]");
        let [(_, help)] = &complaints(&every(Some(50)), 1000, Vec::new())[..] else { panic!() };
        assert_eq!(help, "write snapshots = { every = 50 } in [train.deep]");
        let some = Animate { epochs: vec![7, 0, 8], ..every(Some(60)) };
        assert!(some.shows(0) && some.shows(7) && some.shows(60) && !some.shows(9));
        let [(message, help)] = &complaints(&some, 120, vec![0, 7, 9, 60, 120])[..] else { panic!() };
        assert_eq!(message, "deep keeps no snapshot of epoch 8");
        assert_eq!(help, "write snapshots = { epochs = [8, …] } in [train.deep]");
        let many = complaints(&every(None), 50_000, (0..=50_000).collect());
        assert!(many[0].0.ends_with("found 50001: every = 125 or more makes few enough"), "{many:?}");
        assert_eq!(complaints(&Animate { every: Some(0), epochs: vec![0], seconds: 0.0 }, 10, vec![0, 10]).len(), 2);
    }

    #[test]
    fn frames_are_named_after_their_epochs() {
        let animation = Animate { every: None, epochs: Vec::new(), seconds: 2.0 }.animation([0, 50, 50_000]);
        assert_eq!(animation.labels, ["epoch 0", "epoch 50", "epoch 50,000"]);
        assert_eq!(animation.seconds, 2.0);
    }
}
