//! Sources of data, one file each: synthetic ones, known pictures and a user's own files.
//!
//! A [`Source`] is the config of one `[dataset.NAME]` table. It says cheaply what it will give ([`Source::spec`]: how many
//! samples, their shape, the classes), so that a pipeline can be checked before anything runs, and gives it
//! ([`Source::load`]): a [`Dataset`] with the same bits on every machine for the same seed and stage name.
//!
//! ```
//! use datasets::{Source, sources::spiral::Spiral};
//! use tensor::Streams;
//!
//! let source = Spiral { points: 300, classes: 3, noise: 0.2 };
//! let data = source.load(".".as_ref(), &Streams::new(2024), "dataset.spiral")?;
//! assert_eq!((data.n(), data.features(), data.classes()), (300, 2, Some(3)));
//! # Ok::<(), datasets::DataError>(())
//! ```
//!
//! Some keys belong to every dataset table whatever its kind: `kind` itself, `split`, `label_noise` and `random_labels`
//! ([`Common`]). A new source is one file like [`sources::spiral`] and one line in the list in `sources/mod.rs`.

mod corrupt;
mod dataset;
mod decode;
mod error;
mod idx;
mod images;
mod inputs;
mod labels;
pub mod manifest;
mod place;
mod prepared;
mod samples;
pub mod scaling;
mod split;
mod splits;

pub mod sources;

pub use dataset::{Dataset, Spec, TargetSpec, Targets, picture};
pub use error::{DataError, FileProblem};
pub use idx::Idx;
pub use images::{Normalize, Pixels, Standard};
pub use inputs::{Fitting, samples};
pub use manifest::Manifest;
pub use place::{Place, Position};
pub use prepared::{Numbers, Prepared};
pub use samples::Samples;
pub use scaling::{Scaled, Scaling};
pub use sources::REGISTRY;
pub use split::{Common, SplitConfig, rows, sizes, split, splits};
pub use splits::{Split, Splits};

use registry::Problems;
use std::path::Path;
use tensor::Streams;

/// Where data comes from: the config of one dataset table.
pub trait Source: std::fmt::Debug + Send + Sync {
    /// Notes every number out of range, with its path below the table (`noise`). Reads no file.
    fn check(&self, _problems: &mut Problems) {}

    /// What [`Source::load`] will give. Synthetic sources only count; files are read as far as it takes to know. Relative
    /// paths start at `base`, the folder of the pipeline file.
    ///
    /// # Errors
    /// If a file cannot be read or is not what the config says.
    fn spec(&self, base: &Path) -> Result<Spec, DataError>;

    /// The data. Random numbers come from the streams of `stage` (`dataset.NAME`), so that another table moves none of them.
    ///
    /// # Errors
    /// If a file cannot be read or holds something that is no data, with file, line and column.
    fn load(&self, base: &Path, streams: &Streams, stage: &str) -> Result<Dataset, DataError>;

    /// Which row of the source each sample of [`Source::load`] is, ascending, where that takes some of them only. Rows count from
    /// 0, those of a file for testing after the others.
    ///
    /// # Errors
    /// Those of [`Source::load`].
    fn rows(&self, _base: &Path, _streams: &Streams, _stage: &str) -> Result<Option<Vec<usize>>, DataError> {
        Ok(None)
    }

    /// How many of the samples, the last ones, are for testing only: MNIST's test file. A split draws the training and validation
    /// splits from the others.
    ///
    /// # Errors
    /// If a file cannot be read.
    fn own_test_samples(&self, _base: &Path) -> Result<usize, DataError> {
        Ok(0)
    }

    /// Does what needs to know which samples are for training, once that is decided: standardising.
    ///
    /// # Errors
    /// If that cannot be done to such data.
    fn finish(&self, _parts: &mut Splits) -> Result<(), DataError> {
        Ok(())
    }

    /// How many bytes each number of a sample takes once it is loaded.
    fn number_size(&self) -> usize {
        4
    }

    /// Notes what is allowed and probably not meant, with its path below the table: features of very different scales.
    ///
    /// # Errors
    /// If a file cannot be read or is not what the config says.
    fn warn(&self, _base: &Path, _problems: &mut Problems) -> Result<(), DataError> {
        Ok(())
    }

    /// The files it needs, where these are known by name and can be fetched.
    fn manifest(&self) -> Option<&'static Manifest> {
        None
    }
}

#[cfg(test)]
mod tests;
