//! Where in a file something is.

use std::fmt;

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file's path as it was opened.
    pub file: String,
    /// Where in the file.
    pub position: Position,
}

/// Where in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Position {
    /// The file as a whole.
    Whole,
    /// A line of text, from 1.
    Line(usize),
    /// A field of a table.
    Cell {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// The column's name, where the file names its columns.
        name: Option<String>,
    },
    /// An element of an array, by its indices from 0.
    Element(Vec<usize>),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        match &self.position {
            Position::Whole => Ok(()),
            Position::Line(line) => write!(f, ", line {line}"),
            Position::Cell { line, column, name: None } => write!(f, ", line {line}, column {column}"),
            Position::Cell { line, column, name: Some(name) } => write!(f, ", line {line}, column {column} (`{name}`)"),
            Position::Element(index) => write!(f, ", element {index:?}"),
        }
    }
}
