//! The option `turn`: a box of three axes that turns, as what a still cannot show is how deep it is.

use analysis::AnalysisError;
use registry::Problems;
use rendering::{Animation, Figure, Panel, Space, text::fixed};

use crate::{Animate, FigureError};

/// A turn about the vertical axis, ending where the still picture stands: `{ degrees = 90, frames = 19, seconds = 6 }`.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Turn {
    /// How far. Default 90; a whole turn is 360.
    #[serde(default = "default_degrees")]
    pub degrees: f64,
    /// In how many frames. Default 19: a step of five degrees.
    #[serde(default = "default_frames")]
    pub frames: usize,
    /// Seconds from the first frame to the last. Default 6.
    #[serde(default = "default_seconds")]
    pub seconds: f64,
}

fn default_degrees() -> f64 {
    90.0
}

fn default_frames() -> usize {
    19
}

fn default_seconds() -> f64 {
    6.0
}

impl Turn {
    /// The figure with the box in a panel of its own, turning.
    pub fn apply(&self, figure: Figure, space: Space) -> Figure {
        let step = self.degrees / (self.frames.max(2) - 1) as f64;
        let labels = (0..self.frames).map(|i| format!("{}°", fixed(step * i as f64, 0)));
        let animation = Animation::new(labels).seconds(self.seconds);
        figure.animate(animation).panel(Panel::spaces(space.turn(self.frames, self.degrees)))
    }
}

/// Notes numbers out of range, and a figure that is to move in two ways.
pub(crate) fn check(turn: Option<&Turn>, animate: Option<&Animate>, problems: &mut Problems) {
    let Some(turn) = turn else { return };
    problems.require(animate.is_none(), "turn", || "a figure turns or shows its training, not both at once".into());
    problems.require((-360.0..=360.0).contains(&turn.degrees), "turn.degrees", || {
        format!("expected -360 to 360 degrees, found {}", turn.degrees)
    });
    problems.require((2..=200).contains(&turn.frames), "turn.frames", || {
        format!("expected 2 to 200 frames, found {}", turn.frames)
    });
    problems.require((0.5..=120.0).contains(&turn.seconds), "turn.seconds", || {
        format!("expected 0.5 to 120 seconds, found {}", turn.seconds)
    });
}

/// The error of turning what has two dimensions.
pub(crate) fn flat(name: &str) -> FigureError {
    let (what, expected, found) = ("a turn", "three hidden units", "two".to_owned());
    AnalysisError::Shape { what, expected, name: name.to_owned(), found }.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rendering::Axis;

    #[test]
    fn a_turn_ends_where_the_still_stands() {
        let turn = Turn { degrees: 90.0, frames: 4, seconds: 3.0 };
        let axis = || Axis::new("a").range(0.0, 1.0);
        let figure = turn.apply(Figure::new("f", "t"), Space::new(axis(), axis(), axis()));
        assert_eq!(figure.animation.as_ref().map(|a| a.labels.concat()), Some("0°30°60°90°".into()));
        assert!(figure.to_svg().is_ok());
    }

    #[test]
    fn one_way_to_move_is_enough() {
        let mut problems = Problems::default();
        let turn = Turn { degrees: 400.0, frames: 1, seconds: 0.0 };
        check(Some(&turn), Some(&Animate { every: None, epochs: Vec::new(), seconds: 8.0 }), &mut problems);
        assert_eq!(problems.into_vec().len(), 4);
    }
}
