//! Scales: where a data value lies along an axis.
//!
//! A [`Domain`] is plotters' one-dimensional coordinate ([`Ranged`]) in hundredths of a drawing unit. Logarithms come from
//! `libm`, which gives the same bits on every platform; plotters' own log coordinate calls std.

use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged};
use std::ops::Range;

/// How an axis maps values to lengths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scale {
    /// Equal differences are equal lengths.
    #[default]
    Linear,
    /// Equal ratios are equal lengths, base 10; values that are not positive are not drawn.
    Log,
}

/// A scale with the values at its two ends; `start` may lie above `end` (a reversed axis).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Domain {
    /// The scale.
    pub scale: Scale,
    /// Value at the left or bottom end.
    pub start: f64,
    /// Value at the right or top end.
    pub end: f64,
}

/// A mapped coordinate never lies further out than this many hundredths: far beyond any page, well inside `i32`.
const FAR: f64 = 1e8;

impl Domain {
    /// Whether the value has a place on the scale at all.
    pub fn holds(&self, value: f64) -> bool {
        value.is_finite() && (self.scale == Scale::Linear || value > 0.0)
    }

    /// Whether the value lies between the ends.
    pub fn contains(&self, value: f64) -> bool {
        (-1e-9..=1.0 + 1e-9).contains(&self.fraction(value))
    }

    /// 0 at the start, 1 at the end, linear in between on this scale; NaN for a value the scale does not hold.
    pub fn fraction(&self, value: f64) -> f64 {
        match self.scale {
            Scale::Linear => (value - self.start) / (self.end - self.start),
            Scale::Log if value > 0.0 => {
                let (start, end) = (libm::log10(self.start), libm::log10(self.end));
                (libm::log10(value) - start) / (end - start)
            }
            Scale::Log => f64::NAN,
        }
    }

    /// The lower and the upper end.
    pub fn bounds(&self) -> (f64, f64) {
        (self.start.min(self.end), self.start.max(self.end))
    }
}

impl Ranged for Domain {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        let (from, to) = (f64::from(limit.0), f64::from(limit.1));
        let place = from + (to - from) * self.fraction(*value);
        place.clamp(-FAR, FAR).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        crate::ticks::automatic(self, hint.max_num_points(), false).iter().map(|t| t.value).collect()
    }

    fn range(&self) -> Range<f64> {
        self.start..self.end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_ends_middle_and_reversed() {
        let linear = Domain { scale: Scale::Linear, start: -1.0, end: 3.0 };
        assert_eq!([-1.0, 1.0, 3.0].map(|v| linear.map(&v, (1000, 5000))), [1000, 3000, 5000]);
        assert_eq!(linear.map(&1.0, (5000, 1001)), 3001);
        let reversed = Domain { scale: Scale::Linear, start: 3.0, end: -1.0 };
        assert_eq!(reversed.map(&3.0, (0, 100)), 0);
        let log = Domain { scale: Scale::Log, start: 0.01, end: 100.0 };
        assert_eq!([0.01, 1.0, 10.0].map(|v| log.map(&v, (0, 400))), [0, 200, 300]);
        assert!(!log.holds(0.0) && !log.holds(-1.0) && log.holds(1e-300));
    }

    #[test]
    fn values_far_outside_stay_finite() {
        let domain = Domain { scale: Scale::Linear, start: 0.0, end: 1e-12 };
        assert_eq!(domain.map(&1e300, (0, 60_000)), 100_000_000);
        assert_eq!(domain.map(&-1e300, (0, 60_000)), -100_000_000);
    }
}
