//! A histogram that needs no range beforehand.
//!
//! Bins are [k·w, (k + 1)·w) for whole k, with w = 2ᵉ the least power of two by which all numbers seen fit into [`BINS`] bins;
//! where a number does not fit, neighbouring bins are merged in pairs until it does. So the bins depend on the least and the
//! greatest number only, never on the order in which numbers pass, every edge is exact, zero is one of them, and histograms of
//! different sets can be brought to the same bins without loss.

/// At most as many bins: spread numbers fill more than half of them.
pub const BINS: usize = 128;

/// No bin is narrower than 2 to this power, far below the gradients of a net that has learnt all there is.
const NARROWEST: i32 = -60;

/// Whole numbers are exact in f64 and their differences in i64 below this.
const FURTHEST: f64 = (1_u64 << 52) as f64;

/// Counts of numbers in bins of equal width.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct Histogram {
    /// [`BINS`] of them.
    counts: Vec<u64>,
    /// k of the first count.
    first: i64,
    exponent: i32,
    /// The least and the greatest k that a number fell into; none where the first is greater.
    range: (i64, i64),
}

impl Default for Histogram {
    fn default() -> Self {
        Self { counts: vec![0; BINS], first: 0, exponent: NARROWEST, range: (i64::MAX, i64::MIN) }
    }
}

impl PartialEq for Histogram {
    /// Whether the same numbers of numbers fell into the same bins.
    fn eq(&self, other: &Self) -> bool {
        (self.exponent, self.range) == (other.exponent, other.range) && self.counts() == other.counts()
    }
}

impl Histogram {
    /// Adds numbers; what is not finite has no bin and is left out.
    pub fn add(&mut self, values: &[f32]) {
        let mut per_width = power_of_two(-self.exponent);
        for value in values.iter().map(|v| f64::from(*v)).filter(|v| v.is_finite()) {
            let mut place = (value * per_width).floor();
            let offset = place - self.first as f64;
            if !(self.range.0 <= self.range.1 && (0.0..BINS as f64).contains(&offset)) {
                place = self.make_room(value);
                per_width = power_of_two(-self.exponent);
            }
            let place = place as i64;
            self.range = (self.range.0.min(place), self.range.1.max(place));
            self.counts[(place - self.first) as usize] += 1;
        }
    }

    /// Widens the bins or moves the window until the value has a place, and returns that.
    fn make_room(&mut self, value: f64) -> f64 {
        let mut exponent = self.exponent;
        loop {
            let place = (value * power_of_two(-exponent)).floor();
            if place.abs() < FURTHEST {
                let (lo, hi) = self.range_at(exponent);
                let (lo, hi) = (lo.min(place as i64), hi.max(place as i64));
                if hi - lo < BINS as i64 {
                    self.rebin(exponent, lo);
                    return place;
                }
            }
            exponent += 1;
        }
    }

    /// The range in bins that are wider by powers of two.
    fn range_at(&self, exponent: i32) -> (i64, i64) {
        let shift = (exponent - self.exponent).min(63);
        if self.range.0 > self.range.1 { self.range } else { (self.range.0 >> shift, self.range.1 >> shift) }
    }

    fn rebin(&mut self, exponent: i32, first: i64) {
        let shift = (exponent - self.exponent).min(63);
        let mut counts = [0; BINS];
        for (i, count) in self.counts.iter().enumerate().filter(|(_, count)| **count > 0) {
            counts[(((self.first + i as i64) >> shift) - first) as usize] += count;
        }
        self.range = self.range_at(exponent);
        self.counts.copy_from_slice(&counts);
        (self.first, self.exponent) = (first, exponent);
    }

    /// Adds the numbers of another one.
    pub fn merge(&mut self, other: &Self) {
        if other.is_empty() {
            return;
        }
        let mut exponent = self.exponent.max(other.exponent);
        loop {
            let ((a, b), (c, d)) = (self.range_at(exponent), other.range_at(exponent));
            let (lo, hi) = (a.min(c), b.max(d));
            if hi - lo < BINS as i64 {
                self.rebin(exponent, lo);
                let mut other = other.clone();
                other.rebin(exponent, lo);
                self.counts.iter_mut().zip(&other.counts).for_each(|(sum, more)| *sum += more);
                self.range = (lo, hi);
                return;
            }
            exponent += 1;
        }
    }

