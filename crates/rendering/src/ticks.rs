//! Ticks at round numbers.
//!
//! Linear steps are 1, 2, 2.5 or 5 times a power of ten. A tick is kept as a whole count of a decimal unit, so that its label
//! is exact and never `0.30000000000000004`. Log axes tick at decades, with minor ticks at 2–9; where fewer than two decades
//! show, 1, 2 and 5 of each; within less than that, linear steps.

use crate::{Domain, Scale, text};

/// A place on an axis, and what is written there.
#[derive(Debug, Clone, PartialEq)]
pub struct Tick {
    /// Where.
    pub value: f64,
    /// The label; empty for a mark without one.
    pub label: String,
}

/// How an axis finds its ticks.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Ticks {
    /// Round numbers, as many as fit.
    #[default]
    Auto,
    /// Round whole numbers: epochs, layers, indices.
    Whole,
    /// These, labelled: categories, doubling widths. Labels that would touch are turned, then thinned out.
    Given(Vec<Tick>),
    /// None.
    None,
}

impl Ticks {
    /// One tick per name at 0, 1, 2, …
    pub fn names<S: Into<String>>(names: impl IntoIterator<Item = S>) -> Self {
        let tick = |(i, name): (usize, S)| Tick { value: i as f64, label: name.into() };
        Self::Given(names.into_iter().enumerate().map(tick).collect())
    }

    /// A tick at each value, labelled with the shortest decimal that reads back the same.
    pub fn at(values: impl IntoIterator<Item = f64>) -> Self {
        Self::Given(
            values.into_iter().map(|value| Tick { value, label: value.to_string().replace('-', "−") }).collect(),
        )
    }
}

/// 10^exponent, exact up to 10^22 and within an ulp or two beyond.
pub(crate) fn power(exponent: i32) -> f64 {
    let mut result = 1.0;
    for _ in 0..exponent.unsigned_abs() {
        result *= 10.0;
    }
    if exponent < 0 { 1.0 / result } else { result }
}

/// `count × 10^exponent` as a float: one rounding for the usual exponents.
fn value(count: i64, exponent: i32) -> f64 {
    if exponent < 0 { count as f64 / power(-exponent) } else { count as f64 * power(exponent) }
}

/// At most `limit` ticks at round numbers inside the domain, ascending; whole numbers only where `whole`.
pub fn automatic(domain: &Domain, limit: usize, whole: bool) -> Vec<Tick> {
    let (lo, hi) = domain.bounds();
    if limit == 0 || !lo.is_finite() || !hi.is_finite() || lo >= hi {
        return Vec::new();
    }
    match domain.scale {
        Scale::Linear => linear(lo, hi, limit, whole),
        Scale::Log => logarithmic(lo, hi, limit),
    }
}

fn linear(lo: f64, hi: f64, limit: usize, whole: bool) -> Vec<Tick> {
    let least = (hi - lo) / limit as f64;
    // One decade below the finest step that could fit, so that the loop starts with too many ticks.
    let mut exponent = (libm::floor(libm::log10(least)) as i32 - 1).clamp(-300, 300);
    if whole {
        exponent = exponent.max(0);
    }
    loop {
        for (factor, shift) in [(1, 0), (2, 0), (25, -1), (5, 0)] {
            let unit = exponent + shift;
            if whole && unit < 0 {
                continue;
            }
            let step = value(factor, unit);
            // A ten-millionth of a step, or of the range, forgives ends that miss a round number by rounding.
            let slack = 1e-7 * ((hi - lo) / step).min(1.0);
            let first = libm::ceil(lo / step - slack);
            let last = libm::floor(hi / step + slack);
            if last - first < limit as f64 && first.abs() < 1e15 {
                let counts: Vec<i64> = (first as i64..=last as i64).map(|k| k * factor).collect();
                let labels = text::decimals(&counts, unit);
                return counts.iter().zip(labels).map(|(&k, label)| Tick { value: value(k, unit), label }).collect();
            }
        }
        exponent += 1;
    }
}

fn logarithmic(lo: f64, hi: f64, limit: usize) -> Vec<Tick> {
    let first = libm::ceil(libm::log10(lo) - 1e-9) as i32;
    let last = libm::floor(libm::log10(hi) + 1e-9) as i32;
    let decades = (last - first + 1).max(0) as usize;
    if decades >= 2 {
        let stride = decades.div_ceil(limit);
        return (first..=last)
            .filter(|e| e.rem_euclid(stride as i32) == 0 || stride == 1)
            .map(|e| Tick { value: value(1, e), label: text::power_of_ten(e) })
            .collect();
    }
    let steps: Vec<Tick> = (first - 1..=last + 1)
        .flat_map(|e| [1, 2, 5].map(|m| Tick { value: value(m, e), label: text::decimals(&[m], e).concat() }))
        .filter(|t| t.value >= lo * (1.0 - 1e-9) && t.value <= hi * (1.0 + 1e-9))
        .collect();
    if (2..=limit).contains(&steps.len()) { steps } else { linear(lo, hi, limit, false) }
}

