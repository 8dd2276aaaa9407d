//! Counts the pixels in which pictures differ. Standard input: pairs of SVG as a JSON array of `[old, new]`. Standard output: a
//! JSON array with, for each pair, the share of pixels from 0 to 1 or, as a text, why there is none.

use std::error::Error;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use serde_json::Value;

fn main() -> Result<(), Box<dyn Error>> {
    let pairs: Vec<[String; 2]> = serde_json::from_reader(io::stdin().lock())?;
    serde_json::to_writer(io::stdout().lock(), &shares(&pairs))?;
    Ok(())
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
