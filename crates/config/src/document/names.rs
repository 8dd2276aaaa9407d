//! The tables of a file by family and name.

use std::cell::Cell;
use std::collections::BTreeMap;

use super::Table;
use crate::diagnostics::nearest;
use crate::schema::Reference;

/// How many names are compared, all in all, to find what misspelt ones may have meant: a file with more is not written by hand.
const MOST_COMPARED: usize = 200_000;

/// Where each table is, and which names each family has in the file's order.
pub struct Names<'a> {
    places: BTreeMap<(&'a str, &'a str), usize>,
    families: BTreeMap<&'a str, Vec<&'a str>>,
    left: Cell<usize>,
}

impl<'a> Names<'a> {
    /// Of tables in order, by family and name.
    pub fn new(tables: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut names = Names { places: BTreeMap::new(), families: BTreeMap::new(), left: Cell::new(MOST_COMPARED) };
        for (index, (family, name)) in tables.into_iter().enumerate() {
            names.places.entry((family, name)).or_insert(index);
            names.families.entry(family).or_default().push(name);
        }
        names
    }

    /// Of tables that were read.
    pub fn of<T>(tables: &'a [Table<'_, T>]) -> Self {
        Names::new(tables.iter().map(|t| (t.family, t.name.as_str())))
    }

    /// The index of a table.
    pub fn find(&self, family: &str, name: &str) -> Option<usize> {
        self.places.get(&(family, name)).copied()
    }

    /// The names of a family.
    pub fn of_family(&self, family: &str) -> &[&'a str] {
        self.families.get(family).map_or(&[], Vec::as_slice)
    }

    /// The name of a family nearest to what was written, if any is near.
    pub fn nearest(&self, family: &str, written: &str) -> Option<&'a str> {
        let names = self.of_family(family);
        self.left.set(self.left.get().checked_sub(names.len())?);
        nearest(written, names.iter().copied())
    }

    /// The tables that a table refers to, by index.
    pub fn inputs_of<T>(&self, table: &Table<'_, T>) -> Vec<usize> {
        let find = |r: &Reference| self.find(&r.family, r.target());
        let mut inputs: Vec<usize> = table.references.iter().filter_map(find).collect();
        inputs.sort_unstable();
        inputs.dedup();
        inputs
    }
}
