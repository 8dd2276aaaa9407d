//! Which split of a model's data an analysis looks at.

use datasets::{Dataset, Split};
use registry::{Problem, Problems, TrainRef};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::{AnalysisError, Planned, PlannedModel, Trained};

/// The field `split` of an analysis: the split of the model's data that is named, by default the test split, and where there is
/// none the training split.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct SplitSelector(pub Option<Split>);

impl JsonSchema for SplitSelector {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "SplitSelector".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let choice =
            |split: Split, what| json_schema!({ "type": "string", "const": split.name(), "description": what });
        json_schema!({ "x-formerly": ["part"], "oneOf": [
            choice(Split::Train, "The training split, the default where there is no test split."),
            choice(Split::Validation, "The validation split."),
            choice(Split::Test, "The test split, the default where there is one."),
        ] })
    }
}

impl From<Split> for SplitSelector {
    fn from(split: Split) -> Self {
        Self(Some(split))
    }
}

impl SplitSelector {
    /// The model to be trained, after noting at `split` that its data will have no such split.
    pub(crate) fn of<'a>(
        self,
        name: &TrainRef,
        planned: &'a Planned,
        problems: &mut Problems,
    ) -> Option<&'a PlannedModel> {
        let model = planned.model(name)?;
        problems.note("split", model.needs_split(self));
        Some(model)
    }
}

impl Trained {
    /// The split of the model's data asked for.
    ///
    /// # Errors
    /// When the data has no such split.
    pub fn split(&self, split: SplitSelector) -> Result<(Split, &Dataset), AnalysisError> {
        let default = if self.data.test.is_some() { Split::Test } else { Split::Train };
        let split = split.0.unwrap_or(default);
        let missing = || AnalysisError::NoSplit { name: self.name.clone(), split: split.name() };
        Ok((split, self.data.get(split).ok_or_else(missing)?))
    }
}

impl PlannedModel {
    /// How many samples the split asked for will have.
    pub fn split_size(&self, split: SplitSelector) -> usize {
        let default = if self.sizes[Split::Test as usize] > 0 { Split::Test } else { Split::Train };
        self.sizes[split.0.unwrap_or(default) as usize]
    }

    /// What is wrong, if anything, with looking at this split of the model's data.
    pub fn needs_split(&self, split: impl Into<SplitSelector>) -> Option<Problem> {
        let split = split.into();
        let missing = split.0.filter(|_| self.split_size(split) == 0)?.name();
        let there = Split::ALL.into_iter().filter(|split| self.sizes[*split as usize] > 0);
        let there: Vec<&str> = there.map(Split::name).collect();
        let problem = Problem::from(format!("the data of {} has no {missing} split", self.name));
        Some(problem.help(format!("it has {}; a split in its dataset table makes others", there.join(" and "))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn the_test_split_comes_first_and_the_missing_one_is_named() {
        let mut trained = fixture::trained(vec![models::layers::Linear::new(1).into()], &[1.0, 2.0, 3.0]);
        let of = |trained: &Trained, split| trained.split(split).map(|(split, data)| (split, data.n()));
        assert_eq!(of(&trained, SplitSelector::default()).expect("train"), (Split::Train, 4));
        let error = of(&trained, Split::Test.into()).expect_err("none").to_string();
        assert_eq!(error, "the data of m has no test split");
        let mut splits = (*trained.data).clone();
        splits.test = Some(splits.train.subset(&[1]));
        trained.data = std::sync::Arc::new(splits);
        assert_eq!(of(&trained, SplitSelector::default()).expect("test"), (Split::Test, 1));
    }

    #[test]
    fn splits_that_will_not_be_there_are_told_of() {
        let (planned, name) = (fixture::planned(1), TrainRef("m".into()));
        let told = |split: SplitSelector| {
            let mut problems = Problems::default();
            let size = split.of(&name, &planned, &mut problems).expect("the one").split_size(split);
            (size, problems.into_vec().pop())
        };
        assert_eq!(told(SplitSelector::default()), (4, None));
        assert_eq!(told(Split::Train.into()), (4, None));
        let (size, problem) = told(Split::Validation.into());
        let problem = problem.expect("a complaint");
        assert_eq!((size, problem.path.as_str()), (0, "split"));
        assert_eq!(problem.message, "the data of m has no validation split");
        assert_eq!(problem.help.as_deref(), Some("it has train; a split in its dataset table makes others"));
    }

    #[test]
    fn a_default_is_not_written_out() {
        #[derive(serde::Serialize, serde::Deserialize)]
        struct Table {
            #[serde(default)]
            split: SplitSelector,
        }
        let of = |text: &str| toml::from_str::<Table>(text).map(|table| registry::resolve(&table).to_string());
        assert_eq!(of("").expect("nothing"), "");
        assert_eq!(of("split = \"test\"").expect("a split"), "split = \"test\"\n");
        assert!(of("split = \"tests\"").is_err());
    }
}
