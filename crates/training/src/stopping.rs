//! When a run has learned enough, and which epoch's model it leaves: early stopping and best-epoch checkpoints.
//!
//! Both follow one number of one split of the data. Stopping early on a split is a choice made by its samples: a test split that
//! decides is no test any more (Prechelt, *Early Stopping — But When?*, 1998, has the reasons and the rules).

use datasets::Split;
use registry::Problems;

use crate::{History, Measure, TrainConfig};

/// Stops when a number has not become better for some epochs: `{ patience = 5 }`.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EarlyStopping {
    /// Stops after this many epochs in a row without improvement.
    pub patience: usize,
    /// What counts as improvement: by more than this, in nats or as a share. Default 0.
    #[serde(default)]
    pub min_delta: f64,
    /// The split of the data that is followed: "validation" or "train", on which the model is measured after every epoch as it
    /// predicts; "test" chooses by the samples that are to judge, so that it has to be allowed. Default "validation".
    #[serde(default = "validation")]
    pub on: Split,
    /// The number that is followed, which is then measured even if `metrics` does not ask for it. Default "loss".
    #[serde(default)]
    pub by: Measure,
    /// Allows `on = "test"`. The test split then has chosen the model and judges it no more, which the console and the report
    /// say. Default false.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub allow_test_selection: bool,
}

fn validation() -> Split {
    Split::Validation
}

/// Which epoch's model a run leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Keep {
    /// The last epoch's.
    #[default]
    Last,
    /// The best epoch's, by the number that `early_stopping` follows, or else by the validation loss; the first of equally good
    /// ones.
    Best,
}

impl EarlyStopping {
    /// Notes numbers out of range; `classifies` says whether there is an accuracy.
    pub fn check(&self, classifies: bool, problems: &mut Problems) {
        problems.require(self.patience >= 1, "patience", || "expected at least 1 epoch, found 0".into());
        problems.require(self.min_delta.is_finite() && self.min_delta >= 0.0, "min_delta", || {
            format!("expected a finite number, at least 0, found {}", self.min_delta)
        });
        problems.require(classifies || self.by == Measure::Loss, "by", || {
            format!("a model that predicts numbers has no {}, only a loss", self.by.name())
        });
        match (self.on == Split::Test, self.allow_test_selection) {
            (true, false) => problems.add_with_help(
                "on",
                "the test split would choose the model that it is to judge",
                "follow on = \"validation\", or write allow_test_selection = true beside it, which the report will say",
            ),
            (false, true) => problems.add_with_help(
                "allow_test_selection",
                format!("nothing is chosen by the test split: the {} split is followed", self.on.name()),
                "leave it out",
            ),
            _ => {}
        }
    }
}

/// Notes that what a run follows is not there; `sizes` are those of the training, validation and test splits.
pub(crate) fn check_against(config: &TrainConfig, sizes: [usize; 3], problems: &mut Problems) {
    let (path, split) = match (&config.early_stopping, config.keep) {
        (Some(stopping), _) => ("early_stopping.on", stopping.on),
        (None, Keep::Best) => ("keep", validation()),
        (None, Keep::Last) => return,
    };
    if sizes[split as usize] == 0 {
        let (data, split) = (&config.data.0, split.name());
        let share = if split == "test" { "train = 0.8, test = 0.2" } else { "train = 0.8, validation = 0.2" };
        problems.add_with_help(
            path,
            format!("{data} has no {split} split to follow"),
            format!("write split = {{ {share} }} in [dataset.{data}]"),
        );
    }
}

/// Follows a run's number.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Monitor {
    on: Split,
    by: Measure,
    min_delta: f32,
    patience: usize,
    /// What has to be improved on.
    reference: Option<f32>,
    waited: usize,
    best: Option<Best>,
    /// Room for the best epoch's parameters; empty where the last ones are kept.
    parameters: Vec<f32>,
}

#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
struct Best {
    epoch: usize,
    value: f32,
}

