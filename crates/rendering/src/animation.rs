//! Figures that move: frames that follow each other in time, as plain SVG animation (SMIL) without script or style sheet.
//!
//! What stays is drawn once; what moves is one group per frame, shown by an `<animate>` on its `display` from the frame's
//! beginning to the next one's. The last frame begins T seconds after the first, rests, and then all begins again. A quarter of T
//! is divided evenly among the frames, so that none is too short to be seen, and the rest in proportion to how much changes from
//! each frame to the next ([`Animation::steps`]; evenly where that is not known). The last frame is the one that is there without
//! animation, so that paper and readers without SMIL show the end. Frames are shown as they are, one after the other: what lies
//! between two recorded moments was never computed and is not made up.
//! (SVG 1.1, chapter 19; SMIL 3.0, *Timing and Synchronization*.)

/// The frames' names and how long they take.
#[derive(Debug, Clone, PartialEq)]
pub struct Animation {
    /// One per frame, shown above the panels: `epoch 100`. As many as every moving mark has frames.
    pub labels: Vec<String>,
    /// Beside the labels, in a column of their own: what the headline says of each moment, `4 of 4 right`. One per frame, or
    /// none.
    pub headlines: Vec<String>,
    /// Seconds from the first frame to the last; default 8. Between 0.1 and 600.
    pub seconds: f64,
    /// Seconds that the last frame rests before all begins again; default 2. Between 0 and 60.
    pub rest: f64,
    /// How much changes from each frame to the next, in whatever unit; frames follow each other evenly where there are none, or
    /// where they are no numbers from 0 on.
    pub steps: Vec<f64>,
    /// The file's size in bytes may not be larger; default 2,000,000, which a page still loads at once.
    pub limit: usize,
}

/// The share of the time that is divided evenly, however little changes.
const EVEN: f64 = 0.25;

impl Animation {
    /// Frames of these names, over eight seconds.
    pub fn new<S: Into<String>>(labels: impl IntoIterator<Item = S>) -> Self {
        let labels = labels.into_iter().map(Into::into).collect();
        Self { labels, headlines: Vec::new(), seconds: 8.0, rest: 2.0, steps: Vec::new(), limit: 2_000_000 }
    }

    /// Taking this many seconds from the first frame to the last.
    pub fn seconds(mut self, seconds: f64) -> Self {
        self.seconds = seconds;
        self
    }

    /// Taking more time where more changes: as much from each frame to the next.
    pub fn steps(mut self, steps: impl IntoIterator<Item = f64>) -> Self {
        self.steps = steps.into_iter().collect();
        self
    }

    /// With what the headline says of each moment.
    pub fn headlines<S: Into<String>>(mut self, headlines: impl IntoIterator<Item = S>) -> Self {
        self.headlines = headlines.into_iter().map(Into::into).collect();
        self
    }

    /// When each frame begins, as shares of the time from the first to the last: from 0 to 1.
    pub(crate) fn shares(&self) -> Vec<f64> {
        let gaps = self.labels.len().saturating_sub(1);
        let usable = self.steps.len() == gaps && self.steps.iter().all(|s| s.is_finite() && *s >= 0.0);
        let whole: f64 = if usable { self.steps.iter().sum() } else { 0.0 };
        let paced = whole > 0.0 && whole.is_finite();
        let mut passed = 0.0;
        let mut shares = vec![0.0; self.labels.len()];
        for i in 1..=gaps {
            let even = i as f64 / gaps as f64;
            passed += if paced { self.steps[i - 1] / whole } else { 0.0 };
            shares[i] = if paced { EVEN * even + (1.0 - EVEN) * passed } else { even };
        }
        // Rounding must not make the last one begin early or late.
        if let Some(last) = shares.last_mut().filter(|_| gaps > 0) {
            *last = 1.0;
        }
        shares
    }

