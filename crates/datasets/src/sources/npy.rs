//! A user's own arrays in numpy's .npy files.
//!
//! The format: numpy.lib.format (NEP 1), versions 1.0 to 3.0: the magic, the version, a header length, a Python dictionary
//! `{'descr': '<f4', 'fortran_order': False, 'shape': (1000, 2)}`, then the elements.

use super::files::{self, Task, whole};
use crate::{
    DataError, Dataset, FileProblem, Place, Position, Scaling, Source, Spec, Splits, Targets, labels, scaling,
};
use ndarray::{Array2, ArrayD, Axis, IxDyn, ShapeBuilder, concatenate};
use registry::{Config, Problems};
use std::{io::Read, path::Path};
use tensor::Streams;

/// Your own arrays in numpy's .npy files: the samples in one, their targets in another.
///
/// `x` has one sample per row, n × features, or n × height × width and so on for images. `y` has n classes, 0…K−1, or n numbers,
/// or n × columns numbers. Elements are floats of 32 or 64 bits, integers of 8 to 64 bits or booleans, and become 32-bit floats.
/// Features of very different scales, the largest standard deviation more than 100 times the smallest, draw a warning unless
/// `normalize` is given.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Npy {
    /// The file of the samples, from the pipeline file's folder.
    #[schemars(extend("x-path" = true))]
    pub x: String,
    /// The file of the targets. Default: none, data to be looked at only.
    #[schemars(extend("x-path" = true))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub y: Option<String>,
    /// `"classification"` (the default) or `"regression"`.
    #[serde(default)]
    pub task: Task,
    /// Scales features by numbers of the training split, the other splits by the same numbers: `"standard"`, mean 0 and
    /// standard deviation 1; `"range"`, 0 to 1; `"none"`, as they are (the default). Where `x` is n × features each
    /// has numbers of its own, where it has more axes all elements share theirs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub normalize: Option<Scaling>,
    /// A file of samples for testing only, of the shape of the others. `split` then divides the others into training and
    /// validation splits and says how many of these to test on. Default: none.
    #[schemars(extend("x-path" = true))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test_x: Option<String>,
    /// The file of their targets.
    #[schemars(extend("x-path" = true))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test_y: Option<String>,
}

impl Config for Npy {
    const KIND: &str = "npy";
    const EXAMPLE: &str = "x = \"samples.npy\"\ny = \"classes.npy\"";
}

impl Npy {
    /// The shape of one sample: all axes but the first; a vector holds samples of one number.
    fn sample_shape(shape: &[usize]) -> Vec<usize> {
        if shape.len() == 1 { vec![1] } else { shape[1..].to_vec() }
    }

    fn feature_names(&self, features: usize) -> Vec<String> {
        let suffix = self.normalize.map_or("", Scaling::suffix);
        match features {
            1 => vec![format!("x{suffix}")],
            _ => (0..features).map(|i| format!("x{i}{suffix}")).collect(),
        }
    }

    /// The samples of an array, one per row, and the shape of one.
    pub(crate) fn samples(bytes: &[u8], file: &str) -> Result<(Array2<f32>, Vec<usize>), DataError> {
        let header = Header::read(bytes, bytes.len() as u64, file)?;
        let shape = Self::sample_shape(&header.shape);
        let values = header.elements(bytes, file, single)?;
        let x = Array2::from_shape_vec((header.shape[0], tensor::shape::size(&shape)), values);
        Ok((x.expect("`elements` gives as many values as the shape has"), shape))
    }