impl Monitor {
    /// `None` where a run follows nothing.
    pub fn of(config: &TrainConfig, parameters: usize) -> Option<Self> {
        let keeps = config.keep == Keep::Best;
        let stopping = config.early_stopping.as_ref();
        (keeps || stopping.is_some()).then(|| Self {
            on: stopping.map_or(validation(), |s| s.on),
            by: stopping.map_or(Measure::default(), |s| s.by),
            min_delta: stopping.map_or(0.0, |s| s.min_delta as f32),
            patience: stopping.map_or(usize::MAX, |s| s.patience),
            reference: None,
            waited: 0,
            best: None,
            parameters: vec![0.0; if keeps { parameters } else { 0 }],
        })
    }

    /// The split it follows.
    pub fn on(&self) -> Split {
        self.on
    }

    /// Takes note of the epoch that has just ended.
    pub fn observe(&mut self, history: &History, parameters: &[f32]) {
        let Some(&value) = history.split(self.on).and_then(|series| series.get(self.by).last()) else { return };
        let better = |than: Option<f32>, by: f32| match (than, self.by) {
            (None, _) => !value.is_nan(),
            (Some(than), Measure::Loss) => value < than - by,
            (Some(than), _) => value > than + by,
        };
        if better(self.best.map(|b| b.value), 0.0) {
            if !self.parameters.is_empty() {
                self.parameters.copy_from_slice(parameters);
            }
            self.best = Some(Best { epoch: history.epochs(), value });
        }
        if better(self.reference, self.min_delta) {
            self.reference = Some(value);
            self.waited = 0;
        } else {
            self.waited += 1;
        }
    }

    /// Whether patience has run out.
    pub fn is_over(&self) -> bool {
        self.waited >= self.patience
    }

    /// The best epoch and its parameters, where they are to be kept.
    pub fn kept(&self) -> Option<(usize, &[f32])> {
        self.best.filter(|_| !self.parameters.is_empty()).map(|best| (best.epoch, self.parameters.as_slice()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Series;

    /// Feeds validation numbers; the epoch that stopped the run, if any, and the best one.
    fn follow(by: Measure, patience: usize, min_delta: f64, values: &[f32]) -> (Option<usize>, Option<usize>) {
        let text = "data = \"d\"\nmodel = [{ linear = 1 }]\nloss = \"cross_entropy\"\nepochs = 9\nkeep = \"best\"\n\
                    optimizer = { sgd = { lr = 0.1 } }";
        let mut config: TrainConfig = toml::from_str(text).expect("parses");
        config.early_stopping =
            Some(EarlyStopping { patience, min_delta, on: Split::Validation, by, allow_test_selection: false });
        let mut watch = Monitor::of(&config, 1).expect("follows something");
        let mut history = History { validation: Some(Series::default()), ..History::default() };
        history.train.loss.push(0.0);
        for (i, value) in values.iter().enumerate() {
            history.train.loss.push(0.0);
            let series = history.validation.as_mut().expect("made above");
            series.loss.push(*value);
            series.accuracy.push(*value);
            watch.observe(&history, &[i as f32]);
            if watch.is_over() {
                return (Some(i + 1), watch.kept().map(|(epoch, _)| epoch));
            }
        }
        let best = watch.kept().map(|(epoch, parameters)| {
            assert_eq!(parameters, [(epoch - 1) as f32]);
            epoch
        });
        (None, best)
    }

    #[test]
    fn patience_ends_without_improvement() {
        let loss = |patience, delta, values: &[f32]| follow(Measure::Loss, patience, delta, values);
        assert_eq!(loss(2, 0.0, &[3.0, 2.0, 2.0, 2.5, 1.0]), (Some(4), Some(2)));
        assert_eq!(loss(3, 0.0, &[3.0, 2.0, 2.0, 2.5, 1.0]), (None, Some(5)));
        // Small steps do not count as improvement, but the best epoch is the best.
        assert_eq!(loss(3, 0.5, &[3.0, 2.9, 2.8, 2.7]), (Some(4), Some(4)));
        assert_eq!(loss(3, 0.5, &[3.0, 2.9, 2.8, 2.4, 2.3]), (None, Some(5)));
        assert_eq!(follow(Measure::Accuracy, 2, 0.0, &[0.5, 0.7, 0.6, 0.7]), (Some(4), Some(2)));
        // What is no number is never better.
        assert_eq!(loss(2, 0.0, &[f32::NAN, f32::NAN]), (Some(2), None));
        assert_eq!(loss(2, 0.0, &[f32::NAN, 4.0, f32::NAN]), (None, Some(2)));
    }
}
