//! Which part of a model's data an analysis looks at.

use datasets::Dataset;
use registry::{Problems, TrainRef};
use training::Part;

use crate::{AnalysisError, PlannedModel, Trained};

impl Trained {
    /// The part of the model's data asked for; by default its test part, and where there is none its training part.
    ///
    /// # Errors
    /// When the data has no such part.
    pub fn part(&self, part: Option<Part>) -> Result<(Part, &Dataset), AnalysisError> {
        let parts = &self.data;
        let default = if parts.test.is_some() { Part::Test } else { Part::Train };
        let part = part.unwrap_or(default);
        let data = match part {
            Part::Train => Some(&parts.train),
            Part::Validation => parts.validation.as_ref(),
            Part::Test => parts.test.as_ref(),
        };
        let missing = || AnalysisError::NoPart { name: self.name.clone(), part: part.name() };
        Ok((part, data.ok_or_else(missing)?))
    }
}

impl PlannedModel {
    /// How many samples the part asked for has, or the one that [`Trained::part`] takes by default.
    pub fn part_size(&self, part: Option<Part>) -> usize {
        let default = if self.sizes[Part::Test as usize] > 0 { Part::Test } else { Part::Train };
        self.sizes[part.unwrap_or(default) as usize]
    }

    /// What is wrong, if anything, with looking at this part of the model's data, and what to do about it.
    pub fn needs_part(&self, name: &TrainRef, part: Option<Part>) -> Option<(String, String)> {
        let part = part.filter(|_| self.part_size(part) == 0)?.name();
        let there = [Part::Train, Part::Validation, Part::Test].into_iter().filter(|p| self.sizes[*p as usize] > 0);
        let there: Vec<&str> = there.map(Part::name).collect();
        let help = format!("it has {}; a split in its dataset table makes others", there.join(" and "));
        Some((format!("the data of {} has no {part} part", name.0), help))
    }

    /// Notes at `part` that the model's data lacks it.
    pub(crate) fn check_part(&self, name: &TrainRef, part: Option<Part>, problems: &mut Problems) {
        if let Some((message, help)) = self.needs_part(name, part) {
            problems.add_with_help("part", message, help);
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
        let of = |trained: &Trained, part| trained.part(part).map(|(part, data)| (part, data.n()));
        assert_eq!(of(&trained, None).expect("train"), (Part::Train, 4));
        let error = of(&trained, Some(Part::Test)).expect_err("none").to_string();
        assert_eq!(error, "the data of m has no test part");
        let mut parts = (*trained.data).clone();
        parts.test = Some(parts.train.subset(&[1]));
        trained.data = std::sync::Arc::new(parts);
        assert_eq!(of(&trained, None).expect("test"), (Part::Test, 1));
    }

    #[test]
    fn parts_that_will_not_be_there_are_told_of() {
        use crate::Planned;
        let planned = fixture::OnePlanned::of(1);
        let name = TrainRef("m".into());
        let model = planned.model(&name).expect("the one");
        assert_eq!((model.needs_part(&name, None), model.needs_part(&name, Some(Part::Train))), (None, None));
        let (message, help) = model.needs_part(&name, Some(Part::Validation)).expect("a complaint");
        assert_eq!(message, "the data of m has no validation part");
        assert_eq!(help, "it has train; a split in its dataset table makes others");
        assert_eq!(model.part_size(None), 4);
    }
}
