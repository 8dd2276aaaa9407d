//! The changed numbers of a table in comma-separated values (RFC 4180).

use std::collections::{BTreeMap, BTreeSet};

/// What is to be told of two tables.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Numbers {
    /// Columns that only the old one has.
    pub lost_columns: Vec<String>,
    /// Columns that only the new one has.
    pub new_columns: Vec<String>,
    /// How many rows only the old one has.
    pub lost_rows: usize,
    /// How many rows only the new one has.
    pub new_rows: usize,
    /// How many cells differ in rows and columns that both have.
    pub changed: usize,
    /// How many cells both have.
    pub shared: usize,
    /// The cells that changed most, as many as were asked for: numbers by how far they moved relative to their column's size,
    /// words first.
    pub most: Vec<Cell>,
}

/// A cell that changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// Its row: `epoch 3`, or `row 3` where no column names the rows.
    pub row: String,
    /// Its column.
    pub column: String,
    /// What it was.
    pub old: String,
    /// What it is.
    pub new: String,
}

impl Cell {
    /// By how much a number moved; nothing for words.
    pub fn moved(&self) -> Option<String> {
        moved(&self.old, &self.new)
    }
}

/// By how much a number moved, as it is told: `+0.25 (+5.00%)`; nothing for words.
pub fn moved(old: &str, new: &str) -> Option<String> {
    let (old, new): (f64, f64) = (old.parse().ok()?, new.parse().ok()?);
    let by = new - old;
    let share =
        if old == 0.0 || !by.is_finite() { String::new() } else { format!(" ({:+.2}%)", 100.0 * by / old.abs()) };
    Some(format!("{}{share}", signed(by)))
}

/// A difference in four digits or so.
fn signed(by: f64) -> String {
    if by != 0.0 && (by.abs() < 1e-3 || by.abs() >= 1e6) {
        return format!("{by:+.2e}");
    }
    let fixed = format!("{by:+.4}");
    fixed.trim_end_matches('0').trim_end_matches('.').to_owned()
}

impl Numbers {
    /// Whether there is nothing to tell.
    pub fn is_empty(&self) -> bool {
        self.lost_columns.is_empty()
            && self.new_columns.is_empty()
            && self.lost_rows + self.new_rows + self.changed == 0
    }

    /// All in a line: `3 of 40 numbers changed, 2 rows more`.
    pub fn summary(&self) -> String {
        let mut parts = Vec::new();
        if self.changed > 0 {
            parts.push(format!("{} of {} values changed", self.changed, self.shared));
        }
        let rows = |n: usize| if n == 1 { "1 row".to_owned() } else { format!("{n} rows") };
        if self.new_rows > 0 {
            parts.push(format!("{} more", rows(self.new_rows)));
        }
        if self.lost_rows > 0 {
            parts.push(format!("{} gone", rows(self.lost_rows)));
        }
        parts.extend(self.new_columns.iter().map(|name| format!("column {name} is new")));
        parts.extend(self.lost_columns.iter().map(|name| format!("column {name} is gone")));
        parts.join(", ")
    }
}

/// A table: the names of its columns, and its rows by name.
struct Table {
    head: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    fn read(text: &str) -> Self {
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
        let fields = |record: &csv::StringRecord| record.iter().map(str::to_owned).collect();
        let head = reader.headers().map(fields).unwrap_or_default();
        Table { head, rows: reader.records().filter_map(Result::ok).map(|r| fields(&r)).collect() }
    }

    /// Whether the first column names the rows: no value of it stands twice.
    fn is_named(&self) -> bool {
        let names: BTreeSet<&str> = self.rows.iter().filter_map(|r| r.first()).map(String::as_str).collect();
        names.len() == self.rows.len()
    }
}

