//! A user's own table of text: CSV and its relatives.

use super::{
    files::{self, Task, shortened, whole},
    table::Table,
};
use crate::{DataError, Dataset, FileProblem, Scaling, Source, Spec, Splits, Targets, labels, scaling};
use ndarray::{Array2, Axis, concatenate, s};
use registry::{Config, Problems};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, de};
use std::{borrow::Cow, collections::BTreeSet, fmt, path::Path};
use tensor::Streams;

/// Your own table in a text file: one sample per line, the columns named in the first line.
///
/// Columns of the features and of a regression's target hold finite numbers. A class is a whole number, and then the classes are
/// 0…K−1 without gaps, or a name, and then the classes are the names in sorted order. A feature that is a name becomes several
/// (`categorical`). Whatever does not fit is reported with file, line and column. Features of very different scales, the largest
/// standard deviation more than 100 times the smallest, draw a warning unless `normalize` is given.
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
    /// The columns that hold names of categories: column `tree` becomes one feature for each name in `path`, in sorted order,
    /// `tree=birch`, `tree=willow`, which is 1 where the row has that name and 0 elsewhere. Default: none.
    #[serde(default)]
    pub categorical: Vec<String>,
    /// Scales each feature by numbers of the training split, the other splits by the same numbers: `"standard"`, mean 0 and
    /// standard deviation 1; `"range"`, 0 to 1; `"none"`, as they are (the default). Features of categories stay 0 and 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub normalize: Option<Scaling>,
    /// A file of samples for testing only, with columns of the same names. Its classes and categories must be among those of
    /// `path`. `split` then divides `path` into training and validation splits and says how many of these to test on. Default:
    /// none.
    #[schemars(extend("x-path" = true))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test_path: Option<String>,
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

/// What the file to train on says about every file.
struct Layout {
    /// The target columns, as they are looked up.
    targets: Vec<String>,
    /// The columns of the features.
    features: Vec<Feature>,
}

/// A column of features.
struct Feature {
    /// As it is looked up.
    column: String,
    /// As it is shown.
    name: String,
    /// The names of a column of categories.
    categories: Option<Vec<String>>,
}

impl Feature {
    /// How many numbers it becomes.
    fn width(&self) -> usize {
        self.categories.as_ref().map_or(1, Vec::len)
    }
}

impl Csv {
    /// The data in the bytes of `file`, and behind them those of the file for testing.
    fn parse(&self, (bytes, file): (&[u8], &str), test: Option<(&[u8], &str)>) -> Result<Dataset, DataError> {
        let table = self.table(bytes, file)?;
        let layout = self.layout(&table)?;
        let mut x = features(&table, &layout, file)?;
        let mut y = self.targets(&table, &layout)?;
        if let Some((bytes, test_file)) = test {
            let table = self.table(bytes, test_file)?;
            let own = features(&table, &layout, file)?;
            x = concatenate(Axis(0), &[x.view(), own.view()]).expect("both have the columns of the layout");
            y = self.with_tests(y, &table, &layout, file)?;
        }
        let suffix = self.normalize.map_or("", Scaling::suffix);
        let names = |feature: &Feature| match &feature.categories {
            Some(categories) => categories.iter().map(|c| format!("{}={c}", feature.name)).collect(),
            None => vec![format!("{}{suffix}", feature.name)],
        };
        let feature_names: Vec<String> = layout.features.iter().flat_map(names).collect();
        Ok(Dataset { shape: vec![x.ncols()], x: x.into(), y, feature_names, truth: None })
    }

    fn table(&self, bytes: &[u8], file: &str) -> Result<Table, DataError> {
        Table::read(bytes, file, self.delimiter.bytes().next().unwrap_or(b','), self.header)
    }

    fn layout(&self, table: &Table) -> Result<Layout, DataError> {
        let targets = self.target.0.iter().map(|name| table.column(name)).collect::<Result<BTreeSet<_>, _>>()?;
        let features: Vec<usize> = match &self.features {
            Some(names) => names.iter().map(|name| table.column(name)).collect::<Result<_, _>>()?,
            None => (0..table.n_columns()).filter(|c| !targets.contains(c)).collect(),
        };
        if features.is_empty() {
            return Err(DataError::file(whole(table.file()), FileProblem::NoFeatures { columns: table.n_columns() }));
        }
        for &column in &features {
            table.named(column)?;
        }
        let categorical = self.categorical.iter().map(|name| table.column(name)).collect::<Result<BTreeSet<_>, _>>()?;
        let feature = |&column: &usize| {
            let categories = categorical.contains(&column).then(|| categories(table, column)).transpose()?;
            let name = table.name(column);
            Ok(Feature { column: if self.header { name.clone() } else { (column + 1).to_string() }, name, categories })
        };
        let features = features.iter().map(feature).collect::<Result<_, _>>()?;
        Ok(Layout { targets: self.target.0.clone(), features })
    }

