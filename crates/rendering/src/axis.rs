//! Axes, and how the range of the data becomes the range of an axis.

use crate::{Domain, Scale, Tick, Ticks};

/// One axis of a panel.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    /// The quantity with its unit: `loss (nats)`, `epoch`; never empty for an axis that shows.
    pub label: String,
    /// Default linear.
    pub scale: Scale,
    /// The values at the ends; without them, the range of the marks with a little room. A start above the end reverses.
    pub range: Option<(f64, f64)>,
    /// Default round numbers.
    pub ticks: Ticks,
    /// Runs the other way: row 0 of a matrix on top. Default false.
    pub reversed: bool,
    /// Whether line, ticks and label are drawn. Default true; pictures hide both axes.
    pub visible: bool,
}

impl Axis {
    /// An axis for a quantity with its unit in parentheses where it has one: `loss (nats)`, `epoch`.
    pub fn new(label: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            scale: Scale::Linear,
            range: None,
            ticks: Ticks::Auto,
            reversed: false,
            visible: true,
        }
    }

    /// An axis that is not drawn.
    pub fn hidden() -> Self {
        Self { visible: false, ticks: Ticks::None, ..Self::new("") }
    }

    /// On a logarithmic scale.
    pub fn log(mut self) -> Self {
        self.scale = Scale::Log;
        self
    }

    /// From `start` to `end`.
    pub fn range(mut self, start: f64, end: f64) -> Self {
        self.range = Some((start, end));
        self
    }

    /// With these ticks.
    pub fn ticks(mut self, ticks: Ticks) -> Self {
        self.ticks = ticks;
        self
    }

    /// Ticks at whole numbers only.
    pub fn whole(self) -> Self {
        self.ticks(Ticks::Whole)
    }

    /// One tick per name at 0, 1, 2, …
    pub fn names<S: Into<String>>(self, names: impl IntoIterator<Item = S>) -> Self {
        self.ticks(Ticks::names(names))
    }

    /// Runs the other way.
    pub fn reversed(mut self) -> Self {
        self.reversed = true;
        self
    }

    /// The axis's domain over the span of its marks.
    pub(crate) fn domain(&self, span: &Span) -> Domain {
        let (lo, hi) = match self.range {
            Some((a, b)) if a.is_finite() && b.is_finite() => widened(self.scale, a, b),
            _ => span.range(self.scale),
        };
        let (start, end) = if self.reversed { (hi, lo) } else { (lo, hi) };
        Domain { scale: self.scale, start, end }
    }

    /// Up to `limit` ticks inside the domain, ascending by value.
    pub(crate) fn ticks_within(&self, domain: &Domain, limit: usize) -> Vec<Tick> {
        match &self.ticks {
            Ticks::Auto => crate::ticks::automatic(domain, limit, false),
            Ticks::Whole => crate::ticks::automatic(domain, limit, true),
            Ticks::Given(ticks) => ticks.iter().filter(|t| domain.contains(t.value)).cloned().collect(),
            Ticks::None => Vec::new(),
        }
    }
}

/// Shorter ranges are none: their ticks would leave what floats hold.
const NOTHING: f64 = 1e-280;

/// Opens a range that is too narrow for floats to tell its ends apart, and keeps a log range positive.
fn widened(scale: Scale, start: f64, end: f64) -> (f64, f64) {
    let (start, end) = (start.clamp(-1e300, 1e300), end.clamp(-1e300, 1e300));
    match scale {
        Scale::Linear if (end - start).abs() <= (start.abs().max(end.abs()) * 1e-10).max(NOTHING) => {
            let room = if start.abs() <= NOTHING { 1.0 } else { start.abs() * 0.1 };
            (start - room, start + room)
        }
        Scale::Linear => (start, end),
        Scale::Log => {
            let (start, end) = (start.max(1e-300), end.max(1e-300));
            if (end / start - 1.0).abs() <= 1e-10 { (start / 2.0, start * 2.0) } else { (start, end) }
        }
    }
}

/// The range of some values along one axis: finite ones only, and the least positive one for log axes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Span {
    lo: f64,
    hi: f64,
    least_positive: f64,
    room: [bool; 2],
}

/// The share of an axis left free beyond data that asks for room.
const ROOM: f64 = 0.05;

impl Span {
    /// Nothing.
    pub const EMPTY: Self =
        Self { lo: f64::INFINITY, hi: f64::NEG_INFINITY, least_positive: f64::INFINITY, room: [false, false] };

