//! Threads over outputs: a small pool of workers that share disjoint rows of one output.
//!
//! Which thread computes a row never changes the row, so results do not depend on the number of threads. A fork and join costs
//! one to two microseconds while the workers are awake: they spin for some tens of microseconds after each piece of work and then
//! park. Whoever finds the pool busy (another thread uses it, or the call comes from inside a piece of work) does its work alone.
//! Nothing is allocated after the workers are started.
//!
//! On a machine that others keep busy a worker may lose its processor in the middle of a piece, for milliseconds. Where the
//! caller had to wait for much longer than its own share took, splitting did harm; the next tasks are then done alone, the more
//! of them the more often that happens.
//!
//! The pieces of a task are handed out by one atomic ticket that holds the task's generation and the first and the end of the
//! pieces that are left. A worker reads the task and then takes a piece by compare-and-swap; if that succeeds, the task was not
//! over in between, so what it read belongs to the piece it took. The caller takes pieces like everyone else, so a worker that
//! wakes late costs nothing. It takes them from the front and the workers from the back: of a chain of tasks over the same
//! rows each of two threads finds the numbers that it wrote before in its processor's own cache (more workers may swap theirs).

use std::{
    cell::Cell,
    hint::spin_loop,
    ops::Range,
    sync::{
        OnceLock,
        atomic::{AtomicBool, AtomicPtr, AtomicU64, AtomicUsize, Ordering::*},
    },
    thread::{self, Thread},
    time::{Duration, Instant},
};

/// Work below this many elementary operations (one or two microseconds) stays on the caller.
const WORTH_SPLITTING: usize = 1 << 16;

/// The most workers besides the caller.
const MAX_WORKERS: usize = 63;

/// Looks for work before a worker parks: some tens of microseconds, enough to bridge the serial parts of a training step.
const SPINS: usize = 1500;

/// How much longer than its own share, and than twice that, the caller has to wait before splitting is said to have done harm:
/// less than a processor is away for, more than waking up takes.
const LONG_WAIT: Duration = Duration::from_micros(100);

/// Tasks to do alone after splitting first did harm, and at most.
const FIRST_REST: usize = 16;
const LONGEST_REST: usize = 4096;

static COUNT: AtomicUsize = AtomicUsize::new(0);

/// Uses `n` threads from now on, the caller among them: at least 1, at most 64.
pub fn set(n: usize) {
    COUNT.store(n.clamp(1, MAX_WORKERS + 1), Relaxed);
}

/// The number of threads in use; at first what the machine offers.
pub fn count() -> usize {
    match COUNT.load(Relaxed) {
        0 => {
            set(thread::available_parallelism().map_or(1, usize::from));
            COUNT.load(Relaxed)
        }
        n => n,
    }
}

/// Splits `rows` rows of `row_len` elements of `out` among the threads: each calls `f` with a range of rows and their part of
/// `out`.
///
/// `cost_per_row` is about the number of elementary operations behind one row (a fused multiply-add, an addition); small work
/// stays on the caller.
///
/// # Panics
/// If `out` does not hold rows · row_len elements, or if `f` panics.
pub fn split<T: Send>(
    rows: usize,
    row_len: usize,
    out: &mut [T],
    cost_per_row: usize,
    f: impl Fn(Range<usize>, &mut [T]) + Sync,
) {
    assert_eq!(rows.checked_mul(row_len), Some(out.len()), "split: out holds rows × row_len elements");
    let pieces = pieces(rows, rows.saturating_mul(cost_per_row));
    if pieces <= 1 {
        return f(0..rows, out);
    }
    let out = Shared(out.as_mut_ptr());
    run(pieces, &|piece| {
        let range = part(rows, pieces, piece);
        // SAFETY: the ranges of different pieces are disjoint and lie within `out`, which is borrowed until `run` returns.
        let own =
            unsafe { std::slice::from_raw_parts_mut(out.get().add(range.start * row_len), range.len() * row_len) };
        f(range, own)
    });
}

/// Into how many pieces work of this cost over this many rows is worth splitting.
pub(crate) fn pieces(rows: usize, cost: usize) -> usize {
    if cost < WORTH_SPLITTING || ALONE.get() || POOL.resting() { 1 } else { count().min(rows) }
}

thread_local! {
    /// Whether this thread is to do its work without the others.
    static ALONE: Cell<bool> = const { Cell::new(false) };
}

/// Does `work` on this thread alone, if asked to.
pub(crate) fn alone<T>(alone: bool, work: impl FnOnce() -> T) -> T {
    /// Also after a panic.
    struct Restore(bool);
    impl Drop for Restore {
        fn drop(&mut self) {
            ALONE.set(self.0);
        }
    }
    let _restore = Restore(ALONE.replace(alone || ALONE.get()));
    work()
}

