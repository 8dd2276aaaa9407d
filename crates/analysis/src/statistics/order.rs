//! The order in which numbers are shown and chosen: what is no number comes last, whatever its sign bit, and −0 is 0.

use std::cmp::Ordering;

/// The smallest first.
pub fn ascending(a: impl Into<f64>, b: impl Into<f64>) -> Ordering {
    let (a, b) = (a.into(), b.into());
    a.partial_cmp(&b).unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()))
}

/// The largest first.
pub fn descending(a: impl Into<f64>, b: impl Into<f64>) -> Ordering {
    let (a, b) = (a.into(), b.into());
    b.partial_cmp(&a).unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_number_comes_last_and_zeros_are_equal() {
        let sorted = |by: fn(f64, f64) -> Ordering| {
            let mut numbers = [(f64::NAN, 0), (0.0, 1), (-f64::NAN, 2), (2.0, 3), (-0.0, 4), (f64::NEG_INFINITY, 5)];
            numbers.sort_by(|a, b| by(a.0, b.0));
            numbers.map(|(_, place)| place)
        };
        assert_eq!(sorted(ascending), [5, 1, 4, 3, 0, 2]);
        assert_eq!(sorted(descending), [3, 1, 4, 5, 0, 2]);
    }
}
