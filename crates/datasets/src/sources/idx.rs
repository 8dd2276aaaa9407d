//! A user's own pictures in IDX files, the format of MNIST.

use super::files;
use crate::images::{Pictures, image_source};
use crate::{DataError, Dataset, FileProblem, Idx, Place, Position, Source, Spec, Splits, idx, labels};
use registry::{Config, Problems};
use std::path::Path;
use tensor::{Purpose, Streams};

image_source! {
    /// Your own pictures in IDX files, the format of MNIST, plain or compressed by gzip: pixels in one file, labels in another.
    ///
    /// Pixels are bytes, n × rows × columns; labels are n bytes, 0…K−1. With `test_images`, `split` divides the others into
    /// training and validation splits and says how many of these to test on. Samples have shape 1×rows×columns.
    IdxFiles {
        /// The file of the pictures, from the pipeline file's folder.
        #[schemars(extend("x-path" = true))]
        images: String,
        /// The file of their labels. Default: none, pictures to be looked at only.
        #[schemars(extend("x-path" = true))]
        #[serde(default, skip_serializing_if = "Option::is_none")]
        labels: Option<String>,
        /// A file of pictures that are for testing only. Default: none.
        #[schemars(extend("x-path" = true))]
        #[serde(default, skip_serializing_if = "Option::is_none")]
        test_images: Option<String>,
        /// The file of their labels.
        #[schemars(extend("x-path" = true))]
        #[serde(default, skip_serializing_if = "Option::is_none")]
        test_labels: Option<String>,
    }
}

impl Config for IdxFiles {
    const KIND: &str = "idx";
    const EXAMPLE: &str = "images = \"letters-images-idx3-ubyte.gz\"\nlabels = \"letters-labels-idx1-ubyte.gz\"";
}

/// Each picture's class, and the classes' names.
type Labels = (Vec<u32>, Vec<String>);

impl IdxFiles {
    /// The shape of a file of pictures, from its head.
    fn shape(base: &Path, path: &str) -> Result<[usize; 3], DataError> {
        let file = files::shown(base, path);
        pictures(&idx::shape(&base.join(path), &file)?, &file)
    }

    /// Pixels of a file of pictures, and their shape.
    fn pixels(base: &Path, path: &str) -> Result<(Vec<u8>, [usize; 3]), DataError> {
        let file = files::shown(base, path);
        let Idx { shape, bytes } = idx::decode(&files::read(base, path)?, &file)?;
        Ok((bytes, pictures(&shape, &file)?))
    }

    /// The labels of `n` pictures of the file `other`.
    fn bytes(base: &Path, path: &str, n: usize, other: &str) -> Result<Vec<u8>, DataError> {
        let file = files::shown(base, path);
        let Idx { shape, bytes } = idx::decode(&files::read(base, path)?, &file)?;
        match shape[..] {
            [found] if found == n => Ok(bytes),
            [found] => {
                let problem = FileProblem::Pairs { found, expected: n, other: files::shown(base, other) };
                Err(DataError::file(files::whole(&file), problem))
            }
            _ => {
                let shape = tensor::shape::display(&shape).to_string();
                let problem = FileProblem::Rank { shape, expected: "a vector of labels" };
                Err(DataError::file(files::whole(&file), problem))
            }
        }
    }

    /// The test pictures' shape, which must be that of the others.
    fn test_shape(&self, base: &Path, [_, h, w]: [usize; 3]) -> Result<usize, DataError> {
        let Some(test) = &self.test_images else { return Ok(0) };
        let [n, height, width] = Self::shape(base, test)?;
        if [height, width] == [h, w] {
            return Ok(n);
        }
        let (found, expected) = (format!("{n}×{height}×{width}"), format!("pictures of {h}×{w}, as the others are"));
        Err(DataError::file(files::whole(&files::shown(base, test)), FileProblem::Shape { found, expected }))
    }

