//! The changed lines of a text, each cut to where it changed.

use std::time::{Duration, Instant};

use similar::{Algorithm, DiffOp, capture_diff_slices_deadline};

/// A line that is gone, come or changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Its number in the old text, from 1.
    pub old: Option<(usize, Piece)>,
    /// Its number in the new text, from 1.
    pub new: Option<(usize, Piece)>,
}

/// A line in three pieces: what it shares with its counterpart before the change, the change, and what it shares after it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Piece {
    /// Before the change.
    pub before: String,
    /// What changed.
    pub changed: String,
    /// After the change.
    pub after: String,
}

/// What is to be told of two texts.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Lines {
    /// How many lines of the old text are gone or changed.
    pub removed: usize,
    /// How many lines of the new text have come or changed.
    pub added: usize,
    /// The first of them, as many as were asked for.
    pub first: Vec<Line>,
}

/// After this long, what is left is taken as changed as a whole: the list then is longer than it need be, and still true.
const PATIENCE: Duration = Duration::from_millis(500);
/// How much of a line is shown around its change, and how much of the change, in characters.
const AROUND: usize = 40;
const CHANGE: usize = 120;

/// Compares two texts line by line (Myers 1986, by the `similar` crate) and keeps the first `most` changes.
pub fn compare(old: &str, new: &str, most: usize) -> Lines {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let ops = capture_diff_slices_deadline(Algorithm::Myers, &old, &new, Some(Instant::now() + PATIENCE));
    let mut lines = Lines::default();
    for op in ops.iter().filter(|op| !matches!(op, DiffOp::Equal { .. })) {
        let (gone, come) = (op.old_range(), op.new_range());
        lines.removed += gone.len();
        lines.added += come.len();
        for i in 0..gone.len().max(come.len()) {
            if lines.first.len() == most {
                break;
            }
            let at = |texts: &[&str], range: &std::ops::Range<usize>| {
                let place = range.start + i;
                (place < range.end).then(|| (place + 1, texts[place].to_owned()))
            };
            lines.first.push(line(at(&old, &gone), at(&new, &come)));
        }
    }
    lines
}

fn line(old: Option<(usize, String)>, new: Option<(usize, String)>) -> Line {
    let characters =
        |side: &Option<(usize, String)>| -> Vec<char> { side.iter().flat_map(|(_, t)| t.chars()).collect() };
    let (a, b) = (characters(&old), characters(&new));
    let paired = old.is_some() && new.is_some();
    let before = if paired { a.iter().zip(&b).take_while(|(x, y)| x == y).count() } else { 0 };
    let rest = a.len().min(b.len()) - before;
    let after =
        if paired { a.iter().rev().zip(b.iter().rev()).take(rest).take_while(|(x, y)| x == y).count() } else { 0 };
    let piece = |text: &[char]| Piece {
        before: cut_front(&text[..before]),
        changed: cut_back(&text[before..text.len() - after], CHANGE),
        after: cut_back(&text[text.len() - after..], AROUND),
    };
    Line { old: old.map(|(n, _)| (n, piece(&a))), new: new.map(|(n, _)| (n, piece(&b))) }
}

/// The last characters of a text.
fn cut_front(text: &[char]) -> String {
    match text.len().checked_sub(AROUND + 1) {
        Some(_) => std::iter::once(&'…').chain(&text[text.len() - AROUND..]).collect(),
        None => text.iter().collect(),
    }
}

/// The first characters of a text.
fn cut_back(text: &[char], most: usize) -> String {
    if text.len() > most { text[..most].iter().chain(&['…']).collect() } else { text.iter().collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(number: usize, before: &str, changed: &str, after: &str) -> Option<(usize, Piece)> {
        Some((number, Piece { before: before.into(), changed: changed.into(), after: after.into() }))
    }

    #[test]
    fn a_changed_line_shows_its_change() {
        let lines = compare("a\nx=\"10.00\"\nb\n", "a\nx=\"12.50\"\nb\nc\n", 9);
        assert_eq!((lines.removed, lines.added), (1, 2));
        assert_eq!(
            lines.first,
            [
                Line { old: side(2, "x=\"1", "0.0", "0\""), new: side(2, "x=\"1", "2.5", "0\"") },
                Line { old: None, new: side(4, "", "c", "") },
            ]
        );
        // What repeats is not counted twice: "aa" to "aaa" has come by one "a".
        let lines = compare("aa", "aaa", 9);
        assert_eq!(lines.first, [Line { old: side(1, "aa", "", ""), new: side(1, "aa", "a", "") }]);
    }

    #[test]
    fn long_lines_are_cut_and_long_lists_counted() {
        let (old, new) =
            (format!("{}1{}", "é".repeat(300), "z".repeat(300)), format!("{}2{}", "é".repeat(300), "z".repeat(300)));
        let lines = compare(&old, &new, 9);
        let (_, piece) = lines.first[0].new.clone().unwrap();
        assert_eq!((piece.before.chars().count(), piece.changed.as_str(), piece.after.chars().count()), (41, "2", 41));
        let many: String = (0..100).map(|i| format!("{i}\n")).collect();
        let lines = compare("", &many, 5);
        assert_eq!((lines.added, lines.first.len()), (100, 5));
        assert_eq!(compare(&many, &many, 5), Lines::default());
    }
}
