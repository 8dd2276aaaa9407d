//! Where bytes come from: a server, or a folder.

use crate::part::TRICKLE;
use crate::{SourceError, Timeouts, Wanted};
use std::env;
use std::fs::File;
use std::io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
use std::io::Read;
use std::path::PathBuf;
use ureq::http::header::{ACCEPT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, RANGE};
use ureq::http::{StatusCode, Uri};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, Error, Proxy, Timeout};

/// Where a file may be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A server.
    Mirror {
        /// What goes before the file's name.
        url: String,
        /// The same as messages have it: without a user and a password.
        shown: String,
    },
    /// A folder.
    Folder(PathBuf),
}

/// Something that is neither a folder nor an address of the web.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("files cannot be had from {0}: expected a folder, or a URL that begins with http:// or https://")]
pub struct UnknownScheme(String);

/// Bytes of a file from `start` on.
pub struct Stream {
    pub start: u64,
    pub bytes: Box<dyn Read>,
}

impl Source {
    /// A URL (`http://…`, `https://…`), or a folder.
    ///
    /// # Errors
    /// If it is a URL of another kind.
    pub fn parse(text: &str) -> Result<Self, UnknownScheme> {
        let Some((scheme, _)) = text.split_once("://") else { return Ok(Source::Folder(text.into())) };
        let slash = if text.ends_with('/') { "" } else { "/" };
        match scheme.to_ascii_lowercase().as_str() {
            "http" | "https" => {
                let url = format!("{text}{slash}");
                Ok(Source::Mirror { shown: without_password(&url), url })
            }
            _ => Err(UnknownScheme(without_password(text))),
        }
    }

    /// Its name in messages.
    pub fn shown(&self) -> &str {
        match self {
            Source::Mirror { shown, .. } => shown,
            Source::Folder(path) => path.to_str().unwrap_or("the folder"),
        }
    }

    /// Where it would have a file, for messages.
    pub fn place_of(&self, name: &str) -> String {
        match self {
            Source::Mirror { shown, .. } => format!("{shown}{name}"),
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
            Source::Mirror { url, .. } => ask(&format!("{url}{}", wanted.name), wanted, start, timeouts),
        }
    }
}

/// A URL without what stands before its host: `https://user:password@host/` names both.
fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let host_end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let host_start = rest[..host_end].rfind('@').map_or(0, |at| at + 1);
    format!("{scheme}://{}", &rest[host_start..])
}

/// Asks a server; it may answer with the whole file where only the rest was asked for.
fn ask(url: &str, wanted: &Wanted<'_>, start: u64, timeouts: &Timeouts) -> Result<Stream, SourceError> {
    // As it is: a packed answer would have another size.
    let mut request = agent(url, wanted, timeouts).get(url).header(ACCEPT_ENCODING, "identity");
    if start > 0 {
        request = request.header(RANGE, format!("bytes={start}-"));
    }
    let response = request.call().map_err(|error| failure(error, start, wanted.size, timeouts))?;
    let header = |name| response.headers().get(name)?.to_str().ok();
    // Whether the piece that comes begins where it should: `Content-Range: bytes 5-9/10`.
    let first = || header(CONTENT_RANGE)?.strip_prefix("bytes ")?.split('-').next()?.parse().ok();
    let start = match response.status() {
        StatusCode::OK => 0,
        StatusCode::PARTIAL_CONTENT if start > 0 && first() == Some(start) => start,
        // A part that the server finds too long, or a piece that was not asked for.
        StatusCode::RANGE_NOT_SATISFIABLE | StatusCode::PARTIAL_CONTENT if start > 0 => {
            return ask(url, wanted, 0, timeouts);
        }
        status => return Err(SourceError::Status(status.as_u16())),
    };
    let size = header(CONTENT_LENGTH).and_then(|rest| Some(start.saturating_add(rest.parse().ok()?)));
    match size {
        Some(found) if found != wanted.size => Err(SourceError::Size { found, expected: wanted.size }),
        _ => Ok(Stream { start, bytes: Box::new(response.into_body().into_reader()) }),
    }
}

/// Why there is no answer.
fn failure(error: Error, had: u64, size: u64, timeouts: &Timeouts) -> SourceError {
    match error {
        Error::Timeout(Timeout::Resolve | Timeout::Connect) => {
            SourceError::Connection(format!("nobody answered for {} seconds", timeouts.connect.as_secs_f64()))
        }
        Error::Timeout(_) => SourceError::Timeout { seconds: timeouts.read.as_secs_f64(), had, size },
        Error::Protocol(reason) => SourceError::Broken { had, size, reason: reason.to_string() },
        Error::Io(e) if matches!(e.kind(), BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof) => {
            SourceError::Broken { had, size, reason: e.to_string() }
        }
        error => SourceError::Connection(error.into_io().to_string()),
    }
}

fn agent(url: &str, wanted: &Wanted<'_>, timeouts: &Timeouts) -> Agent {
    // Fails only where it has been installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Agent::config_builder()
        .http_status_as_error(false)
        .proxy(proxy(url))
        // The system's root certificates, which may hold a company's own. A built-in list would build half a second sooner.
        .tls_config(TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build())
        .timeout_resolve(Some(timeouts.connect))
        .timeout_connect(Some(timeouts.connect))
        .timeout_recv_response(Some(timeouts.read))
        .timeout_per_read(Some(timeouts.read))
        // What no read shows, such as a trickle inside an encrypted block, ends when the slowest file would have come.
        .timeout_global(Some(timeouts.read.mul_f64(2.0 + wanted.size as f64 / TRICKLE as f64)))
        .build()
        .new_agent()
}

/// The proxy that the environment names, by curl's rules: one for each scheme or `all_proxy`, and none for the domains in
/// `no_proxy`. (The client itself would take any scheme's, and forget the subdomains of `no_proxy`.)
fn proxy(url: &str) -> Option<Proxy> {
    let url: Uri = url.parse().ok()?;
    let host = url.host()?;
    let variable = |name: &str| env::var(name.to_uppercase()).or_else(|_| env::var(name)).ok();
    let covers = |entry: &str| match entry.trim().trim_start_matches('.') {
        "*" => true,
        domain => host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')),
    };
    if variable("no_proxy").is_some_and(|list| list.split(',').any(covers)) {
        return None;
    }
    let names = [&format!("{}_proxy", url.scheme_str()?), "all_proxy"];
    names.into_iter().find_map(|name| Proxy::new(&variable(name)?).ok())
}
