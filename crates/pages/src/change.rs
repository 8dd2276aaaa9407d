//! What became of a figure from one run to another: its picture, its markup, its numbers.

use std::collections::{BTreeMap, BTreeSet};

use crate::lines::{self, Lines};
use crate::numbers::{self, Numbers};

/// A figure as a run left it, or as it is pinned.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Figure {
    /// The picture.
    pub svg: String,
    /// The tables of its numbers, by file name.
    pub tables: BTreeMap<String, String>,
}

/// What became of a figure as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Both have it, and it differs.
    Changed,
    /// Only the new one has it.
    New,
    /// Only the old one has it.
    Gone,
}

impl Fate {
    /// In a word.
    pub fn word(self) -> &'static str {
        match self {
            Fate::Changed => "changed",
            Fate::New => "new",
            Fate::Gone => "gone",
        }
    }
}

/// What became of a table of a figure that both have.
#[derive(Debug, Clone, PartialEq)]
pub enum TableChange {
    /// Its numbers, as far as they differ.
    Changed(Numbers),
    /// Only the new one has it.
    New,
    /// Only the old one has it.
    Gone,
}

/// A figure that is not the same.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The group it belongs to: its pipeline.
    pub group: String,
    /// Its name in the group.
    pub name: String,
    /// What became of it.
    pub fate: Fate,
    /// The picture it was.
    pub old: Option<String>,
    /// The picture it is.
    pub new: Option<String>,
    /// The share of pixels that differ, or why they are not counted: until somebody counts them where there are two pictures.
    pub share: Result<f64, String>,
    /// The changed lines of its markup.
    pub lines: Lines,
    /// Whether there are tables to compare at all.
    pub has_tables: bool,
    /// The changed tables, by file name.
    pub tables: Vec<(String, TableChange)>,
}

/// How many changed lines of markup, and how many changed numbers of a table, are shown.
const MOST_LINES: usize = 40;
const MOST_NUMBERS: usize = 20;

impl Change {
    /// Compares a figure with itself; nothing where it did not change, or there is none.
    pub fn of(group: &str, name: &str, old: Option<&Figure>, new: Option<&Figure>) -> Option<Self> {
        if old == new {
            return None;
        }
        let change = Change {
            group: group.to_owned(),
            name: name.to_owned(),
            fate: match (old, new) {
                (None, _) => Fate::New,
                (_, None) => Fate::Gone,
                _ => Fate::Changed,
            },
            old: old.map(|f| f.svg.clone()),
            new: new.map(|f| f.svg.clone()),
            share: Ok(1.0),
            lines: Lines::default(),
            has_tables: [old, new].into_iter().flatten().any(|f| !f.tables.is_empty()),
            tables: Vec::new(),
        };
        let (Some(old), Some(new)) = (old, new) else { return Some(change) };
        let names: BTreeSet<&String> = old.tables.keys().chain(new.tables.keys()).collect();
        let table = |name: &String| match (old.tables.get(name), new.tables.get(name)) {
            (None, _) => Some(TableChange::New),
            (_, None) => Some(TableChange::Gone),
            (Some(old), Some(new)) if old == new => None,
            (Some(old), Some(new)) => Some(TableChange::Changed(numbers::compare(old, new, MOST_NUMBERS))),
        };
        Some(Change {
            share: if old.svg == new.svg { Ok(0.0) } else { Err("nobody asked for it".to_owned()) },
            lines: lines::compare(&old.svg, &new.svg, MOST_LINES),
            tables: names.into_iter().filter_map(|name| Some((name.clone(), table(name)?))).collect(),
            ..change
        })
    }

    /// `spiral/boundary`: how it is named on the command line.
    pub fn address(&self) -> String {
        if self.group.is_empty() { self.name.clone() } else { format!("{}/{}", self.group, self.name) }
    }

    /// The share of pixels as it is told: `12.3% of pixels`.
    pub fn share_text(&self) -> String {
        match &self.share {
            Ok(share) if *share == 0.0 => "no pixel".to_owned(),
            Ok(share) => format!("{} of pixels", percent(*share)),
            Err(why) => format!("pixels not counted: {why}"),
        }
    }

    /// How many lines of markup: `12 lines`.
    pub fn lines_text(&self) -> String {
        match self.lines.removed.max(self.lines.added) {
            0 => "no line".to_owned(),
            1 => "1 line".to_owned(),
            n => format!("{n} lines"),
        }
    }

