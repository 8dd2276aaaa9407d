//! Which ticks an axis of a given length can carry without their labels touching.

use crate::text::{self, SIZE};
use crate::{Axis, Domain, Tick, Ticks};

/// Free space between two tick labels of a row.
const LABEL_GAP: f64 = 9.0;
/// Longer names are shortened, and those that take more than this share of the page: they would take the room of the data.
const LONGEST: f64 = 190.0;
const SHARE: f64 = 0.42;

/// How long a name may be on a page of this width.
pub(super) fn longest(page_width: f64) -> f64 {
    LONGEST.min(SHARE * page_width)
}

/// Whether labels of this extent along the axis, centred on their ticks, keep clear of each other.
pub(crate) fn clear(ticks: &[Tick], domain: &Domain, length: f64, extent: impl Fn(&Tick) -> f64, gap: f64) -> bool {
    let mut places: Vec<(f64, f64)> =
        ticks.iter().map(|t| (domain.fraction(t.value) * length, extent(t) / 2.0)).collect();
    places.sort_by(|a, b| a.0.total_cmp(&b.0));
    places.windows(2).all(|w| w[1].0 - w[0].0 >= w[0].1 + w[1].1 + gap)
}

/// The given ticks that lie on the axis, long names shortened.
fn given(axis: &Axis, domain: &Domain, longest: f64) -> Vec<Tick> {
    let mut ticks = axis.ticks_within(domain, 0);
    for tick in &mut ticks {
        tick.label = text::shortened(&tick.label, longest, |s| text::width(s, SIZE));
    }
    ticks
}

/// Every tick, or every second, third, … until they pass.
fn thinned(all: &[Tick], pass: impl Fn(&[Tick]) -> bool) -> Vec<Tick> {
    let every = |n: usize| all.iter().step_by(n).cloned().collect::<Vec<Tick>>();
    (1..=all.len()).map(every).find(|ticks| pass(ticks)).unwrap_or_default()
}

/// As many round numbers as pass, `most` at most.
fn round(axis: &Axis, domain: &Domain, most: usize, pass: impl Fn(&[Tick]) -> bool) -> Vec<Tick> {
    (1..=most).rev().map(|limit| axis.ticks_within(domain, limit)).find(|ticks| pass(ticks)).unwrap_or_default()
}

/// Ticks for a horizontal axis, and whether their labels must be turned by 45°.
pub(super) fn along_x(axis: &Axis, domain: &Domain, width: f64, longest: f64) -> (Vec<Tick>, bool) {
    let level = |ticks: &[Tick]| clear(ticks, domain, width, |t| text::width(&t.label, SIZE), LABEL_GAP);
    if !matches!(axis.ticks, Ticks::Given(_)) {
        let most = ((width / 46.0) as usize).clamp(3, 9);
        return (round(axis, domain, most, level), false);
    }
    let all = given(axis, domain, longest);
    let words = all.iter().any(|t| t.label.chars().any(char::is_alphabetic));
    if words && !level(&all) && clear(&all, domain, width, |_| SIZE * 1.15, 0.0) {
        return (all, true);
    }
    (thinned(&all, level), false)
}

/// Ticks for a vertical axis.
pub(super) fn along_y(axis: &Axis, domain: &Domain, height: f64, longest: f64) -> Vec<Tick> {
    let level = |ticks: &[Tick]| clear(ticks, domain, height, |_| SIZE, 1.0);
    if matches!(axis.ticks, Ticks::Given(_)) {
        return thinned(&given(axis, domain, longest), level);
    }
    round(axis, domain, ((height / 38.0) as usize).clamp(3, 8), level)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Scale;

    fn labels(axis: Axis, n: f64, width: f64) -> (Vec<String>, bool) {
        let domain = Domain { scale: Scale::Linear, start: -0.5, end: n - 0.5 };
        let (ticks, turned) = along_x(&axis, &domain, width, LONGEST);
        (ticks.into_iter().map(|t| t.label).collect(), turned)
    }

    #[test]
    fn names_stand_then_turn_then_thin_out() {
        let axis = || Axis::new("layer").names(["hidden1", "hidden2", "logits"]);
        assert_eq!(labels(axis(), 3.0, 400.0), (vec!["hidden1".into(), "hidden2".into(), "logits".into()], false));
        assert!(labels(axis(), 3.0, 100.0).1);
        assert_eq!(labels(axis(), 3.0, 50.0).0.len(), 1);
    }

    #[test]
    fn numbers_thin_out_without_turning() {
        let axis = Axis::new("digit").names((0..10).map(|d| format!("{d}00")));
        let (labels, turned) = labels(axis, 10.0, 250.0);
        assert_eq!((labels.len(), turned), (5, false));
    }
}