    /// Whether no number fell into it.
    pub fn is_empty(&self) -> bool {
        self.range.0 > self.range.1
    }

    /// How many numbers each bin has, from the first to the last that has any.
    pub fn counts(&self) -> &[u64] {
        if self.is_empty() {
            return &[];
        }
        &self.counts[(self.range.0 - self.first) as usize..=(self.range.1 - self.first) as usize]
    }

    /// The edges of the bins of [`Histogram::counts`], one more than there are counts.
    pub fn edges(&self) -> Vec<f64> {
        let width = power_of_two(self.exponent);
        if self.is_empty() { Vec::new() } else { (self.range.0..=self.range.1 + 1).map(|k| k as f64 * width).collect() }
    }

    /// How many numbers there are in each bin of `frame`, which holds these numbers among others: its own or wider bins.
    pub fn counts_in(&self, frame: &Self) -> Vec<u64> {
        let mut counts = vec![0; frame.counts().len()];
        let shift = (frame.exponent - self.exponent).clamp(0, 63);
        for (i, count) in self.counts().iter().enumerate() {
            let place = ((self.range.0 + i as i64) >> shift) - frame.range.0;
            if let Some(sum) = usize::try_from(place).ok().and_then(|place| counts.get_mut(place)) {
                *sum += count;
            }
        }
        counts
    }
}

/// 2 to a power within f64's normal range, exactly.
fn power_of_two(exponent: i32) -> f64 {
    f64::from_bits(((1023 + i64::from(exponent)) as u64) << 52)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tensor::{Purpose, Streams};

    fn of(values: &[f32]) -> Histogram {
        let mut histogram = Histogram::default();
        histogram.add(values);
        histogram
    }

    #[test]
    fn bins_are_as_narrow_as_the_range_allows() {
        // 128 bins of 1/64 reach from 0 to 2.
        let found = of(&[0.0, 0.01, 1.99, f32::NAN, f32::INFINITY]);
        let (counts, edges) = (found.counts(), found.edges());
        assert_eq!((counts.len(), counts[0], counts[127], counts.iter().sum::<u64>()), (128, 2, 1, 3));
        assert_eq!((edges[0], edges[1], edges[128]), (0.0, 1.0 / 64.0, 2.0));
        // One more at 2 makes them twice as wide.
        let found = of(&[0.0, 0.01, 1.99, 2.0]);
        assert_eq!((found.edges()[1], found.counts().len()), (1.0 / 32.0, 65));
    }

    #[test]
    fn the_order_and_the_parts_make_no_difference() {
        let mut stream = Streams::new(3).stream("h", Purpose::Noise);
        let values: Vec<f32> = (0..1000).map(|i| (stream.normal() * [1e-6, 1.0, 40.0][i % 3]) as f32).collect();
        let whole = of(&values);
        let reversed: Vec<f32> = values.iter().rev().copied().collect();
        assert_eq!(of(&reversed), whole);
        let mut merged = Histogram::default();
        for split in [&values[700..], &values[..10], &[], &values[10..700]] {
            merged.merge(&of(split));
        }
        assert_eq!(merged, whole);
        // Every number lies in the bin that counts it.
        let edges = whole.edges();
        for (i, count) in whole.counts().iter().enumerate() {
            let inside = values.iter().filter(|v| (edges[i]..edges[i + 1]).contains(&f64::from(**v)));
            assert_eq!(inside.count() as u64, *count);
        }
        let few = of(&values[..10]);
        assert_eq!(few.counts_in(&whole).iter().sum::<u64>(), 10);
        assert_eq!(whole.counts_in(&whole), whole.counts());
    }

    #[test]
    fn extremes_have_a_place() {
        assert!(of(&[]).is_empty() && of(&[]).edges().is_empty());
        let zeros = of(&[0.0, -0.0]);
        assert_eq!((zeros.counts(), zeros.edges()[0]), (&[2][..], 0.0));
        for values in [vec![f32::MAX, f32::MIN], vec![f32::MAX], vec![1e-45], vec![-1e30, 1e-30]] {
            assert_eq!(of(&values).counts().iter().sum::<u64>(), values.len() as u64, "{values:?}");
        }
    }
}
