//! Draws figures, and counts the pixels in which they differ, for the program that starts it. Standard input: a [`Request`] as
//! JSON.
//!
//! Standard output, of pairs: a JSON array with, for each, the share of pixels from 0 to 1 or, as a text, why there is none. Of
//! jobs: for each a line of JSON, either `{"error": "…", "still": …}` or an [`raster::Answer`] with `files`, the `bytes` of each
//! and how many `times` in a row it stands; then the bytes of these files.

use std::error::Error;
use std::io::{self, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use raster::{Job, RasterError};
use serde::Deserialize;
use serde_json::{Value, json};

/// What can be asked for.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Request {
    /// The shares of pixels in which pairs of figures differ: `[old, new]`.
    Share(Vec<[String; 2]>),
    /// Files of figures.
    Render(Vec<Job>),
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut out = io::stdout().lock();
    match serde_json::from_reader(io::stdin().lock())? {
        Request::Share(pairs) => serde_json::to_writer(out, &shares(&pairs))?,
        Request::Render(jobs) => jobs.iter().try_for_each(|job| render(job, &mut out))?,
    }
    Ok(())
}

/// Answers one job.
fn render(job: &Job, out: &mut impl Write) -> io::Result<()> {
    match job.draw() {
        Ok((answer, pictures)) => {
            let mut line = serde_json::to_value(answer)?;
            let files = pictures.iter().map(|p| json!({ "bytes": p.bytes.len(), "times": p.times }));
            line["files"] = files.collect();
            writeln!(out, "{line}")?;
            pictures.iter().try_for_each(|picture| out.write_all(&picture.bytes))?;
        }
        Err(why) => writeln!(out, "{}", json!({ "error": why.to_string(), "still": why == RasterError::Still }))?,
    }
    out.flush()
}
/// The pairs' shares in their order; threads take the next pair as they are done with one.
fn shares(pairs: &[[String; 2]]) -> Vec<Value> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        while let Some((i, [old, new])) =
            Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|i| Some((i, pairs.get(i)?)))
        {
            done.push((i, raster::share(old, new).map_or_else(|why| Value::from(why.to_string()), Value::from)));
        }
        done
    };
    let threads = thread::available_parallelism().map_or(1, usize::from).min(pairs.len());
    let mut done: Vec<(usize, Value)> = thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        running.into_iter().flat_map(|thread| thread.join().expect("a thread that draws does not panic")).collect()
    });
    done.sort_unstable_by_key(|(i, _)| *i);
    done.into_iter().map(|(_, share)| share).collect()
}
