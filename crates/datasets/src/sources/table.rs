//! A text table read with places: every field knows its file, line and column.
//!
//! Fields are separated and quoted as in RFC 4180; spaces around a field and blank lines do not count.

use super::files::{shortened, whole};
use crate::{DataError, FileProblem, Place, Position};
use csv::{ByteRecord, ReaderBuilder};
use std::collections::BTreeMap;

/// A table of text with as many fields in every row.
pub struct Table {
    file: String,
    header: Option<Row>,
    /// Where the column of each name in the header is.
    columns: BTreeMap<String, usize>,
    rows: Vec<Row>,
}

/// A row and the line it starts on, from 1.
struct Row {
    line: usize,
    fields: Vec<String>,
}

impl Table {
    /// Reads the bytes of `file`; `header` says whether the first line names the columns.
    ///
    /// # Errors
    /// If there is no row, no UTF-8, a ragged row, a quote that is never closed, or a name twice or made of numbers in the
    /// header.
    pub fn read(bytes: &[u8], file: &str, delimiter: u8, header: bool) -> Result<Table, DataError> {
        let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(bytes);
        let mut table = Table { file: file.into(), header: None, columns: BTreeMap::new(), rows: Vec::new() };
        let mut lines = Lines { bytes, at: 0, line: 1 };
        let mut first: Option<(usize, usize)> = None;
        let mut start = 0;
        for record in reader.byte_records() {
            let record = record.map_err(|e| DataError::Read { file: file.into(), source: std::io::Error::other(e) })?;
            let row = table.row(&record, &mut lines)?;
            if row.fields == [""] {
                continue;
            }
            start = lines.at;
            let (first_line, expected) = *first.get_or_insert((row.line, row.fields.len()));
            if row.fields.len() != expected {
                table.unclosed(bytes, start, row.line)?;
                let problem = FileProblem::Ragged { found: row.fields.len(), expected, first: first_line };
                return Err(DataError::file(table.at(Position::Line(row.line)), problem));
            }
            if header && table.header.is_none() {
                table.set_header(row)?;
            } else {
                table.rows.push(row);
            }
        }
        if let Some(last) = table.rows.last() {
            table.unclosed(bytes, start, last.line)?;
        }
        match (table.rows.is_empty(), &table.header) {
            (true, None) => Err(DataError::file(whole(file), FileProblem::Empty)),
            (true, Some(_)) => Err(DataError::file(whole(file), FileProblem::HeaderOnly)),
            _ => Ok(table),
        }
    }

    fn row(&self, record: &ByteRecord, lines: &mut Lines) -> Result<Row, DataError> {
        // A record that was read from bytes has a position; it starts before any blank lines.
        let line = lines.advance(record.position().map_or(0, |p| p.byte() as usize));
        let mut fields = Vec::with_capacity(record.len());
        for (column, field) in record.iter().enumerate() {
            match std::str::from_utf8(field) {
                Ok(text) => match text.chars().find(|c| c.is_control() && !c.is_whitespace()) {
                    Some(found) => {
                        return Err(DataError::file(self.cell(line, column), FileProblem::Control { found }));
                    }
                    None => fields.push(text.trim().to_owned()),
                },
                Err(_) => return Err(DataError::file(self.cell(line, column), FileProblem::NotUtf8)),
            }
        }
        Ok(Row { line, fields })
    }

    fn set_header(&mut self, row: Row) -> Result<(), DataError> {
        if row.fields.iter().all(|f| f.parse::<f64>().is_ok()) {
            return Err(DataError::file(self.at(Position::Line(row.line)), FileProblem::NumericHeader));
        }
        for (column, name) in row.fields.iter().enumerate() {
            let first = *self.columns.entry(name.clone()).or_insert(column);
            if first != column && !name.is_empty() {
                let problem = FileProblem::DuplicateColumn { name: name.clone(), first: first + 1 };
                return Err(DataError::file(self.cell(row.line, column), problem));
            }
        }
        self.header = Some(row);
        Ok(())
    }

    /// A record that runs over several lines to the end of the file with an odd number of quotes never closed one.
    fn unclosed(&self, bytes: &[u8], start: usize, line: usize) -> Result<(), DataError> {
        let raw = bytes[start..].trim_ascii_end();
        let quotes = raw.iter().filter(|&&b| b == b'"').count();
        if quotes % 2 == 1 && raw.contains(&b'\n') && self.rows.last().is_none_or(|r| r.line <= line) {
            return Err(DataError::file(self.at(Position::Line(line)), FileProblem::UnclosedQuote));
        }
        Ok(())
    }

