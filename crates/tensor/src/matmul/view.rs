//! A product over raw, strided operands, and parts of it.

/// How the chains of a product start.
#[derive(Debug, Clone, Copy)]
pub enum Start<E> {
    Zero,
    /// Every row from the elements here.
    Row(*const E),
    /// From what c holds.
    Output,
}

/// A product over strided operands; c is contiguous along rows. Strides in elements.
#[derive(Debug, Clone, Copy)]
pub struct View<E> {
    pub m: usize,
    pub k: usize,
    pub n: usize,
    pub a: *const E,
    pub a_row: usize,
    pub a_col: usize,
    pub b: *const E,
    pub b_row: usize,
    pub b_col: usize,
    pub c: *mut E,
    pub c_row: usize,
    pub start: Start<E>,
}

impl<E: Copy> View<E> {
    /// The part of the product that gives the outputs of `rows` rows from `i` and `columns` columns from `j`.
    ///
    /// # Safety
    /// The part must lie within the output.
    pub unsafe fn part(self, i: usize, rows: usize, j: usize, columns: usize) -> Self {
        unsafe {
            View {
                m: rows,
                n: columns,
                a: self.a.add(i * self.a_row),
                b: self.b.add(j * self.b_col),
                c: self.c.add(i * self.c_row + j),
                start: match self.start {
                    Start::Row(row) => Start::Row(row.add(j)),
                    other => other,
                },
                ..self
            }
        }
    }

    /// The part of the chains over `steps` steps from `k`, which continues them unless it is the first.
    ///
    /// # Safety
    /// The steps must lie within k.
    pub unsafe fn steps(self, k: usize, steps: usize) -> Self {
        unsafe {
            View {
                k: steps,
                a: self.a.add(k * self.a_col),
                b: self.b.add(k * self.b_row),
                start: if k == 0 { self.start } else { Start::Output },
                ..self
            }
        }
    }
}
