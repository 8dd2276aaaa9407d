//! Training with checkpoints: a run that is killed goes on where its last one was, and ends with the same bytes.

use std::sync::Arc;
use std::time::{Duration, Instant};

use datasets::Splits;
use training::{Checkpoint, Control, Fit, TrainConfig, TrainError, Trainer};

use super::{RunError, hooks, stages::Work};
use crate::console::Console;
use crate::keep::{self, Kept};
use crate::load::Stage;
use crate::machine::sha256;

/// Training is put aside no more often than this,
const EVERY: Duration = Duration::from_millis(100);
/// and only after this many times as long as writing it down takes: that is the share it costs, and what a kill can lose.
const TIMES_WRITING: u32 = 50;

/// What came of training, what its hooks' shares are, and the seconds of its epochs.
type Trial = (Result<Fit, TrainError>, hooks::Shares, Vec<f64>);

impl Work<'_> {
    /// Trains one stage, from its last checkpoint where there is one.
    pub(super) fn fit(
        &mut self,
        stage: &Stage,
        config: &TrainConfig,
        data: &Arc<Splits>,
        console: &mut Console,
    ) -> Result<Trial, RunError> {
        let address = stage.address();
        let file = format!("{}{address}.checkpoint", keep::FOLDER);
        let seconds_file = format!("{}{address}{}", keep::FOLDER, keep::SECONDS);
        let (pipeline, streams) = (self.pipeline, &self.store.streams);
        let ready = || {
            let trainer = Trainer::new(config, &address, data, streams)?;
            let shares = hooks::wanted(pipeline, &stage.name, trainer.model());
            Ok((trainer.with_hooks(&shares.hooks())?, shares))
        };
        let (mut trainer, shares) = match ready() {
            Ok(ready) => ready,
            Err(error) => return Ok((Err(error), hooks::Shares::default(), Vec::new())),
        };
        // What is listened to belongs to the checkpoint, but not to what is learned.
        let key = format!("{} {}", self.key, sha256(format!("{:?}", shares.hooks()).as_bytes()));
        let kept = if self.fresh { Kept::Absent } else { keep::read::<Checkpoint>(&self.folder.path(&file), &key) };
        match kept {
            Kept::Here(checkpoint) => {
                let epochs = checkpoint.epochs();
                match trainer.resume(checkpoint) {
                    Ok(resumed) => {
                        trainer = resumed;
                        if epochs < config.epochs {
                            console.note(&format!("{address} goes on after epoch {epochs} of {}", config.epochs));
                        }
                    }
                    // Not of this run after all: from the start.
                    Err(_) => match ready() {
                        Ok((fresh, _)) => trainer = fresh,
                        Err(error) => return Ok((Err(error), shares, Vec::new())),
                    },
                }
            }
            Kept::Damaged => console.note(&format!("{address}: {file} is damaged; trained from the start")),
            Kept::Absent => {}
        }
        // Of epochs that an earlier run trained, its seconds.
        let mut seconds = match keep::read::<Vec<f64>>(&self.folder.path(&seconds_file), &key) {
            Kept::Here(seconds) => seconds,
            Kept::Absent | Kept::Damaged => Vec::new(),
        };
        seconds.truncate(trainer.history().epochs());
        let (mut last, mut saved, mut pause, mut failed) = (Instant::now(), Instant::now(), EVERY, None);
        let folder = &mut self.folder;
        let trained = trainer.train(&mut |trainer| {
            let now = Instant::now();
            seconds.push((now - last).as_secs_f64());
            last = now;
            let epoch = trainer.history().epochs();
            console.progress(epoch, config.epochs, || {
                format!("loss {:.4}", trainer.history().train.loss.last().copied().unwrap_or(f32::NAN))
            });
            if now - saved >= pause {
                let written = keep::write(folder, &seconds_file, &key, &seconds)
                    .and_then(|()| keep::write(folder, &file, &key, &trainer.checkpoint()));
                if let Err(error) = written {
                    failed = Some(error);
                    return Control::Stop;
                }
                saved = Instant::now();
                pause = EVERY.max((saved - now) * TIMES_WRITING);
            }
            Control::Continue
        });
        if let Some(error) = failed {
            return Err(error.into());
        }
        self.timings.epochs(&address, seconds.clone());
        if let Err(error) = trained {
            return Ok((Err(error), shares, seconds));
        }
        keep::write(&mut self.folder, &file, &key, &trainer.checkpoint())?;
        keep::write(&mut self.folder, &seconds_file, &key, &seconds)?;
        Ok((Ok(trainer.finish()), shares, seconds))
    }
}