    fn at(&self, position: Position) -> Place {
        Place { file: self.file.clone(), position }
    }

    fn cell(&self, line: usize, column: usize) -> Place {
        let name = self.header.as_ref().and_then(|h| h.fields.get(column)).filter(|n| !n.is_empty()).cloned();
        self.at(Position::Cell { line, column: column + 1, name })
    }

    /// The file.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// How many rows, the header not counted.
    pub fn n_rows(&self) -> usize {
        self.rows.len()
    }

    /// How many columns.
    pub fn n_columns(&self) -> usize {
        self.rows.first().map_or(0, |r| r.fields.len())
    }

    /// The column's name, or `column 3` where the file names none.
    pub fn name(&self, column: usize) -> String {
        match &self.header {
            Some(header) => header.fields[column].clone(),
            None => format!("column {}", column + 1),
        }
    }

    /// The column of this name; in a file without header, of this number from 1.
    pub fn column(&self, name: &str) -> Result<usize, DataError> {
        let column = match &self.header {
            Some(_) => self.columns.get(name).copied(),
            None => {
                name.parse().ok().filter(|c| (1..=self.n_columns()).contains(c) && c.to_string() == name).map(|c| c - 1)
            }
        };
        if let Some(column) = column {
            return Ok(column);
        }
        let names: Vec<String> = match &self.header {
            Some(header) => header.fields.clone(),
            None => (1..=self.n_columns()).map(|c| c.to_string()).collect(),
        };
        let nearest = names
            .iter()
            .map(|n| (strsim::damerau_levenshtein(&n.to_lowercase(), &name.to_lowercase()), n))
            .min_by_key(|(distance, _)| *distance)
            .filter(|(distance, _)| *distance <= (name.chars().count() + 1) / 3)
            .map(|(_, n)| n.clone());
        let position = self.header.as_ref().map_or(Position::Whole, |h| Position::Line(h.line));
        Err(DataError::file(
            self.at(position),
            FileProblem::MissingColumn { name: name.into(), nearest, columns: names },
        ))
    }

    /// Fails if the column has no name in a file that names its columns.
    pub fn named(&self, column: usize) -> Result<(), DataError> {
        match &self.header {
            Some(header) if header.fields[column].is_empty() => {
                Err(DataError::file(self.cell(header.line, column), FileProblem::UnnamedColumn))
            }
            _ => Ok(()),
        }
    }

    /// Where a field is.
    pub fn place(&self, row: usize, column: usize) -> Place {
        self.cell(self.line(row), column)
    }

    /// The line of a row, from 1.
    pub fn line(&self, row: usize) -> usize {
        self.rows[row].line
    }

    /// The text of a field, without spaces around it.
    pub fn text(&self, row: usize, column: usize) -> &str {
        &self.rows[row].fields[column]
    }

    /// The number in a field, rounded to the nearest f32.
    ///
    /// # Errors
    /// If there is none, or one that is not finite.
    pub fn number(&self, row: usize, column: usize) -> Result<f32, DataError> {
        let text = self.text(row, column);
        let problem = match (text.parse::<f64>(), text.parse::<f32>()) {
            (Ok(_), Ok(value)) if value.is_finite() => return Ok(value),
            (Ok(wide), _) if wide.is_finite() || text.contains(|c: char| c.is_ascii_digit()) => {
                FileProblem::TooLarge { found: shortened(text) }
            }
            (Ok(_), _) => FileProblem::NotFinite { found: shortened(text) },
            (Err(_), _) if text.is_empty() => FileProblem::Missing { expected: "a number" },
            (Err(_), _) => FileProblem::NotANumber { found: shortened(text) },
        };
        Err(DataError::file(self.place(row, column), problem))
    }
}

/// Counts lines up to a byte: `\n`, `\r\n` and `\r` each end one.
struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
    line: usize,
}

impl Lines<'_> {
    /// The line of the first byte from `byte` on that ends no line, which `at` then is; bytes must ascend.
    fn advance(&mut self, byte: usize) -> usize {
        while self.at < self.bytes.len() {
            let current = self.bytes[self.at];
            if self.at >= byte && current != b'\n' && current != b'\r' {
                break;
            }
            self.at += 1;
            if current == b'\n' || (current == b'\r' && self.bytes.get(self.at) != Some(&b'\n')) {
                self.line += 1;
            }
        }
        self.line
    }
}
