//! The tables beside figures.

use std::path::Path;

/// A file of columns.
pub struct Table {
    pub heads: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub fn read(path: &Path) -> Self {
        let mut reader = csv::Reader::from_path(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let heads = reader.headers().unwrap().iter().map(str::to_owned).collect();
        let rows = reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
        Self { heads, rows }
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn has(&self, head: &str) -> bool {
        self.heads.iter().any(|h| h == head)
    }

    pub fn word(&self, head: &str, row: usize) -> &str {
        let column = self.heads.iter().position(|h| h == head);
        &self.rows[row][column.unwrap_or_else(|| panic!("no column {head:?} among {:?}", self.heads))]
    }

    /// A cell; NaN where it is empty.
    pub fn number(&self, head: &str, row: usize) -> f64 {
        self.word(head, row).parse().unwrap_or(f64::NAN)
    }

    pub fn numbers(&self, head: &str) -> Vec<f64> {
        (0..self.len()).map(|row| self.number(head, row)).collect()
    }

    pub fn last(&self, head: &str) -> f64 {
        self.number(head, self.len() - 1)
    }

    /// The first row with the greatest number.
    pub fn greatest(&self, head: &str) -> usize {
        let better = |best: usize, row: usize| self.number(head, row) > self.number(head, best);
        (0..self.len()).fold(0, |best, row| if better(best, row) { row } else { best })
    }

    /// The first row with the least number.
    pub fn least(&self, head: &str) -> usize {
        let better = |best: usize, row: usize| self.number(head, row) < self.number(head, best);
        (0..self.len()).fold(0, |best, row| if better(best, row) { row } else { best })
    }

    /// Each word of a column once, in their order.
    pub fn distinct(&self, head: &str) -> Vec<String> {
        let mut words: Vec<String> = Vec::new();
        for row in 0..self.len() {
            if !words.iter().any(|word| word == self.word(head, row)) {
                words.push(self.word(head, row).to_owned());
            }
        }
        words
    }

    // Of a confusion matrix:

    fn counts(&self, row: usize) -> Vec<f64> {
        self.heads[1..].iter().map(|head| self.number(head, row)).collect()
    }

    pub fn samples(&self) -> f64 {
        (0..self.len()).flat_map(|row| self.counts(row)).sum()
    }

    pub fn right(&self) -> f64 {
        (0..self.len()).map(|row| self.counts(row)[row]).sum()
    }

    pub fn accuracy(&self) -> f64 {
        self.right() / self.samples()
    }

    /// Of each class, its name and the share that is right.
    pub fn recalls(&self) -> Vec<(String, f64)> {
        let of = |row: usize| (self.rows[row][0].clone(), self.counts(row)[row] / self.counts(row).iter().sum::<f64>());
        (0..self.len()).map(of).collect()
    }

    /// The most frequent mistake: the class, what it is taken for, how often.
    pub fn worst(&self) -> (String, String, f64) {
        let cells = (0..self.len()).flat_map(|row| (0..self.len()).map(move |column| (row, column)));
        let wrong = cells.filter(|(row, column)| row != column);
        let n = |cell: (usize, usize)| self.counts(cell.0)[cell.1];
        let worst = wrong.reduce(|best, cell| if n(cell) > n(best) { cell } else { best }).unwrap();
        (self.rows[worst.0][0].clone(), self.rows[worst.1][0].clone(), n(worst))
    }
}
