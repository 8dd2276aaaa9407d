//! What concerns a whole process, for tests that share one: how it computes, and what it allocates. Other crates' tests use this
//! file too.
#![allow(dead_code, clippy::unwrap_used, reason = "each crate's tests use a part of it, and a panic is the report")]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
    process::Command,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};

use tensor::{Path, threads};

/// Calls `f` on every kernel path with one to three threads. Only one test at a time does that.
pub fn everywhere(mut f: impl FnMut(Path, usize)) {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _lock = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    for &path in Path::available() {
        for count in 1..=3 {
            Path::force(Some(path)).expect("available");
            threads::set(count);
            f(path, count);
        }
    }
    Path::force(None).expect("the fastest is available");
}

/// Runs a test of this program in a process of its own. True there, and the test is to go on; false where it has passed.
///
/// # Panics
/// If it fails there, or is not called `name`.
pub fn is_alone(name: &str) -> bool {
    const VARIABLE: &str = "UNFOLD_TEST_ALONE";
    if std::env::var_os(VARIABLE).is_some_and(|alone| alone == name) {
        return true;
    }
    let program = std::env::current_exe().unwrap();
    let output = Command::new(program).args([name, "--exact", "--no-capture"]).env(VARIABLE, name).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains(" 1 passed"), "{said}");
    false
}

static ALL: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static OWN: Cell<usize> = const { Cell::new(0) };
}

/// How often this thread has allocated.
pub fn allocations() -> usize {
    OWN.get()
}

/// How often any thread has allocated: for a test that [is alone](is_alone).
pub fn allocations_of_all() -> usize {
    ALL.load(Relaxed)
}

/// The system's allocator, counting.
struct Counting;

// SAFETY: every call is handed to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALL.fetch_add(1, Relaxed);
        OWN.set(OWN.get() + 1);
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise is passed on.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;
