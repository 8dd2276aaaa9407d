//! Arrays with a row for each sample (or epoch), as npy or side by side as CSV, written chunk by chunk.

use std::io;
use std::ops::Range;

use models::ModelError;
use serde_json::{Value, json};
use tensor::shape::size;

use super::Format;
use crate::files::{FileError, Folder};
use crate::npy;
use crate::run::field;

/// Numbers at once, about: 4 MB.
const CHUNK: usize = 1 << 20;

/// What a type of numbers is called in Python, and in `.npy` files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    F32,
    F64,
    I64,
    U32,
}

impl Kind {
    fn names(self) -> [&'static str; 2] {
        match self {
            Kind::F32 => ["float32", "<f4"],
            Kind::F64 => ["float64", "<f8"],
            Kind::I64 => ["int64", "<i8"],
            Kind::U32 => ["uint32", "<u4"],
        }
    }
}

/// Numbers of one kind.
pub enum Numbers {
    F32(Vec<f32>),
    F64(Vec<f64>),
    I64(Vec<i64>),
    U32(Vec<u32>),
}

impl Numbers {
    fn bytes(&self) -> Vec<u8> {
        match self {
            Numbers::F32(list) => list.iter().flat_map(|v| tensor::float::to_bytes(*v)).collect(),
            Numbers::F64(list) => list.iter().flat_map(|v| v.to_le_bytes()).collect(),
            Numbers::I64(list) => list.iter().flat_map(|v| v.to_le_bytes()).collect(),
            Numbers::U32(list) => list.iter().flat_map(|v| v.to_le_bytes()).collect(),
        }
    }

    /// With as many digits as identify each.
    fn texts(&self) -> Vec<String> {
        match self {
            Numbers::F32(list) => list.iter().map(f32::to_string).collect(),
            Numbers::F64(list) => list.iter().map(f64::to_string).collect(),
            Numbers::I64(list) => list.iter().map(i64::to_string).collect(),
            Numbers::U32(list) => list.iter().map(u32::to_string).collect(),
        }
    }
}

/// Gives the numbers of some rows; asked for in order.
pub type Read<'a> = Box<dyn Fn(Range<usize>) -> Result<Numbers, ModelError> + 'a>;

/// An array with a row for each sample.
pub struct Array<'a> {
    /// What its file's name ends with before `.npy`; nothing where the stem says it all.
    pub name: &'static str,
    /// What it is, with its unit.
    pub what: String,
    pub kind: Kind,
    /// The shape of a row, and what its axes are.
    pub shape: Vec<usize>,
    pub axes: Vec<&'static str>,
    /// A name for each number of a row.
    pub columns: Vec<String>,
    pub read: Read<'a>,
}

impl<'a> Array<'a> {
    /// One number a row.
    pub fn single(name: &'static str, what: &str, numbers: Numbers) -> Self {
        let columns = vec![name.to_owned()];
        Self { shape: Vec::new(), ..Self::held(name, what, columns, numbers) }
    }

    /// Some numbers a row, which are here already.
    pub fn held(name: &'static str, what: &str, columns: Vec<String>, numbers: Numbers) -> Self {
        let width = columns.len();
        fn part<T: Copy>(list: &[T], rows: Range<usize>, width: usize) -> Vec<T> {
            list[rows.start * width..rows.end * width].to_vec()
        }
        let kind = match &numbers {
            Numbers::F32(_) => Kind::F32,
            Numbers::F64(_) => Kind::F64,
            Numbers::I64(_) => Kind::I64,
            Numbers::U32(_) => Kind::U32,
        };
        let read = move |rows| {
            Ok(match &numbers {
                Numbers::F32(list) => Numbers::F32(part(list, rows, width)),
                Numbers::F64(list) => Numbers::F64(part(list, rows, width)),
                Numbers::I64(list) => Numbers::I64(part(list, rows, width)),
                Numbers::U32(list) => Numbers::U32(part(list, rows, width)),
            })
        };
        let (what, read) = (what.to_owned(), Box::new(read));
        Self { name, what, kind, shape: vec![width], axes: Vec::new(), columns, read }
    }
}

/// Arrays with the same rows.
pub struct Table<'a> {
    /// The file's name without its extension.
    pub stem: String,
    /// What a row is.
    pub row: &'static str,
    pub n: usize,
    pub arrays: Vec<Array<'a>>,
}

impl Table<'_> {
    /// Writes the table and says what each file is, as the manifest has it.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn write(&self, format: Format, folder: &mut Folder) -> Result<Vec<(String, Value)>, FileError> {
        match format {
            Format::Npy => self.arrays.iter().map(|array| self.npy(array, folder)).collect(),
            Format::Csv => Ok(vec![self.csv(folder)?]),
        }
    }

    fn npy(&self, array: &Array<'_>, folder: &mut Folder) -> Result<(String, Value), FileError> {
        let dot = if array.name.is_empty() { "" } else { "." };
        let file = format!("{}{dot}{}.npy", self.stem, array.name);
        let shape: Vec<usize> = std::iter::once(self.n).chain(array.shape.iter().copied()).collect();
        let [kind, descr] = array.kind.names();
        folder.write_by(&file, |to| {
            to.write_all(&npy::header(descr, &shape))?;
            self.chunks(size(&array.shape), |rows| to.write_all(&read(array, rows)?.bytes()))
        })?;
        let axes: Vec<&str> = std::iter::once(self.row).chain(array.axes.iter().copied()).collect();
        let mut entry = json!({ "what": array.what, "type": kind, "shape": shape, "axes": axes });
        // Names of numbers that have a place each; those of pictures are in their axes.
        if array.shape.len() == 1 {
            entry["columns"] = json!(array.columns);
        }
        Ok((file, entry))
    }

    fn csv(&self, folder: &mut Folder) -> Result<(String, Value), FileError> {
        let file = format!("{}.csv", self.stem);
        let columns = || self.arrays.iter().flat_map(|array| &array.columns);
        let width = columns().count();
        folder.write_by(&file, |to| {
            writeln!(to, "{}", columns().map(|name| field(name)).collect::<Vec<_>>().join(","))?;
            self.chunks(width, |rows| {
                let n = rows.len();
                let read = |array| Ok(read(array, rows.clone())?.texts());
                let texts = self.arrays.iter().map(read).collect::<io::Result<Vec<Vec<String>>>>()?;
                for row in 0..n {
                    let cells = texts.iter().flat_map(|list| &list[row * list.len() / n..(row + 1) * list.len() / n]);
                    writeln!(to, "{}", cells.map(String::as_str).collect::<Vec<_>>().join(","))?;
                }
                Ok(())
            })
        })?;
        let arrays = self.arrays.iter().map(|array| json!({ "what": array.what, "columns": array.columns.len() }));
        let arrays: Vec<Value> = arrays.collect();
        Ok((file, json!({ "type": "csv", "shape": [self.n, width], "row": self.row, "arrays": arrays })))
    }

    /// All rows, some at a time.
    fn chunks(&self, width: usize, mut each: impl FnMut(Range<usize>) -> io::Result<()>) -> io::Result<()> {
        let step = (CHUNK / width.max(1)).max(1);
        (0..self.n).step_by(step).try_for_each(|start| each(start..self.n.min(start + step)))
    }
}

fn read(array: &Array<'_>, rows: Range<usize>) -> io::Result<Numbers> {
    (array.read)(rows).map_err(io::Error::other)
}
