//! What changed as a comment in Markdown, for a pull request.

use crate::change::{Change, Fate, TableChange, summary};
use crate::review::{Review, Value};

/// How many figures, and how many values, a comment lists.
const MOST: usize = 50;

impl Review {
    /// The comment. Code hosts show no pictures that are not on a server: it tells, the page shows.
    pub fn markdown(&self) -> String {
        let mut out = format!("### {}\n\n{}.\n", text(&self.title), summary(&self.changes));
        for note in &self.notes {
            out += &format!("\n> {}\n", text(note));
        }
        for (title, values) in [("Settings", &self.settings), ("Results", &self.metrics)] {
            out += &value_table(title, values, &self.old, &self.new);
        }
        if !self.changes.is_empty() {
            out += "\n| figure | is | pixels | markup | numbers | moved most |\n|---|---|---|---|---|---|\n";
            self.changes.iter().take(MOST).for_each(|change| out += &row(change));
            out += &more(self.changes.len());
        }
        if let (Some(command), false) = (&self.accept, self.changes.is_empty()) {
            let mut groups: Vec<&str> = self.changes.iter().map(|c| c.group.as_str()).collect();
            groups.sort_unstable();
            groups.dedup();
            out += &format!("\nTo accept all of it:\n\n```sh\n{command} {}\n```\n", groups.join(" "));
        }
        out
    }
}

fn row(change: &Change) -> String {
    let told = match change.fate {
        Fate::Changed => {
            [change.share_text().trim_end_matches(" of pixels").to_owned(), change.lines_text(), change.numbers_text()]
        }
        Fate::New | Fate::Gone => Default::default(),
    };
    let most = change.tables.iter().find_map(|(_, table)| match table {
        TableChange::Changed(numbers) => numbers.most.first(),
        TableChange::New | TableChange::Gone => None,
    });
    let most =
        most.map(|cell| format!("{}, {}: {} → {}", cell.column, cell.row, cell.old, cell.new)).unwrap_or_default();
    let [pixels, lines, numbers] = told.map(|t| text(&t));
    format!(
        "| `{}` | {} | {pixels} | {lines} | {numbers} | {} |\n",
        change.address().replace('|', "\\|"),
        change.fate.word(),
        text(&most)
    )
}

fn value_table(title: &str, values: &[Value], old: &str, new: &str) -> String {
    if values.is_empty() {
        return String::new();
    }
    let mut out = format!("\n| {} | {} | {} |\n|---|---|---|\n", title.to_lowercase(), text(old), text(new));
    let shown = |value: &Option<String>| value.as_deref().map_or_else(|| "absent".to_owned(), text);
    for value in values.iter().take(MOST) {
        out += &format!("| `{}` | {} | {} |\n", value.path.replace('|', "\\|"), shown(&value.old), shown(&value.new));
    }
    out + &more(values.len())
}

fn more(count: usize) -> String {
    if count > MOST { format!("\nand {} more\n", count - MOST) } else { String::new() }
}

/// Text in which nothing is read as markup, in one line of a table.
fn text(words: &str) -> String {
    let mut out = String::with_capacity(words.len());
    for c in words.chars() {
        match c {
            '\\' | '|' | '*' | '_' | '`' | '[' | ']' | '<' | '>' | '#' | '~' => out.extend(['\\', c]),
            '\n' | '\r' => out.push(' '),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::Figure;
    use std::collections::BTreeMap;

    #[test]
    fn a_comment_tells_everything_in_a_table() {
        let figure = |width: u32, y: u32| Figure {
            svg: format!(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"4\" height=\"4\"><rect width=\"{width}\" height=\"4\"/></svg>"
            ),
            tables: BTreeMap::from([("a.csv".to_owned(), format!("epoch,the|loss\n1,{y}\n"))]),
        };
        let review = Review {
            title: "Figures".into(),
            old: "pinned".into(),
            new: "this_run".into(),
            changes: vec![
                Change::of("spiral", "gone", Some(&figure(1, 1)), None).unwrap(),
                Change {
                    share: Ok(0.25),
                    ..Change::of("basis", "a", Some(&figure(1, 1)), Some(&figure(2, 3))).unwrap()
                },
            ],
            metrics: vec![Value { path: "train.deep.loss".into(), old: Some("0.5".into()), new: Some("0.25".into()) }],
            accept: Some("cargo xtask bless".into()),
            ..Review::default()
        };
        let expected = "### Figures\n\n1 figure changed, 1 is gone.\n\n| results | pinned | this\\_run |\n|---|---|---|\n\
            | `train.deep.loss` | 0.5 | 0.25 |\n\n| figure | is | pixels | markup | numbers | moved most |\n|---|---|---|---|---|---|\n\
            | `spiral/gone` | gone |  |  |  |  |\n\
            | `basis/a` | changed | 25.0% | 1 line | 1 number | the\\|loss, epoch 1: 1 → 3 |\n\
            \nTo accept all of it:\n\n```sh\ncargo xtask bless basis spiral\n```\n";
        assert_eq!(review.markdown(), expected);
    }
}
