//! The median.
//!
//! Of an odd count the value in the middle; of an even count the mean of the two in the middle, as R's and NumPy's `median`.

/// The median of at least one number, ascending; NaN of none.
pub fn median(sorted: &[f64]) -> f64 {
    let n = sorted.len();
    match (n, n % 2) {
        (0, _) => f64::NAN,
        (_, 1) => sorted[n / 2],
        // Halves first: their sum is finite where both are.
        _ => sorted[n / 2 - 1] / 2.0 + sorted[n / 2] / 2.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_an_even_count_it_is_the_mean_of_the_two_in_the_middle() {
        // numpy.median of each.
        assert_eq!(median(&[1.0, 2.0, 4.0, 8.0]), 3.0);
        assert_eq!(median(&[1.0, 2.0, 4.0]), 2.0);
        assert_eq!(median(&[5.0]), 5.0);
        assert_eq!(median(&[f64::MAX, f64::MAX]), f64::MAX);
        assert!(median(&[]).is_nan());
    }
}
