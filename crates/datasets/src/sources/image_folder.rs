//! A user's own pictures: a folder of PNG and JPEG files for each class.

use std::{
    fs::File,
    io::BufReader,
    path::{Path, PathBuf},
};

use registry::{Config, Problems};
use tensor::{Purpose, Streams};

use super::files::{shown, whole};
use crate::decode::{Decoded, Format, size};
use crate::images::{Pictures, image_source, resampled};
use crate::{DataError, Dataset, FileProblem, Source, Spec, Splits};

image_source! {
    /// Your own pictures: a folder with a folder for each class, `pets/cat/1.png`, `pets/dog/rex.jpg`, of PNG and JPEG files.
    ///
    /// Classes are in the order of their folders' names, pictures in that of their files'; hidden files are left out. Colours
    /// become grey, (299·R + 587·G + 114·B) / 1000, and what is transparent is white. Pictures of several sizes need `resize`,
    /// which stretches each to that size and rounds its pixels to bytes. Samples have shape 1×rows×columns.
    ImageFolder {
        /// The folder, from the pipeline file's folder.
        #[schemars(extend("x-path" = true))]
        path: String,
        /// A folder of the same classes with pictures that are for testing only. Default: none.
        #[schemars(extend("x-path" = true))]
        #[serde(default, skip_serializing_if = "Option::is_none")]
        test_path: Option<String>,
        /// Makes black white, as for ink on paper: what is 0 then is the paper. Default false.
        #[serde(default)]
        invert: bool,
    }
}

impl Config for ImageFolder {
    const KIND: &str = "image_folder";
    const EXAMPLE: &str = "path = \"pets\"\nresize = [28, 28]";
}

/// The files of a folder, and the class of each.
struct Listing {
    classes: Vec<String>,
    files: Vec<(PathBuf, u32)>,
}

fn problem(file: &Path, reason: impl Into<String>) -> DataError {
    let problem = FileProblem::Folder { reason: reason.into() };
    DataError::file(whole(&file.display().to_string()), problem)
}

/// What is in a folder, in the order of names; hidden files are left out.
fn entries(folder: &Path) -> Result<Vec<(String, PathBuf)>, DataError> {
    let read = |source| DataError::Read { file: folder.display().to_string(), source };
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(read)? {
        let path = entry.map_err(read)?.path();
        let name = path.file_name().unwrap_or_default().to_str().map(str::to_owned);
        let name = name.ok_or_else(|| problem(&path, "the name is no UTF-8 text; rename it"))?;
        if !name.starts_with('.') {
            entries.push((name, path));
        }
    }
    entries.sort();
    Ok(entries)
}

impl Listing {
    /// The class of each file.
    fn labels(&self) -> Vec<u32> {
        self.files.iter().map(|(_, class)| *class).collect()
    }

    /// The pictures of a folder; `known` are the classes that it may have, if they are known.
    fn of(folder: &Path, known: Option<&[String]>) -> Result<Self, DataError> {
        let folders = entries(folder)?;
        let mut listing = Listing { classes: known.map(<[String]>::to_vec).unwrap_or_default(), files: Vec::new() };
        for (name, path) in folders {
            if !path.is_dir() {
                return Err(problem(&path, "a file beside the classes, expected only a folder for each class"));
            }
            if let Some(found) = name.chars().find(|c| c.is_control()) {
                return Err(DataError::file(whole(&path.display().to_string()), FileProblem::Control { found }));
            }
            let class = match (listing.classes.iter().position(|class| *class == name), known) {
                (Some(class), _) => class,
                (None, Some(known)) => {
                    return Err(problem(&path, format!("no class of the training pictures: {}", known.join(", "))));
                }
                (None, None) => {
                    listing.classes.push(name);
                    listing.classes.len() - 1
                }
            };
            let before = listing.files.len();
            for (name, file) in entries(&path)? {
                if Format::named(&name).is_none() {
                    return Err(problem(&file, "expected pictures only, files that end in .png, .jpg or .jpeg"));
                }
                listing.files.push((file, class as u32));
            }
            if listing.files.len() == before {
                return Err(problem(&path, "a class without pictures"));
            }
        }
        if listing.files.is_empty() {
            return Err(problem(folder, "no pictures, expected a folder for each class"));
        }
        Ok(listing)
    }

    /// The one size that all pictures have, or that of `resize`.
    fn size(&self, resize: Option<[usize; 2]>) -> Result<[usize; 2], DataError> {
        let mut first = None;
        for (file, _) in &self.files {
            let name = file.display().to_string();
            let open = File::open(file).map_err(|source| DataError::Read { file: name.clone(), source })?;
            let size = size(BufReader::new(open), &name)?;
            let first = *first.get_or_insert(size);
            if resize.is_none() && size != first {
                let [first, found] = [first, size].map(|[h, w]| format!("{h}×{w}"));
                return Err(problem(
                    file,
                    format!(
                        "{found} pixels, and the first picture has {first}; resize = [rows, columns] brings all to one size"
                    ),
                ));
            }
        }
        Ok(resize.or(first).unwrap_or_default())
    }
}