/// Compares two tables and keeps the `most` cells that moved most. Rows meet by their first column if that names them in both
/// tables, by their place otherwise; columns by their names.
pub fn compare(old: &str, new: &str, most: usize) -> Numbers {
    let (old, new) = (Table::read(old), Table::read(new));
    let by_name = old.is_named() && new.is_named() && old.head.first() == new.head.first();
    let keys = |table: &Table| -> Vec<String> {
        let name = |(i, row): (usize, &Vec<String>)| {
            if by_name { row.first().cloned().unwrap_or_default() } else { (i + 1).to_string() }
        };
        table.rows.iter().enumerate().map(name).collect()
    };
    let (old_keys, new_keys) = (keys(&old), keys(&new));
    let places: BTreeMap<&str, usize> = old_keys.iter().enumerate().map(|(i, key)| (key.as_str(), i)).collect();
    let column_of = |name: &String| old.head.iter().position(|n| n == name);
    let mut numbers = Numbers {
        lost_columns: old.head.iter().filter(|n| !new.head.contains(n)).cloned().collect(),
        new_columns: new.head.iter().filter(|n| !old.head.contains(n)).cloned().collect(),
        ..Numbers::default()
    };
    let mut cells: Vec<(f64, Cell)> = Vec::new();
    let mut met = 0;
    for (row, key) in new.rows.iter().zip(&new_keys) {
        let Some(&place) = places.get(key.as_str()) else { continue };
        met += 1;
        for (j, column) in new.head.iter().enumerate() {
            let Some(i) = column_of(column) else { continue };
            let cell = |row: &Vec<String>, i: usize| row.get(i).cloned().unwrap_or_default();
            let (was, is) = (cell(&old.rows[place], i), cell(row, j));
            numbers.shared += 1;
            if was != is {
                let name = if by_name { &new.head[0] } else { "row" };
                let cell = Cell { row: format!("{name} {key}"), column: column.clone(), old: was, new: is };
                cells.push((weight(&cell), cell));
            }
        }
    }
    (numbers.lost_rows, numbers.new_rows) = (old.rows.len() - met, new.rows.len() - met);
    numbers.changed = cells.len();
    // Stable: cells that moved as far stay in the table's order.
    cells.sort_by(|a, b| b.0.total_cmp(&a.0));
    numbers.most = cells.into_iter().take(most).map(|(_, cell)| cell).collect();
    numbers
}

/// How far a cell moved, from 0 to 1 relative to the larger of its numbers, and beyond all numbers for words.
fn weight(cell: &Cell) -> f64 {
    match (cell.old.parse::<f64>(), cell.new.parse::<f64>()) {
        (Ok(old), Ok(new)) if old.is_finite() && new.is_finite() => (new - old).abs() / old.abs().max(new.abs()),
        _ => 2.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(row: &str, column: &str, old: &str, new: &str) -> Cell {
        Cell { row: row.into(), column: column.into(), old: old.into(), new: new.into() }
    }

    #[test]
    fn rows_meet_by_name_where_they_have_one() {
        let old = "epoch,loss,name\n1,0.5,a\n2,0.25,b\n";
        let new = "epoch,loss,name\n0,1,z\n1,0.4,a\n2,0.125,c\n";
        let numbers = compare(old, new, 9);
        assert_eq!((numbers.changed, numbers.shared, numbers.new_rows, numbers.lost_rows), (3, 6, 1, 0));
        assert_eq!(
            numbers.most,
            [
                cell("epoch 2", "name", "b", "c"),
                cell("epoch 2", "loss", "0.25", "0.125"),
                cell("epoch 1", "loss", "0.5", "0.4")
            ]
        );
        assert_eq!(numbers.summary(), "3 of 6 values changed, 1 row more");
        assert!(compare(old, old, 9).is_empty());
        assert_eq!(numbers.most[1].moved().unwrap(), "-0.125 (-50.00%)");
        assert_eq!(numbers.most[0].moved(), None);
    }

    #[test]
    fn rows_meet_by_place_otherwise() {
        let numbers = compare("x,y\n1,2\n1,3\n", "x,z\n1,2\n2,3\n1,4\n", 9);
        assert_eq!(numbers.summary(), "1 of 2 values changed, 1 row more, column z is new, column y is gone");
        assert_eq!(numbers.most, [cell("row 2", "x", "1", "2")]);
        // What is missing is empty; empty tables are tables.
        assert_eq!(compare("x,y\n1\n", "x,y\n1,5\n", 9).most, [cell("x 1", "y", "", "5")]);
        assert!(compare("", "", 9).is_empty());
        assert_eq!(compare("x\n1\n", "x\n", 9).summary(), "1 row gone");
    }

    #[test]
    fn small_and_large_steps_are_told_in_powers() {
        assert_eq!(cell("", "", "0", "0.00001").moved().unwrap(), "+1.00e-5");
        assert_eq!(cell("", "", "1", "2000001").moved().unwrap(), "+2.00e6 (+200000000.00%)");
        assert_eq!(cell("", "", "2", "2.0").moved().unwrap(), "+0 (+0.00%)");
    }
}
