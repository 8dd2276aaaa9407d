//! The share of pixels in which figures differ, counted by the `raster` program.

use std::env;
use std::io::{self, IsTerminal, Write};
use std::process::{Command, Stdio};

use pages::change::Change;

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

/// Asks the program, which cargo builds first where it is not there yet.
fn shares(pairs: &[[String; 2]]) -> io::Result<Vec<Result<f64, String>>> {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.arg("run").args(["--manifest-path", concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml")]);
    command.args(["--package", "raster"]);
    if !io::stderr().is_terminal() {
        command.arg("--quiet");
    }
    let mut running = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    // The program reads everything before it answers, so that neither waits for the other; the pipe is closed at the end of the
    // line.
    let sent = running.stdin.take().map_or(Ok(()), |mut input| input.write_all(&serde_json::to_vec(pairs)?));
    let output = running.wait_with_output()?;
    if !output.status.success() {
        return Err(io::Error::other(output.status.to_string()));
    }
    sent?;
    let answers: Vec<serde_json::Value> = serde_json::from_slice(&output.stdout)?;
    let share =
        |answer: serde_json::Value| answer.as_f64().ok_or_else(|| answer.as_str().unwrap_or("no number").to_owned());
    Ok(answers.into_iter().map(share).collect())
}
