//! The option `animate`, and which snapshots of its analysis a picture shows: one, or one frame each.

use analysis::{
    AnalysisError, Planned, Results,
    select::snapshots::{moved, some_of},
};
use registry::{AnalysisRef, Problems, TrainRef};
use rendering::{Animation, Figure, Mark, Panel, Space, text};

use crate::FigureError;

/// One frame per snapshot of the analysis, from the first to the last, on which the picture rests for two seconds before it
/// begins again: `{ seconds = 8 }`, or fewer frames: `{ every = 100, epochs = [5, 10, 20, 50] }`.
///
/// A quarter of the time is divided evenly; the rest is in proportion to how far the model's parameters move from one frame to
/// the next (Euclidean distance), so that much time is spent where much changes.
///
/// The analysis has to look at snapshots: `snapshots = "all"` in its table.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Animate {
    /// Shows every so many epochs, from the untrained model on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<usize>,
    /// Shows these epochs too. Default: every snapshot there is, where `every` is not given either.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub epochs: Vec<usize>,
    /// Seconds from the first frame to the last. Default 8.
    #[serde(default = "default_seconds")]
    pub seconds: f64,
}

fn default_seconds() -> f64 {
    8.0
}

/// More frames than this would flicker past: eight seconds at fifty a second.
const MOST: usize = 400;

impl Animate {
    /// Notes numbers out of range.
    fn check(&self, problems: &mut Problems) {
        problems.require(self.every != Some(0), "animate.every", || "expected at least 1 epoch, found 0".into());
        problems.require((0.5..=120.0).contains(&self.seconds), "animate.seconds", || {
            format!("expected 0.5 to 120 seconds, found {}", self.seconds)
        });
    }

    /// Notes epochs to be shown of which the stage `of` has no snapshot, and more than can be shown.
    pub fn check_epochs(&self, of: &str, epochs: &[usize], problems: &mut Problems) {
        if let Some(every) = self.every.filter(|every| *every > 0)
            && let Some((message, _)) =
                (0..=epochs.last().copied().unwrap_or(0)).step_by(every).find_map(|epoch| missing(of, epochs, epoch))
        {
            problems.add_with_help(
                "animate.every",
                message,
                format!("write snapshots = {{ every = {every} }} in [{of}]"),
            );
        }
        for (i, epoch) in self.epochs.iter().enumerate() {
            if let Some((message, help)) = missing(of, epochs, *epoch) {
                problems.add_with_help(format!("animate.epochs[{i}]"), message, help);
            }
        }
        let frames = epochs.iter().filter(|epoch| self.shows(**epoch)).count();
        problems.require(frames <= MOST, "animate", || {
            let every = epochs.last().copied().unwrap_or(0).div_ceil(MOST);
            format!("expected at most {MOST} frames, found {frames}: every = {every} or more makes few enough")
        });
    }

    /// Whether an epoch is to be shown, besides the last.
    fn shows(&self, epoch: usize) -> bool {
        let every = self.every.filter(|e| *e > 0);
        let all = every.is_none() && self.epochs.is_empty();
        all || every.is_some_and(|e| epoch.is_multiple_of(e)) || self.epochs.contains(&epoch)
    }
}