impl ImageFolder {
    /// The pictures of both folders, those for testing last, and how many these are.
    fn listing(&self, base: &Path) -> Result<(Listing, usize), DataError> {
        let mut all = Listing::of(Path::new(&shown(base, &self.path)), None)?;
        let Some(test) = &self.test_path else { return Ok((all, 0)) };
        let test = Listing::of(Path::new(&shown(base, test)), Some(&all.classes))?;
        let n = test.files.len();
        all.files.extend(test.files);
        Ok((all, n))
    }

    /// The grey pixels of a picture in that size.
    fn pixels(&self, file: &Path, to: [usize; 2]) -> Result<Vec<u8>, DataError> {
        let name = file.display().to_string();
        let bytes = std::fs::read(file).map_err(|source| DataError::Read { file: name.clone(), source })?;
        let picture = Decoded::of(&bytes, &name)?;
        let from = [picture.shape[1], picture.shape[2]];
        let mut grey = picture.grey();
        if from != to {
            // 0 to 255; the nearest whole number, halves upwards.
            grey = resampled(&grey, 1, from, to, 1.0).iter().map(|v| (v + 0.5) as u8).collect();
        }
        if self.invert {
            grey.iter_mut().for_each(|v| *v = 255 - *v);
        }
        Ok(grey)
    }
}

impl Source for ImageFolder {
    fn check(&self, problems: &mut Problems) {
        for (field, path) in [("path", Some(&self.path)), ("test_path", self.test_path.as_ref())] {
            problems.require(path.is_none_or(|p| !p.is_empty()), field, || "an empty path, expected a folder".into());
        }
        self.options().check(None, true, problems);
    }

    fn spec(&self, base: &Path) -> Result<Spec, DataError> {
        let (listing, n_test) = self.listing(base)?;
        let n = listing.files.len();
        self.options().check_classes(&listing.labels()[..n - n_test], &listing.classes)?;
        let size = listing.size(self.resize)?;
        self.options().spec(n, n_test, size, Some(listing.classes))
    }

    fn load(&self, base: &Path, streams: &Streams, stage: &str) -> Result<Dataset, DataError> {
        let (listing, own_test) = self.listing(base)?;
        let shape = listing.size(self.resize)?;
        let mut pixels = Vec::with_capacity(listing.files.len() * shape[0] * shape[1]);
        for (file, _) in &listing.files {
            pixels.extend(self.pixels(file, shape)?);
        }
        let labels = Some(listing.labels());
        let pictures = Pictures { pixels, shape, labels, classes: listing.classes, own_test };
        self.options().dataset(pictures, &mut streams.stream(stage, Purpose::Sample))
    }

    fn rows(&self, base: &Path, streams: &Streams, stage: &str) -> Result<Option<Vec<usize>>, DataError> {
        let (listing, own_test) = self.listing(base)?;
        let mut stream = streams.stream(stage, Purpose::Sample);
        self.options().rows(&listing.labels(), &listing.classes, own_test, &mut stream)
    }

    fn own_test_samples(&self, base: &Path) -> Result<usize, DataError> {
        Ok(self.listing(base)?.1)
    }

    fn finish(&self, splits: &mut Splits) -> Result<(), DataError> {
        self.options().finish(splits)
    }

    fn number_size(&self) -> usize {
        if self.downsample.is_none_or(|by| by == 1) { 1 } else { 4 }
    }
}