    fn targets(&self, table: &Table, layout: &Layout) -> Result<Targets, DataError> {
        let columns = layout.targets.iter().map(|name| table.column(name)).collect::<Result<Vec<_>, _>>()?;
        Ok(match (columns.as_slice(), self.task) {
            ([], _) => Targets::None,
            ([column, ..], Task::Classification) => classes(table, *column)?,
            (columns, Task::Regression) => Targets::Values {
                values: numbers(table, columns)?,
                columns: columns.iter().map(|&c| table.name(c)).collect(),
            },
        })
    }

    /// The targets of the file to train on, and behind them those of the file for testing.
    fn with_tests(&self, y: Targets, table: &Table, layout: &Layout, file: &str) -> Result<Targets, DataError> {
        Ok(match y {
            Targets::Classes { mut labels, names } => {
                let column = table.column(&layout.targets[0])?;
                for row in 0..table.n_rows() {
                    labels.push(seen(table, row, column, "a class", &names, file)? as u32);
                }
                Targets::Classes { labels, names }
            }
            Targets::Values { values, columns } => {
                let found = layout.targets.iter().map(|name| table.column(name)).collect::<Result<Vec<_>, _>>()?;
                let own = numbers(table, &found)?;
                let values = concatenate(Axis(0), &[values.view(), own.view()]).expect("as many target columns");
                Targets::Values { values, columns }
            }
            Targets::None => Targets::None,
        })
    }

    /// The data in the files.
    fn read(&self, base: &Path) -> Result<Dataset, DataError> {
        let bytes = files::read(base, &self.path)?;
        let main = (&bytes[..], &*files::shown(base, &self.path));
        match &self.test_path {
            Some(path) => self.parse(main, Some((&files::read(base, path)?, &files::shown(base, path)))),
            None => self.parse(main, None),
        }
    }

    /// Says whether a feature is one of those that a column of categories became.
    fn is_category(&self) -> impl Fn(&str) -> bool {
        let name = |column: &String| if self.header { column.clone() } else { format!("column {column}") };
        let columns: BTreeSet<String> = self.categorical.iter().map(name).collect();
        move |feature| feature.match_indices('=').any(|(end, _)| columns.contains(&feature[..end]))
    }
}

/// More numbers than this are refused: 2 GB.
const MOST_NUMBERS: usize = 1 << 29;

/// The numbers of the features of a table, one row per sample; `file` is the file to train on.
fn features(table: &Table, layout: &Layout, file: &str) -> Result<Array2<f32>, DataError> {
    let width: usize = layout.features.iter().map(Feature::width).sum();
    if width.saturating_mul(table.n_rows()) > MOST_NUMBERS {
        let problem = FileProblem::TooManyNumbers { rows: table.n_rows(), features: width, most: MOST_NUMBERS };
        return Err(DataError::file(whole(table.file()), problem));
    }
    let mut x = Array2::zeros((table.n_rows(), width));
    let mut at = 0;
    for feature in &layout.features {
        let column = table.column(&feature.column)?;
        match &feature.categories {
            Some(categories) => {
                for row in 0..table.n_rows() {
                    x[[row, at + seen(table, row, column, "a category", categories, file)?]] = 1.0;
                }
            }
            None => {
                let own = numbers(table, &[column]).map_err(|error| names_for_numbers(error, table, column))?;
                x.slice_mut(s![.., at..=at]).assign(&own);
            }
        }
        at += feature.width();
    }
    Ok(x)
}

/// The different names in a column, sorted.
fn categories(table: &Table, column: usize) -> Result<Vec<String>, DataError> {
    let mut names = BTreeSet::new();
    for row in 0..table.n_rows() {
        let text = table.text(row, column);
        if text.is_empty() {
            let problem = FileProblem::Missing { expected: "a category" };
            return Err(DataError::file(table.place(row, column), problem));
        }
        names.insert(text.to_owned());
    }
    Ok(names.into_iter().collect())
}

