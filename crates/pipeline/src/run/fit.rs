//! Training with checkpoints: after a kill the next run resumes from the last one, and ends with the same bytes.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use datasets::Splits;
use models::Model;
use registry::TrainRef;
use tensor::{Purpose, Streams};
use training::{Checkpoint, Control, Fit, History, Measure, Series, TrainConfig, TrainError, Trainer};

use super::error::RunError;
use super::hooks::Hooks;
use super::runner::Runner;
use crate::cache::{self, Cached, Fingerprint};
use crate::console::Console;
use crate::files::{Folder, say_if_interrupted, shown};
use crate::hash::sha256;
use crate::kinds::Config;
use crate::load::{Pipeline, Stage};

/// A checkpoint is written no more often than this,
const EVERY: Duration = Duration::from_millis(100);
/// and only after this many times as long as writing one takes, which bounds both what checkpoints cost and what a kill can lose.
const TIMES_WRITING: u32 = 50;

/// What came of training, the hooks it had, and the seconds of its epochs.
type Trial = (Result<Fit, TrainError>, Hooks, Vec<f64>);

impl Runner<'_> {
    /// Trains one stage, from its last checkpoint where there is one.
    pub(super) fn fit(
        &mut self,
        stage: &Stage,
        config: &TrainConfig,
        data: &Arc<Splits>,
        console: &mut Console,
    ) -> Result<Trial, RunError> {
        let address = stage.address();
        let (file, seconds_file) = (cache::checkpoint_file(stage), cache::seconds_file(stage));
        let fingerprint = self.parts().0.fingerprint(stage).clone();
        let (pipeline, streams) = (self.pipeline, self.store.results.streams());
        let ready = || ready(pipeline, stage, config, data, streams);
        let (mut trainer, hooks) = match ready() {
            Ok(ready) => ready,
            Err(error) => return Ok((Err(error), Hooks::default(), Vec::new())),
        };
        let key = key(&fingerprint, config, &hooks);
        let cached =
            if self.fresh { Cached::Absent } else { cache::read::<Checkpoint>(&self.folder.path(&file), &key) };
        match cached {
            Cached::Valid(checkpoint) => {
                let epochs = checkpoint.epochs();
                match trainer.resume(checkpoint) {
                    Ok(resumed) => {
                        trainer = resumed;
                        if !trainer.is_over() {
                            console.note(&format!("{address} resumes after epoch {epochs} of {}", config.epochs));
                        }
                    }
                    // Not of this run after all: from the start.
                    Err(_) => match ready() {
                        Ok((fresh, _)) => trainer = fresh,
                        Err(error) => return Ok((Err(error), hooks, Vec::new())),
                    },
                }
            }
            Cached::Damaged => console.note(&format!("{address}: {file} is damaged; trained from the start")),
            Cached::Absent => {}
        }
        // Of epochs that an earlier run trained, its seconds.
        let mut seconds = match cache::read::<Vec<f64>>(&self.folder.path(&seconds_file), &key) {
            Cached::Valid(seconds) => seconds,
            Cached::Absent | Cached::Damaged => Vec::new(),
        };
        seconds.truncate(trainer.history().epochs());
        keep_if_interrupted(&self.folder, self.fresh, Some((&address, trainer.history().epochs(), config.epochs)));
        let (mut last, mut saved, mut pause, mut failed) = (Instant::now(), Instant::now(), EVERY, None);
        let (folder, fresh) = (&mut self.folder, self.fresh);
        let trained = trainer.train(&mut |trainer| {
            let now = Instant::now();
            seconds.push((now - last).as_secs_f64());
            last = now;
            let epoch = trainer.history().epochs();
            console.progress(epoch, config.epochs, || progress(trainer.history(), &config.metrics));
            if now - saved >= pause {
                let written = cache::write(folder, &seconds_file, &key, &seconds)
                    .and_then(|()| cache::write(folder, &file, &key, &trainer.checkpoint()));
                if let Err(error) = written {
                    failed = Some(error);
                    return Control::Stop;
                }
                keep_if_interrupted(folder, fresh, Some((&address, epoch, config.epochs)));
                saved = Instant::now();
                pause = EVERY.max((saved - now) * TIMES_WRITING);
            }
            Control::Continue
        });
        if let Some(error) = failed {
            return Err(error.into());
        }
        keep_if_interrupted(&self.folder, self.fresh, None);
        self.timings.epochs(&address, seconds.clone());
        if let Err(error) = trained {
            return Ok((Err(error), hooks, seconds));
        }
        cache::write(&mut self.folder, &file, &key, &trainer.checkpoint())?;
        cache::write(&mut self.folder, &seconds_file, &key, &seconds)?;
        Ok((Ok(trainer.finish()), hooks, seconds))
    }
}

