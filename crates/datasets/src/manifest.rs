//! Data sets that are known by name: their files, with sizes and hashes, and where they come from.
//!
//! Each is described by a file in `datasets/`, which is compiled in. The files themselves are looked for in the folder that the
//! environment variable `UNFOLD_DATA` names, or a folder of the set's name inside it, and then in `datasets/cache/NAME/`, where
//! `cargo xtask fetch NAME` puts them. A folder counts where it has all files in their right sizes; what is in them is hashed as
//! it is loaded.

use crate::sources::files::whole;
use crate::{DataError, FileProblem, Idx, Place, Position, idx};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::thread;

/// A data set of pictures: a training and a test half, each with pictures and labels.
#[derive(Debug, Clone, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Its name in commands, and that of its folder.
    pub name: String,
    /// What it is called.
    pub title: String,
    /// Its page.
    pub homepage: String,
    /// Its licence.
    pub licence: String,
    /// What to cite.
    pub citation: String,
    /// Where its files are served, in the order to try: what goes before a file's name.
    pub mirrors: Vec<String>,
    /// Rows and columns of a picture.
    pub shape: [usize; 2],
    /// The classes, by label.
    pub classes: Vec<String>,
    /// The class with the fewest training pictures.
    pub smallest_class: SmallestClass,
    /// What is for training.
    pub train: Half,
    /// What is for testing.
    pub test: Half,
}

/// The class with the fewest pictures, by which it is known how many can be had of every class.
#[derive(Debug, Clone, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmallestClass {
    /// Its name.
    pub name: String,
    /// How many pictures it has.
    pub samples: usize,
}

/// Pictures and their labels.
#[derive(Debug, Clone, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Half {
    /// How many.
    pub samples: usize,
    /// The file of the pictures.
    pub images: DataFile,
    /// The file of the labels.
    pub labels: DataFile,
}

/// A file as it must be.
#[derive(Debug, Clone, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataFile {
    /// Its name.
    pub file: String,
    /// How many bytes it has.
    pub size: u64,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
}

/// The environment variable that names a folder of data.
pub const VARIABLE: &str = "UNFOLD_DATA";

static MANIFESTS: LazyLock<Vec<Manifest>> = LazyLock::new(|| {
    let texts = [
        include_str!("../../../datasets/mnist.toml"),
        include_str!("../../../datasets/fashion-mnist.toml"),
        include_str!("../../../datasets/kmnist.toml"),
    ];
    // They are part of the program, and a test reads them.
    texts.iter().map(|text| toml::from_str(text).expect("a manifest")).collect()
});

/// Every manifest.
pub fn manifests() -> &'static [Manifest] {
    &MANIFESTS
}

/// The manifest of this name, in which `_` stands for `-` too.
pub fn manifest(name: &str) -> Option<&'static Manifest> {
    manifests().iter().find(|m| m.name == name.replace('_', "-"))
}

/// The repository's folder: the nearest one above with `pipelines` in it, or where we are.
pub fn root() -> PathBuf {
    let here = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
    here.ancestors().find(|p| p.join("pipelines").is_dir()).unwrap_or(&here).to_owned()
}

/// The folder that [`VARIABLE`] names.
fn given() -> Option<PathBuf> {
    let given = std::env::var_os(VARIABLE).filter(|v| !v.is_empty()).map(PathBuf::from);
    // A relative path starts where we are or else, since tests run in their crates' folders, at the repository.
    given.map(|path| if path.is_dir() { path } else { root().join(path) })
}

/// Whether the folder that [`VARIABLE`] names, if it names one, is there.
///
/// # Errors
/// If not: that data would be looked for, or downloaded, elsewhere is hardly what was meant.
pub fn check_variable() -> Result<(), String> {
    match given() {
        Some(folder) if !folder.is_dir() => Err(format!(
            "{VARIABLE} names {}, and there is no such folder; unset it, or make it the folder of the data",
            folder.display()
        )),
        _ => Ok(()),
    }
}

/// Both halves as they are in the files.
#[derive(Debug)]
pub struct Loaded {
    /// Pictures, one after the other: those for training, then those for testing.
    pub pixels: Vec<u8>,
    /// The class of each.
    pub labels: Vec<u32>,
}

impl Manifest {
    /// Its files.
    pub fn files(&self) -> impl Iterator<Item = &DataFile> {
        [&self.train, &self.test].into_iter().flat_map(|half| [&half.images, &half.labels])
    }

    /// How many bytes its files have together.
    pub fn size(&self) -> u64 {
        self.files().map(|file| file.size).sum()
    }

    /// Where downloads of it go.
    pub fn cache(&self) -> PathBuf {
        root().join("datasets/cache").join(&self.name)
    }