/// Places between the decades of a log axis, unlabelled; none on other axes or where more than eight decades show.
pub fn minor(domain: &Domain) -> Vec<f64> {
    let (lo, hi) = domain.bounds();
    if domain.scale == Scale::Linear || lo <= 0.0 {
        return Vec::new();
    }
    let (first, last) = (libm::floor(libm::log10(lo)) as i32, libm::floor(libm::log10(hi)) as i32);
    if last - first > 8 {
        return Vec::new();
    }
    let candidates = (first..=last).flat_map(|e| (2..=9).map(move |m| value(m, e)));
    candidates.filter(|v| (lo..=hi).contains(v)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn labels(scale: Scale, start: f64, end: f64, limit: usize) -> Vec<String> {
        automatic(&Domain { scale, start, end }, limit, false).into_iter().map(|t| t.label).collect()
    }

    #[test]
    fn round_numbers() {
        assert_eq!(labels(Scale::Linear, 0.0, 1.0, 6), ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(labels(Scale::Linear, -1.0, 1.0, 5), ["−1.0", "−0.5", "0", "0.5", "1.0"]);
        assert_eq!(labels(Scale::Linear, 0.0, 1000.0, 5), ["0", "250", "500", "750", "1,000"]);
        assert_eq!(labels(Scale::Linear, 3.0, 2.0, 3), ["2.0", "2.5", "3.0"]);
        assert_eq!(labels(Scale::Log, 1e-4, 10.0, 6), ["10⁻⁴", "10⁻³", "10⁻²", "10⁻¹", "10⁰", "10¹"]);
        assert_eq!(labels(Scale::Log, 1e-4, 10.0, 3), ["10⁻⁴", "10⁻²", "10⁰"]);
        assert_eq!(labels(Scale::Log, 0.03, 0.6, 5), ["0.05", "0.1", "0.2", "0.5"]);
        assert_eq!(labels(Scale::Log, 0.91, 0.97, 4), ["0.92", "0.94", "0.96"]);
    }

    #[test]
    fn whole_numbers_only() {
        let domain = Domain { scale: Scale::Linear, start: 0.5, end: 3.5 };
        let values: Vec<f64> = automatic(&domain, 9, true).iter().map(|t| t.value).collect();
        assert_eq!(values, [1.0, 2.0, 3.0]);
        let none = Domain { scale: Scale::Linear, start: 1e-9, end: 2e-9 };
        assert!(automatic(&none, 5, true).is_empty());
    }

    #[test]
    fn minor_ticks_of_a_decade() {
        let domain = Domain { scale: Scale::Log, start: 1.0, end: 10.0 };
        assert_eq!(minor(&domain), [2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0]);
    }

    proptest! {
        #[test]
        fn sorted_inside_and_distinct(lo in -1e9..1e9f64, exponent in -8..9i32, limit in 1..12usize, whole: bool) {
            let domain = Domain { scale: Scale::Linear, start: lo, end: lo + power(exponent) };
            prop_assume!(domain.end - domain.start > lo.abs() * 1e-10);
            check(&domain, &automatic(&domain, limit, whole), limit)?;
        }

        #[test]
        fn log_ticks_sorted_inside_and_distinct(lo in -30..30i32, m in 1.0..9.9f64, ratio in 0.1..40.0f64, limit in 2..12usize) {
            let start = m * power(lo);
            let domain = Domain { scale: Scale::Log, start, end: start * libm::pow(10.0, ratio) };
            check(&domain, &automatic(&domain, limit, false), limit)?;
        }
    }

    fn check(domain: &Domain, ticks: &[Tick], limit: usize) -> Result<(), TestCaseError> {
        let slack = (domain.end - domain.start) * 1e-6;
        prop_assert!(ticks.len() <= limit);
        prop_assert!(ticks.windows(2).all(|w| w[0].value < w[1].value && w[0].label != w[1].label), "{ticks:?}");
        prop_assert!(ticks.iter().all(|t| t.value >= domain.start - slack && t.value <= domain.end + slack));
        Ok(())
    }
}
