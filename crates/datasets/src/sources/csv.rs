//! A user's own table of text: CSV and its relatives.

use super::{
    files::{self, Task, shortened, whole},
    table::Table,
};
use crate::{DataError, Dataset, FileProblem, Source, Spec, Targets, labels};
use ndarray::Array2;
use registry::{Config, Problems};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, de};
use std::{borrow::Cow, fmt, path::Path};
use tensor::Streams;

/// Your own table in a text file: one sample per line, the columns named in the first line.
///
/// Columns of the features and of a regression's target hold finite numbers. A class is a whole number, and then the classes are
/// 0…K−1 without gaps, or a name, and then the classes are the names in sorted order. Whatever does not fit is reported with
/// file, line and column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Csv {
    /// The file, from the pipeline file's folder.
    #[schemars(extend("x-path" = true))]
    pub path: String,
    /// The column to predict, or a list of columns for a regression. Default: none, data to be looked at only.
    #[serde(default)]
    pub target: Columns,
    /// `"classification"` (the default) or `"regression"`.
    #[serde(default)]
    pub task: Task,
    /// The columns to predict from, in this order. Default: all but the target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub features: Option<Vec<String>>,
    /// The character between two fields, such as `","` (the default), `";"` or a tab, `"\t"`.
    #[serde(default = "default_delimiter")]
    pub delimiter: String,
    /// Whether the first line names the columns. Default true; without names, columns are called by number from 1: `target =
    /// "5"`.
    #[serde(default = "default_header")]
    pub header: bool,
}

fn default_delimiter() -> String {
    ",".into()
}

fn default_header() -> bool {
    true
}

impl Config for Csv {
    const KIND: &str = "csv";
    const EXAMPLE: &str = "path = \"flowers.csv\"\ntarget = \"species\"";
}

/// Column names, written as one string or a list.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(transparent)]
pub struct Columns(pub Vec<String>);

impl<'de> Deserialize<'de> for Columns {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Columns;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a column's name or a list of names")
            }
            fn visit_str<E: de::Error>(self, name: &str) -> Result<Columns, E> {
                Ok(Columns(vec![name.into()]))
            }
            fn visit_seq<A: de::SeqAccess<'de>>(self, mut list: A) -> Result<Columns, A::Error> {
                let mut names = Vec::new();
                while let Some(name) = list.next_element()? {
                    names.push(name);
                }
                Ok(Columns(names))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl JsonSchema for Columns {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Columns".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }] })
    }
}

impl Csv {
    /// The data in the bytes of `file`.
    fn parse(&self, bytes: &[u8], file: &str) -> Result<Dataset, DataError> {
        let delimiter = self.delimiter.bytes().next().unwrap_or(b',');
        let table = Table::read(bytes, file, delimiter, self.header)?;
        let targets = self.target.0.iter().map(|name| table.column(name)).collect::<Result<Vec<_>, _>>()?;
        let features: Vec<usize> = match &self.features {
            Some(names) => names.iter().map(|name| table.column(name)).collect::<Result<_, _>>()?,
            None => (0..table.n_columns()).filter(|c| !targets.contains(c)).collect(),
        };
        if features.is_empty() {
            return Err(DataError::file(whole(file), FileProblem::NoFeatures { columns: table.n_columns() }));
        }
        for &column in &features {
            table.named(column)?;
        }
        let x = numbers(&table, &features)?;
        let y = match (targets.as_slice(), self.task) {
            ([], _) => Targets::None,
            ([column, ..], Task::Classification) => classes(&table, *column)?,
            (columns, Task::Regression) => Targets::Values {
                values: numbers(&table, columns)?,
                columns: columns.iter().map(|&c| table.name(c)).collect(),
            },
        };
        let feature_names = features.iter().map(|&c| table.name(c)).collect();
        Ok(Dataset { x: x.into(), shape: vec![features.len()], y, feature_names, truth: None })
    }
}

