//! One process at a time: a lock file, locked by the system, which lets go of it when the process ends, however it ends.

use std::fs::{File, TryLockError};
use std::io;
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

/// Waits for the lock; `waiting` is called once where it is held by another.
pub fn acquire(path: &Path, waiting: impl FnOnce()) -> io::Result<Lock> {
    let mut waiting = Some(waiting);
    loop {
        let file = File::options().create(true).truncate(false).write(true).open(path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                if let Some(waiting) = waiting.take() {
                    waiting();
                }
                file.lock()?;
            }
            Err(TryLockError::Error(error)) => return Err(error),
        }
        if is_at(&file, path) {
            return Ok(Lock { path: path.to_owned(), _file: file });
        }
    }
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
