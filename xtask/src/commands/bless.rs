//! `bless`: the figures of a run become the pinned ones in `golden/`.

use pages::change::{Change, Fate};
use pipeline::files::{shown, stem};
use pipeline::golden;

use super::selection::Selection;
use super::{Failure, Outcome, complain, raster, say};

/// `bless [PIPELINE[/FIGURE]…]`; nothing named means every shipped pipeline that has been run.
pub fn bless(which: &[String]) -> Outcome {
    let selection = Selection::of(which)?;
    let mut outcome = Ok(());
    let mut fail = |message: String| {
        complain(&format!("error: {message}\n"));
        outcome = Err(Failure::failed(""));
    };
    for file in &selection.shipped {
        let name = stem(file);
        if !selection.has(&name) {
            continue;
        }
        let run = match golden::latest_run(file) {
            Ok(run) => run,
            // Who asks for everything means whatever there is.
            Err(why) if selection.is_everything() => {
                say(&format!("{name}: left as it is ({why})\n"));
                continue;
            }
            Err(why) => {
                fail(format!("{name}: {why}; first `cargo xtask run {}`", shown(file)));
                continue;
            }
        };
        let drawn = golden::drawn(&run);
        let mut changes = golden::changes(&name, &drawn, |figure| selection.has_figure(&name, figure));
        if changes.is_empty() {
            say(&format!("{name}: nothing changed\n"));
        }
        raster::count(&mut changes);
        for change in &changes {
            match golden::pin(&name, &change.name, drawn.get(&change.name)) {
                Ok(()) => say(&format!("{name}: {}\n", described(change))),
                Err(error) => fail(error.to_string()),
            }
        }
    }
    remove_orphans(&selection, &mut fail);
    outcome
}

/// Pinned figures that nothing draws are deleted where they were named, and listed otherwise.
fn remove_orphans(selection: &Selection, fail: &mut dyn FnMut(String)) {
    for (pipeline, figure) in selection.orphans() {
        let path = golden::folder(pipeline).join(format!("{figure}.svg"));
        if !path.exists() {
            continue;
        }
        if selection.is_everything() {
            let why = if selection.shipped.iter().any(|f| stem(f) == pipeline) {
                "it draws no such figure"
            } else {
                "there is no such pipeline"
            };
            say(&format!(
                "{pipeline}: {figure} is pinned, but {why}; `cargo xtask bless {pipeline}/{figure}` takes it away\n"
            ));
            continue;
        }
        match golden::pin(pipeline, figure, None) {
            Ok(()) => say(&format!("{pipeline}: {figure} is gone\n")),
            Err(error) => fail(error.to_string()),
        }
    }
}

/// `boundary changed, 12.3% of pixels, 34 lines`.
pub(super) fn described(change: &Change) -> String {
    match change.fate {
        Fate::Changed => {
            let (share, lines, numbers) = (change.share_text(), change.lines_text(), change.numbers_text());
            format!("{} changed: {share}, {lines} of markup, {numbers}", change.name)
        }
        Fate::New => format!("{} is new", change.name),
        Fate::Gone => format!("{} is gone", change.name),
    }
}
