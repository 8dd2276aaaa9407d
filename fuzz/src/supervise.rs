//! The parent of those that try inputs: what ended one is a finding, and the next goes on behind it.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::targets::Target;
use crate::worker::Plan;

/// No target is tried on after so many findings.
const MOST_FINDINGS: usize = 10;
/// An input that takes so many times as long as it may is not waited for.
const HANGS: u32 = 10;

/// How a process that tried inputs ended.
struct Ended {
    /// The input it was at.
    at: u64,
    /// What it said, unless all went well or its time was up.
    said: Option<String>,
}

/// Tries every target for `time` each, or as many inputs as planned, and tells what was found.
pub fn run(targets: &[Target], plan: &Plan, time: Option<Duration>) -> ExitCode {
    println!("seed {}", plan.seed);
    let mut found = 0;
    for target in targets {
        let begun = Instant::now();
        let (next, findings) = supervise(target, plan, time.map(|time| begun + time));
        let (tried, seconds) = (next - plan.from, begun.elapsed().as_secs_f64());
        println!("{:<12} {tried:>10} inputs in {seconds:>6.0} s, {findings} findings", target.name);
        found += findings;
    }
    ExitCode::from(u8::from(found > 0))
}

/// Tries a target; the number behind the last input, and how many findings there were.
fn supervise(target: &Target, plan: &Plan, until: Option<Instant>) -> (u64, usize) {
    let (end, mut findings) = (plan.from.saturating_add(plan.inputs), 0);
    let mut plan = plan.clone();
    loop {
        let ended = work(target, &plan, until);
        plan.from = ended.at + 1;
        plan.inputs = end - plan.from;
        if let Some(said) = ended.said {
            findings += 1;
            let file = keep(target, &plan, ended.at);
            println!("{}: input {} ({}):\n{said}", target.name, ended.at, file.display());
        } else {
            return (plan.from, findings);
        }
        if plan.inputs == 0 || findings == MOST_FINDINGS || until.is_some_and(|until| Instant::now() >= until) {
            return (plan.from, findings);
        }
    }
}

/// Writes an input where it can be looked at.
fn keep(target: &Target, plan: &Plan, number: u64) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/findings");
    let file = folder.join(format!("{}-{}-{number}", target.name, plan.seed));
    let written = std::fs::create_dir_all(&folder)
        .and_then(|()| std::fs::write(&file, target.input(&(target.corpus)(), plan.seed, number)));
    written.expect("target/findings can be written to");
    file
}

/// A folder in memory, where the system has such: each input is written to a file, which takes a disk longer than reading it
/// takes.
fn folder() -> TempDir {
    let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir());
    folder.expect("a folder for temporary files")
}

/// Has a process of its own try inputs, until it has, it ends, it hangs, or the time is up.
fn work(target: &Target, plan: &Plan, until: Option<Instant>) -> Ended {
    let folder = folder();
    let (progress, said) = (folder.path().join("progress"), folder.path().join("said"));
    let mut child = Command::new(std::env::current_exe().expect("this program"))
        .args(["--target", target.name, "--seed", &plan.seed.to_string(), "--from", &plan.from.to_string()])
        .args(["--inputs", &plan.inputs.to_string(), "--worker"])
        .arg(&progress)
        .env("TMPDIR", folder.path())
        .stdout(Stdio::null())
        .stderr(File::create(&said).expect("a file"))
        .spawn()
        .expect("this program starts");
    let at = || std::fs::read(&progress).ok().and_then(|b| b.try_into().ok()).map_or(plan.from, u64::from_le_bytes);
    let mut last = (Instant::now(), plan.from);
    let why = loop {
        if let Some(status) = child.try_wait().expect("a child") {
            break (!status.success()).then(|| status.to_string());
        }
        let now = Instant::now();
        if until.is_some_and(|until| now >= until) {
            break None;
        }
        if at() != last.1 {
            last = (now, at());
        } else if now - last.0 > HANGS * target.slow {
            break Some(format!("nothing for {:?}", HANGS * target.slow));
        }
        std::thread::sleep(Duration::from_millis(10));
    };
    // It may have ended by itself.
    let _ = child.kill();
    let _ = child.wait();
    let said = |why| format!("{}{why}", std::fs::read_to_string(&said).unwrap_or_default());
    Ended { at: at(), said: why.map(said) }
}