    /// The targets of the `n` samples in the file `other`; `known` are the classes' names, where other samples have said them.
    fn targets(
        &self,
        bytes: &[u8],
        file: &str,
        n: usize,
        other: &str,
        known: Option<&[String]>,
    ) -> Result<Targets, DataError> {
        let header = Header::read(bytes, bytes.len() as u64, file)?;
        let expected = match self.task {
            Task::Classification => "a vector of classes",
            Task::Regression => "a vector, or one row per sample",
        };
        let columns = match (header.shape.as_slice(), self.task) {
            ([_], _) | ([_, 1], _) => 1,
            ([_, columns], Task::Regression) => *columns,
            _ => return Err(DataError::file(whole(file), FileProblem::Rank { shape: header.shown_shape(), expected })),
        };
        if header.shape[0] != n {
            let problem = FileProblem::Pairs { found: header.shape[0], expected: n, other: other.into() };
            return Err(DataError::file(whole(file), problem));
        }
        match self.task {
            Task::Classification => {
                let place = |i| Place { file: file.into(), position: Position::Element(vec![i]) };
                let found = header.elements(bytes, file, integer)?;
                let (labels, names) = match known {
                    Some(known) => (labels::known(&found, known, place)?, known.to_vec()),
                    None => labels::numbered(&found, place)?,
                };
                Ok(Targets::Classes { labels, names })
            }
            Task::Regression => {
                let values = Array2::from_shape_vec((n, columns), header.elements(bytes, file, single)?);
                let columns =
                    if columns == 1 { vec!["y".into()] } else { (0..columns).map(|i| format!("y{i}")).collect() };
                Ok(Targets::Values {
                    values: values.expect("`elements` gives as many values as the shape has"),
                    columns,
                })
            }
        }
    }

    fn load_targets(&self, base: &Path, n: usize, n_test: usize) -> Result<Targets, DataError> {
        let load = |y: &str, x: &str, n, known: Option<&[String]>| {
            self.targets(&files::read(base, y)?, &files::shown(base, y), n, &files::shown(base, x), known)
        };
        let Some(y) = &self.y else { return Ok(Targets::None) };
        let own = load(y, &self.x, n, None)?;
        let (Some(test_x), Some(test_y)) = (&self.test_x, &self.test_y) else { return Ok(own) };
        let known = match &own {
            Targets::Classes { names, .. } => Some(&names[..]),
            _ => None,
        };
        let tested = load(test_y, test_x, n_test, known)?;
        Ok(match (own, tested) {
            (Targets::Classes { mut labels, names }, Targets::Classes { labels: tested, .. }) => {
                labels.extend(tested);
                Targets::Classes { labels, names }
            }
            (Targets::Values { values, columns }, Targets::Values { values: tested, .. }) => {
                let joined = concatenate(Axis(0), &[values.view(), tested.view()]).map_err(|_| {
                    let (found, expected) =
                        (format!("{}×{}", tested.nrows(), tested.ncols()), "as many columns as `y`");
                    let problem = FileProblem::Rank { shape: found, expected };
                    DataError::file(whole(&files::shown(base, test_y)), problem)
                })?;
                Targets::Values { values: joined, columns }
            }
            (own, _) => own,
        })
    }

    /// The shape of the array in a file, from its head, since the file may be large.
    fn shape(base: &Path, path: &str) -> Result<Vec<usize>, DataError> {
        const MOST_HEADER: u64 = 1 << 20;
        let file = files::shown(base, path);
        let read = || {
            let mut open = std::fs::File::open(base.join(path))?;
            let mut start = Vec::new();
            open.by_ref().take(MOST_HEADER).read_to_end(&mut start)?;
            Ok((start, open.metadata()?.len()))
        };
        let (start, length) = read().map_err(|source| DataError::Read { file: file.clone(), source })?;
        Ok(Header::read(&start, length, &file)?.shape)
    }

    /// How many samples there are for testing, whose shape must be that of the others.
    fn tested(&self, base: &Path, sample: &[usize]) -> Result<usize, DataError> {
        let Some(path) = &self.test_x else { return Ok(0) };
        let shape = Self::shape(base, path)?;
        if Self::sample_shape(&shape) == sample {
            return Ok(shape[0]);
        }
        let shown = |shape: &[usize]| tensor::shape::display(shape).to_string();
        let expected = format!("samples of shape {}, as the others are", shown(sample));
        let problem = FileProblem::Shape { found: shown(&shape), expected };
        Err(DataError::file(whole(&files::shown(base, path)), problem))
    }
}