    /// The values' range, with room beyond both ends: points must not sit on the frame.
    pub fn roomy(values: impl IntoIterator<Item = f64>) -> Self {
        Self { room: [true, true], ..Self::tight(values) }
    }

    /// The values' range and nothing beyond: areas, pictures, curves along their argument.
    pub fn tight(values: impl IntoIterator<Item = f64>) -> Self {
        let mut span = Self::EMPTY;
        for v in values.into_iter().filter(|v| v.is_finite()) {
            span.lo = span.lo.min(v);
            span.hi = span.hi.max(v);
            if v > 0.0 {
                span.least_positive = span.least_positive.min(v);
            }
        }
        span
    }

    /// The values' range and zero, with room at the ends that are not zero: bars.
    pub fn from_zero(values: impl IntoIterator<Item = f64>) -> Self {
        let span = Self::tight(values.into_iter().chain([0.0]));
        Self { room: [span.lo < 0.0, span.hi > 0.0], ..span }
    }

    /// Both spans; the one that reaches further decides about the room at its end, of equal ones the one that asks for it.
    pub fn union(self, other: Self) -> Self {
        let room = |end: usize, mine: f64, theirs: f64, further: bool| match mine == theirs {
            true => self.room[end] || other.room[end],
            false if further => other.room[end],
            false => self.room[end],
        };
        Self {
            lo: self.lo.min(other.lo),
            hi: self.hi.max(other.hi),
            least_positive: self.least_positive.min(other.least_positive),
            room: [room(0, self.lo, other.lo, other.lo < self.lo), room(1, self.hi, other.hi, other.hi > self.hi)],
        }
    }

    /// The range of an axis that shows the span: [0, 1] (log: [1, 10]) where there is nothing.
    fn range(&self, scale: Scale) -> (f64, f64) {
        let below = if self.room[0] { ROOM } else { 0.0 };
        let above = if self.room[1] { ROOM } else { 0.0 };
        match scale {
            Scale::Linear if self.lo > self.hi => (0.0, 1.0),
            Scale::Linear => {
                let (lo, hi) = widened(scale, self.lo, self.hi);
                (lo - (hi - lo) * below, hi + (hi - lo) * above)
            }
            Scale::Log if self.least_positive > self.hi => (1.0, 10.0),
            Scale::Log => {
                let (lo, hi) = widened(scale, self.least_positive, self.hi);
                let ratio = libm::log10(hi) - libm::log10(lo);
                // A range of more than 600 decades stays within what floats can say.
                let (lo, hi) = (lo / libm::pow(10.0, ratio * below), hi * libm::pow(10.0, ratio * above));
                (lo.max(1e-300), hi.min(1e300))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_of_ordinary_and_odd_data() {
        let axis = Axis::new("x");
        let range = |span: Span| {
            let d = axis.domain(&span);
            (d.start, d.end)
        };
        assert_eq!(range(Span::tight([0.0, f64::NAN, 10.0, f64::INFINITY])), (0.0, 10.0));
        assert_eq!(range(Span::roomy([0.0, 10.0])), (-0.5, 10.5));
        assert_eq!(range(Span::from_zero([2.0, 10.0])), (0.0, 10.5));
        assert_eq!(range(Span::EMPTY), (0.0, 1.0));
        assert_eq!(range(Span::tight([0.0, 0.0])), (-1.0, 1.0));
        assert_eq!(range(Span::tight([5.0])), (4.5, 5.5));
        assert_eq!(range(Span::tight([1.0]).union(Span::roomy([3.0]))), (1.0, 3.1));
    }

    #[test]
    fn log_ranges_leave_out_what_is_not_positive() {
        let domain = Axis::new("loss (nats)").log().domain(&Span::tight([-1.0, 0.0, 0.01, 100.0]));
        assert_eq!((domain.start, domain.end), (0.01, 100.0));
        let empty = Axis::new("loss (nats)").log().domain(&Span::tight([-1.0, 0.0]));
        assert_eq!((empty.start, empty.end), (1.0, 10.0));
    }

    #[test]
    fn reversed_and_fixed() {
        let domain = Axis::new("row").range(0.0, 4.0).reversed().domain(&Span::EMPTY);
        assert_eq!((domain.start, domain.end), (4.0, 0.0));
        let same = Axis::new("x").range(2.0, 2.0).domain(&Span::EMPTY);
        assert!(same.start < same.end);
    }
}
