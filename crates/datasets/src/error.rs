//! What can be wrong with data: which file, where in it, what was found and what was expected.

use crate::Place;

/// Why data could not be had.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// The file system refused.
    #[error("{file}: cannot be read: {source}")]
    Read {
        /// The path as it was tried.
        file: String,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A file does not hold what it should.
    #[error("{place}: {problem}")]
    File {
        /// Where.
        place: Place,
        /// What.
        problem: Box<FileProblem>,
    },
    /// A formula gives no finite f32 at some point.
    #[error("formula `{formula}` is {value} at x = {x}, expected a finite number")]
    Formula {
        /// The formula.
        formula: String,
        /// The point.
        x: f64,
        /// What came out.
        value: f64,
    },
    /// A formula that cannot be read.
    #[error("formula `{formula}`, character {position}: {problem}")]
    Syntax {
        /// The formula.
        formula: String,
        /// What is wrong, and what was expected.
        problem: String,
        /// Which character, from 1.
        position: usize,
    },
    /// Data that should be drawn anew, and come out the same.
    #[error(
        "drawing `{data}` anew changes nothing: it has no split or no noise that random numbers decide; leave that out of `vary`"
    )]
    NothingRandom {
        /// The data set.
        data: String,
    },
    /// A split of a split would have no sample.
    #[error("split: the {split} split, {fraction} of {n} samples, would be empty")]
    EmptyPart {
        /// `train`, `validation` or `test`.
        split: &'static str,
        /// Its fraction.
        fraction: f64,
        /// How many samples there are.
        n: usize,
    },
    /// A class would have no sample to train on.
    #[error("split: class `{class}` has too few samples ({n}) for a stratified split: none would be left to train on")]
    UntrainedClass {
        /// The class.
        class: String,
        /// How many samples it has.
        n: usize,
    },
    /// The splits of a split have more samples than there are.
    #[error("split: train {}, validation {} and test {} samples are too many: there are {n}{}", sizes[0], sizes[1], sizes[2], if sizes[0] == 0 { " and training needs some" } else { "" })]
    TooMany {
        /// Training, validation and test split; 0 for a training split that should get the rest.
        sizes: [usize; 3],
        /// How many samples there are to divide.
        n: usize,
    },
    /// A class has fewer samples than are asked of each.
    #[error("per_class: class `{class}` has {n} samples, expected at least {expected}")]
    SmallClass {
        /// The class.
        class: String,
        /// How many it has.
        n: usize,
        /// How many are asked for.
        expected: usize,
    },
    /// Pictures that cannot be made smaller by this factor.
    #[error("downsample: {height}×{width} pixels cannot be divided into blocks of {by}×{by}; resize goes to any size")]
    Blocks {
        /// Rows.
        height: usize,
        /// Columns.
        width: usize,
        /// The factor.
        by: usize,
    },
    /// Nothing to standardise by.
    #[error("normalize: every pixel of the training split is {value}, so that their standard deviation is 0")]
    Constant {
        /// The value.
        value: f64,
    },
    /// A number that is beyond 32-bit floats once it is scaled as the training split is.
    #[error(
        "normalize: feature `{feature}` has a value in the {split} split that is beyond 32-bit numbers once it is divided \
         by {scale:e}, its spread in the training split"
    )]
    Unscalable {
        /// The feature.
        feature: String,
        /// `train`, `validation` or `test`.
        split: &'static str,
        /// What it is divided by.
        scale: f64,
    },
    /// The files of a known data set are nowhere.
    #[error("{title} is not at hand: {}; `cargo xtask fetch {name}` downloads it, `cargo xtask fetch {name} --from DIR` takes it from a folder, and UNFOLD_DATA may name a folder that has it", tried.join(", "))]
    Absent {
        /// The data set's name in commands.
        name: &'static str,
        /// What it is called.
        title: &'static str,
        /// Where it was looked for, and what was wrong there.
        tried: Vec<String>,
    },
    /// The fractions of a split are no fractions of one whole.
    #[error("split: train {train}, validation {validation} and test {test} sum to {}, expected 1", train + validation + test)]
    Fractions {
        /// Training split.
        train: f64,
        /// Validation split.
        validation: f64,
        /// Test split.
        test: f64,
    },
}

impl DataError {
    pub(crate) fn file(place: Place, problem: FileProblem) -> Self {
        DataError::File { place, problem: Box::new(problem) }
    }
}

