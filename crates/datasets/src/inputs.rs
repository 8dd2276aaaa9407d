//! Samples read from files for a model that is trained already: pictures (PNG, JPEG, IDX), arrays (npy), tables (CSV).
//!
//! What a file is follows from how it begins, not from its name. A picture of other colours than the model takes is converted.

use ndarray::Array2;
use tensor::shape::{display, size};

use crate::decode::{Decoded, Format, coloured};
use crate::sources::{files::whole, npy::Npy, table::Table};
use crate::{DataError, FileProblem, Prepared, idx, images::resampled, picture};

/// What may be done to pictures on their way in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Fitting {
    /// Brings pictures of another size to that of the model: each pixel is the mean over the area it covers.
    pub resize: bool,
    /// Makes black white.
    pub invert: bool,
}

/// The samples of a file of these bytes, as numbers that a model for samples of shape `sample` takes; `prepared` says what was
/// done to those it was trained on. `file` is the name in errors.
///
/// # Errors
/// If the file cannot be read, or its samples do not fit the model.
pub fn samples(
    bytes: &[u8],
    file: &str,
    sample: &[usize],
    prepared: &Prepared,
    fitting: Fitting,
) -> Result<Array2<f32>, DataError> {
    if fitting.invert && !is_of_pictures(bytes) {
        return Err(DataError::file(whole(file), FileProblem::NoPictures));
    }
    let numbers = match bytes {
        _ if Format::of(bytes).is_some() => Pictures::of_file(bytes, file)?.fitted(file, sample, fitting)?,
        [0x1f, 0x8b, ..] | [0, 0, ..] => {
            let idx::Idx { shape, bytes } = idx::decode(bytes, file)?;
            Pictures { n: shape[0], shape: shape[1..].to_vec(), bytes }.fitted(file, sample, fitting)?
        }
        [0x93, b'N', b'U', b'M', b'P', b'Y', ..] => array(bytes, file, sample)?,
        // Whatever it holds: what is said of it is said of a picture.
        _ if Format::named(file).is_some() => Pictures::of_file(bytes, file)?.fitted(file, sample, fitting)?,
        _ => table(bytes, file, sample, prepared)?,
    };
    Ok(prepared.apply(numbers))
}

/// Whether a file is of bytes, by how it begins.
fn is_of_pictures(bytes: &[u8]) -> bool {
    Format::of(bytes).is_some() || matches!(bytes, [0x1f, 0x8b, ..] | [0, 0, ..])
}

/// Samples of bytes.
struct Pictures {
    n: usize,
    /// Of one of them.
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

impl Pictures {
    /// One picture.
    fn of_file(bytes: &[u8], file: &str) -> Result<Self, DataError> {
        let Decoded { shape, bytes } = Decoded::of(bytes, file)?;
        Ok(Self { n: 1, shape: shape.to_vec(), bytes })
    }

    /// As numbers that a model for this shape takes, before normalisation.
    fn fitted(mut self, file: &str, sample: &[usize], fitting: Fitting) -> Result<Array2<f32>, DataError> {
        let unlike = |help: &'static str| {
            let (found, expected) = (display(&self.shape).to_string(), display(sample).to_string());
            DataError::file(whole(file), FileProblem::Unlike { found, expected, help })
        };
        let n = self.n;
        let array = |values: Vec<f32>| Array2::from_shape_vec((n, size(sample)), values).expect("whole samples");
        if fitting.invert {
            self.bytes.iter_mut().for_each(|v| *v = 255 - *v);
        }
        match (picture(&self.shape), picture(sample)) {
            (Some([from, height, width]), Some([channels, rows, columns])) => {
                let bytes = coloured(&self.bytes, height * width, [from, channels]).ok_or_else(|| unlike(""))?;
                if [height, width] == [rows, columns] {
                    return Ok(array(bytes.into_iter().map(f32::from).collect()));
                }
                if !fitting.resize {
                    return Err(unlike(
                        "; --resize brings pictures to that size, each pixel the mean over the area it covers",
                    ));
                }
                let planes = resampled(&bytes, n * channels, [height, width], [rows, columns], 1.0);
                Ok(array(planes.into_iter().collect()))
            }
            // A model that takes pixels as a plain list.
            _ if size(&self.shape) == size(sample) => Ok(array(self.bytes.into_iter().map(f32::from).collect())),
            _ => Err(unlike("")),
        }
    }
}

/// The samples of an array: one per row, or a single one.
fn array(bytes: &[u8], file: &str, sample: &[usize]) -> Result<Array2<f32>, DataError> {
    let (x, shape) = Npy::samples(bytes, file)?;
    let whole_shape = [&[x.nrows()][..], &shape].concat();
    let single = |shape: &[usize]| {
        shape == sample
            || (shape.len() == 2
                && picture(sample).is_some_and(|[channels, rows, columns]| channels == 1 && [rows, columns] == *shape))
    };
    if single(&shape) || (x.ncols() == size(sample) && shape.len() == 1) {
        return Ok(x);
    }
    // A vector is read as samples of one number each.
    let one = if shape == [1] { vec![x.nrows()] } else { whole_shape };
    if single(&one) && x.len() == size(sample) {
        let values = x.into_iter().collect();
        return Ok(Array2::from_shape_vec((1, size(sample)), values).expect("as many numbers"));
    }
    let (found, expected) = (display(&shape).to_string(), display(sample).to_string());
    Err(DataError::file(whole(file), FileProblem::Unlike { found, expected, help: "" }))
}

/// The samples of a table: columns by the names of the model's features, or all of them in order where there are as many.
fn table(bytes: &[u8], file: &str, sample: &[usize], prepared: &Prepared) -> Result<Array2<f32>, DataError> {
    let delimiter = if file.to_ascii_lowercase().ends_with(".tsv") { b'\t' } else { b',' };
    let table = Table::read(bytes, file, delimiter, true)?;
    let width = size(sample);
    let named: Result<Vec<usize>, DataError> = prepared.features.iter().map(|name| table.column(name)).collect();
    let columns = match named {
        Ok(columns) if columns.len() == width => columns,
        _ if table.n_columns() == width => (0..width).collect(),
        Err(error) => return Err(error),
        Ok(_) => {
            let (found, expected) = (table.n_columns().to_string(), display(sample).to_string());
            return Err(DataError::file(whole(file), FileProblem::Unlike { found, expected, help: "" }));
        }
    };
    let mut x = Array2::zeros((table.n_rows(), width));
    for row in 0..table.n_rows() {
        for (feature, &column) in columns.iter().enumerate() {
            x[[row, feature]] = table.number(row, column)?;
        }
    }
    Ok(x)
}

#[cfg(test)]
#[path = "inputs_tests.rs"]
mod tests;