/// The rows of one piece: all pieces together cover 0..rows, sizes differing by at most one.
pub(crate) fn part(rows: usize, pieces: usize, piece: usize) -> Range<usize> {
    rows * piece / pieces..rows * (piece + 1) / pieces
}

/// A pointer that several threads may use, each for its own elements.
pub(crate) struct Shared<T>(pub *mut T);

// SAFETY: whoever uses the pointer promises that no element is used by two threads.
unsafe impl<T: Send> Sync for Shared<T> {}

impl<T> Shared<T> {
    /// The pointer. (A method, so that closures capture the whole struct rather than the bare field.)
    pub fn get(&self) -> *mut T {
        self.0
    }
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Shared<T> {}

/// The task at hand. There is one pool in a process.
struct Pool {
    /// Held by the caller whose task is at hand.
    busy: AtomicBool,
    /// Generation (32 bits), the end of the pieces that are left (16 bits), the first of them (16 bits).
    ticket: AtomicU64,
    /// Where the caller keeps a reference to its closure. Valid while pieces of the generation are left to take or in work.
    work: AtomicPtr<&'static Work<'static>>,
    /// Pieces finished.
    done: AtomicUsize,
    /// Whether a piece panicked.
    failed: AtomicBool,
    /// Tasks left to do alone, and how many were or will be the next time.
    rest: AtomicUsize,
    next_rest: AtomicUsize,
    /// Workers started so far, always a prefix of `workers`.
    started: AtomicUsize,
    workers: [Worker; MAX_WORKERS],
}

struct Worker {
    thread: OnceLock<Thread>,
    parked: AtomicBool,
}

static POOL: Pool = Pool {
    busy: AtomicBool::new(false),
    ticket: AtomicU64::new(0),
    work: AtomicPtr::new(std::ptr::null_mut()),
    done: AtomicUsize::new(0),
    failed: AtomicBool::new(false),
    rest: AtomicUsize::new(0),
    next_rest: AtomicUsize::new(FIRST_REST),
    started: AtomicUsize::new(0),
    workers: [const { Worker { thread: OnceLock::new(), parked: AtomicBool::new(false) } }; MAX_WORKERS],
};

/// From which side of the pieces that are left one is taken.
#[derive(Clone, Copy)]
enum Side {
    Front,
    Back,
}

/// What is done with each piece. Behind a pointer, so that all this is compiled once.
type Work<'a> = dyn Fn(usize) + Sync + 'a;

/// Calls `f` once with each of 0..pieces, on the pool's threads where it is free.
pub(crate) fn run(pieces: usize, f: &Work<'_>) {
    assert!(pieces < 1 << 16, "run: at most 65535 pieces");
    if pieces <= 1 || POOL.busy.swap(true, Acquire) {
        return (0..pieces).for_each(f);
    }
    POOL.start_workers(pieces.min(count()) - 1);
    POOL.done.store(0, Relaxed);
    POOL.work.store(std::ptr::from_ref(&f).cast_mut().cast(), Relaxed);
    let generation = (POOL.ticket.load(Relaxed) >> 32).wrapping_add(1) & 0xffff_ffff;
    POOL.ticket.store(generation << 32 | (pieces as u64) << 16, SeqCst);
    // Finishes the task even if a piece panics on this thread: the workers may still be using `f`.
    let finish = Finish { pieces };
    for worker in &POOL.workers[..(pieces - 1).min(POOL.started.load(Relaxed))] {
        if worker.parked.swap(false, SeqCst)
            && let Some(thread) = worker.thread.get()
        {
            thread.unpark();
        }
    }
    let start = Instant::now();
    while POOL.take_piece(Side::Front) {}
    let own = start.elapsed();
    drop(finish);
    POOL.learn(start.elapsed() > own + own.max(LONG_WAIT));
    POOL.busy.store(false, Release);
}

/// Waits for the workers; frees the pool after a panic.
struct Finish {
    pieces: usize,
}

impl Drop for Finish {
    fn drop(&mut self) {
        // After a panic on this thread: no more pieces.
        if thread::panicking() {
            let ticket = POOL.ticket.fetch_and(!0xffff_ffff, SeqCst);
            self.pieces -= ((ticket >> 16 & 0xffff) - (ticket & 0xffff)) as usize;
        }
        let mut spins = 0;
        while POOL.done.load(Acquire) < self.pieces {
            spins += 1;
            // A worker may have been descheduled in the middle of its piece.
            if spins < 10 * SPINS { spin_loop() } else { thread::yield_now() }
        }
        let failed = POOL.failed.swap(false, Relaxed);
        // Otherwise `run` lets go of the pool.
        if failed || thread::panicking() {
            POOL.busy.store(false, Release);
        }
        assert!(!failed || thread::panicking(), "a worker thread panicked");
    }
}

/// Counts a piece as finished even if it panics.
struct Count;

impl Drop for Count {
    fn drop(&mut self) {
        if thread::panicking() {
            POOL.failed.store(true, Relaxed);
        }
        POOL.done.fetch_add(1, Release);
    }
}

impl Pool {
    /// Whether a task is to be done alone; counts it if so.
    fn resting(&self) -> bool {
        let rest = self.rest.load(Relaxed);
        if rest > 0 {
            // Two callers at once may count only one task: no harm.
            self.rest.store(rest - 1, Relaxed);
        }
        rest > 0
    }