    /// When each frame begins.
    pub(crate) fn timeline(&self) -> Timeline {
        let milliseconds = |seconds: f64, least: f64, most: f64, default: f64| {
            let seconds = if seconds.is_finite() { seconds.clamp(least, most) } else { default };
            (seconds * 1000.0).floor() as u64
        };
        let last = milliseconds(self.seconds, 0.1, 600.0, 8.0);
        let starts = self.shares().into_iter().map(|share| ((share * last as f64).floor() as u64).min(last)).collect();
        Timeline { starts, period: last + milliseconds(self.rest, 0.0, 60.0, 2.0) }
    }
}

/// When frames begin, and when all begins again, in whole milliseconds: no frame ends before the next begins, and none after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Timeline {
    pub starts: Vec<u64>,
    pub period: u64,
}

impl Timeline {
    /// The tags that open a group which is shown in frames `from..to`.
    pub fn open(&self, from: usize, to: usize) -> String {
        let (at_start, at_end) = (from == 0, to >= self.starts.len());
        if at_start && at_end {
            return "<g>\n".to_owned();
        }
        // Millionths of the period, rounded alike wherever one frame ends and the next begins.
        let time =
            |frame: usize| format!("0.{:06}", (self.starts[frame] * 1_000_000 / self.period.max(1)).min(999_999));
        let (values, times) = match (at_start, at_end) {
            (true, _) => ("inline;none", format!("0;{}", time(to))),
            (_, true) => ("none;inline", format!("0;{}", time(from))),
            _ => ("none;inline;none", format!("0;{};{}", time(from), time(to))),
        };
        let display = if at_end { "" } else { " display=\"none\"" };
        format!(
            "<g{display}>\n<animate attributeName=\"display\" calcMode=\"discrete\" values=\"{values}\" keyTimes=\"{times}\" \
             dur=\"{}.{:03}s\" repeatCount=\"indefinite\"/>\n",
            self.period / 1000,
            self.period % 1000
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_follow_each_other_without_gap_and_the_last_rests_before_all_begins_again() {
        let timeline = Animation::new(["a", "b", "c", "d"]).seconds(1.0).timeline();
        let opened: Vec<String> = (0..4).map(|i| timeline.open(i, i + 1)).collect();
        let frame = |display: &str, values: &str, times: &str| {
            format!(
                "<g{display}>\n<animate attributeName=\"display\" calcMode=\"discrete\" values=\"{values}\" keyTimes=\"{times}\" \
                 dur=\"3.000s\" repeatCount=\"indefinite\"/>\n"
            )
        };
        let hidden = " display=\"none\"";
        assert_eq!(
            opened,
            [
                frame(hidden, "inline;none", "0;0.111000"),
                frame(hidden, "none;inline;none", "0;0.111000;0.222000"),
                frame(hidden, "none;inline;none", "0;0.222000;0.333333"),
                frame("", "none;inline", "0;0.333333"),
            ]
        );
        assert_eq!(timeline.open(0, 4), "<g>\n");
        assert_eq!(Animation::new(["only"]).timeline().open(0, 1), "<g>\n");
        assert_eq!(Animation::new(["a"]).seconds(f64::NAN).timeline().period, 10_000);
    }

    #[test]
    fn time_passes_in_proportion_to_what_changes_and_a_quarter_evenly() {
        let starts =
            |steps: &[f64]| Animation::new(["a", "b", "c"]).seconds(8.0).steps(steps.iter().copied()).timeline().starts;
        // 0.25 · 1/2 + 0.75 · 9/10 of eight seconds.
        assert_eq!(starts(&[9.0, 1.0]), [0, 6400, 8000]);
        assert_eq!(starts(&[0.0, 1.0]), [0, 1000, 8000]);
        for even in [&[][..], &[1.0], &[2.0, 2.0], &[0.0, 0.0], &[f64::NAN, 1.0], &[-1.0, 2.0]] {
            assert_eq!(starts(even), [0, 4000, 8000], "{even:?}");
        }
    }
}