    /// All labels, as classes.
    fn classes(&self, base: &Path, n: usize, n_test: usize) -> Result<Option<Labels>, DataError> {
        let Some(own) = &self.labels else { return Ok(None) };
        let mut all = Self::bytes(base, own, n, &self.images)?;
        if let (Some(path), Some(images)) = (&self.test_labels, &self.test_images) {
            all.extend(Self::bytes(base, path, n_test, images)?);
        }
        let all: Vec<i64> = all.into_iter().map(i64::from).collect();
        let place = |i: usize| {
            let (path, i) = match &self.test_labels {
                Some(path) if i >= n => (path, i - n),
                _ => (own, i),
            };
            Place { file: files::shown(base, path), position: Position::Element(vec![i]) }
        };
        labels::numbered(&all, place).map(Some)
    }
}

/// The most pixels of a picture: each is a feature with a name.
const MOST_PIXELS: usize = 1 << 20;

/// The shape of pictures.
fn pictures(shape: &[usize], file: &str) -> Result<[usize; 3], DataError> {
    let (fail, shown) =
        (|problem| DataError::file(files::whole(file), problem), || tensor::shape::display(shape).to_string());
    match <[usize; 3]>::try_from(shape) {
        Ok([_, height, width]) if height * width > MOST_PIXELS => {
            let why = format!("pictures of {MOST_PIXELS} pixels, the largest that are read");
            Err(fail(FileProblem::IdxSize { shape: shown(), why }))
        }
        Ok(shape) => Ok(shape),
        Err(_) => Err(fail(FileProblem::Rank { shape: shown(), expected: "pictures: n × rows × columns" })),
    }
}

impl Source for IdxFiles {
    fn check(&self, problems: &mut Problems) {
        let paths = [
            ("images", Some(&self.images)),
            ("labels", self.labels.as_ref()),
            ("test_images", self.test_images.as_ref()),
            ("test_labels", self.test_labels.as_ref()),
        ];
        for (field, path) in paths {
            problems.require(path.is_none_or(|p| !p.is_empty()), field, || "an empty path, expected a file".into());
        }
        let paired = |images: bool, labels: bool| images == labels;
        problems.require(
            paired(self.test_images.is_some() && self.labels.is_some(), self.test_labels.is_some()),
            if self.test_labels.is_some() { "test_labels" } else { "test_images" },
            || "pictures for testing have labels if and only if the others have, expected both or neither".into(),
        );
        self.options().check(None, self.labels.is_some(), problems);
    }

    fn spec(&self, base: &Path) -> Result<Spec, DataError> {
        let shape = Self::shape(base, &self.images)?;
        let n_test = self.test_shape(base, shape)?;
        let [n, height, width] = shape;
        let labelled = self.classes(base, n, n_test)?;
        if let Some((labels, names)) = &labelled {
            self.options().check_classes(&labels[..n], names)?;
        }
        let classes = labelled.map(|(_, names)| names);
        self.options().spec(n + n_test, n_test, [height, width], classes)
    }

    fn load(&self, base: &Path, streams: &Streams, stage: &str) -> Result<Dataset, DataError> {
        let (mut pixels, shape) = Self::pixels(base, &self.images)?;
        let n_test = self.test_shape(base, shape)?;
        if let Some(test) = &self.test_images {
            pixels.extend(Self::pixels(base, test)?.0);
        }
        let (labels, classes) = self.classes(base, shape[0], n_test)?.unzip();
        let pictures = Pictures {
            pixels,
            shape: [shape[1], shape[2]],
            labels,
            classes: classes.unwrap_or_default(),
            own_test: n_test,
        };
        self.options().dataset(pictures, &mut streams.stream(stage, Purpose::Sample))
    }

    fn rows(&self, base: &Path, streams: &Streams, stage: &str) -> Result<Option<Vec<usize>>, DataError> {
        let shape = Self::shape(base, &self.images)?;
        let n_test = self.test_shape(base, shape)?;
        let (labels, classes) = self.classes(base, shape[0], n_test)?.unwrap_or_default();
        self.options().rows(&labels, &classes, n_test, &mut streams.stream(stage, Purpose::Sample))
    }

    fn number_size(&self) -> usize {
        self.options().number_size()
    }

    fn finish(&self, splits: &mut Splits) -> Result<(), DataError> {
        self.options().finish(splits)
    }

    fn own_test_samples(&self, base: &Path) -> Result<usize, DataError> {
        match &self.test_images {
            Some(_) => self.test_shape(base, Self::shape(base, &self.images)?),
            None => Ok(0),
        }
    }
}
