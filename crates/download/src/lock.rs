//! One process at a time: a lock file, locked by the system, which lets go of it when the process ends, however it ends.
//!
//! It holds the process id of who has it, for those who wait.

use std::fs::{File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Held until dropped.
#[derive(Debug)]
pub struct Lock {
    path: PathBuf,
    // Unlocked as it is closed.
    _file: File,
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Still locked: whoever waits finds, once it is theirs, that the path is another file's, and tries again.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Waits for the lock; `waiting` is called once where it is held by another, with who that is: `process 4711`.
///
/// # Errors
/// If the file cannot be made or locked.
pub fn acquire(path: &Path, waiting: impl FnOnce(&str)) -> io::Result<Lock> {
    let mut waiting = Some(waiting);
    loop {
        let mut file = File::options().create(true).truncate(false).write(true).open(path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                if let Some(waiting) = waiting.take() {
                    waiting(&holder(path));
                }
                file.lock()?;
            }
            Err(TryLockError::Error(error)) => return Err(error),
        }
        if is_at(&file, path) {
            file.set_len(0)?;
            write!(file, "{}", std::process::id())?;
            return Ok(Lock { path: path.to_owned(), _file: file });
        }
    }
}

/// Who holds the lock, as far as the file says.
fn holder(path: &Path) -> String {
    let id = std::fs::read_to_string(path).ok().and_then(|text| text.parse::<u32>().ok());
    id.map_or_else(|| "another process".to_owned(), |id| format!("process {id}"))
}

/// Whether the path is this file's still, and not one that was made after this one was deleted.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let id = |meta: &std::fs::Metadata| (meta.dev(), meta.ino());
    matches!((file.metadata(), std::fs::metadata(path)), (Ok(a), Ok(b)) if id(&a) == id(&b))
}

/// Elsewhere an open file cannot be deleted.
#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> bool {
    true
}