/// What is wrong, if anything, with showing a stage after so many epochs, and what to do about it.
fn missing(of: &str, epochs: &[usize], epoch: usize) -> Option<(String, String)> {
    let last = epochs.last().copied().filter(|_| !epochs.contains(&epoch))?;
    Some(match epochs {
        _ if epoch > last => {
            (format!("epoch {epoch} is beyond the {last} of training"), format!("name an epoch from 0 to {last}"))
        }
        [_] => (
            format!("{of} has no snapshot of epoch {epoch}"),
            format!("write snapshots = {{ epochs = [{epoch}] }} in [{of}]"),
        ),
        _ => (format!("{of} has no snapshot of epoch {epoch}"), format!("it has {}", some_of(epochs))),
    })
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

/// Notes epochs to be shown that the analysis does not look at.
pub(crate) fn check_against(
    analysis: &AnalysisRef,
    epoch: Option<usize>,
    animate: Option<&Animate>,
    planned: &Planned,
    problems: &mut Problems,
) {
    let (of, epochs) = (format!("analysis.{}", analysis.0), planned.epochs_of(analysis));
    let Some(animate) = animate else {
        if let Some((message, help)) = epoch.and_then(|epoch| missing(&of, &epochs, epoch)) {
            problems.add_with_help("epoch", message, help);
        }
        return;
    };
    if planned.snapshots_of(analysis).is_none() {
        let every = animate.every.map(|every| format!("snapshots = {{ every = {every} }}"));
        let mut help = format!("write {} in [{of}]", every.as_deref().unwrap_or("snapshots = \"all\""));
        // Where training keeps none either, both tables lack a line.
        let lacks = |name| Some((name, planned.model(name)?.needs_snapshots()?.help?));
        if let Some((name, advice)) = planned.models_of(analysis).iter().find_map(lacks) {
            help += &match every {
                Some(every) => format!(", and {every} in [train.{}]", name.0),
                None => advice.replacen("write", ", and", 1),
            };
        }
        return problems.add_with_help("animate", format!("{of} looks at the trained model only"), help);
    }
    animate.check_epochs(&of, &epochs, problems);
}

/// The snapshots to be shown, as indices into the epochs there are, and how they follow each other.
#[derive(Debug)]
pub(crate) struct Shown {
    /// Ascending; one for a still.
    pub indices: Vec<usize>,
    /// How many epochs had ended at each.
    epochs: Vec<usize>,
    /// For a picture that moves.
    animation: Option<Animation>,
}

impl Shown {
    /// The epoch asked for or the last, or those of the animation. A run that stopped early stays as it was in its last epoch.
    ///
    /// # Errors
    /// When there is no snapshot of that epoch of the model `name`.
    pub fn of(
        name: &str,
        epochs: &[usize],
        epoch: Option<usize>,
        animate: Option<&Animate>,
    ) -> Result<Self, FigureError> {
        let last = epochs.len().saturating_sub(1);
        if let Some(animate) = animate {
            let indices: Vec<usize> = (0..epochs.len()).filter(|i| *i == last || animate.shows(epochs[*i])).collect();
            let label = |i: &usize| format!("epoch {}", text::decimals(&[epochs[*i] as i64], 0).concat());
            let animation = Some(Animation::new(indices.iter().map(label)).seconds(animate.seconds));
            let epochs = indices.iter().map(|i| epochs[*i]).collect();
            return Ok(Self { indices, epochs, animation });
        }
        let index = match epoch.filter(|epoch| epochs.last().is_some_and(|last| epoch <= last)) {
            None => last,
            Some(epoch) => epochs.iter().position(|e| *e == epoch).ok_or_else(|| AnalysisError::NoSnapshot {
                name: name.to_owned(),
                epoch,
                kept: some_of(epochs),
            })?,
        };
        let epochs = epochs.get(index).copied().into_iter().collect();
        Ok(Self { indices: vec![index], epochs, animation: None })
    }

    /// What the picture shows of what there is, one thing per epoch.
    pub fn select<'a, T>(&self, all: &'a [T]) -> Vec<&'a T> {
        self.indices.iter().map(|i| &all[*i]).collect()
    }

    /// The last one shown: what a title speaks of.
    pub fn last(&self) -> usize {
        // There is one at least.
        self.indices.last().copied().unwrap_or(0)
    }

    /// Adds a mark that is another one in every snapshot.
    pub fn mark<M: Mark + 'static>(&self, panel: Panel, of: impl FnMut(usize) -> M) -> Panel {
        panel.frames(self.indices.iter().copied().map(of))
    }

    /// A panel with a box that is another one in every snapshot.
    pub fn space(&self, of: impl FnMut(usize) -> Space) -> Panel {
        let mut spaces: Vec<Space> = self.indices.iter().copied().map(of).collect();
        match (self.animation.is_some(), spaces.pop()) {
            (false, Some(only)) => Panel::space(only),
            (_, last) => Panel::spaces(spaces.into_iter().chain(last)),
        }
    }

    /// With the pace of these models: more time where their parameters move further.
    pub fn paced<'a>(mut self, results: &Results, models: impl IntoIterator<Item = &'a str>) -> Self {
        let runs = models.into_iter().map(|name| results.trained(&TrainRef(name.to_owned())));
        // An analysis handed over without its model moves evenly.
        if let (Some(animation), Ok(runs)) = (&mut self.animation, runs.collect::<Result<Vec<_>, _>>()) {
            animation.steps = moved(&runs, &self.epochs);
        }
        self
    }

    /// With what the headline says of each moment, which stands beside the epoch.
    pub fn headlines(mut self, of: impl FnMut(usize) -> String) -> Self {
        let headlines: Vec<String> = self.indices.iter().copied().map(of).collect();
        if let Some(animation) = &mut self.animation {
            animation.headlines = headlines;
        }
        self
    }

    /// Makes the figure move, if it is to.
    pub fn animate(&self, figure: Figure) -> Figure {
        match &self.animation {
            Some(animation) => figure.animate(animation.clone()),
            None => figure,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use analysis::{fixture, select::snapshots::Snapshots};
    use registry::TrainRef;

    fn every(every: Option<usize>) -> Animate {
        Animate { every, epochs: Vec::new(), seconds: 8.0 }
    }

    /// What is told of a figure of the analysis `a` of a model of 120 epochs.
    fn complaints(epoch: Option<usize>, animate: Option<&Animate>, snapshots: Option<Snapshots>) -> Vec<[String; 3]> {
        let mut planned = fixture::planned(120);
        let mut model = planned.model(&TrainRef("m".into())).expect("the one").clone();
        model.snapshots = vec![0, 50, 100, 120];
        if snapshots.is_some() {
            planned.insert_model(model);
        }
        planned.insert_analysis("a", vec![TrainRef("m".into())], snapshots);
        let mut problems = Problems::default();
        check(epoch, animate, &mut problems);
        check_against(&AnalysisRef("a".into()), epoch, animate, &planned, &mut problems);
        problems.into_vec().into_iter().map(|p| [p.path, p.message, p.help.unwrap_or_default()]).collect()
    }

    #[test]
    fn what_the_analysis_does_not_look_at_cannot_be_shown() {
        let all = || Some(Snapshots::All);
        assert!(complaints(None, Some(&every(None)), all()).is_empty());
        assert!(complaints(None, Some(&every(Some(50))), all()).is_empty());
        assert!(complaints(Some(100), None, all()).is_empty());
        let (message, it_has) = ("analysis.a has no snapshot of epoch 20", "it has 0, 50, 100, 120");
        assert_eq!(complaints(Some(20), None, all()), [["epoch", message, it_has]]);
        let write = "write snapshots = { every = 20 } in [analysis.a]";
        assert_eq!(complaints(None, Some(&every(Some(20))), all()), [["animate.every", message, write]]);
        let some = Animate { epochs: vec![0, 20], ..every(None) };
        assert_eq!(complaints(None, Some(&some), all()), [["animate.epochs[1]", message, it_has]]);
        let write = "write snapshots = { epochs = [20] } in [analysis.a]";
        assert_eq!(complaints(Some(20), None, None), [["epoch", message, write]]);
        let beyond = ["epoch", "epoch 130 is beyond the 120 of training", "name an epoch from 0 to 120"];
        assert_eq!(complaints(Some(130), None, all()), [beyond]);
        let bad = Animate { every: Some(0), epochs: Vec::new(), seconds: 0.0 };
        assert_eq!(complaints(Some(100), Some(&bad), all()).len(), 3);
    }

    #[test]
    fn a_moving_figure_says_what_its_analysis_and_training_lack() {
        let told = |animate: &Animate| complaints(None, Some(animate), None).concat().concat();
        let trained_only = "animateanalysis.a looks at the trained model only";
        let both = "write snapshots = \"all\" in [analysis.a], and snapshots = { every = 2 } in [train.m]";
        assert_eq!(told(&every(None)), format!("{trained_only}{both}"));
        let both = "write snapshots = { every = 20 } in [analysis.a], and snapshots = { every = 20 } in [train.m]";
        assert_eq!(told(&every(Some(20))), format!("{trained_only}{both}"));
    }

    #[test]
    fn more_frames_than_can_be_seen_are_refused() {
        let mut problems = Problems::default();
        every(None).check_epochs("train.m", &(0..=50_000).collect::<Vec<_>>(), &mut problems);
        let message = &problems.into_vec()[0].message;
        assert!(message.ends_with("found 50001: every = 125 or more makes few enough"), "{message}");
    }

    #[test]
    fn the_pace_is_that_of_the_parameters() {
        let mut trained = fixture::trained(vec![models::layers::Linear::new(1).into()], &[3.0, 0.0, 0.0]);
        let snapshot = |epoch, v: f32| training::Snapshot { epoch, parameters: vec![v, 0.0, 0.0] };
        trained.fit.snapshots = vec![snapshot(0, 0.0), snapshot(10, 2.0)];
        trained.fit.epoch = 20;
        let mut results = Results::new(tensor::random::Streams::new(1));
        let steps = |results: &Results| {
            let shown = Shown::of("m", &[0, 10, 20], None, Some(&every(None))).expect("all").paced(results, ["m"]);
            shown.animation.expect("moves").steps
        };
        assert!(steps(&results).is_empty(), "evenly");
        results.insert_trained(trained);
        assert_eq!(steps(&results), [2.0 / 3.0, 1.0 / 3.0]);
    }

    #[test]
    fn one_epoch_or_all_that_are_asked_for() {
        let epochs = [0, 5, 10, 15, 50_000];
        let of = |epoch, animate: Option<&Animate>| Shown::of("m", &epochs, epoch, animate);
        assert_eq!(of(None, None).expect("the end").indices, [4]);
        assert_eq!(of(Some(5), None).expect("kept").indices, [1]);
        let moving = of(None, Some(&every(Some(10)))).expect("kept");
        assert_eq!(
            (moving.indices.as_slice(), moving.last(), moving.select(&epochs)),
            (&[0, 2, 4][..], 4, vec![&0, &10, &50_000])
        );
        assert_eq!(moving.animation.expect("moves").labels, ["epoch 0", "epoch 10", "epoch 50,000"]);
        let said = of(None, Some(&every(Some(10)))).expect("kept").headlines(|i| format!("moment {i}"));
        assert_eq!(said.animation.expect("moves").headlines, ["moment 0", "moment 2", "moment 4"]);
        assert_eq!(of(Some(50_001), None).expect("the end").indices, [4]);
        let error = of(Some(6), None).expect_err("not kept").to_string();
        assert_eq!(error, "m kept no parameters of epoch 6, only of 0, 5, 10, 15, 50000");
    }
}
