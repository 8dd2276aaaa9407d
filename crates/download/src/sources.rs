//! Where bytes come from: a server, or a folder.

use crate::part::chain;
use crate::{SourceError, Timeouts, Wanted};
use reqwest::StatusCode;
use reqwest::blocking::{Client, Response};
use reqwest::header::{ACCEPT_ENCODING, CONTENT_RANGE, RANGE};
use std::fs::File;
use std::io::Read;
use std::path::PathBuf;

/// Where a file may be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A server: what goes before the file's name.
    Mirror(String),
    /// A folder.
    Folder(PathBuf),
}

/// Bytes of a file from `start` on.
pub struct Stream {
    pub start: u64,
    pub bytes: Box<dyn Read>,
}

impl Source {
    /// A URL (`http://…`, `https://…`), or else a folder.
    pub fn parse(text: &str) -> Self {
        match ["http://", "https://"].iter().any(|scheme| text.starts_with(scheme)) {
            true => Source::Mirror(if text.ends_with('/') { text.to_owned() } else { format!("{text}/") }),
            false => Source::Folder(text.into()),
        }
    }

    /// Its name in messages.
    pub fn shown(&self) -> &str {
        match self {
            Source::Mirror(url) => url,
            Source::Folder(path) => path.to_str().unwrap_or("the folder"),
        }
    }

    /// Where it would have a file.
    pub fn place_of(&self, name: &str) -> String {
        match self {
            Source::Mirror(url) => format!("{url}{name}"),
            Source::Folder(path) => path.join(name).display().to_string(),
        }
    }

    /// Opens the file, from `start` on if the source can.
    pub fn open(&self, wanted: &Wanted<'_>, start: u64, timeouts: &Timeouts) -> Result<Stream, SourceError> {
        match self {
            Source::Folder(path) => {
                let file = File::open(path.join(wanted.name)).map_err(SourceError::Read)?;
                let found = file.metadata().map_err(SourceError::Read)?.len();
                if found != wanted.size {
                    return Err(SourceError::Size { found, expected: wanted.size });
                }
                Ok(Stream { start: 0, bytes: Box::new(file) })
            }
            Source::Mirror(url) => ask(&format!("{url}{}", wanted.name), wanted, start, timeouts),
        }
    }
}

/// Asks a server; it may answer with the whole file where only the rest was asked for.
fn ask(url: &str, wanted: &Wanted<'_>, start: u64, timeouts: &Timeouts) -> Result<Stream, SourceError> {
    let client = client(timeouts).map_err(|e| SourceError::Connection(chain(&e)))?;
    // As it is: a packed answer would have another size.
    let mut request = client.get(url).header(ACCEPT_ENCODING, "identity");
    if start > 0 {
        request = request.header(RANGE, format!("bytes={start}-"));
    }
    let response = request.send().map_err(|error| match () {
        () if error.is_connect() || error.is_builder() || error.is_redirect() => SourceError::Connection(chain(&error)),
        () if error.is_timeout() => {
            SourceError::Timeout { seconds: timeouts.read.as_secs_f64(), had: start, size: wanted.size }
        }
        () => SourceError::Broken { had: start, size: wanted.size, reason: chain(&error) },
    })?;
    let start = match response.status() {
        StatusCode::OK => 0,
        StatusCode::PARTIAL_CONTENT if begins_at(&response, start) => start,
        // A part that the server finds too long, or a piece that was not asked for.
        StatusCode::RANGE_NOT_SATISFIABLE | StatusCode::PARTIAL_CONTENT if start > 0 => {
            return ask(url, wanted, 0, timeouts);
        }
        status => return Err(SourceError::Status(status.as_u16())),
    };
    match response.content_length() {
        Some(rest) if start + rest != wanted.size => {
            Err(SourceError::Size { found: start + rest, expected: wanted.size })
        }
        _ => Ok(Stream { start, bytes: Box::new(response) }),
    }
}

/// Whether the piece that comes begins where it should: `Content-Range: bytes 5-9/10`.
fn begins_at(response: &Response, start: u64) -> bool {
    let range = response.headers().get(CONTENT_RANGE).and_then(|v| v.to_str().ok());
    let first = range.and_then(|r| r.strip_prefix("bytes ")?.split('-').next()?.parse::<u64>().ok());
    start > 0 && first == Some(start)
}

fn client(timeouts: &Timeouts) -> reqwest::Result<Client> {
    // Fails only where it has been installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    // The blocking client's time-out is one for each operation: the answer, and every read.
    Client::builder().connect_timeout(timeouts.connect).timeout(timeouts.read).build()
}
