//! What can go wrong: with one source, and with all of them.

use std::path::PathBuf;

/// Why a file could not be had.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The folder refuses.
    #[error("cannot {action} {}: {source}", path.display())]
    Disk {
        /// What was tried.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// No source has the right file.
    #[error("{name} cannot be had:\n  {}", tried.join("\n  "))]
    NoSource {
        /// The file.
        name: String,
        /// Each source and what was wrong with it.
        tried: Vec<String>,
    },
}

/// What was wrong with one source.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// No connection: no network, no such host, nobody listening.
    #[error("no connection: {0}")]
    Connection(String),
    /// The server answered something else than the file.
    #[error("the server answered {0}")]
    Status(u16),
    /// The connection broke.
    #[error("the connection broke after {had} of {size} bytes: {reason}")]
    Broken {
        /// Bytes that came.
        had: u64,
        /// Bytes expected.
        size: u64,
        /// Why.
        reason: String,
    },
    /// Nothing came for too long.
    #[error("nothing came for {seconds} seconds after {had} of {size} bytes")]
    Timeout {
        /// How long.
        seconds: f64,
        /// Bytes that came.
        had: u64,
        /// Bytes expected.
        size: u64,
    },
    /// Another size than promised.
    #[error("{found} bytes, expected {expected}")]
    Size {
        /// How many; where more came than expected, at least so many.
        found: u64,
        /// Bytes expected.
        expected: u64,
    },
    /// Other bytes than promised.
    #[error("SHA-256 {found}, expected {expected}")]
    Hash {
        /// The hash of what came.
        found: String,
        /// The hash expected.
        expected: String,
    },
    /// A folder's file cannot be read.
    #[error("cannot be read: {0}")]
    Read(std::io::Error),
    /// The disk refuses.
    #[error("cannot write {}: {source}", path.display())]
    Disk {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
}

impl SourceError {
    /// Whether asking the same server again may help.
    pub(crate) fn may_pass(&self) -> bool {
        match self {
            // 408 request timeout, 429 too many requests, 5xx: the server's own failures.
            SourceError::Status(code) => matches!(code, 408 | 429 | 500..),
            SourceError::Broken { .. } | SourceError::Timeout { .. } => true,
            _ => false,
        }
    }

    /// Whether what came is of no use.
    pub(crate) fn spoils(&self) -> bool {
        matches!(self, SourceError::Size { .. } | SourceError::Hash { .. })
    }
}