    /// Where it may lie, in the order in which it is looked for.
    pub fn places(&self) -> Vec<PathBuf> {
        let given = given().into_iter().flat_map(|folder| [folder.join(&self.name), folder]);
        given.chain([self.cache()]).collect()
    }

    /// The folder that has all files in their right sizes.
    ///
    /// # Errors
    /// If there is none.
    pub fn locate(&'static self) -> Result<PathBuf, DataError> {
        self.locate_in(self.places())
    }

    fn locate_in(&'static self, places: Vec<PathBuf>) -> Result<PathBuf, DataError> {
        let mut tried = Vec::new();
        for place in places {
            match self.files().find_map(|file| file.wrong_in(&place)) {
                None => return Ok(place),
                Some(wrong) => tried.push(wrong),
            }
        }
        Err(DataError::Absent { name: &self.name, title: &self.title, tried })
    }

    /// Reads, hashes and unpacks all files of `folder`, on a thread each.
    ///
    /// # Errors
    /// If one cannot be read, has another hash than it should, or does not hold what it should.
    pub fn load(&'static self, folder: &Path) -> Result<Loaded, DataError> {
        let [height, width] = self.shape;
        let (train, test) = (&self.train, &self.test);
        let read = |file: &'static DataFile, shape: Vec<usize>| file.load(folder, &shape, &self.name);
        let [images, labels, test_images, test_labels] = thread::scope(|scope| {
            let images = scope.spawn(move || read(&train.images, vec![train.samples, height, width]));
            let rest = [
                (&train.labels, vec![train.samples]),
                (&test.images, vec![test.samples, height, width]),
                (&test.labels, vec![test.samples]),
            ];
            let [labels, test_images, test_labels] = rest.map(|(file, shape)| read(file, shape));
            // A panic there is one here.
            let images = images.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            [images, labels, test_images, test_labels]
        });
        let mut pixels = images?.bytes;
        pixels.reserve_exact(test.samples * height * width);
        let mut all = Vec::with_capacity(train.samples + test.samples);
        for (bytes, file) in [(labels?.bytes, &train.labels), (test_labels?.bytes, &test.labels)] {
            all.extend(in_range(&bytes, self.classes.len(), &shown(folder, file))?);
        }
        pixels.extend(test_images?.bytes);
        Ok(Loaded { pixels, labels: all })
    }
}

/// Labels as classes, each below `classes`.
pub(crate) fn in_range(labels: &[u8], classes: usize, file: &str) -> Result<Vec<u32>, DataError> {
    if let Some(i) = labels.iter().position(|&l| usize::from(l) >= classes) {
        let place = Place { file: file.into(), position: Position::Element(vec![i]) };
        return Err(DataError::file(place, FileProblem::LabelRange { found: labels[i], classes }));
    }
    Ok(labels.iter().map(|&l| u32::from(l)).collect())
}

fn shown(folder: &Path, file: &DataFile) -> String {
    folder.join(&file.file).display().to_string()
}

impl DataFile {
    /// Whether `folder` has this file, as far as its size says; otherwise what is wrong.
    pub fn wrong_in(&self, folder: &Path) -> Option<String> {
        let path = folder.join(&self.file);
        match std::fs::metadata(&path) {
            Ok(meta) if meta.is_file() && meta.len() == self.size => None,
            Ok(meta) if meta.is_file() => {
                Some(format!("{} has {} bytes instead of {}", path.display(), meta.len(), self.size))
            }
            _ if !folder.is_dir() => Some(format!("there is no folder {}", folder.display())),
            _ => Some(format!("there is no {}", path.display())),
        }
    }

    fn load(&'static self, folder: &Path, shape: &[usize], name: &'static str) -> Result<Idx, DataError> {
        let file = shown(folder, self);
        let bytes =
            std::fs::read(folder.join(&self.file)).map_err(|source| DataError::Read { file: file.clone(), source })?;
        let found = sha256(&bytes);
        if found != self.sha256 {
            let problem = FileProblem::Hash { found, expected: &self.sha256, name };
            return Err(DataError::file(whole(&file), problem));
        }
        let idx = idx::decode(&bytes, &file)?;
        if idx.shape != shape {
            let show = |shape: &[usize]| tensor::shape::display(shape).to_string();
            let problem = FileProblem::Shape { found: show(&idx.shape), expected: show(shape) };
            return Err(DataError::file(whole(&file), problem));
        }
        Ok(idx)
    }
}

/// SHA-256 of some bytes, in hexadecimal.
fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest;
    sha2::Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
#[path = "manifest_tests.rs"]
mod tests;