/// 8 × 8 pixels of grey 100, by Pillow 13 (`Image.new("L", (8, 8), 100).save("grey.jpg")`).
#[cfg(test)]
pub(crate) const GREY_JPEG: &[u8] = include_bytes!("image_folder_grey.jpg");

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder of this test's own, removed in the end.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("unfold-image-folder-{name}-{}", std::process::id()));
            let _ = std::fs::remove_dir_all(&path);
            Self(path)
        }

        fn with(&self, file: &str, bytes: &[u8]) -> &Self {
            let file = self.0.join(file);
            std::fs::create_dir_all(file.parent().expect("a folder")).expect("made");
            std::fs::write(file, bytes).expect("written");
            self
        }

        fn config(&self, rest: &str) -> ImageFolder {
            let path = self.0.join("pets").display().to_string();
            toml::from_str(&format!("path = {path:?}\n{rest}")).expect("parses")
        }

        fn loaded(&self, rest: &str) -> Dataset {
            let config = self.config(rest);
            let data = config.load(Path::new(""), &Streams::new(1), "dataset.d").expect("loads");
            let spec = config.spec(Path::new("")).expect("counts");
            assert_eq!((spec.n, &spec.shape, spec.classes()), (data.n(), &data.shape, data.classes()));
            data
        }

        fn refused(&self, rest: &str) -> String {
            let error = self.config(rest).spec(Path::new("")).expect_err("refused").to_string();
            error.replace(&self.0.display().to_string(), "F")
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    fn png(color: png::ColorType, [height, width]: [u32; 2], pixels: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, width, height);
        encoder.set_color(color);
        encoder.write_header().and_then(|mut w| w.write_image_data(pixels)).expect("written");
        bytes
    }

    fn grey(size: [u32; 2], pixels: &[u8]) -> Vec<u8> {
        png(png::ColorType::Grayscale, size, pixels)
    }

    #[test]
    fn classes_are_folders_and_pictures_go_by_their_names() {
        let folder = Folder::new("order");
        folder
            .with("pets/dog/b.png", &grey([1, 2], &[30, 40]))
            .with("pets/dog/a.PNG", &png(png::ColorType::Rgb, [1, 2], &[255, 0, 0, 0, 0, 255]))
            .with("pets/cat/z.png", &grey([1, 2], &[10, 20]))
            .with("pets/.hidden", b"")
            .with("pets/cat/.DS_Store", b"");
        let data = folder.loaded("normalize = \"none\"");
        assert_eq!(data.x.iter().copied().collect::<Vec<_>>(), [10.0, 20.0, 76.0, 29.0, 30.0, 40.0]);
        assert_eq!(data.labels().expect("classes"), [0, 1, 1]);
        assert_eq!(data.shape, [1, 1, 2]);
        let inverted = folder.loaded("normalize = \"none\"\ninvert = true");
        assert_eq!(inverted.x.iter().copied().collect::<Vec<_>>(), [245.0, 235.0, 179.0, 226.0, 225.0, 215.0]);
    }

    #[test]
    fn pictures_of_several_sizes_are_brought_to_one() {
        let folder = Folder::new("sizes");
        folder
            .with("pets/cat/1.png", &grey([2, 2], &[0, 10, 20, 31]))
            .with("pets/dog/1.jpg", GREY_JPEG)
            .with("test/dog/1.png", &grey([1, 1], &[7]));
        assert_eq!(
            folder.refused(""),
            "F/pets/dog/1.jpg: 8×8 pixels, and the first picture has 2×2; resize = [rows, columns] brings all to one size"
        );
        let test = folder.0.join("test").display().to_string();
        let data = folder.loaded(&format!("normalize = \"none\"\nresize = [1, 1]\ntest_path = {test:?}"));
        assert_eq!(data.x.iter().copied().collect::<Vec<_>>(), [15.0, 100.0, 7.0]);
        assert_eq!(data.labels().expect("classes"), [0, 1, 1]);
    }

    #[test]
    fn what_is_no_folder_of_pictures_is_told_with_its_place() {
        let folder = Folder::new("mistakes");
        assert!(folder.refused("").starts_with("F/pets"), "absent");
        folder.with("pets/cat/1.png", &grey([1, 1], &[0])).with("pets/loose.png", b"");
        assert_eq!(
            folder.refused(""),
            "F/pets/loose.png: a file beside the classes, expected only a folder for each class"
        );
        std::fs::remove_file(folder.0.join("pets/loose.png")).expect("removed");
        folder.with("pets/dog/1.gif", b"GIF89a");
        assert_eq!(
            folder.refused(""),
            "F/pets/dog/1.gif: expected pictures only, files that end in .png, .jpg or .jpeg"
        );
        std::fs::rename(folder.0.join("pets/dog/1.gif"), folder.0.join("pets/dog/1.jpg")).expect("renamed");
        assert!(folder.refused("").starts_with("F/pets/dog/1.jpg: no JPEG picture that can be read: "));
        std::fs::remove_file(folder.0.join("pets/dog/1.jpg")).expect("removed");
        assert_eq!(folder.refused(""), "F/pets/dog: a class without pictures");
        std::fs::remove_dir(folder.0.join("pets/dog")).expect("removed");
        folder.with("test/bird/1.png", &grey([1, 1], &[0]));
        let test = folder.0.join("test").display().to_string();
        assert_eq!(
            folder.refused(&format!("test_path = {test:?}")),
            "F/test/bird: no class of the training pictures: cat"
        );
    }

    #[test]
    fn damaged_pictures_are_errors() {
        let whole = png(png::ColorType::Rgba, [2, 2], &[9; 16]);
        for bytes in [&whole, GREY_JPEG] {
            for cut in 3..bytes.len() {
                let folded = std::panic::catch_unwind(|| Decoded::of(&bytes[..cut], "cut").is_ok());
                assert!(folded.is_ok(), "a panic at {cut}");
            }
        }
    }
}
