//! Which moments of training a picture shows: one epoch, or one frame per epoch.

use analysis::{AnalysisError, Planned};
use registry::{Problems, TrainRef};
use rendering::{Animation, Figure, Frames, Mark, Panel, Space};

use crate::{Animate, FigureError};

/// The moments asked for, as indices into the epochs there are, and how they follow each other.
#[derive(Debug)]
pub(crate) struct Moments {
    /// Ascending; one for a still.
    pub indices: Vec<usize>,
    /// For a picture that moves.
    animation: Option<Animation>,
}

impl Moments {
    /// The epoch asked for or the last, or those of the animation. A run that stopped early stays as it was in its last epoch.
    ///
    /// # Errors
    /// When training kept no parameters of that epoch.
    pub fn of(
        name: &str,
        epochs: &[usize],
        epoch: Option<usize>,
        animate: Option<&Animate>,
    ) -> Result<Self, FigureError> {
        let last = epochs.len().saturating_sub(1);
        if let Some(animate) = animate {
            let shown = |i: &usize| *i == last || animate.shows(epochs[*i]);
            let indices: Vec<usize> = (0..epochs.len()).filter(shown).collect();
            let animation = Some(animate.animation(indices.iter().map(|i| epochs[*i])));
            return Ok(Self { indices, animation });
        }
        let index = match epoch {
            None => last,
            Some(epoch) if epochs.last().is_some_and(|last| epoch > *last) => last,
            Some(epoch) => {
                let kept = epochs.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
                let error = || AnalysisError::NoSnapshot { name: name.to_owned(), epoch, kept };
                epochs.iter().position(|e| *e == epoch).ok_or_else(error)?
            }
        };
        Ok(Self { indices: vec![index], animation: None })
    }

    /// The last one shown: what a title speaks of.
    pub fn last(&self) -> usize {
        // There is one at least.
        self.indices.last().copied().unwrap_or(0)
    }

    /// Adds a mark that is another one at every moment.
    pub fn mark<M: Mark + 'static>(&self, panel: Panel, of: impl FnMut(usize) -> M) -> Panel {
        let mut marks: Vec<M> = self.indices.iter().copied().map(of).collect();
        match (self.animation.is_some(), marks.pop()) {
            (false, Some(only)) => panel.mark(only),
            (_, last) => panel.mark(Frames::new(marks.into_iter().chain(last))),
        }
    }

    /// A panel with a box that is another one at every moment.
    pub fn space(&self, of: impl FnMut(usize) -> Space) -> Panel {
        let mut spaces: Vec<Space> = self.indices.iter().copied().map(of).collect();
        match (self.animation.is_some(), spaces.pop()) {
            (false, Some(only)) => Panel::space(only),
            (_, last) => Panel::spaces(spaces.into_iter().chain(last)),
        }
    }

    /// Makes the figure move, if it is to.
    pub fn animate(&self, figure: Figure) -> Figure {
        match &self.animation {
            Some(animation) => figure.animate(animation.clone()),
            None => figure,
        }
    }
}

/// Notes what is wrong with the options of one epoch and of many.
pub(crate) fn check(epoch: Option<usize>, animate: Option<&Animate>, problems: &mut Problems) {
    problems.require(epoch.is_none() || animate.is_none(), "epoch", || {
        "a figure shows one epoch, or all of them with animate".into()
    });
    if let Some(animate) = animate {
        animate.check(problems);
    }
}

/// Notes epochs that a model does not keep.
pub(crate) fn check_against(
    name: &TrainRef,
    epoch: Option<usize>,
    animate: Option<&Animate>,
    planned: &Planned,
    problems: &mut Problems,
) {
    if let Some(animate) = animate {
        animate.check_against([name], planned, problems);
    } else if let Some((message, help)) = planned.model(name).and_then(|model| model.needs_epoch(name, epoch)) {
        problems.add_with_help("epoch", message, help);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_epoch_or_all_that_are_asked_for() {
        let epochs = [0, 5, 10, 15, 17];
        let of = |epoch, animate: Option<&Animate>| Moments::of("m", &epochs, epoch, animate);
        assert_eq!(of(None, None).expect("the end").indices, [4]);
        assert_eq!(of(Some(5), None).expect("kept").indices, [1]);
        let every_ten = Animate { every: Some(10), epochs: Vec::new(), seconds: 8.0 };
        let moving = of(None, Some(&every_ten)).expect("kept");
        assert_eq!((moving.indices.as_slice(), moving.last()), (&[0, 2, 4][..], 4));
        assert_eq!(of(Some(20), None).expect("the end").indices, [4]);
        let error = of(Some(6), None).expect_err("not kept").to_string();
        assert_eq!(error, "m kept no parameters of epoch 6, only of 0, 5, 10, 15, 17");
    }
}
