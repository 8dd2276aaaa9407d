//! Which split of a model's data an analysis looks at.

use datasets::Dataset;
use registry::{Problems, TrainRef};
use training::Split;

use crate::{AnalysisError, PlannedModel, Trained};

impl Trained {
    /// The split of the model's data asked for; by default its test split, and where there is none its training split.
    ///
    /// # Errors
    /// When the data has no such split.
    pub fn split(&self, split: Option<Split>) -> Result<(Split, &Dataset), AnalysisError> {
        let splits = &self.data;
        let default = if splits.test.is_some() { Split::Test } else { Split::Train };
        let split = split.unwrap_or(default);
        let data = match split {
            Split::Train => Some(&splits.train),
            Split::Validation => splits.validation.as_ref(),
            Split::Test => splits.test.as_ref(),
        };
        let missing = || AnalysisError::NoSplit { name: self.name.clone(), split: split.name() };
        Ok((split, data.ok_or_else(missing)?))
    }
}

impl PlannedModel {
    /// How many samples the split asked for has, or the one that [`Trained::split`] takes by default.
    pub fn split_size(&self, split: Option<Split>) -> usize {
        let default = if self.sizes[Split::Test as usize] > 0 { Split::Test } else { Split::Train };
        self.sizes[split.unwrap_or(default) as usize]
    }

    /// What is wrong, if anything, with looking at this split of the model's data, and what to do about it.
    pub fn needs_split(&self, name: &TrainRef, split: Option<Split>) -> Option<(String, String)> {
        let split = split.filter(|_| self.split_size(split) == 0)?.name();
        let there = [Split::Train, Split::Validation, Split::Test].into_iter().filter(|p| self.sizes[*p as usize] > 0);
        let there: Vec<&str> = there.map(Split::name).collect();
        let help = format!("it has {}; a split in its dataset table makes others", there.join(" and "));
        Some((format!("the data of {} has no {split} split", name.0), help))
    }

    /// Notes at `split` that the model's data lacks it.
    pub(crate) fn check_split(&self, name: &TrainRef, split: Option<Split>, problems: &mut Problems) {
        if let Some((message, help)) = self.needs_split(name, split) {
            problems.add_with_help("split", message, help);
        }
    }

    /// Notes at `units` that the model has none of these.
    pub(crate) fn check_units(&self, units: &str, problems: &mut Problems) {
        if let Some(message) = self.unknown_units(units) {
            problems.add("units", message);
        }
    }

    /// Notes at `model` that it is not one of classes.
    pub(crate) fn check_classes(&self, name: &TrainRef, problems: &mut Problems) {
        if let Some(message) = self.needs_classes(name) {
            problems.add("model", message);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn the_test_part_comes_first_and_the_missing_one_is_named() {
        let mut trained = fixture::trained(vec![models::layers::Linear::new(1).into()], &[1.0, 2.0, 3.0]);
        let of = |trained: &Trained, split| trained.split(split).map(|(split, data)| (split, data.n()));
        assert_eq!(of(&trained, None).expect("train"), (Split::Train, 4));
        let error = of(&trained, Some(Split::Test)).expect_err("none").to_string();
        assert_eq!(error, "the data of m has no test split");
        let mut splits = (*trained.data).clone();
        splits.test = Some(splits.train.subset(&[1]));
        trained.data = std::sync::Arc::new(splits);
        assert_eq!(of(&trained, None).expect("test"), (Split::Test, 1));
    }

    #[test]
    fn parts_that_will_not_be_there_are_told_of() {
        let planned = fixture::planned(1);
        let name = TrainRef("m".into());
        let model = planned.model(&name).expect("the one");
        assert_eq!((model.needs_split(&name, None), model.needs_split(&name, Some(Split::Train))), (None, None));
        let (message, help) = model.needs_split(&name, Some(Split::Validation)).expect("a complaint");
        assert_eq!(message, "the data of m has no validation split");
        assert_eq!(help, "it has train; a split in its dataset table makes others");
        assert_eq!(model.split_size(None), 4);
    }
}