/// The numbers of these columns, one row per sample.
fn numbers(table: &Table, columns: &[usize]) -> Result<Array2<f32>, DataError> {
    let mut values = Array2::zeros((table.n_rows(), columns.len()));
    for (row, mut out) in values.rows_mut().into_iter().enumerate() {
        for (out, &column) in out.iter_mut().zip(columns) {
            *out = table.number(row, column)?;
        }
    }
    Ok(values)
}

/// The classes in a column: numbers if the first label is one, names if it is not.
fn classes(table: &Table, column: usize) -> Result<Targets, DataError> {
    let fail = |row, problem| Err(DataError::file(table.place(row, column), problem));
    let mut numbered = Vec::new();
    let mut named = Vec::new();
    for row in 0..table.n_rows() {
        let text = table.text(row, column);
        if text.is_empty() {
            return fail(row, FileProblem::Missing { expected: "a class" });
        }
        let number = text.parse::<f64>().ok();
        if row > 0 && number.is_some() == numbered.is_empty() {
            let (found, other) = (shortened(text), shortened(table.text(0, column)));
            return fail(row, FileProblem::MixedLabels { found, other, line: table.line(0) });
        }
        match number {
            None => named.push(text.to_owned()),
            Some(value) if !value.is_finite() => return fail(row, FileProblem::NotFinite { found: shortened(text) }),
            Some(value) if value.fract() != 0.0 => {
                return fail(row, FileProblem::FractionalLabel { found: shortened(text) });
            }
            Some(value) => numbered.push(value as i64),
        }
    }
    let place = |row| table.place(row, column);
    let (labels, names) =
        if numbered.is_empty() { labels::named(&named, place)? } else { labels::numbered(&numbered, place)? };
    Ok(Targets::Classes { labels, names })
}

impl Source for Csv {
    fn check(&self, problems: &mut Problems) {
        problems.require(!self.path.is_empty(), "path", || "an empty path, expected a file".into());
        // Neither a part of a number nor what quotes or ends a field.
        let separates = |b: u8| b.is_ascii() && !b.is_ascii_alphanumeric() && !b"\"\r\n.+-".contains(&b);
        let delimiter_ok = matches!(*self.delimiter.as_bytes(), [b] if separates(b));
        problems.require(delimiter_ok, "delimiter", || {
            format!("the delimiter is {:?}, expected one character such as \",\", \";\" or \"\\t\"", self.delimiter)
        });
        if self.task == Task::Classification && self.target.0.len() > 1 {
            let message = format!("{} target columns, expected one for a classification", self.target.0.len());
            problems.add_with_help("target", message, "for several numbers say task = \"regression\"");
        }
        repeats(problems, "target", &self.target.0);
        let Some(features) = &self.features else { return };
        problems.require(!features.is_empty(), "features", || "no features, expected at least one column".into());
        repeats(problems, "features", features);
        for (i, name) in features.iter().enumerate() {
            problems.require(!self.target.0.contains(name), format!("features[{i}]"), || {
                format!("column `{name}` is the target, expected another column as a feature")
            });
        }
    }

    fn spec(&self, base: &Path) -> Result<Spec, DataError> {
        Ok(self.parse(&files::read(base, &self.path)?, &files::shown(base, &self.path))?.spec())
    }

    fn load(&self, base: &Path, _streams: &Streams, _stage: &str) -> Result<Dataset, DataError> {
        self.parse(&files::read(base, &self.path)?, &files::shown(base, &self.path))
    }
}

/// Notes every name that a list has twice.
fn repeats(problems: &mut Problems, path: &str, names: &[String]) {
    for (i, name) in names.iter().enumerate() {
        problems
            .require(!names[..i].contains(name), format!("{path}[{i}]"), || format!("column `{name}` is listed twice"));
    }
}

#[cfg(test)]
#[path = "csv_tests.rs"]
mod tests;
