//! Files from the network or a folder, whole and checked or not at all. The one crate that uses the network.
//!
//! [`fetch`] writes to `.NAME.part` beside the file's place, hashes what passes, and renames only when size and SHA-256 agree, so
//! that a folder never holds a bad file. A part that a kill or a lost connection leaves is gone on with; one whose hash is wrong
//! is deleted, and the next mirror is tried. A lock lets one process at a time fetch a file; the others wait and find it there.
//! Nothing waits for ever: connecting, every answer, every read and the whole have a timeout, and a trickle counts as nothing.

mod error;
pub mod lock;
mod part;
mod sources;

pub use error::{FetchError, SourceError};
pub use sources::{Source, UnknownScheme};

use part::Part;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A file as it must be.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// Its name, in the folder and at every source.
    pub name: &'a str,
    /// How many bytes it has.
    pub size: u64,
    /// SHA-256 of its bytes, in lower-case hexadecimal.
    pub sha256: &'a str,
}

/// How long to wait, and how often to ask.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// For a connection.
    pub connect: Duration,
    /// For an answer, for more bytes, and for a kilobyte of them.
    pub read: Duration,
    /// How often to ask one mirror, where asking again may help.
    pub attempts: u32,
    /// Before asking again; twice as long each time.
    pub pause: Duration,
}

impl Default for Timeouts {
    /// Ten seconds to connect: longer than any working network takes, short enough where there is none. Thirty for an
    /// answer, as servers that wake up need. Four attempts with one, two and four seconds between them.
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Timeouts { connect: seconds(10), read: seconds(30), attempts: 4, pause: seconds(1) }
    }
}

/// What happens meanwhile.
#[derive(Debug)]
pub enum Event<'a> {
    /// Bytes begin to come from here.
    From(&'a str),
    /// So many bytes are there.
    Bytes(u64),
    /// Something went wrong here, and another attempt or mirror follows.
    Failed(&'a str, &'a SourceError),
    /// Another process fetches the same file.
    Waiting,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The file was there and right.
    Present,
    /// The file was fetched.
    Fetched,
}

/// Puts the file into `folder` from the first source that has it right.
///
/// # Errors
/// If no source has it right, or the folder cannot be written. The folder then has no file of this name, or the right one.
pub fn fetch(
    wanted: &Wanted<'_>,
    folder: &Path,
    sources: &[Source],
    timeouts: &Timeouts,
    tell: &mut dyn FnMut(Event<'_>),
) -> Result<Outcome, FetchError> {
    let target = folder.join(wanted.name);
    let disk = |action: &'static str, path: &Path| {
        let path = path.to_owned();
        move |source| FetchError::Disk { action, path, source }
    };
    std::fs::create_dir_all(folder).map_err(disk("make the folder", folder))?;
    let lock = hidden(folder, wanted.name, "lock");
    let _lock = lock::acquire(&lock, |_| tell(Event::Waiting)).map_err(disk("write", &lock))?;
    if part::is_right(&target, wanted) {
        return Ok(Outcome::Present);
    }
    let part = hidden(folder, wanted.name, "part");
    let mut tried = Vec::new();
    for source in sources {
        match from(source, wanted, &part, timeouts, tell) {
            Ok(()) => {
                std::fs::rename(&part, &target).map_err(disk("rename to", &target))?;
                return Ok(Outcome::Fetched);
            }
            Err(SourceError::Disk { path, source }) => {
                // What is there of it only fills the disk.
                let _ = std::fs::remove_file(&part);
                return Err(FetchError::Disk { action: "write", path, source });
            }
            Err(error) => {
                tell(Event::Failed(source.shown(), &error));
                tried.push(format!("{}: {error}", source.place_of(wanted.name)));
            }
        }
    }
    // What a lost connection left is gone on with the next time; nothing is left of nothing.
    if std::fs::metadata(&part).is_ok_and(|meta| meta.len() == 0) {
        let _ = std::fs::remove_file(&part);
    }
    Err(FetchError::NoSource { name: wanted.name.to_owned(), tried })
}

/// `.NAME.EXTENSION` beside the file.
fn hidden(folder: &Path, name: &str, extension: &str) -> PathBuf {
    folder.join(format!(".{name}.{extension}"))
}

/// Fills the part from one source, asking again where that may help.
fn from(
    source: &Source,
    wanted: &Wanted<'_>,
    part: &Path,
    timeouts: &Timeouts,
    tell: &mut dyn FnMut(Event<'_>),
) -> Result<(), SourceError> {
    let mut pause = timeouts.pause;
    let mut attempt = 1;
    loop {
        let resumed = Part::open(part, wanted)?.length() > 0;
        let error = match once(source, wanted, part, timeouts, tell) {
            Ok(()) => return Ok(()),
            Err(error) => error,
        };
        if error.spoils() {
            let _ = std::fs::remove_file(part);
        }
        // A wrong end of a part that was there before may be that part's fault.
        if !(error.may_pass() || resumed && error.spoils()) || attempt >= timeouts.attempts.max(1) {
            return Err(error);
        }
        tell(Event::Failed(source.shown(), &error));
        std::thread::sleep(pause);
        pause *= 2;
        attempt += 1;
    }
}

/// One attempt: what the part lacks, from one source.
fn once(
    source: &Source,
    wanted: &Wanted<'_>,
    part: &Path,
    timeouts: &Timeouts,
    tell: &mut dyn FnMut(Event<'_>),
) -> Result<(), SourceError> {
    let mut part = Part::open(part, wanted)?;
    let mut stream = source.open(wanted, part.length(), timeouts)?;
    tell(Event::From(source.shown()));
    if stream.start == 0 {
        part.restart()?;
    }
    part.fill(&mut stream.bytes, wanted, timeouts, &mut |n| tell(Event::Bytes(n)))
}
