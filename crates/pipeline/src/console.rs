//! What a run prints while it works: progress bars on a terminal, plain lines elsewhere, nothing when asked to be quiet.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How much is printed, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verbosity {
    /// A bar that moves.
    Bars,
    /// A line per stage, and one now and then during long ones.
    Lines,
    /// Only what is asked for at the end, and what is waited for.
    Quiet,
}

impl Verbosity {
    /// That of this process: bars need a terminal.
    pub fn choose(quiet: bool) -> Self {
        match (quiet, std::io::stderr().is_terminal()) {
            (true, _) => Verbosity::Quiet,
            (false, true) => Verbosity::Bars,
            (false, false) => Verbosity::Lines,
        }
    }
}

/// Where there are no bars, a long stage prints a line this often.
const LINE_EVERY: Duration = Duration::from_secs(5);
/// Bars move this often at most, so that watching costs nothing.
const TICK_EVERY: Duration = Duration::from_millis(50);

/// Reports the progress of a run. Everything goes to the error stream, so that the output stream stays clean.
#[derive(Debug)]
pub struct Console {
    verbosity: Verbosity,
    stages: usize,
    begun: usize,
    bar: Option<ProgressBar>,
    stage: String,
    last: Instant,
}

impl Console {
    /// For a run of so many stages.
    pub fn new(verbosity: Verbosity, stages: usize) -> Self {
        Console { verbosity, stages, begun: 0, bar: None, stage: String::new(), last: Instant::now() }
    }

    /// A stage begins.
    pub fn begin(&mut self, stage: &str) {
        self.begun += 1;
        self.stage = stage.to_owned();
        self.last = Instant::now();
        if self.verbosity == Verbosity::Bars {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            // The template is a constant with known keys.
            if let Ok(style) = ProgressStyle::with_template("{prefix} {msg}") {
                bar.set_style(style);
            }
            bar.set_prefix(format!("[{}/{}] {stage}", self.begun, self.stages));
            bar.tick();
            self.bar = Some(bar);
        }
    }

    /// A stage is skipped: it is cached.
    pub fn skip(&mut self) {
        self.begun += 1;
    }

    /// Prints what a run waits for, even when it is to be quiet: it would look as if it hung.
    pub fn wait(&self, text: &str) {
        self.line(&format!("note: {text}"));
    }

    /// Prints a note.
    pub fn note(&self, text: &str) {
        if self.verbosity != Verbosity::Quiet {
            self.line(&format!("note: {text}"));
        }
    }

    /// A part of the stage is done: `done` of `total` steps, and what there is to say of it.
    pub fn progress(&mut self, done: usize, total: usize, message: impl FnOnce() -> String) {
        match self.verbosity {
            Verbosity::Quiet => {}
            Verbosity::Bars if self.last.elapsed() < TICK_EVERY => {}
            Verbosity::Bars => {
                self.last = Instant::now();
                if let Some(bar) = &self.bar {
                    bar.set_length(total as u64);
                    if let Ok(style) = ProgressStyle::with_template("{prefix} {bar:24} {pos}/{len} {msg} ({eta} left)")
                    {
                        bar.set_style(style);
                    }
                    bar.set_position(done as u64);
                    bar.set_message(message());
                }
            }
            Verbosity::Lines if self.last.elapsed() < LINE_EVERY => {}
            Verbosity::Lines => {
                self.last = Instant::now();
                self.line(&format!("        {} {done}/{total} {}", self.stage, message()));
            }
        }
    }

    /// The stage is done.
    pub fn end(&mut self, seconds: f64, summary: &str) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
        if self.verbosity != Verbosity::Quiet {
            let gap = if summary.is_empty() { "" } else { "  " };
            self.line(&format!("[{}/{}] {} {seconds:.2} s{gap}{summary}", self.begun, self.stages, self.stage));
        }
    }

    /// The run ends early: takes the bar away.
    pub fn stop(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }

    fn line(&self, text: &str) {
        // A closed stream is no reason to stop.
        let _ = writeln!(std::io::stderr(), "{text}");
    }
}
