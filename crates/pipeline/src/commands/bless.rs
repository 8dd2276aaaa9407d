//! `bless`: the figures of a run become the pinned ones in `golden/`.

use pages::change::{Change, Fate};

use super::choice::Choice;
use super::{FAILED, WRONG, complain, name_of, say, shown};
use crate::files::FileError;
use crate::golden;

/// `bless [PIPELINE[/FIGURE]…]`; nothing named means every shipped pipeline that has been run.
pub fn bless(which: &[String]) -> u8 {
    let choice = match Choice::of(which) {
        Ok(choice) => choice,
        Err(message) => {
            complain(&message);
            return WRONG;
        }
    };
    let mut code = 0;
    let mut fail = |message: String| {
        complain(&format!("error: {message}\n"));
        code = FAILED;
    };
    for file in &choice.shipped {
        let name = name_of(file);
        if !choice.has(&name) {
            continue;
        }
        let run = match golden::latest_run(file) {
            Ok(run) => run,
            // Who asks for everything means whatever there is.
            Err(why) if choice.is_everything() => {
                say(&format!("{name}: left as it is ({why})\n"));
                continue;
            }
            Err(why) => {
                fail(format!("{name}: {why}; first `cargo xtask run {}`", shown(file)));
                continue;
            }
        };
        let drawn = golden::drawn(&run);
        let changes = golden::changes(&name, &drawn, |figure| choice.has_figure(&name, figure));
        if changes.is_empty() {
            say(&format!("{name}: nothing changed\n"));
        }
        for change in &changes {
            match golden::pin(&name, &change.name, drawn.get(&change.name)) {
                Ok(()) => say(&format!("{name}: {}\n", told(change))),
                Err(error) => fail(error.to_string()),
            }
        }
    }
    code.max(lost(&choice))
}

/// What nothing draws is taken away where it was named, and told otherwise.
fn lost(choice: &Choice) -> u8 {
    let mut code = 0;
    for (pipeline, figure) in choice.lost() {
        let path = golden::folder(pipeline).join(format!("{figure}.svg"));
        if !path.exists() {
            continue;
        }
        if choice.is_everything() {
            let why = if choice.shipped.iter().any(|f| name_of(f) == pipeline) {
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
            Err(error @ FileError { .. }) => {
                complain(&format!("error: {error}\n"));
                code = FAILED;
            }
        }
    }
    code
}

/// `boundary changed, 12.3% of pixels, 34 lines`.
pub(super) fn told(change: &Change) -> String {
    match change.fate {
        Fate::Changed => {
            let (share, lines, numbers) = (change.share_text(), change.lines_text(), change.numbers_text());
            format!("{} changed: {share}, {lines} of markup, {numbers}", change.name)
        }
        Fate::New => format!("{} is new", change.name),
        Fate::Gone => format!("{} is gone", change.name),
    }
}