impl Source for Npy {
    fn check(&self, problems: &mut Problems) {
        let paths = [
            ("x", Some(&self.x)),
            ("y", self.y.as_ref()),
            ("test_x", self.test_x.as_ref()),
            ("test_y", self.test_y.as_ref()),
        ];
        for (field, path) in paths {
            problems.require(path.is_none_or(|p| !p.is_empty()), field, || "an empty path, expected a file".into());
        }
        problems.require(
            (self.test_x.is_some() && self.y.is_some()) == self.test_y.is_some(),
            if self.test_y.is_some() { "test_y" } else { "test_x" },
            || "samples for testing have targets if and only if the others have, expected both or neither".into(),
        );
    }

    fn spec(&self, base: &Path) -> Result<Spec, DataError> {
        // The header says all about the samples. The targets are needed to count the classes.
        let shape = Self::shape(base, &self.x)?;
        let (n, shape) = (shape[0], Self::sample_shape(&shape));
        let n_test = self.tested(base, &shape)?;
        let empty = Dataset {
            x: Array2::zeros((0, 0)).into(),
            feature_names: self.feature_names(tensor::shape::size(&shape)),
            shape,
            y: self.load_targets(base, n, n_test)?,
            truth: None,
        };
        Ok(Spec { n: n + n_test, ..empty.spec() })
    }

    fn load(&self, base: &Path, _streams: &Streams, _stage: &str) -> Result<Dataset, DataError> {
        let read = |path: &str| Self::samples(&files::read(base, path)?, &files::shown(base, path));
        let (mut x, shape) = read(&self.x)?;
        let (n, n_test) = (x.nrows(), self.tested(base, &shape)?);
        if let Some(path) = &self.test_x {
            let (tested, _) = read(path)?;
            x.append(Axis(0), tested.view()).expect("samples of the same shape");
        }
        let y = self.load_targets(base, n, n_test)?;
        Ok(Dataset { feature_names: self.feature_names(x.ncols()), x: x.into(), shape, y, truth: None })
    }

    fn own_test_samples(&self, base: &Path) -> Result<usize, DataError> {
        match &self.test_x {
            Some(_) => self.tested(base, &Self::sample_shape(&Self::shape(base, &self.x)?)),
            None => Ok(0),
        }
    }

    fn finish(&self, splits: &mut Splits) -> Result<(), DataError> {
        self.normalize.unwrap_or(Scaling::None).finish(splits, |_| false)
    }

    fn warn(&self, base: &Path, problems: &mut Problems) -> Result<(), DataError> {
        if self.normalize.is_none() && Self::shape(base, &self.x)?.len() == 2 {
            let (x, _) = Self::samples(&files::read(base, &self.x)?, &files::shown(base, &self.x))?;
            let names = self.feature_names(x.ncols());
            scaling::warn(names.iter().map(String::as_str).zip(x.columns()), problems);
        }
        Ok(())
    }
}

/// How to read one element as f64: exact but for integers beyond 2⁵³.
type Decode = fn(&[u8]) -> f64;

/// What the head of a file says, checked against the file's length.
struct Header {
    shape: Vec<usize>,
    fortran: bool,
    size: usize,
    decode: Decode,
    /// Where the elements start.
    data: usize,
}

const NUMBERS: &str = "f4, f8, i1, i2, i4, i8, u1, u2, u4, u8 or b1";

