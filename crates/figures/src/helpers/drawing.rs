//! A picture and the numbers behind it.

use std::collections::BTreeMap;

use ndarray::ArrayD;

/// A scene, and its numbers.
#[derive(Debug)]
pub struct Drawing {
    /// What is drawn.
    pub figure: rendering::Figure,
    /// The numbers, as columns of text files: the first becomes `<figure>.csv`, others `<figure>.<name>.csv`.
    pub tables: Vec<Table>,
    /// Large arrays: `<figure>.<name>.npy`.
    pub arrays: Vec<Array>,
}

/// Columns of equal length.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Tells it from the figure's other tables; empty for the only one.
    pub name: String,
    /// Heads and contents.
    pub columns: Vec<(String, Column)>,
}

/// One column of a table.
#[derive(Debug, Clone, PartialEq)]
pub enum Column {
    /// Whole numbers.
    Counts(Vec<u64>),
    /// Numbers computed in f32.
    Singles(Vec<f32>),
    /// Numbers computed in f64; NaN where there is none.
    Doubles(Vec<f64>),
    /// Words.
    Text(Vec<String>),
}

/// A large array.
#[derive(Debug, Clone, PartialEq)]
pub struct Array {
    /// Tells it from the figure's other arrays.
    pub name: String,
    /// What its axes run over, from the outermost to that along which neighbours lie.
    pub axes: Vec<&'static str>,
    /// Its numbers.
    pub values: ArrayD<f32>,
    /// What each place along the last axis is where it is a column of a table: its head, and of words those that its numbers
    /// stand for, from 0 on. Empty for other arrays.
    pub columns: Vec<(String, Vec<String>)>,
}

/// More rows than these are no text file: it would be slow to open, and ten times as large.
const MOST_ROWS: usize = 100_000;

impl Drawing {
    /// With the tables of very many rows as arrays of rows × columns.
    pub(crate) fn packed(mut self) -> Self {
        let long = |table: &Table| table.columns.iter().any(|(_, column)| column.len() > MOST_ROWS);
        let (long, short): (Vec<_>, Vec<_>) = self.tables.into_iter().partition(long);
        self.tables = short;
        self.arrays.extend(long.iter().map(Table::packed));
        self
    }
}

impl Table {
    /// A table without columns.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), columns: Vec::new() }
    }

    /// As an array of rows × columns, words by number.
    fn packed(&self) -> Array {
        let rows = self.columns.iter().map(|(_, column)| column.len()).max().unwrap_or(0);
        let mut values = ArrayD::from_elem(vec![rows, self.columns.len()], f32::NAN);
        let mut columns = Vec::new();
        for (c, (head, column)) in self.columns.iter().enumerate() {
            let (numbers, words) = column.numbers();
            numbers.into_iter().enumerate().for_each(|(row, number)| values[[row, c]] = number);
            columns.push((head.clone(), words));
        }
        let name = if self.name.is_empty() { "table".to_owned() } else { self.name.clone() };
        Array { columns, ..Array::new(name, ["row", "column"], values) }
    }

    /// With a column after those it has.
    pub fn column(mut self, head: impl Into<String>, column: Column) -> Self {
        self.columns.push((head.into(), column));
        self
    }
}

impl Array {
    /// Numbers whose axes run over these.
    pub fn new<const N: usize>(name: impl Into<String>, axes: [&'static str; N], values: ArrayD<f32>) -> Self {
        Self { name: name.into(), axes: axes.into(), values, columns: Vec::new() }
    }

    /// Places along an axis.
    pub fn places(name: impl Into<String>, values: &[f64]) -> Self {
        Self::new(name, ["place"], ndarray::Array::from_iter(values.iter().map(|v| *v as f32)).into_dyn())
    }
}

impl Column {
    /// How many rows.
    pub fn len(&self) -> usize {
        match self {
            Self::Counts(v) => v.len(),
            Self::Singles(v) => v.len(),
            Self::Doubles(v) => v.len(),
            Self::Text(v) => v.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// As numbers, and the words that they stand for, in the order in which these are met.
    fn numbers(&self) -> (Vec<f32>, Vec<String>) {
        match self {
            Self::Counts(v) => (v.iter().map(|n| *n as f32).collect(), Vec::new()),
            Self::Singles(v) => (v.clone(), Vec::new()),
            Self::Doubles(v) => (v.iter().map(|n| *n as f32).collect(), Vec::new()),
            Self::Text(v) => {
                let (mut seen, mut words) = (BTreeMap::new(), Vec::new());
                let number = |word: &String| {
                    *seen.entry(word.clone()).or_insert_with(|| {
                        words.push(word.clone());
                        words.len() - 1
                    }) as f32
                };
                (v.iter().map(number).collect(), words)
            }
        }
    }

    /// The first row whose number is infinite.
    pub fn infinite(&self) -> Option<usize> {
        match self {
            Self::Singles(v) => v.iter().position(|v| v.is_infinite()),
            Self::Doubles(v) => v.iter().position(|v| v.is_infinite()),
            Self::Counts(_) | Self::Text(_) => None,
        }
    }

    /// One cell in words: the fewest digits that give the number back; empty for what is not a number.
    pub fn cell(&self, row: usize) -> String {
        match self {
            Self::Counts(v) => v[row].to_string(),
            Self::Singles(v) if v[row].is_nan() => String::new(),
            Self::Singles(v) => (v[row] + 0.0).to_string(),
            Self::Doubles(v) if v[row].is_nan() => String::new(),
            Self::Doubles(v) => (v[row] + 0.0).to_string(),
            Self::Text(v) => v[row].clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_short_and_exact() {
        let singles = Column::Singles(vec![0.1, -0.0, f32::NAN, 1e-7, 16_777_216.0]);
        let cells: Vec<String> = (0..5).map(|i| singles.cell(i)).collect();
        assert_eq!(cells, ["0.1", "0", "", "0.0000001", "16777216"]);
        assert_eq!(Column::Doubles(vec![1.0 / 3.0]).cell(0).parse(), Ok(1.0 / 3.0));
    }

    #[test]
    fn tables_of_very_many_rows_become_arrays() {
        let table = |rows: usize| {
            let class = |row: usize| if row.is_multiple_of(3) { "b".to_owned() } else { "a".to_owned() };
            Table::new("")
                .column("x", Column::Doubles((0..rows).map(|row| row as f64 / 2.0).collect()))
                .column("class", Column::Text((0..rows).map(class).collect()))
        };
        let figure = rendering::Figure::new("f", "t");
        let drawing = Drawing { figure, tables: vec![table(3), table(MOST_ROWS + 1)], arrays: Vec::new() }.packed();
        assert_eq!(drawing.tables, [table(3)]);
        let [array] = &drawing.arrays[..] else { panic!("one array") };
        assert_eq!((array.name.as_str(), array.values.shape()), ("table", &[MOST_ROWS + 1, 2][..]));
        assert_eq!(array.columns, [("x".into(), vec![]), ("class".into(), vec!["b".to_owned(), "a".into()])]);
        assert_eq!((array.values[[5, 0]], array.values[[3, 1]], array.values[[4, 1]]), (2.5, 0.0, 1.0));
    }
}
