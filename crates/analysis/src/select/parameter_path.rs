//! One number among a model's parameters, by name: `hidden1.weight[0,2]`, `output.bias[0]`.

use autograd::Parameters;
use tensor::shape::display;

use crate::AnalysisError;

/// Where a named number lies: its array and its place there.
#[derive(Debug, Clone, PartialEq)]
pub struct Weight<'a> {
    array: &'a str,
    indices: Vec<usize>,
}

impl<'a> Weight<'a> {
    /// Reads `array[i,j]`.
    pub fn parse(text: &'a str) -> Option<Self> {
        let (array, rest) = text.split_once('[')?;
        let indices = rest.strip_suffix(']')?.split(',').map(|i| i.trim().parse().ok()).collect::<Option<_>>()?;
        Some(Self { array: array.trim(), indices })
    }
}

/// What is wrong, if anything, with a weight's name in a model with arrays of these names and shapes.
pub fn complaint(text: &str, arrays: &[(String, Vec<usize>)]) -> Option<String> {
    let Some(weight) = Weight::parse(text) else {
        return Some(format!("expected an array and a place in it, such as \"{}\", found \"{text}\"", example(arrays)));
    };
    let Some((name, shape)) = arrays.iter().find(|(name, _)| name == weight.array) else {
        let names: Vec<String> = arrays.iter().map(|(name, shape)| format!("{name} ({})", display(shape))).collect();
        return Some(format!("there is no array {} among {}", weight.array, names.join(", ")));
    };
    let inside = weight.indices.len() == shape.len() && weight.indices.iter().zip(shape).all(|(i, n)| i < n);
    (!inside).then(|| format!("{text} lies outside {name}, whose shape is {}", display(shape)))
}

fn example(arrays: &[(String, Vec<usize>)]) -> String {
    arrays.first().map_or_else(String::new, |(name, shape)| format!("{name}[{}]", vec!["0"; shape.len()].join(",")))
}

/// Where a named number lies in the flat vector.
///
/// # Errors
/// When there is none of that name: the error lists the arrays there are.
pub fn find(text: &str, parameters: &Parameters) -> Result<usize, AnalysisError> {
    let arrays: Vec<_> = parameters.list().iter().map(|p| (p.name.clone(), p.shape.clone())).collect();
    if let Some(message) = complaint(text, &arrays) {
        return Err(AnalysisError::Weight { message });
    }
    let place = Weight::parse(text).and_then(|weight| {
        let parameter = parameters.parameter(parameters.find(weight.array)?);
        let row_major = |flat, (i, n): (&usize, &usize)| flat * n + i;
        Some(parameter.range.start + weight.indices.iter().zip(&parameter.shape).fold(0, row_major))
    });
    place.ok_or_else(|| AnalysisError::Weight { message: format!("there is no {text}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameters() -> Parameters {
        let mut parameters = Parameters::new();
        parameters.add("hidden1.weight", &[2, 3]).expect("free");
        parameters.add("hidden1.bias", &[3]).expect("free");
        parameters
    }

    #[test]
    fn places_are_row_by_row() {
        let find = |text| find(text, &parameters()).map_err(|e| e.to_string());
        assert_eq!(find("hidden1.weight[1,2]"), Ok(5));
        assert_eq!(find("hidden1.weight[1, 0]"), Ok(3));
        assert_eq!(find("hidden1.bias[1]"), Ok(7));
    }

    #[test]
    fn wrong_names_are_told_what_there_is() {
        let complain = |text| find(text, &parameters()).expect_err("wrong").to_string();
        assert_eq!(
            complain("hidden2.weight[0,0]"),
            "there is no array hidden2.weight among hidden1.weight (2×3), hidden1.bias (3)"
        );
        assert_eq!(
            complain("hidden1.weight[2,0]"),
            "hidden1.weight[2,0] lies outside hidden1.weight, whose shape is 2×3"
        );
        assert_eq!(complain("hidden1.bias[0,0]"), "hidden1.bias[0,0] lies outside hidden1.bias, whose shape is 3");
        for text in ["hidden1.weight", "hidden1.weight[0,0", "hidden1.weight[a]", ""] {
            assert_eq!(
                complain(text),
                format!("expected an array and a place in it, such as \"hidden1.weight[0,0]\", found \"{text}\"")
            );
        }
    }
}