    /// Learns whether splitting the last task did harm. Only whoever holds `busy` may call this.
    fn learn(&self, harm: bool) {
        let next = self.next_rest.load(Relaxed);
        if harm {
            self.rest.store(next, Relaxed);
        }
        let next = if harm { 2 * next } else { next / 2 };
        self.next_rest.store(next.clamp(FIRST_REST, LONGEST_REST), Relaxed);
    }

    /// Takes and does one piece from that side; false if none is left.
    fn take_piece(&self, from: Side) -> bool {
        let ticket = self.ticket.load(Acquire);
        let (end, first) = (ticket >> 16 & 0xffff, ticket & 0xffff);
        if first >= end {
            return false;
        }
        let work = self.work.load(Relaxed);
        let (piece, left) = match from {
            Side::Front => (first, ticket + 1),
            Side::Back => (end - 1, ticket - (1 << 16)),
        };
        if self.ticket.compare_exchange(ticket, left, AcqRel, Relaxed).is_ok() {
            let _count = Count;
            // SAFETY: the ticket did not change since before `work` was read, so it is this task's; its caller waits for this
            // piece before it lets go of the closure.
            unsafe { (*work)(piece as usize) }
        }
        true
    }

    /// Makes sure that there are `n` workers, as far as the system lets us. Only whoever holds `busy` may call this.
    fn start_workers(&'static self, n: usize) {
        let started = self.started.load(Relaxed);
        for index in started..n {
            let work = move || self.work(index);
            let Ok(handle) = thread::Builder::new().name(format!("tensor-{index}")).spawn(work) else { return };
            let _ = self.workers[index].thread.set(handle.thread().clone());
            self.started.store(index + 1, Relaxed);
        }
    }

    /// A worker's life.
    fn work(&self, index: usize) {
        let parked = &self.workers[index].parked;
        loop {
            let mut spins = 0;
            while spins < SPINS {
                // Fewer threads may be wanted than were started.
                if index + 1 < count() && self.quiet_take_piece() {
                    spins = 0;
                } else {
                    spins += 1;
                    spin_loop();
                }
            }
            parked.store(true, SeqCst);
            // A task that came after the last look but before `parked` was set would not wake us: look again.
            let ticket = self.ticket.load(SeqCst);
            if (ticket & 0xffff) >= (ticket >> 16 & 0xffff) || index + 1 >= count() {
                while parked.load(SeqCst) {
                    thread::park();
                }
            }
            parked.store(false, SeqCst);
        }
    }

    /// As `take_piece`, on a worker: a panic is reported by the caller, and the worker lives on.
    fn quiet_take_piece(&self) -> bool {
        std::panic::catch_unwind(|| self.take_piece(Side::Back)).unwrap_or(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Work large enough to be split.
    const COST: usize = WORTH_SPLITTING;

    #[test]
    fn every_row_is_visited_once_whatever_the_threads() {
        for threads in [1, 2, 3, 7] {
            set(threads);
            for rows in [0, 1, 2, 5, 1000] {
                let mut out = vec![0u32; rows * 3];
                split(rows, 3, &mut out, COST, |range, own| {
                    for (i, row) in range.zip(own.chunks_exact_mut(3)) {
                        row.iter_mut().for_each(|v| *v += 1 + i as u32);
                    }
                });
                assert!(out.iter().enumerate().all(|(i, &v)| v == 1 + i as u32 / 3), "{threads} threads, {rows} rows");
            }
        }
    }

    #[test]
    fn nested_and_concurrent_calls_finish() {
        set(3);
        let total = AtomicUsize::new(0);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..200 {
                        run(4, &|_| run(3, &|_| _ = total.fetch_add(1, Relaxed)));
                    }
                });
            }
        });
        assert_eq!(total.into_inner(), 4 * 200 * 4 * 3);
    }

    #[test]
    fn a_panic_reaches_the_caller_and_the_pool_survives() {
        set(2);
        let hook = std::panic::take_hook();
        std::panic::set_hook(Box::new(|_| {}));
        for bad in 0..8 {
            assert!(std::panic::catch_unwind(|| run(8, &|piece| assert!(piece != bad))).is_err());
        }
        std::panic::set_hook(hook);
        let total = AtomicUsize::new(0);
        run(8, &|_| _ = total.fetch_add(1, Relaxed));
        assert_eq!(total.into_inner(), 8);
    }
}
