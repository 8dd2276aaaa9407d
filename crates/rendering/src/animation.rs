//! Figures that move: frames that follow each other in time, as plain SVG animation (SMIL) without script or style sheet.
//!
//! What stays is drawn once; what moves is one group per frame, shown by a `<set>` on its `display` from the frame's beginning to
//! the next one's. Of n frames over T seconds, frame i begins at T·i/(n − 1); the last one begins at T and stays, and it is the
//! one that is there without animation, so that paper and readers without SMIL show the end. Frames are shown as they are, one
//! after the other: what lies between two recorded moments was never computed and is not made up.
//! (SVG 1.1, chapter 19; SMIL 3.0, *Timing and Synchronization*.)

/// The frames' names and how long they take.
#[derive(Debug, Clone, PartialEq)]
pub struct Animation {
    /// One per frame, shown above the panels: `epoch 100`. As many as every moving mark has frames.
    pub labels: Vec<String>,
    /// Seconds from the first frame to the last; default 8. Between 0.1 and 600.
    pub seconds: f64,
    /// The file's size in bytes may not be larger; default 2,000,000, which a page still loads at once.
    pub limit: usize,
}

impl Animation {
    /// Frames of these names, over eight seconds.
    pub fn new<S: Into<String>>(labels: impl IntoIterator<Item = S>) -> Self {
        Self { labels: labels.into_iter().map(Into::into).collect(), seconds: 8.0, limit: 2_000_000 }
    }

    /// Taking this many seconds from the first frame to the last.
    pub fn seconds(mut self, seconds: f64) -> Self {
        self.seconds = seconds;
        self
    }

    /// When each frame begins.
    pub(crate) fn timeline(&self) -> Timeline {
        let seconds = if self.seconds.is_finite() { self.seconds.clamp(0.1, 600.0) } else { 8.0 };
        Timeline { frames: self.labels.len(), milliseconds: (seconds * 1000.0).round() as u64 }
    }
}

/// When frames begin, in whole milliseconds: no frame ends before the next begins, and none after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Timeline {
    pub frames: usize,
    pub milliseconds: u64,
}

impl Timeline {
    /// When frame `i` begins.
    fn start(&self, i: usize) -> u64 {
        self.milliseconds * i as u64 / (self.frames.max(2) - 1) as u64
    }

    /// The tags that open a group which is shown in frames `from..to`.
    pub fn open(&self, from: usize, to: usize) -> String {
        let seconds = |ms: u64| format!("{}.{:03}s", ms / 1000, ms % 1000);
        let set = |to: &str, begin: u64, end: u64| {
            let (begin, length) = (seconds(begin), seconds(end - begin));
            format!("<set attributeName=\"display\" to=\"{to}\" begin=\"{begin}\" dur=\"{length}\"/>\n")
        };
        match (from, to >= self.frames) {
            (0, true) => "<g>\n".to_owned(),
            (_, true) => format!("<g>\n{}", set("none", 0, self.start(from))),
            (_, false) => format!("<g display=\"none\">\n{}", set("inline", self.start(from), self.start(to))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_follow_each_other_without_gap() {
        let timeline = Animation::new(["a", "b", "c", "d"]).seconds(1.0).timeline();
        let opened: Vec<String> = (0..4).map(|i| timeline.open(i, i + 1)).collect();
        assert_eq!(
            opened,
            [
                "<g display=\"none\">\n<set attributeName=\"display\" to=\"inline\" begin=\"0.000s\" dur=\"0.333s\"/>\n",
                "<g display=\"none\">\n<set attributeName=\"display\" to=\"inline\" begin=\"0.333s\" dur=\"0.333s\"/>\n",
                "<g display=\"none\">\n<set attributeName=\"display\" to=\"inline\" begin=\"0.666s\" dur=\"0.334s\"/>\n",
                "<g>\n<set attributeName=\"display\" to=\"none\" begin=\"0.000s\" dur=\"1.000s\"/>\n",
            ]
        );
        assert_eq!(timeline.open(0, 4), "<g>\n");
        assert_eq!(Animation::new(["only"]).timeline().open(0, 1), "<g>\n");
        assert_eq!(Animation::new(["a"]).seconds(f64::NAN).timeline().milliseconds, 8000);
    }
}