/// Which of the names `known` from `file` a field has; whole numbers count as the same however they are written.
fn seen(
    table: &Table,
    row: usize,
    column: usize,
    expected: &'static str,
    known: &[String],
    file: &str,
) -> Result<usize, DataError> {
    let text = table.text(row, column);
    let as_number = || text.parse::<f64>().ok().filter(|v| v.fract() == 0.0).map(|v| (v as i64).to_string());
    let position = |name: &str| known.iter().position(|k| k == name);
    position(text).or_else(|| position(&as_number()?)).ok_or_else(|| {
        let problem = match text {
            "" => FileProblem::Missing { expected },
            _ => FileProblem::Unseen { found: shortened(text), other: file.into(), known: known.to_vec() },
        };
        DataError::file(table.place(row, column), problem)
    })
}

/// What is wrong with a column of features; where none of its fields is a number, that it may hold categories.
fn names_for_numbers(error: DataError, table: &Table, column: usize) -> DataError {
    match error {
        DataError::File { place, problem } => match *problem {
            FileProblem::NotANumber { found }
                if table.n_rows() > 1
                    && (0..table.n_rows()).all(|row| table.text(row, column).parse::<f64>().is_err()) =>
            {
                DataError::file(place, FileProblem::NamesAsNumbers { found, column: table.name(column) })
            }
            problem => DataError::file(place, problem),
        },
        error => error,
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
        for (field, path) in [("path", Some(&self.path)), ("test_path", self.test_path.as_ref())] {
            problems.require(path.is_none_or(|p| !p.is_empty()), field, || "an empty path, expected a file".into());
        }
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
        repeats(problems, "categorical", &self.categorical);
        let targets: BTreeSet<&String> = self.target.0.iter().collect();
        let own: Option<BTreeSet<&String>> = self.features.as_ref().map(|names| names.iter().collect());
        for (i, name) in self.categorical.iter().enumerate() {
            let is_feature = own.as_ref().map_or_else(|| !targets.contains(name), |own| own.contains(name));
            problems.require(is_feature, format!("categorical[{i}]"), || {
                format!("column `{name}` is no feature, expected one of the columns to predict from")
            });
        }
        let Some(features) = &self.features else { return };
        problems.require(!features.is_empty(), "features", || "no features, expected at least one column".into());
        repeats(problems, "features", features);
        for (i, name) in features.iter().enumerate() {
            problems.require(!targets.contains(name), format!("features[{i}]"), || {
                format!("column `{name}` is the target, expected another column as a feature")
            });
        }
    }

    fn spec(&self, base: &Path) -> Result<Spec, DataError> {
        Ok(self.read(base)?.spec())
    }

    fn load(&self, base: &Path, _streams: &Streams, _stage: &str) -> Result<Dataset, DataError> {
        self.read(base)
    }

    fn own_test_samples(&self, base: &Path) -> Result<usize, DataError> {
        let Some(path) = &self.test_path else { return Ok(0) };
        Ok(self.table(&files::read(base, path)?, &files::shown(base, path))?.n_rows())
    }

    fn finish(&self, splits: &mut Splits) -> Result<(), DataError> {
        self.normalize.unwrap_or(Scaling::None).finish(splits, self.is_category())
    }

    fn warn(&self, base: &Path, problems: &mut Problems) -> Result<(), DataError> {
        if self.normalize.is_none() {
            let data = self.read(base)?;
            let trained = data.n() - self.own_test_samples(base)?;
            let x = data.x.slice(s![..trained, ..]);
            let features = data.feature_names.iter().map(String::as_str).zip(x.columns());
            let is_category = self.is_category();
            scaling::warn(features.filter(|(name, _)| !is_category(name)), problems);
        }
        Ok(())
    }
}

/// Notes every name that a list has twice.
fn repeats(problems: &mut Problems, path: &str, names: &[String]) {
    let mut seen = BTreeSet::new();
    for (i, name) in names.iter().enumerate() {
        problems.require(seen.insert(name), format!("{path}[{i}]"), || format!("column `{name}` is listed twice"));
    }
}

#[cfg(test)]
#[path = "csv_tests.rs"]
mod tests;
