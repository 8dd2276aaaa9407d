//! `review`: what changed since the figures were pinned, as a page or as a comment.

use std::path::Path;

use datasets::manifest::root;
use pages::change::{self, Change};
use pages::review::Review;
use pipeline::files::{shown, stem};
use pipeline::golden;

use super::bless::described;
use super::selection::Selection;
use super::{Failure, Outcome, raster, say, write};
use crate::arguments::Telling;

/// `review [PIPELINE[/FIGURE]…]`: fails while anything is not accepted.
pub fn review(which: &[String], format: Telling, out: Option<&Path>) -> Outcome {
    let selection = Selection::of(which)?;
    let (mut changes, mut notes, mut looked_at) = (Vec::new(), Vec::new(), 0);
    for file in &selection.shipped {
        let name = stem(file);
        if !selection.has(&name) {
            continue;
        }
        match golden::latest_run(file) {
            Ok(run) => {
                looked_at += 1;
                changes
                    .extend(golden::changes(&name, &golden::drawn(&run), |figure| selection.has_figure(&name, figure)));
            }
            Err(why) => notes.push((name, why)),
        }
    }
    // What no pipeline draws is known without a run.
    for (pipeline, figure) in selection.orphans() {
        if !changes.iter().any(|c| c.group == pipeline && c.name == figure) {
            let pinned = golden::figures(&golden::folder(pipeline), golden::PINNED_BYTES);
            changes.extend(Change::of(pipeline, figure, pinned.get(figure), None));
        }
    }
    raster::count(&mut changes);
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
    match (format, out) {
        (Telling::Html, _) => page(&review, out)?,
        (Telling::Markdown, Some(path)) => write(path, review.markdown())?,
        (Telling::Markdown, None) => say(&review.markdown()),
    }
    if review.changes.is_empty() { Ok(()) } else { Err(Failure::failed("")) }
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

/// Writes the page and says in short what is on it.
fn page(review: &Review, out: Option<&Path>) -> Outcome {
    for note in &review.notes {
        say(&format!("{note}\n"));
    }
    for change in &review.changes {
        say(&format!("{}/{}\n", change.group, described(change)));
    }
    let path = out.map_or_else(|| root().join("target/review.html"), Path::to_owned);
    write(&path, review.html())?;
    match review.changes.as_slice() {
        [] => say(&format!("Nothing to accept; the page says so: {}\n", shown(&path))),
        _ => say(&format!("{}: look at {}\n", change::summary(&review.changes), shown(&path))),
    }
    Ok(())
}
