//! Class labels: whole numbers 0…K−1, or names, which are numbered in sorted order.

use crate::{DataError, FileProblem, Place};
use std::collections::BTreeSet;

/// Whole numbers as labels, which must be 0…K−1, each with at least one sample; the classes are named `0`, `1`, ….
///
/// `place(i)` is where label i stands.
pub fn numbered(labels: &[i64], place: impl Fn(usize) -> Place) -> Result<(Vec<u32>, Vec<String>), DataError> {
    if let Some(i) = labels.iter().position(|&l| l < 0) {
        return Err(DataError::file(place(i), FileProblem::NegativeLabel { found: labels[i] }));
    }
    let present: BTreeSet<i64> = labels.iter().copied().collect();
    let k = present.len() as i64;
    let highest = present.last().copied().unwrap_or(-1);
    if highest >= k {
        let missing: Vec<i64> = (0..highest).filter(|l| !present.contains(l)).take(5).collect();
        let at = labels.iter().position(|&l| l == highest).expect("the highest label is one of them");
        let problem = FileProblem::LabelGap { found: highest, missing, n_missing: highest.abs_diff(k) + 1 };
        return Err(DataError::file(place(at), problem));
    }
    let names = (0..k).map(|l| l.to_string()).collect();
    at_least_two(labels.iter().map(|&l| l as u32).collect(), names, place)
}

/// Whole numbers as labels of classes that are known: each must be one of 0…K−1.
pub fn known(labels: &[i64], names: &[String], place: impl Fn(usize) -> Place) -> Result<Vec<u32>, DataError> {
    let fits = |l: &i64| (0..names.len() as i64).contains(l);
    match labels.iter().position(|l| !fits(l)) {
        Some(i) => {
            let problem = FileProblem::UnknownLabel { found: labels[i], classes: names.len() };
            Err(DataError::file(place(i), problem))
        }
        None => Ok(labels.iter().map(|&l| l as u32).collect()),
    }
}

/// Names as labels: the classes are the different names in byte order.
pub fn named(labels: &[String], place: impl Fn(usize) -> Place) -> Result<(Vec<u32>, Vec<String>), DataError> {
    let names: Vec<&String> = labels.iter().collect::<BTreeSet<_>>().into_iter().collect();
    let number = |label: &String| names.binary_search(&label).expect("names were made from the labels") as u32;
    let numbers = labels.iter().map(number).collect();
    at_least_two(numbers, names.into_iter().cloned().collect(), place)
}

fn at_least_two(
    labels: Vec<u32>,
    names: Vec<String>,
    place: impl Fn(usize) -> Place,
) -> Result<(Vec<u32>, Vec<String>), DataError> {
    match names.as_slice() {
        [name] => {
            let whole = Place { position: crate::Position::Whole, ..place(0) };
            Err(DataError::file(whole, FileProblem::OneClass { name: name.clone() }))
        }
        _ => Ok((labels, names)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Position;

    fn place(i: usize) -> Place {
        Place { file: "y".into(), position: Position::Line(i + 1) }
    }

    fn message(labels: &[i64]) -> String {
        numbered(labels, place).unwrap_err().to_string()
    }

    #[test]
    fn numbers_are_the_classes() {
        let (labels, names) = numbered(&[2, 0, 1, 1], place).unwrap();
        assert_eq!((labels, names), (vec![2, 0, 1, 1], vec!["0".into(), "1".into(), "2".into()]));
    }

    #[test]
    fn names_are_numbered_in_order() {
        let (labels, names) = named(&["b".into(), "a".into(), "b".into()], place).unwrap();
        assert_eq!((labels, names), (vec![1, 0, 1], vec!["a".into(), "b".into()]));
    }

    #[test]
    fn what_is_not_zero_to_k_is_refused() {
        assert_eq!(
            message(&[1, 2]),
            "y, line 2: found class 2, but no sample of class 0: classes are numbered 0, 1, …, K−1 without gaps"
        );
        assert_eq!(message(&[0, -1]), "y, line 2: found class -1, expected whole numbers from 0: 0, 1, …, K−1");
        assert!(message(&[0, 9, 1]).contains("class 2, 3, 4, 5, 6 and 2 more"), "{}", message(&[0, 9, 1]));
        assert!(message(&[0, i64::MAX]).contains("and 9223372036854775801 more"), "{}", message(&[0, i64::MAX]));
        assert_eq!(message(&[0, 0]), "y: every sample has class `0`, expected at least two classes");
    }
}
