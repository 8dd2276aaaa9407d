//! Figures that move: when their frames begin, and how they stand at a time.
//!
//! A figure of this program moves in one way: groups come and go (`rendering`'s `Animation`). Each says so on the line below it,
//! as shares of a period that is the same for all.

use crate::RasterError;

/// The frames of a moving figure.
#[derive(Debug, Clone, PartialEq)]
pub struct Movement {
    /// Seconds until all begins again.
    pub period: f64,
    /// When each frame begins, as shares of the period: ascending, the first 0.
    pub begins: Vec<f64>,
}

impl Movement {
    /// Of this figure; none if it does not move.
    ///
    /// # Errors
    /// If anything else moves it.
    pub fn of(svg: &str) -> Result<Option<Self>, RasterError> {
        let mut movement = Movement { period: 0.0, begins: vec![0.0] };
        let mut above = "";
        for line in svg.lines() {
            let moves = ["<animate", "<set", "<script"].iter().any(|tag| line.starts_with(tag));
            if moves || line.starts_with("<style") && line.contains("@keyframes") {
                let shown = Shown::read(line).filter(|_| above.starts_with("<g"));
                let same = |shown: &Shown| movement.period == 0.0 || movement.period == shown.period;
                let shown = shown.filter(same).ok_or_else(|| RasterError::Movement(beginning(line)))?;
                movement.period = shown.period;
                movement.begins.extend([shown.begin, shown.end].into_iter().filter(|&time| time < 1.0));
            }
            above = line;
        }
        movement.begins.sort_by(f64::total_cmp);
        movement.begins.dedup();
        Ok((movement.period > 0.0).then_some(movement))
    }

    /// The frame that is shown at a share of the period.
    pub fn frame(&self, share: f64) -> usize {
        self.begins.partition_point(|&begin| begin <= share).saturating_sub(1)
    }

    /// The last frame, which rests.
    pub fn last(&self) -> usize {
        self.begins.len() - 1
    }
}

/// Enough of a line to find it.
fn beginning(line: &str) -> String {
    let short: String = line.chars().take(60).collect();
    if short.len() < line.len() { format!("{short}…") } else { short }
}

/// `<animate attributeName="display" … values="none;inline;none" keyTimes="0;0.4;0.8" dur="1.000s" …/>`: when a part is shown, as
/// shares of the period in seconds.
struct Shown {
    begin: f64,
    end: f64,
    period: f64,
}

impl Shown {
    fn read(line: &str) -> Option<Self> {
        let line = line.strip_prefix("<animate attributeName=\"display\" calcMode=\"discrete\" ")?;
        let value = |name: &str| Some(line.split_once(name)?.1.split_once('"')?.0);
        let times: Vec<f64> = value("keyTimes=\"")?.split(';').map(str::parse).collect::<Result<_, _>>().ok()?;
        let shown = value("values=\"")?.split(';').position(|value| value == "inline")?;
        let period: f64 = value("dur=\"")?.strip_suffix('s')?.parse().ok()?;
        let end = times.get(shown + 1).copied().unwrap_or(1.0);
        (period > 0.0).then_some(Self { begin: *times.get(shown)?, end, period })
    }
}

/// The picture as it stands at a share of its period, at rest: of the groups that come and go those that are there.
pub fn at_rest(svg: &str, time: f64) -> String {
    let mut out = String::with_capacity(svg.len());
    // How many groups are open since one began that is not shown.
    let mut hidden = 0;
    let mut lines = svg.lines().peekable();
    while let Some(line) = lines.next() {
        let opens = line.starts_with("<g>") || line.starts_with("<g ");
        if hidden > 0 {
            hidden = hidden + usize::from(opens) - usize::from(line == "</g>");
            continue;
        }
        match lines.peek().filter(|_| opens).and_then(|next| Shown::read(next)) {
            Some(shown) if (shown.begin..shown.end).contains(&time) => {
                lines.next();
                out += "<g>\n";
            }
            Some(_) => hidden = 1,
            None => {
                out += line;
                out.push('\n');
            }
        }
    }
    out
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// A figure of three frames over five seconds: nothing, `middle`, `last`.
    pub fn moving(middle: &str, last: &str) -> String {
        let frame = |display: &str, values: &str, times: &str, body: &str| {
            format!(
                "<g{display}>\n<animate attributeName=\"display\" calcMode=\"discrete\" values=\"{values}\" keyTimes=\"{times}\" \
                 dur=\"5.000s\" repeatCount=\"indefinite\"/>\n{body}</g>\n"
            )
        };
        let hidden = " display=\"none\"";
        frame(hidden, "inline;none", "0;0.200000", "")
            + &frame(hidden, "none;inline;none", "0;0.200000;0.600000", middle)
            + &frame("", "none;inline", "0;0.600000", last)
    }

    #[test]
    fn a_figure_stands_at_a_time_as_its_frame_does() {
        let svg = moving("<g>\n<rect/>\n</g>\n", "<circle/>\n");
        let movement = Movement::of(&svg).unwrap().unwrap();
        assert_eq!((movement.period, &movement.begins[..]), (5.0, &[0.0, 0.2, 0.6][..]));
        assert_eq!([0.0, 0.19, 0.2, 0.59, 0.6, 0.999].map(|share| movement.frame(share)), [0, 0, 1, 1, 2, 2]);
        assert_eq!(at_rest(&svg, 0.0), "<g>\n</g>\n");
        assert_eq!(at_rest(&svg, 0.2), "<g>\n<g>\n<rect/>\n</g>\n</g>\n");
        assert_eq!(at_rest(&svg, 0.9), "<g>\n<circle/>\n</g>\n");
        assert_eq!(Movement::of("<g>\n<rect/>\n</g>\n"), Ok(None));
    }

    #[test]
    fn what_moves_otherwise_is_told_rather_than_drawn() {
        let turning = "<g>\n<animateTransform attributeName=\"transform\" type=\"rotate\"/>\n</g>\n";
        let faded = "<g>\n<animate attributeName=\"opacity\" values=\"0;1\" dur=\"1.000s\"/>\n</g>\n";
        let styled = "<style>@keyframes turn{to{transform:rotate(1turn)}}</style>\n";
        let slower = moving("", "").replacen("5.000s", "4.000s", 1);
        for svg in [turning, faded, styled, &slower] {
            assert!(matches!(Movement::of(svg), Err(RasterError::Movement(_))), "{svg}");
        }
    }
}
