//! A picture and the numbers behind it.

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
}

impl Table {
    /// A table without columns.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), columns: Vec::new() }
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
        Self { name: name.into(), axes: axes.into(), values }
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
}