    /// The changed numbers in a line, nothing if no table changed.
    pub fn numbers_text(&self) -> String {
        let changed: usize =
            self.tables.iter().map(|(_, t)| if let TableChange::Changed(n) = t { n.changed } else { 0 }).sum();
        match (self.tables.len(), changed) {
            (0, _) if !self.has_tables => "no table".to_owned(),
            (0, _) => "no number".to_owned(),
            (_, 1) => "1 number".to_owned(),
            (1, 0) => "1 table".to_owned(),
            (n, 0) => format!("{n} tables"),
            (_, n) => format!("{n} numbers"),
        }
    }
}

/// A share in percent: two digits below one per cent, one above, never "0%" of what is not nothing.
fn percent(share: f64) -> String {
    let percent = share * 100.0;
    match percent {
        p if p < 0.005 => "under 0.01%".to_owned(),
        p if p < 1.0 => format!("{p:.2}%"),
        p if p < 99.95 => format!("{p:.1}%"),
        _ => "100%".to_owned(),
    }
}

/// Puts the most changed first: by share of pixels (one that cannot be counted before all), then by lines of markup, then by
/// name.
pub fn sort(changes: &mut [Change]) {
    let share = |change: &Change| *change.share.as_ref().unwrap_or(&2.0);
    changes.sort_by(|a, b| {
        let lines = |c: &Change| c.lines.added.max(c.lines.removed);
        share(b).total_cmp(&share(a)).then(lines(b).cmp(&lines(a))).then_with(|| a.address().cmp(&b.address()))
    });
}

/// `3 figures changed, 1 is new, 2 are gone`.
pub fn summary(changes: &[Change]) -> String {
    let count = |fate: Fate| changes.iter().filter(|c| c.fate == fate).count();
    let mut parts = Vec::new();
    for (fate, one, many) in
        [(Fate::Changed, "changed", "changed"), (Fate::New, "is new", "are new"), (Fate::Gone, "is gone", "are gone")]
    {
        match (count(fate), parts.is_empty()) {
            (0, _) => {}
            (1, true) => parts.push(format!("1 figure {one}")),
            (n, true) => parts.push(format!("{n} figures {many}")),
            (1, false) => parts.push(format!("1 {one}")),
            (n, false) => parts.push(format!("{n} {many}")),
        }
    }
    if parts.is_empty() { "No figure changed".to_owned() } else { parts.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(width: u32, csv: &str) -> Figure {
        let svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"10\" height=\"10\">\n<rect width=\"{width}\" height=\"10\"/>\n</svg>\n"
        );
        Figure { svg, tables: BTreeMap::from([("a.csv".to_owned(), csv.to_owned())]) }
    }

    #[test]
    fn a_change_is_told_in_pixels_lines_and_numbers() {
        let (old, new) = (figure(4, "x,y\n1,2\n"), figure(5, "x,y\n1,3\n"));
        let mut change = Change::of("p", "a", Some(&old), Some(&new)).unwrap();
        assert_eq!(change.share_text(), "pixels not counted: nobody asked for it");
        change.share = Ok(0.1);
        assert_eq!((change.fate, change.address().as_str()), (Fate::Changed, "p/a"));
        let told = (change.share_text(), change.lines_text(), change.numbers_text());
        assert_eq!(told, ("10.0% of pixels".into(), "1 line".into(), "1 number".into()));
        assert_eq!(Change::of("p", "a", Some(&old), Some(&old)), None);
        // The same picture of other numbers.
        let change = Change::of("p", "a", Some(&old), Some(&figure(4, "x,y\n1,3\n"))).unwrap();
        assert_eq!((change.share_text(), change.lines_text()), ("no pixel".into(), "no line".into()));
    }

    #[test]
    fn the_most_changed_come_first() {
        let (a, b) = (figure(0, ""), figure(1, ""));
        let of = |name: &str, old: Option<&Figure>, new: Option<&Figure>, share: f64| Change {
            share: Ok(share),
            ..Change::of("p", name, old, new).unwrap()
        };
        let mut changes = vec![
            of("small", Some(&a), Some(&b), 0.1),
            of("new", None, Some(&a), 1.0),
            of("large", Some(&a), Some(&b), 0.5),
            of("old", Some(&a), None, 1.0),
        ];
        sort(&mut changes);
        assert_eq!(changes.iter().map(|c| c.name.as_str()).collect::<Vec<_>>(), ["new", "old", "large", "small"]);
        assert_eq!(summary(&changes), "2 figures changed, 1 is new, 1 is gone");
        assert_eq!(summary(&changes[..2]), "1 figure is new, 1 is gone");
        assert_eq!(summary(&[]), "No figure changed");
    }

    #[test]
    fn a_little_is_not_nothing() {
        assert_eq!([1e-6, 0.00123, 0.5, 0.9999].map(percent), ["under 0.01%", "0.12%", "50.0%", "100%"]);
    }
}
