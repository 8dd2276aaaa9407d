//! A field sampled on a rectangular grid of nodes.

use crate::{Point, RenderingError};

/// Values at `rows × columns` nodes spread evenly over a rectangle, its edges included.
#[derive(Debug, Clone, PartialEq)]
pub struct Grid {
    x: (f64, f64),
    y: (f64, f64),
    columns: usize,
    rows: usize,
    values: Vec<f64>,
}

impl Grid {
    /// From values row by row, the row at `y.0` first.
    ///
    /// # Errors
    /// Fewer than 2 × 2 nodes, or another number of values than nodes.
    pub fn new(
        x: (f64, f64),
        y: (f64, f64),
        rows: usize,
        columns: usize,
        values: Vec<f64>,
    ) -> Result<Self, RenderingError> {
        if rows < 2 || columns < 2 {
            return Err(RenderingError::TooFewNodes { what: "grid", rows, columns });
        }
        if values.len() != rows * columns {
            return Err(RenderingError::MatrixLength { what: "grid", rows, columns, found: values.len() });
        }
        Ok(Self { x, y, columns, rows, values })
    }

    /// A function of (x, y) sampled at the nodes.
    ///
    /// # Errors
    /// Fewer than 2 × 2 nodes.
    pub fn sample(
        x: (f64, f64),
        y: (f64, f64),
        rows: usize,
        columns: usize,
        f: impl Fn(f64, f64) -> f64,
    ) -> Result<Self, RenderingError> {
        let mut values = Vec::with_capacity(rows * columns);
        for r in 0..rows {
            for c in 0..columns {
                let (px, py) = place(x, y, rows, columns, r as f64, c as f64);
                values.push(f(px, py));
            }
        }
        Self::new(x, y, rows, columns, values)
    }

    /// Where the nodes lie, row by row as the values: what to evaluate a model on.
    pub fn nodes(x: (f64, f64), y: (f64, f64), rows: usize, columns: usize) -> Vec<Point> {
        (0..rows).flat_map(|r| (0..columns).map(move |c| place(x, y, rows, columns, r as f64, c as f64))).collect()
    }

    /// Number of nodes along y.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of nodes along x.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// The rectangle's extent along x.
    pub fn x(&self) -> (f64, f64) {
        self.x
    }

    /// The rectangle's extent along y.
    pub fn y(&self) -> (f64, f64) {
        self.y
    }

    /// The values, row by row.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The value at a node.
    pub fn at(&self, row: usize, column: usize) -> f64 {
        self.values[row * self.columns + column]
    }

    /// The place of a fractional node position.
    pub(super) fn place(&self, row: f64, column: f64) -> Point {
        place(self.x, self.y, self.rows, self.columns, row, column)
    }
}

fn place(x: (f64, f64), y: (f64, f64), rows: usize, columns: usize, row: f64, column: f64) -> Point {
    let along = |(lo, hi): (f64, f64), i: f64, n: usize| {
        let t = i / (n.max(2) - 1) as f64;
        // Both ends come out exactly.
        lo * (1.0 - t) + hi * t
    };
    (along(x, column, columns), along(y, row, rows))
}
