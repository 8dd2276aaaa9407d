//! The process that tries inputs.

use std::fs::File;
use std::io::{Seek, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use crate::targets::{Attempt, Target};

/// Which inputs are to be tried.
#[derive(Debug, Clone)]
pub struct Plan {
    /// What they are made from.
    pub seed: u64,
    /// The number of the first.
    pub from: u64,
    /// How many.
    pub inputs: u64,
}

/// A target with the folder that it works in.
pub struct Worker {
    attempt: Attempt,
    slow: Duration,
    _folder: tempfile::TempDir,
}

impl Worker {
    /// Prepares a target.
    pub fn of(target: &Target) -> Self {
        let folder = tempfile::tempdir().expect("a folder for temporary files");
        let attempt = (target.prepare)(folder.path());
        // What was prepared counts, too: some megabytes.
        crate::ALLOCATOR.set_limit(crate::ALLOCATOR.allocated() + crate::MEMORY).expect("above what is in use");
        Worker { attempt, slow: target.slow, _folder: folder }
    }

    /// Tries an input.
    ///
    /// # Panics
    /// If the target does, or is too slow.
    pub fn attempt(&mut self, input: &[u8]) {
        let mut took = Duration::MAX;
        for _ in 0..3 {
            let begun = Instant::now();
            (self.attempt)(input);
            took = took.min(begun.elapsed());
            if took < self.slow {
                return;
            }
        }
        panic!("took {:.1} s", took.as_secs_f64());
    }
}

/// Tries inputs, and writes the number of each to `progress` before its turn, of none behind the last.
pub fn work(target: &Target, plan: &Plan, progress: &Path) {
    let mut worker = Worker::of(target);
    let corpus = (target.corpus)();
    let mut file = File::create(progress).expect("a file for the number");
    for number in plan.from..plan.from.saturating_add(plan.inputs) {
        file.rewind().expect("a file");
        file.write_all(&number.to_le_bytes()).expect("room for eight bytes");
        worker.attempt(&target.input(&corpus, plan.seed, number));
    }
}