impl Header {
    /// Reads the head of a file of `length` bytes that starts with `bytes`.
    fn read(bytes: &[u8], length: u64, file: &str) -> Result<Header, DataError> {
        let fail = |problem| Err(DataError::file(whole(file), problem));
        let malformed = |expected| DataError::file(whole(file), FileProblem::NpyHeader { expected });
        if bytes.is_empty() {
            return fail(FileProblem::Empty);
        }
        let Some(rest) = bytes.strip_prefix(b"\x93NUMPY") else { return fail(FileProblem::NotNpy) };
        let (size, before) = match *rest {
            [1, 0, a, b, ..] => (usize::from(u16::from_le_bytes([a, b])), 10),
            [2 | 3, 0, a, b, c, d, ..] => (u32::from_le_bytes([a, b, c, d]) as usize, 12),
            [1..=3, 0, ..] => return Err(malformed("the header's length")),
            [major, minor, ..] => return fail(FileProblem::NpyVersion { major, minor }),
            _ => return Err(malformed("a version")),
        };
        let text = bytes[before..].get(..size).and_then(|b| std::str::from_utf8(b).ok());
        let text = text.ok_or_else(|| malformed("as much text as its length says"))?;
        let Dictionary { descr, fortran, shape } = Dictionary::parse(text).map_err(malformed)?;

        let Some((size, decode)) = element(&descr) else {
            return fail(FileProblem::ElementType { found: files::shortened(&descr), expected: NUMBERS });
        };
        let header = Header { shape, fortran, size, decode, data: before + text.len() };
        if header.shape.is_empty() {
            return fail(FileProblem::Rank { shape: header.shown_shape(), expected: "one sample per row" });
        }
        if header.shape.contains(&0) {
            return fail(FileProblem::NoElements { shape: header.shown_shape() });
        }
        let expected = header.shape.iter().try_fold(size as u64, |n, &d| n.checked_mul(d as u64)).unwrap_or(u64::MAX);
        let found = length.saturating_sub(header.data as u64);
        if found != expected {
            return fail(FileProblem::Length { found, expected, shape: header.shown_shape() });
        }
        Ok(header)
    }

    fn shown_shape(&self) -> String {
        tensor::shape::display(&self.shape).to_string()
    }

    /// Every element in row-major order, converted; the first that cannot be fails with its index.
    fn elements<T: Copy>(
        &self,
        bytes: &[u8],
        file: &str,
        convert: impl Fn(f64) -> Result<T, FileProblem>,
    ) -> Result<Vec<T>, DataError> {
        let mut values = Vec::with_capacity((bytes.len() - self.data) / self.size);
        for (i, element) in bytes[self.data..].chunks_exact(self.size).enumerate() {
            match convert((self.decode)(element)) {
                Ok(value) => values.push(value),
                Err(problem) => {
                    let position = Position::Element(self.index(i));
                    return Err(DataError::file(Place { file: file.into(), position }, problem));
                }
            }
        }
        if !self.fortran || self.shape.len() == 1 {
            return Ok(values);
        }
        let array = ArrayD::from_shape_vec(IxDyn(&self.shape).f(), values);
        let array = array.expect("the length was checked against the shape");
        Ok(array.iter().copied().collect())
    }

    /// The indices of the i-th element in the file.
    fn index(&self, mut i: usize) -> Vec<usize> {
        let mut index = vec![0; self.shape.len()];
        let axes: Vec<usize> = if self.fortran { (0..index.len()).collect() } else { (0..index.len()).rev().collect() };
        for axis in axes {
            index[axis] = i % self.shape[axis];
            i /= self.shape[axis];
        }
        index
    }
}

/// A finite number as f32.
fn single(value: f64) -> Result<f32, FileProblem> {
    match value as f32 {
        single if single.is_finite() => Ok(single),
        _ if value.is_finite() => Err(FileProblem::TooLarge { found: value.to_string() }),
        _ => Err(FileProblem::NotFinite { found: value.to_string() }),
    }
}

/// A whole number.
fn integer(value: f64) -> Result<i64, FileProblem> {
    match value {
        _ if !value.is_finite() => Err(FileProblem::NotFinite { found: value.to_string() }),
        _ if value.fract() != 0.0 => Err(FileProblem::FractionalLabel { found: value.to_string() }),
        _ => Ok(value as i64),
    }
}

