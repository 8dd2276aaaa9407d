//! `review`: what changed since the figures were pinned, as a page or as a comment.

use std::path::{Path, PathBuf};

use pages::change::{self, Change};
use pages::review::Review;

use super::bless::told;
use super::choice::Choice;
use super::{FAILED, WRONG, complain, name_of, root, say, shown};
use crate::files;
use crate::golden;

/// How a review is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One page that needs nothing else.
    Html,
    /// A comment for a pull request, on the output stream.
    Markdown,
}

/// `review [PIPELINE[/FIGURE]…]`: exit code 1 while anything is not accepted.
pub fn review(which: &[String], format: Format, out: Option<&Path>) -> u8 {
    let choice = match Choice::of(which) {
        Ok(choice) => choice,
        Err(message) => {
            complain(&message);
            return WRONG;
        }
    };
    let (mut changes, mut notes, mut looked_at) = (Vec::new(), Vec::new(), 0);
    for file in &choice.shipped {
        let name = name_of(file);
        if !choice.has(&name) {
            continue;
        }
        match golden::latest_run(file) {
            Ok(run) => {
                looked_at += 1;
                changes.extend(golden::changes(&name, &golden::drawn(&run), |figure| choice.has_figure(&name, figure)));
            }
            Err(why) => notes.push((name, why)),
        }
    }
    // What no pipeline draws is known without a run.
    for (pipeline, figure) in choice.lost() {
        if !changes.iter().any(|c| c.group == pipeline && c.name == figure) {
            let pinned = golden::figures(&golden::folder(pipeline), golden::PINNED_BYTES);
            changes.extend(Change::of(pipeline, figure, pinned.get(figure), None));
        }
    }
    change::sort(&mut changes);
    let runs =
        if looked_at == 1 { "1 pipeline's run was".to_owned() } else { format!("{looked_at} pipelines' runs were") };
    let review = Review {
        title: "Figures that differ from the pinned ones".to_owned(),
        old: "pinned".to_owned(),
        new: "this run".to_owned(),
        notes: std::iter::once(format!("{runs} compared with golden/.")).chain(not_looked_at(&notes)).collect(),
        accept: Some("cargo xtask bless".to_owned()),
        changes,
        ..Review::default()
    };
    let told = match format {
        Format::Markdown => tell(&review.markdown(), out),
        Format::Html => page(&review, out),
    };
    match told {
        Ok(()) if review.changes.is_empty() => 0,
        Ok(()) => FAILED,
        Err(code) => code,
    }
}

/// Why pipelines were not looked at, those of one reason in one line.
fn not_looked_at(notes: &[(String, String)]) -> Vec<String> {
    let mut reasons: Vec<&String> = notes.iter().map(|(_, why)| why).collect();
    reasons.sort_unstable();
    reasons.dedup();
    let line = |why: &&String| {
        let names: Vec<&str> = notes.iter().filter(|(_, w)| w == *why).map(|(name, _)| name.as_str()).collect();
        format!("Not looked at: {} ({why}).", names.join(", "))
    };
    reasons.iter().map(line).collect()
}

/// Writes the text where it is asked for, or says it.
fn tell(text: &str, out: Option<&Path>) -> Result<(), u8> {
    match out {
        None => say(text),
        Some(path) => write(path, text)?,
    }
    Ok(())
}

/// Writes the page and says in short what is on it.
fn page(review: &Review, out: Option<&Path>) -> Result<(), u8> {
    for note in &review.notes {
        say(&format!("{note}\n"));
    }
    for change in &review.changes {
        say(&format!("{}/{}\n", change.group, told(change)));
    }
    let path = out.map_or_else(|| root().join("target/review.html"), Path::to_owned);
    write(&path, &review.html())?;
    match review.changes.as_slice() {
        [] => say(&format!("Nothing to accept; the page says so: {}\n", shown(&path))),
        _ => say(&format!("{}: look at {}\n", change::summary(&review.changes), shown(&path))),
    }
    Ok(())
}

/// Writes a file and its folder.
pub(super) fn write(path: &Path, text: &str) -> Result<(), u8> {
    let folder: PathBuf = path.parent().map(Path::to_owned).unwrap_or_default();
    let made = if folder.as_os_str().is_empty() { Ok(()) } else { std::fs::create_dir_all(&folder) };
    let written = made
        .map_err(|e| files::FileError::new("create the folder", &folder, e))
        .and_then(|()| files::write(path, text.as_bytes()));
    written.map_err(|error| {
        complain(&format!("error: {error}\n"));
        FAILED
    })
}
