//! The part of a file that is there, and the hash of what passes on its way into it.

use crate::{SourceError, Timeouts, Wanted};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Bytes read at a time.
const CHUNK: usize = 1 << 16;
/// Fewer bytes than this in the time of a read count as none.
pub const TRICKLE: u64 = 1024;

/// The beginning of a file, open for more.
pub struct Part {
    path: PathBuf,
    file: File,
    length: u64,
    hash: Sha256,
}

impl Part {
    /// Opens what an earlier attempt left, or an empty one.
    pub fn open(path: &Path, wanted: &Wanted<'_>) -> Result<Self, SourceError> {
        let disk = |source| SourceError::Disk { path: path.to_owned(), source };
        let mut file = File::options().create(true).truncate(false).read(true).write(true).open(path).map_err(disk)?;
        let mut hash = Sha256::new();
        let mut length = 0;
        let mut chunk = vec![0; CHUNK];
        // A part as long as the whole is none.
        if file.metadata().is_ok_and(|meta| meta.len() < wanted.size) {
            loop {
                match file.read(&mut chunk) {
                    Ok(0) => break,
                    Ok(n) => {
                        hash.update(&chunk[..n]);
                        length += n as u64;
                    }
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    Err(error) => return Err(disk(error)),
                }
            }
        }
        Ok(Part { path: path.to_owned(), file, length, hash })
    }

    /// How many bytes are there.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Throws away what is there.
    pub fn restart(&mut self) -> Result<(), SourceError> {
        self.hash = Sha256::new();
        self.length = 0;
        self.file.set_len(0).and_then(|()| self.file.rewind()).map_err(|e| self.disk(e))
    }

    fn disk(&self, source: io::Error) -> SourceError {
        SourceError::Disk { path: self.path.clone(), source }
    }

    /// Takes all of `bytes`; fine when size and hash are then those wanted.
    pub fn fill(
        &mut self,
        bytes: &mut dyn Read,
        wanted: &Wanted<'_>,
        timeouts: &Timeouts,
        tell: &mut dyn FnMut(u64),
    ) -> Result<(), SourceError> {
        let mut chunk = vec![0; CHUNK];
        let (mut since, mut then) = (Instant::now(), self.length);
        let timeout = |had| SourceError::Timeout { seconds: timeouts.read.as_secs_f64(), had, size: wanted.size };
        // What lies behind the last byte is nobody's: a server that leaves the connection open need not be waited for.
        while self.length < wanted.size {
            let most = (wanted.size - self.length).min(CHUNK as u64) as usize;
            let n = match bytes.read(&mut chunk[..most]) {
                Ok(n) => n,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) if is_timeout(&error) => return Err(timeout(self.length)),
                Err(error) => {
                    return Err(SourceError::Broken { had: self.length, size: wanted.size, reason: error.to_string() });
                }
            };
            if n == 0 {
                break;
            }
            self.file.write_all(&chunk[..n]).map_err(|e| self.disk(e))?;
            self.hash.update(&chunk[..n]);
            self.length += n as u64;
            tell(self.length);
            if self.length - then >= TRICKLE {
                (since, then) = (Instant::now(), self.length);
            } else if since.elapsed() > timeouts.read {
                return Err(timeout(self.length));
            }
        }
        if self.length < wanted.size {
            let reason = "it was closed too soon".to_owned();
            return Err(SourceError::Broken { had: self.length, size: wanted.size, reason });
        }
        self.file.sync_all().map_err(|e| self.disk(e))?;
        let found = hex(&self.hash.clone().finalize());
        if found != wanted.sha256 {
            return Err(SourceError::Hash { found, expected: wanted.sha256.to_owned() });
        }
        Ok(())
    }
}

/// Whether a file is there, whole and right.
pub fn is_right(path: &Path, wanted: &Wanted<'_>) -> bool {
    let hash = || -> io::Result<String> {
        let mut file = File::open(path)?;
        let mut hash = Sha256::new();
        let mut chunk = vec![0; CHUNK];
        loop {
            match file.read(&mut chunk)? {
                0 => return Ok(hex(&hash.finalize())),
                n => hash.update(&chunk[..n]),
            }
        }
    };
    std::fs::metadata(path).is_ok_and(|meta| meta.is_file() && meta.len() == wanted.size)
        && hash().is_ok_and(|hash| hash == wanted.sha256)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// Whether a read ended because nothing came for too long.
fn is_timeout(error: &io::Error) -> bool {
    let inner = error.get_ref().and_then(|e| e.downcast_ref::<ureq::Error>());
    error.kind() == ErrorKind::TimedOut || matches!(inner, Some(ureq::Error::Timeout(_)))
}
