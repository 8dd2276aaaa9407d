//! The `raster` program, which draws figures and counts the pixels in which they differ.

use std::env;
use std::io::{self, BufReader, IsTerminal, Write};
use std::process::{ChildStdout, Command, Stdio};

use pages::change::Change;
use serde_json::{Value, json};

/// Counts the pixels of the changes that have two pictures.
pub fn count(changes: &mut [Change]) {
    let mut pairs = Vec::new();
    let mut counted = Vec::new();
    for change in changes {
        if let (Some(old), Some(new)) = (&change.old, &change.new)
            && old != new
        {
            pairs.push([old.clone(), new.clone()]);
            counted.push(change);
        }
    }
    if pairs.is_empty() {
        return;
    }
    match shares(&pairs) {
        Ok(shares) => counted.into_iter().zip(shares).for_each(|(change, share)| change.share = share),
        Err(why) => {
            counted.into_iter().for_each(|change| change.share = Err(format!("the raster program failed: {why}")))
        }
    }
}

/// Asks the program for shares.
fn shares(pairs: &[[String; 2]]) -> io::Result<Vec<Result<f64, String>>> {
    let mut answers = Vec::new();
    ask(&json!({ "share": pairs }), |output| {
        answers = serde_json::from_reader(output)?;
        Ok(())
    })?;
    let share = |answer: Value| answer.as_f64().ok_or_else(|| answer.as_str().unwrap_or("no number").to_owned());
    Ok(answers.into_iter().map(share).collect())
}

/// Starts the program, which cargo builds first where it is not there yet, and hands its answer to `read`. It takes a whole
/// request before it answers, so that neither waits for the other.
pub fn ask(request: &Value, read: impl FnOnce(&mut BufReader<ChildStdout>) -> io::Result<()>) -> io::Result<()> {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.arg("run").args(["--manifest-path", concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml")]);
    command.args(["--package", "raster"]);
    if !io::stderr().is_terminal() {
        command.arg("--quiet");
    }
    let mut running = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    // The pipe is closed at the end of the line.
    let sent = running.stdin.take().map_or(Ok(()), |mut input| input.write_all(&serde_json::to_vec(request)?));
    let answered = running.stdout.take().map_or(Ok(()), |output| read(&mut BufReader::new(output)));
    let status = running.wait()?;
    if !status.success() {
        return Err(io::Error::other(status.to_string()));
    }
    sent.and(answered)
}
