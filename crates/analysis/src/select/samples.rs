//! Single samples of a split of the data, or the samples of a class.

use datasets::{Dataset, Split};
use ndarray::Array2;
use registry::Problems;

use crate::{AnalysisError, PlannedModel, select::split::SplitSelector};

/// The classes of a split: each sample's, and their names.
///
/// # Errors
/// When the data has none.
pub fn classes(data: &Dataset) -> Result<(&[u32], &[String]), AnalysisError> {
    let missing = models::ModelError::Targets { loss: "an analysis of classes", expected: "classes" };
    Ok(data.labels().zip(data.class_names()).ok_or(missing)?)
}

/// The classes of which there are samples: no statistic of one class can be had of the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Present {
    /// Their numbers, ascending.
    pub numbers: Vec<usize>,
    /// Their names.
    pub names: Vec<String>,
    /// The names of the others.
    pub absent: Vec<String>,
}

impl Present {
    /// Of samples with these labels, whose classes are called so.
    pub fn of(labels: &[u32], classes: &[String]) -> Self {
        let mut seen = vec![false; classes.len()];
        labels.iter().for_each(|label| seen[*label as usize] = true);
        Self::those(classes, |class| seen[class])
    }

    /// Of classes that are called so, those that fulfil a condition.
    pub fn those(classes: &[String], is_there: impl Fn(usize) -> bool) -> Self {
        let (numbers, absent): (Vec<usize>, Vec<usize>) = (0..classes.len()).partition(|class| is_there(*class));
        let named = |numbers: &[usize]| numbers.iter().map(|class| classes[*class].clone()).collect();
        Present { names: named(&numbers), absent: named(&absent), numbers }
    }
}

/// One sample, or all samples of a class: `{ index = 7 }`, `{ first_of = "3" }` or `{ all_of = "3" }`.
#[derive(Debug, Clone, PartialEq, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Chosen {
    /// The sample of this number in its split, from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<usize>,
    /// The first sample of this class, by the class's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_of: Option<String>,
    /// Every sample of this class: the mean over them is shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub all_of: Option<String>,
}

/// Samples that were chosen.
#[derive(Debug, Clone, PartialEq)]
pub struct Picked {
    /// Which, in their split.
    pub indices: Vec<usize>,
    /// What they are, to go on a sentence: `test sample 18, a "3"`.
    pub words: String,
}

impl Chosen {
    /// The sample of this number.
    pub fn index(index: usize) -> Self {
        Self { index: Some(index), ..Self::default() }
    }

    /// Notes a choice that is none, or two.
    pub fn check(&self, path: &str, problems: &mut Problems) {
        let ways = [self.index.is_some(), self.first_of.is_some(), self.all_of.is_some()];
        problems.require(ways.iter().filter(|w| **w).count() == 1, path, || {
            "expected one of { index = 7 }, { first_of = \"CLASS\" } and { all_of = \"CLASS\" }".into()
        });
    }

    /// Notes a sample that the model's data cannot have.
    pub fn check_against(&self, path: &str, model: &PlannedModel, split: SplitSelector, problems: &mut Problems) {
        let n = model.split_size(split);
        // A split that is missing is told elsewhere.
        if let Some(index) = self.index.filter(|i| *i >= n && n > 0) {
            problems
                .add(format!("{path}.index"), format!("there is no sample {index}, that split of the data has {n}"));
        }
        for (field, class) in [("first_of", &self.first_of), ("all_of", &self.all_of)] {
            let Some(class) = class else { continue };
            let path = format!("{path}.{field}");
            match &model.data.target {
                datasets::TargetSpec::Classes { names } if names.contains(class) => {}
                datasets::TargetSpec::Classes { names } => {
                    problems.add(path, format!("there is no class {class}, there are {}", names.join(", ")));
                }
                _ => problems.add(path, "the data has no classes; choose a sample by its index".to_owned()),
            }
        }
    }

    /// Finds them in a split of that name.
    ///
    /// # Errors
    /// When the split has no such sample.
    pub fn pick(&self, data: &Dataset, split: Split) -> Result<Picked, AnalysisError> {
        let split = split_word(split);
        // Of data without classes a sample is known by its number alone, and none is of a class.
        let classes = data.labels().zip(data.class_names());
        let class_of = |i: usize| classes.map(|(labels, names)| &names[labels[i] as usize]);
        let of_class =
            |class: &String| -> Vec<usize> { (0..data.n()).filter(|i| class_of(*i) == Some(class)).collect() };
        let missing = |what: String| AnalysisError::NoSample { what, split: split.to_owned(), n: data.n() };
        let one = |i: usize| {
            let words = match class_of(i) {
                Some(class) => format!("{split} sample {i}, a \"{class}\""),
                None => format!("{split} sample {i}"),
            };
            Picked { indices: vec![i], words }
        };
        match (self.index, &self.first_of, &self.all_of) {
            (Some(i), ..) if i < data.n() => Ok(one(i)),
            (Some(i), ..) => Err(missing(format!("sample {i}"))),
            (_, Some(class), _) => {
                of_class(class).first().copied().map(one).ok_or_else(|| missing(format!("sample of class {class}")))
            }
            (_, _, Some(class)) => {
                let indices = of_class(class);
                let words = format!("the {} {split} samples of class {class}, on average", indices.len());
                if indices.is_empty() {
                    Err(missing(format!("sample of class {class}")))
                } else {
                    Ok(Picked { indices, words })
                }
            }
            _ => Err(missing("sample that is chosen by nothing".into())),
        }
    }
}

/// A split as an adjective.
fn split_word(split: Split) -> &'static str {
    if split == Split::Train { "training" } else { split.name() }
}

impl Picked {
    /// The samples' numbers: samples × features.
    pub fn rows(&self, data: &Dataset) -> Array2<f32> {
        (*data.x.select(&self.indices)).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn samples_are_chosen_by_number_or_class() {
        let data = fixture::blobs();
        let pick =
            |chosen: Chosen| chosen.pick(&data, Split::Test).map(|p| (p.indices, p.words)).map_err(|e| e.to_string());
        assert_eq!(pick(Chosen::index(1)), Ok((vec![1], "test sample 1, a \"b\"".into())));
        let first = Chosen { first_of: Some("c".into()), ..Chosen::default() };
        assert_eq!(pick(first), Ok((vec![2], "test sample 2, a \"c\"".into())));
        let all = Chosen { all_of: Some("a".into()), ..Chosen::default() };
        let (indices, words) = pick(all).expect("there are some");
        assert!(
            indices.iter().all(|i| i % 3 == 0) && words.ends_with("test samples of class a, on average"),
            "{words}"
        );
        assert_eq!(
            pick(Chosen::index(900)),
            Err(format!("there is no sample 900 in the test split, which has {}", data.n()))
        );
        let none = Chosen { first_of: Some("z".into()), ..Chosen::default() };
        assert!(pick(none).expect_err("no such class").starts_with("there is no sample of class z"));
    }

    #[test]
    fn a_choice_is_one() {
        let complaints = |chosen: Chosen| {
            let mut problems = Problems::default();
            chosen.check("sample", &mut problems);
            problems.into_vec().len()
        };
        assert_eq!(complaints(Chosen::index(0)), 0);
        assert_eq!(complaints(Chosen::default()), 1);
        assert_eq!(complaints(Chosen { all_of: Some("a".into()), ..Chosen::index(0) }), 1);
    }
}
