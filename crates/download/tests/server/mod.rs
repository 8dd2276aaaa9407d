//! A server on 127.0.0.1 that misbehaves as it is told.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What the server does with a request.
#[derive(Clone)]
pub enum Reply {
    /// Sends the file, or the rest of it that was asked for.
    Good,
    /// Sends the whole file whatever was asked for.
    NoRanges,
    /// Sends these bytes and says how many they are.
    Bytes(Vec<u8>),
    /// Sends these bytes, does not say how many they are, and closes.
    Unannounced(Vec<u8>),
    /// Sends the file, does not say how long it is, and stays.
    Open,
    /// Sends so many bytes of what was asked for and closes.
    Drop(usize),
    /// Sends so many bytes and then nothing, but stays.
    Stall(usize),
    /// A byte now and then.
    Trickle,
    /// Says nothing at all.
    Silent,
    /// A status and nothing more.
    Status(u16),
    /// Somewhere else.
    Redirect(String),
    /// Some kilobytes, slowly.
    Slow,
    /// As a proxy whose every tunnel leads to a good server.
    Tunnel,
}

pub struct Server {
    pub url: String,
    /// The byte that each request started at.
    pub starts: Arc<Mutex<Vec<Option<usize>>>>,
}

impl Server {
    /// Serves `file` under any path: the n-th request gets the n-th reply, the last one for ever.
    pub fn start(file: &[u8], replies: Vec<Reply>) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let starts = Arc::new(Mutex::new(Vec::new()));
        let (file, seen) = (Arc::new(file.to_vec()), Arc::clone(&starts));
        std::thread::spawn(move || {
            for (i, stream) in listener.incoming().flatten().enumerate() {
                let reply = replies[i.min(replies.len() - 1)].clone();
                let (file, seen) = (Arc::clone(&file), Arc::clone(&seen));
                std::thread::spawn(move || serve(stream, &file, reply, &seen));
            }
        });
        Server { url, starts }
    }

    pub fn requests(&self) -> Vec<Option<usize>> {
        self.starts.lock().unwrap().clone()
    }
}

fn serve(mut stream: TcpStream, file: &[u8], reply: Reply, seen: &Mutex<Vec<Option<usize>>>) {
    let mut start = None;
    for line in BufReader::new(stream.try_clone().unwrap()).lines() {
        let line = line.unwrap_or_default().to_ascii_lowercase();
        if let Some(range) = line.strip_prefix("range: bytes=") {
            start = range.trim_end_matches('-').parse().ok();
        }
        if line.is_empty() {
            break;
        }
    }
    seen.lock().unwrap().push(start);
    let from = start.unwrap_or(0).min(file.len());
    let head = |stream: &mut TcpStream| {
        let status = if from > 0 { "206 Partial Content" } else { "200 OK" };
        let range = format!("Content-Range: bytes {from}-{}/{}\r\n", file.len() - 1, file.len());
        let range = if from > 0 { range } else { String::new() };
        let length = file.len() - from;
        write!(stream, "HTTP/1.1 {status}\r\n{range}Content-Length: {length}\r\nConnection: close\r\n\r\n")
    };
    let whole = |stream: &mut TcpStream, bytes: &[u8]| {
        write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", bytes.len())?;
        stream.write_all(bytes)
    };
    let rest = &file[from..];
    // The client may hang up at any time.
    let _ = (|| -> std::io::Result<()> {
        match reply {
            Reply::Good => {
                head(&mut stream)?;
                stream.write_all(rest)
            }
            Reply::NoRanges => whole(&mut stream, file),
            Reply::Bytes(bytes) => whole(&mut stream, &bytes),
            Reply::Unannounced(bytes) => {
                write!(stream, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")?;
                stream.write_all(&bytes)
            }
            Reply::Open => {
                write!(stream, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")?;
                stream.write_all(file)?;
                std::thread::sleep(Duration::from_secs(60));
                Ok(())
            }
            Reply::Drop(n) => {
                head(&mut stream)?;
                stream.write_all(&rest[..n.min(rest.len())])
            }
            Reply::Stall(n) => {
                head(&mut stream)?;
                stream.write_all(&rest[..n.min(rest.len())])?;
                std::thread::sleep(Duration::from_secs(60));
                Ok(())
            }
            Reply::Trickle => {
                head(&mut stream)?;
                for byte in rest {
                    stream.write_all(&[*byte])?;
                    std::thread::sleep(Duration::from_millis(20));
                }
                Ok(())
            }
            Reply::Silent => {
                std::thread::sleep(Duration::from_secs(60));
                Ok(())
            }
            Reply::Status(code) => {
                write!(stream, "HTTP/1.1 {code} No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            }
            Reply::Redirect(to) => {
                write!(stream, "HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            }
            Reply::Tunnel => {
                write!(stream, "HTTP/1.1 200 OK\r\n\r\n")?;
                serve(stream, file, Reply::Good, seen);
                Ok(())
            }
            Reply::Slow => {
                head(&mut stream)?;
                for piece in rest.chunks(4096) {
                    stream.write_all(piece)?;
                    std::thread::sleep(Duration::from_millis(10));
                }
                Ok(())
            }
        }
    })();
}
