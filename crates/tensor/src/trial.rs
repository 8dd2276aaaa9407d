//! Alone or with several threads? Found out by trying, for work that is repeated.
//!
//! Splitting a product halves its arithmetic and makes the two processors hand each other the numbers. Which weighs more depends
//! on sizes, on how far apart the processors are and on what else the machine does; no rule of thumb fits all. A training step is
//! repeated thousands of times, so a few of the first are done each way, and the rest the way that was faster. The results do not
//! depend on the number of threads, so nobody sees the difference but the clock.

use std::time::{Duration, Instant};

use crate::threads;

/// Repetitions timed together, the first of which only warm the caches.
const BLOCK: usize = 12;
const WARM: usize = 4;
/// Blocks of each way in a trial; the fastest counts, because whatever else the machine does only adds.
const BLOCKS: usize = 3;
/// Repetitions of a whole trial.
const TRIAL: usize = 2 * BLOCKS * BLOCK;
/// Repetitions from the first trial to the second, which are few, because a trial may fall on a moment when others keep the
/// machine busy; from each to the next twice as many, up to a limit.
const APART: usize = 1_000;
const FAR_APART: usize = 16_000;

/// A repeated piece of work, and which way it was faster.
#[derive(Debug)]
pub struct Trial {
    /// Repetitions since the trial began, and until the next.
    count: usize,
    apart: usize,
    /// The fastest block of each way: shared, alone.
    best: [Duration; 2],
    /// The block under way.
    block: Duration,
    alone: bool,
}

impl Default for Trial {
    fn default() -> Self {
        Self { count: 0, apart: APART, best: [Duration::MAX; 2], block: Duration::ZERO, alone: false }
    }
}

impl Trial {
    /// Does the work once.
    pub fn run<T>(&mut self, work: impl FnOnce() -> T) -> T {
        if threads::count() == 1 {
            return work();
        }
        let start = self.begin().then(Instant::now);
        let result = threads::alone(self.alone, work);
        self.end(start.map(|start| start.elapsed()));
        result
    }

    /// Chooses the way of the next repetition; whether it is to be timed.
    fn begin(&mut self) -> bool {
        let trying = self.count < TRIAL;
        if trying {
            self.alone = self.count / BLOCK % 2 == 1;
        }
        trying && self.count % BLOCK >= WARM
    }

    /// Notes that a repetition is over, and how long it took.
    fn end(&mut self, time: Option<Duration>) {
        self.block += time.unwrap_or_default();
        self.count += 1;
        if self.count <= TRIAL && self.count.is_multiple_of(BLOCK) {
            let best = &mut self.best[usize::from(self.alone)];
            *best = self.block.min(*best);
            self.block = Duration::ZERO;
        }
        if self.count == TRIAL {
            self.alone = self.best[1] <= self.best[0];
        }
        if self.count == self.apart {
            *self = Self { apart: FAR_APART.min(2 * self.apart), ..Self::default() };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Which repetitions were done alone, if they take so many microseconds shared and alone.
    fn ways(shared: u64, alone: u64) -> Vec<bool> {
        let mut trial = Trial::default();
        (0..3 * APART + 1)
            .map(|_| {
                let timed = trial.begin();
                let way = trial.alone;
                trial.end(timed.then(|| Duration::from_micros(if way { alone } else { shared })));
                way
            })
            .collect()
    }

    #[test]
    fn the_faster_way_is_kept_until_the_next_trial() {
        for (shared, alone) in [(10, 20), (20, 10), (10, 10)] {
            let ways = ways(shared, alone);
            for (trial, end) in [(0, APART), (APART, 3 * APART)] {
                assert_eq!(ways[trial..trial + TRIAL].iter().filter(|alone| **alone).count(), TRIAL / 2);
                assert!(
                    ways[trial + TRIAL..end].iter().all(|way| *way == (alone <= shared)),
                    "{shared} against {alone}"
                );
                assert!(!ways[trial] && !ways[end], "a trial begins with several threads");
            }
        }
    }

    #[test]
    fn the_work_is_done_once_and_its_result_handed_on() {
        let (mut trial, mut count) = (Trial::default(), 0);
        let results: Vec<i32> = (0..2 * TRIAL)
            .map(|_| {
                trial.run(|| {
                    count += 1;
                    count
                })
            })
            .collect();
        assert!(results.into_iter().eq(1..=2 * TRIAL as i32));
    }
}