/// What is wrong at a place in a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileProblem {
    /// Nothing in it.
    #[error("the file is empty, expected at least one row of data")]
    Empty,
    /// A header line and nothing else.
    #[error("a header and no rows, expected at least one row of data")]
    HeaderOnly,
    /// A header of numbers, which is rather the first row.
    #[error("the first line holds numbers only, expected column names; for a file without them say header = false")]
    NumericHeader,
    /// Bytes that are no text.
    #[error("not UTF-8 text; save the file as UTF-8")]
    NotUtf8,
    /// A row of another length than the first.
    #[error("{found} fields, expected {expected} as in line {first}")]
    Ragged {
        /// Fields in this row.
        found: usize,
        /// Fields in the first line.
        expected: usize,
        /// The line to compare with.
        first: usize,
    },
    /// A quoted field that never ends.
    #[error("a quote is opened here and never closed")]
    UnclosedQuote,
    /// Two columns of one name.
    #[error("the header names column {first} `{name}` too, expected different names")]
    DuplicateColumn {
        /// The name.
        name: String,
        /// The other column, from 1.
        first: usize,
    },
    /// A column that would be a feature has no name.
    #[error("a column without a name (a saved index?); name it, or list the columns to use as `features`")]
    UnnamedColumn,
    /// A column that the config asks for is not in the file.
    #[error("no column `{name}`{}; the columns are {}", nearest.as_ref().map(|n| format!(", did you mean `{n}`?")).unwrap_or_default(), list(columns))]
    MissingColumn {
        /// The name asked for.
        name: String,
        /// The most similar name there is.
        nearest: Option<String>,
        /// The names there are.
        columns: Vec<String>,
    },
    /// A character that nothing can show, which would reach figures and pages as the name of a class.
    #[error("the control character U+{:04X}, expected text that can be shown", u32::from(*found))]
    Control {
        /// The character.
        found: char,
    },
    /// More numbers than are kept: a column of categories with very many names, for one.
    #[error("{rows} rows of {features} features are more than the {most} numbers that are read")]
    TooManyNumbers {
        /// How many samples.
        rows: usize,
        /// How many features each.
        features: usize,
        /// How many numbers are read at most.
        most: usize,
    },
    /// Every column is a target.
    #[error("no column is left for the features: all {columns} are targets")]
    NoFeatures {
        /// How many columns there are.
        columns: usize,
    },
    /// An empty field.
    #[error("found nothing, expected {expected}")]
    Missing {
        /// What belongs there.
        expected: &'static str,
    },
    /// Text where a number belongs.
    #[error("found {found:?}, expected a number")]
    NotANumber {
        /// The text, shortened.
        found: String,
    },
    /// Text in every row of a column where numbers belong.
    #[error("found {found:?}, expected a number; for a column of names say categorical = [{column:?}]")]
    NamesAsNumbers {
        /// The text, shortened.
        found: String,
        /// The column.
        column: String,
    },
    /// A name that only the file for testing has.
    #[error("found {found:?}, which {other} has in no row of this column, expected one of {}", list(known))]
    Unseen {
        /// The text, shortened.
        found: String,
        /// The file to train on.
        other: String,
        /// What it has.
        known: Vec<String>,
    },
    /// NaN or an infinity.
    #[error("found {found}, expected a finite number")]
    NotFinite {
        /// The text or value.
        found: String,
    },
    /// A number beyond 32-bit floats.
    #[error("{found} is beyond the range of 32-bit numbers (±3.4e38)")]
    TooLarge {
        /// The text or value.
        found: String,
    },
    /// A class number that is no whole number.
    #[error(
        "found {found} as a class, expected a whole number from 0 or a name; for numbers say task = \"regression\""
    )]
    FractionalLabel {
        /// The label.
        found: String,
    },
    /// A class number below zero.
    #[error("found class {found}, expected whole numbers from 0: 0, 1, …, K−1")]
    NegativeLabel {
        /// The label.
        found: i64,
    },
    /// A class among the samples for testing that none of the others has.
    #[error("found class {found}, but the samples to train on have classes 0 to {} only", classes - 1)]
    UnknownLabel {
        /// The label.
        found: i64,
        /// How many classes there are.
        classes: usize,
    },
    /// Class numbers with gaps.
    #[error("found class {found}, but no sample of {}: classes are numbered 0, 1, …, K−1 without gaps", classes(missing, *n_missing))]
    LabelGap {
        /// The highest label.
        found: i64,
        /// The lowest of the missing labels, at most five.
        missing: Vec<i64>,
        /// How many are missing.
        n_missing: u64,
    },
    /// A name among numbers or a number among names.
    #[error("found {found:?} as a class, but {other:?} in line {line}: expected either numbers or names throughout")]
    MixedLabels {
        /// The label here.
        found: String,
        /// The first label.
        other: String,
        /// Its line.
        line: usize,
    },
    /// A classification with a single class.
    #[error("every sample has class `{name}`, expected at least two classes")]
    OneClass {
        /// The class.
        name: String,
    },
    /// The file does not open like a .npy file.
    #[error("not a .npy file: it does not start with \\x93NUMPY")]
    NotNpy,
    /// A version of the format that is not known.
    #[error("version {major}.{minor} of the .npy format, expected 1.0, 2.0 or 3.0")]
    NpyVersion {
        /// Major.
        major: u8,
        /// Minor.
        minor: u8,
    },
    /// A header that is not the format's.
    #[error("the .npy header is not the format's: expected {expected}")]
    NpyHeader {
        /// What is missing or malformed.
        expected: &'static str,
    },
    /// An element type that is no number.
    #[error("element type `{found}`, expected {expected}")]
    ElementType {
        /// numpy's code for it.
        found: String,
        /// What can be read.
        expected: &'static str,
    },
    /// An array of another rank.
    #[error("an array of shape {shape}, expected {expected}")]
    Rank {
        /// The shape found, as `1000×2`.
        shape: String,
        /// What fits.
        expected: &'static str,
    },
    /// An array without elements.
    #[error("an array of shape {shape} has no elements, expected at least one sample")]
    NoElements {
        /// The shape found.
        shape: String,
    },
    /// Less or more data than the shape says.
    #[error("{found} bytes of data, expected {expected} for shape {shape}{}", if found < expected { ": the file is cut short" } else { "" })]
    Length {
        /// Bytes after the header.
        found: u64,
        /// Bytes the shape takes.
        expected: u64,
        /// The shape.
        shape: String,
    },
    /// Samples and targets that do not pair up.
    #[error("{found} targets, expected {expected}, one for each sample in {other}")]
    Pairs {
        /// Targets.
        found: usize,
        /// Samples.
        expected: usize,
        /// The file of the samples.
        other: String,
    },
    /// Not an IDX file.
    #[error(
        "not an IDX file: it starts with {found}, expected 00 00, the type of its elements and the number of its dimensions"
    )]
    NotIdx {
        /// The first bytes in hexadecimal.
        found: String,
    },
    /// An IDX file whose elements are no bytes.
    #[error("an IDX file of {found}, expected unsigned bytes (type 0x08)")]
    IdxType {
        /// What its elements are.
        found: String,
    },
    /// An IDX file that ends inside its head.
    #[error("the file ends after {found} bytes, inside its head")]
    IdxHead {
        /// How many bytes there are.
        found: usize,
    },
    /// An IDX file that says it holds more than it can, or than anybody would want.
    #[error("its head says {shape} bytes, which is more than {why}")]
    IdxSize {
        /// The shape found.
        shape: String,
        /// What it exceeds.
        why: String,
    },
    /// An IDX file that goes on after its last element.
    #[error("more bytes than its shape {shape} has")]
    LongerIdx {
        /// The shape.
        shape: String,
    },
    /// A compressed file with bytes behind its end.
    #[error("bytes that are no gzip follow the end of the gzip data")]
    BehindGzip,
    /// A compressed file that is damaged.
    #[error("the gzip data is damaged: {reason}")]
    Gzip {
        /// What the decoder says.
        reason: String,
    },
    /// A folder or a file in it that is not what a folder of pictures has.
    #[error("{reason}")]
    Folder {
        /// What it is, and what was expected.
        reason: String,
    },
    /// A picture that cannot be read.
    #[error("no {format} picture that can be read: {reason}")]
    Picture {
        /// What it should be.
        format: &'static str,
        /// What the decoder says.
        reason: String,
    },
    /// Samples of another shape than a model takes.
    #[error("samples of shape {found}, and the model takes {expected}{help}")]
    Unlike {
        /// Their shape.
        found: String,
        /// The model's.
        expected: String,
        /// What to do about it, after a semicolon.
        help: &'static str,
    },
    /// Numbers that are to be inverted as bytes of pictures.
    #[error("--invert makes black white, and this file is none of pictures in bytes (PNG, IDX)")]
    NoPictures,
    /// An array of another shape than a manifest says.
    #[error("an array of shape {found}, expected {expected}")]
    Shape {
        /// The shape found.
        found: String,
        /// The shape expected.
        expected: String,
    },
    /// A class beyond the last.
    #[error("found class {found}, expected 0 to {}", classes - 1)]
    LabelRange {
        /// The label.
        found: u8,
        /// How many classes there are.
        classes: usize,
    },
    /// A file that is not the one its manifest describes.
    #[error(
        "SHA-256 {found}, expected {expected}: this is not the file it should be; delete it and run `cargo xtask fetch {name}`"
    )]
    Hash {
        /// The hash found.
        found: String,
        /// The hash in the manifest.
        expected: &'static str,
        /// The data set's name in commands.
        name: &'static str,
    },
}

fn list(names: &[String]) -> String {
    const MOST: usize = 12;
    let mut text = names.iter().take(MOST).map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ");
    if names.len() > MOST {
        text.push_str(&format!(" and {} more", names.len() - MOST));
    }
    text
}

fn classes(missing: &[i64], n: u64) -> String {
    let text = missing.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
    match n - missing.len() as u64 {
        0 => format!("class {text}"),
        more => format!("class {text} and {more} more"),
    }
}