/// Size and decoder of an element type such as `<f4`.
fn element(descr: &str) -> Option<(usize, Decode)> {
    macro_rules! decode {
        ($t:ty, $from:ident) => {
            // `elements` cuts the data into chunks of this size, so that none is short.
            (size_of::<$t>(), |b: &[u8]| b.try_into().map_or(f64::NAN, |b| <$t>::$from(b) as f64))
        };
    }
    let (order, code) = descr.split_at_checked(1)?;
    Some(match (order, code) {
        ("|" | "<" | ">", "u1") => decode!(u8, from_le_bytes),
        ("|" | "<" | ">", "i1") => decode!(i8, from_le_bytes),
        ("|" | "<" | ">", "b1") => (1, |b| f64::from(u8::from(b[0] != 0))),
        ("<", "f4") => decode!(f32, from_le_bytes),
        (">", "f4") => decode!(f32, from_be_bytes),
        ("<", "f8") => decode!(f64, from_le_bytes),
        (">", "f8") => decode!(f64, from_be_bytes),
        ("<", "i2") => decode!(i16, from_le_bytes),
        (">", "i2") => decode!(i16, from_be_bytes),
        ("<", "u2") => decode!(u16, from_le_bytes),
        (">", "u2") => decode!(u16, from_be_bytes),
        ("<", "i4") => decode!(i32, from_le_bytes),
        (">", "i4") => decode!(i32, from_be_bytes),
        ("<", "u4") => decode!(u32, from_le_bytes),
        (">", "u4") => decode!(u32, from_be_bytes),
        ("<", "i8") => decode!(i64, from_le_bytes),
        (">", "i8") => decode!(i64, from_be_bytes),
        ("<", "u8") => decode!(u64, from_le_bytes),
        (">", "u8") => decode!(u64, from_be_bytes),
        _ => return None,
    })
}

/// The three entries of the header's dictionary.
struct Dictionary {
    descr: String,
    fortran: bool,
    shape: Vec<usize>,
}

impl Dictionary {
    /// Reads `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }`; an error says what was expected.
    fn parse(text: &str) -> Result<Self, &'static str> {
        let mut rest = text.trim().strip_prefix('{').ok_or("a dictionary")?.trim_start();
        let (mut descr, mut fortran, mut shape) = (None, None, None);
        while !rest.starts_with('}') {
            let (key, after) = string(rest).ok_or("a key in quotes")?;
            let value = after.trim_start().strip_prefix(':').ok_or("a colon after the key")?.trim_start();
            rest = match key {
                "descr" => match string(value) {
                    Some((text, after)) => {
                        descr = Some(text.to_owned());
                        after
                    }
                    None => return Err("a plain element type, no structure"),
                },
                "fortran_order" => {
                    let after = ["True", "False"].into_iter().find_map(|word| Some((word, value.strip_prefix(word)?)));
                    let (word, after) = after.ok_or("True or False as 'fortran_order'")?;
                    fortran = Some(word == "True");
                    after
                }
                "shape" => {
                    let (inside, after) =
                        value.strip_prefix('(').and_then(|v| v.split_once(')')).ok_or("a tuple as 'shape'")?;
                    let sizes = inside.split(',').map(str::trim).filter(|s| !s.is_empty()).map(str::parse);
                    shape = Some(sizes.collect::<Result<_, _>>().map_err(|_| "whole numbers in 'shape'")?);
                    after
                }
                _ => return Err("the keys 'descr', 'fortran_order' and 'shape' only"),
            };
            rest = rest.trim_start();
            rest = rest.strip_prefix(',').unwrap_or(rest).trim_start();
        }
        Ok(Dictionary {
            descr: descr.ok_or("the key 'descr'")?,
            fortran: fortran.ok_or("the key 'fortran_order'")?,
            shape: shape.ok_or("the key 'shape'")?,
        })
    }
}

/// A quoted string at the start of `text`, and what follows it.
fn string(text: &str) -> Option<(&str, &str)> {
    let quote = text.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    text[1..].split_once(quote)
}

#[cfg(test)]
#[path = "npy_tests.rs"]
mod tests;
