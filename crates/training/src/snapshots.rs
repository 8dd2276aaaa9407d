//! Parameters kept along the way: what figures of training over time are made from.

use registry::Problems;

/// Which epochs' parameters to keep: `{ every = 50 }`, `{ epochs = [0, 10, 100] }`, or both. The untrained model counts as epoch
/// 0, and the last epoch is always among them.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SnapshotConfig {
    /// After every so many epochs, from epoch 0 on; 100,000 snapshots at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<usize>,
    /// After these epochs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("uniqueItems" = true))]
    pub epochs: Vec<usize>,
    /// At most this many, evenly thinned with the first and the last kept. Default: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most: Option<usize>,
}

/// More snapshots than anyone looks at.
const MOST_SNAPSHOTS: usize = 100_000;

/// The parameters after some epochs of training.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Snapshot {
    /// How many epochs had ended.
    pub epoch: usize,
    /// All parameters, in the model's order, and the states of layers that keep some.
    pub parameters: Vec<f32>,
}

impl SnapshotConfig {
    /// Notes numbers out of range for a run of so many epochs.
    pub fn check(&self, epochs: usize, problems: &mut Problems) {
        problems.require(self.every != Some(0), "every", || "expected at least 1 epoch, found 0".into());
        let every = self.every.filter(|every| *every > 0).map_or(0, |every| epochs / every);
        let kept = (every + self.epochs.len()).min(self.most.unwrap_or(usize::MAX));
        problems.require(kept < MOST_SNAPSHOTS, "every", || {
            format!("{} snapshots of {epochs} epochs, expected {MOST_SNAPSHOTS} at most", kept + 1)
        });
        problems.require(self.most.is_none_or(|m| m >= 2), "most", || {
            format!("expected at least 2 (the first and the last), found {}", self.most.unwrap_or(0))
        });
        for (i, epoch) in self.epochs.iter().enumerate() {
            problems.require(*epoch <= epochs, format!("epochs[{i}]"), || {
                format!("epoch {epoch} is beyond the {epochs} of the run")
            });
        }
        if self.every.is_none() && self.epochs.is_empty() {
            problems.add_with_help("", "no epochs are named", "write { every = 50 } or { epochs = [0, 10, 100] }");
        }
    }

    /// The epochs asked for in a run of `last` epochs: ascending, each once, the last one among them.
    pub fn list(&self, last: usize) -> Vec<usize> {
        let every = self.every.filter(|e| *e > 0).map(|every| (0..=last).step_by(every));
        let mut list: Vec<usize> = every.into_iter().flatten().chain(self.epochs.iter().copied()).collect();
        list.push(last);
        list.retain(|e| *e <= last);
        list.sort_unstable();
        list.dedup();
        match self.most {
            Some(most) => thin(&list, most),
            None => list,
        }
    }
}

/// At most `most` (at least 2) of the elements, evenly spread, the first and the last among them.
pub fn thin<T: Clone>(list: &[T], most: usize) -> Vec<T> {
    let most = most.max(2);
    if list.len() <= most {
        return list.to_vec();
    }
    (0..most).map(|i| list[i * (list.len() - 1) / (most - 1)].clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(every: Option<usize>, epochs: &[usize], most: Option<usize>) -> Vec<usize> {
        SnapshotConfig { every, epochs: epochs.to_vec(), most }.list(100)
    }

    #[test]
    fn more_snapshots_than_anyone_looks_at_are_refused_without_listing_them() {
        let wrong = |config: SnapshotConfig, epochs: usize| {
            let mut problems = Problems::default();
            config.check(epochs, &mut problems);
            problems.into_vec().into_iter().map(|p| format!("{}: {}", p.path, p.message)).collect::<Vec<_>>()
        };
        let every = |every: usize| SnapshotConfig { every: Some(every), ..SnapshotConfig::default() };
        let told = "every: 1000000000001 snapshots of 1000000000000 epochs, expected 100000 at most";
        assert_eq!(wrong(every(1), 1_000_000_000_000), [told]);
        assert_eq!(wrong(SnapshotConfig { most: Some(10), ..every(1) }, 10_000_000), [""; 0]);
        assert_eq!(wrong(every(1), 99_999), [""; 0]);
    }

    #[test]
    fn epochs_are_listed_once_and_in_order() {
        assert_eq!(list(Some(40), &[], None), [0, 40, 80, 100]);
        assert_eq!(list(Some(50), &[3, 3, 50, 7], None), [0, 3, 7, 50, 100]);
        assert_eq!(list(None, &[5], None), [5, 100]);
        assert_eq!(list(Some(1), &[], Some(5)), [0, 25, 50, 75, 100]);
        assert_eq!(list(Some(30), &[], Some(3)), [0, 60, 100]);
    }
}