/// A training run before its first step, with the hooks that analyses ask for.
fn ready(
    pipeline: &Pipeline,
    stage: &Stage,
    config: &TrainConfig,
    data: &Splits,
    streams: &Streams,
) -> Result<(Trainer, Hooks), TrainError> {
    let trainer = Trainer::new(config, &stage.address(), data, streams)?;
    let hooks = Hooks::requested(pipeline, &stage.name, trainer.model());
    Ok((trainer.with_hooks(&hooks.all())?, hooks))
}

/// What the run in the folder `root` left of a training run that it finished, whose fingerprint this is; `None` where its
/// checkpoint is not there any more.
///
/// # Errors
/// When the training run cannot be made ready.
pub(crate) fn finished(
    pipeline: &Pipeline,
    stage: &Stage,
    config: &TrainConfig,
    data: &Splits,
    (root, fingerprint): (&Path, &Fingerprint),
) -> Result<Option<Fit>, TrainError> {
    let (trainer, hooks) = ready(pipeline, stage, config, data, &Streams::new(pipeline.header.seed))?;
    match cache::read(&root.join(cache::checkpoint_file(stage)), &key(fingerprint, config, &hooks)) {
        Cached::Valid(checkpoint) => trainer.finished(checkpoint).map(Some),
        Cached::Absent | Cached::Damaged => Ok(None),
    }
}

/// What a checkpoint belongs to: what the steps of its run depend on, and its hooks, as it holds what these recorded.
fn key(fingerprint: &Fingerprint, config: &TrainConfig, hooks: &Hooks) -> String {
    let course = fingerprint.with_settings(registry::resolve(&config.course()).to_string());
    format!("{} {}", course.key(), sha256(format!("{:?}", hooks.all()).as_bytes()))
}

/// How many epochs of the training run of a stage a folder has, where it has any that a run goes on from, and of how many.
pub fn trained_so_far(
    pipeline: &Pipeline,
    stage: &Stage,
    fingerprint: &Fingerprint,
    folder: &Path,
) -> Option<(usize, usize)> {
    let Config::Train(config) = &stage.config else { return None };
    let planned = pipeline.planned.model(&TrainRef(stage.name.clone()))?;
    // Hooks go by the layers, whatever their numbers.
    let mut numbers = Streams::new(0).stream(&stage.name, Purpose::Init);
    let model = Model::new(planned.layers.clone(), &planned.data.shape, planned.loss.head(), &mut numbers).ok()?;
    let hooks = Hooks::requested(pipeline, &stage.name, &model);
    let file = folder.join(cache::checkpoint_file(stage));
    match cache::read::<Checkpoint>(&file, &key(fingerprint, config, &hooks)) {
        Cached::Valid(checkpoint) => {
            checkpoint.continues(config, &hooks.all()).then(|| (checkpoint.epochs(), config.epochs))
        }
        Cached::Absent | Cached::Damaged => None,
    }
}

/// From here on an interrupt says what is kept in the run's folder: what is finished, and of the stage that is being trained, the
/// model after so many of its epochs. A `fresh` run begins again with all of it.
pub fn keep_if_interrupted(folder: &Folder, fresh: bool, training: Option<(&str, usize, usize)>) {
    let begun = training.filter(|(_, epoch, _)| *epoch > 0);
    let half = begun.map(|(address, epoch, of)| format!(", {address} as it was after epoch {epoch} of {of}"));
    say_if_interrupted(format!(
        "what is finished is kept in {}{}, and the same command{} goes on from there",
        shown(folder.root()),
        half.unwrap_or_default(),
        if fresh { " without --fresh" } else { "" }
    ));
}

/// `running loss 0.4121`; where more is asked for, that of the training and the validation split.
fn progress(history: &History, asked: &[Measure]) -> String {
    let shown: Vec<Measure> = Measure::ALL.into_iter().filter(|m| *m == Measure::Loss || asked.contains(m)).collect();
    let last = |series: &Series| {
        let told = shown.iter().filter_map(|m| Some(format!("{} {:.4}", m.name(), series.get(*m).last()?)));
        told.collect::<Vec<_>>().join(", ")
    };
    let running = if history.running { "running " } else { "" };
    let validation = history.validation.as_ref().filter(|_| !asked.is_empty());
    let validation = validation.map(|series| format!("; validation {}", last(series))).unwrap_or_default();
    format!("{running}{}{validation}", last(&history.train))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_tells_the_loss_and_what_is_asked_for() {
        let series = |loss: f32, f1: f32| Series { loss: vec![9.0, loss], f1: vec![0.0, f1], ..Series::default() };
        let mut history = History { train: series(0.5, 0.25), running: true, ..History::default() };
        assert_eq!(progress(&history, &[]), "running loss 0.5000");
        assert_eq!(progress(&history, &[Measure::F1]), "running loss 0.5000, f1 0.2500");
        history.validation = Some(series(1.0, 0.75));
        let both = "running loss 0.5000, f1 0.2500; validation loss 1.0000, f1 0.7500";
        assert_eq!(progress(&history, &[Measure::F1]), both);
        assert_eq!(progress(&history, &[]), "running loss 0.5000");
    }
}
