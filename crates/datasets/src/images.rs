//! What the sources of pictures share: which of them to take, their size, and how bytes become numbers.
//!
//! A pixel is a byte b, 0 to 255. As long as pictures keep their size they are kept as bytes, and a feature is b·scale + offset
//! ([`crate::Samples::of_bytes`]). A picture of another size has as pixels the means over the areas they cover:
//! on a grid of h·H rows and w·W columns, which both sizes divide, pixel (i, j) of the h × w picture overlaps pixel (I, J) of the
//! H × W one in a whole number of cells, so that v = Σ overlap·b / (h·w) is a quotient of two exact integers, rounded once.
//! Making pictures smaller by a whole factor is the case where every overlap is a full pixel: the block mean.

use crate::{DataError, Dataset, Samples, Spec, Splits, TargetSpec, Targets};
use ndarray::Array2;
use registry::Problems;
use tensor::{Stream, threads};

/// How the bytes of pictures become numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Normalize {
    /// As they are: 0 to 255.
    None,
    /// Divided by 255: 0 to 1.
    #[default]
    Unit,
    /// Mean 0 and standard deviation 1 over all pixels of the training split; the other splits by the same two numbers.
    Standard,
}

/// What the bytes of pictures stand for: byte·scale + offset, the product rounded and then the sum. The pixels of resized
/// pictures are means of bytes, and stand for the same.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pixels {
    /// What one step of a byte is worth.
    pub scale: f32,
    /// What a black pixel is.
    pub offset: f32,
}

/// The numbers by which pixels were standardised, for pixels from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Standard {
    /// The mean over all pixels of the training split.
    pub mean: f64,
    /// Their standard deviation, of the pixels as a whole population.
    pub deviation: f64,
}

/// What every source of pictures can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Images {
    /// How bytes become numbers.
    pub normalize: Normalize,
    /// Make pictures smaller by this factor.
    pub downsample: Option<usize>,
    /// Make pictures of this many rows and columns.
    pub resize: Option<[usize; 2]>,
    /// Take so many pictures of each class, besides those that are for testing only.
    pub per_class: Option<usize>,
}

/// Defines the config of a source of pictures: its own fields, and those of [`Images`] with their documentation.
macro_rules! image_source {
    ($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            $($(#[$field_meta])* pub $field: $type,)*
            /// How pixels become numbers: `"unit"`, 0 to 1 (the default); `"none"`, 0 to 255; `"standard"`, mean 0 and standard
            /// deviation 1 over all pixels of the training split, the other splits by the same two numbers.
            #[serde(default)]
            pub normalize: crate::images::Normalize,
            /// Makes pictures smaller by this whole factor: each pixel is the mean of a block. Default: their own size.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub downsample: Option<usize>,
            /// Makes pictures of this many rows and columns, `[10, 10]`: each pixel is the mean over the area it covers. Default:
            /// their own size.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub resize: Option<[usize; 2]>,
            /// Takes so many pictures of each class, drawn at random, besides those that are for testing only. Default: all.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub per_class: Option<usize>,
        }

        impl $name {
            fn options(&self) -> crate::images::Images {
                let Self { normalize, downsample, resize, per_class, .. } = *self;
                crate::images::Images { normalize, downsample, resize, per_class }
            }
        }
    };
}
pub(crate) use image_source;

/// Pictures as they come from a file or a pen.
#[derive(Debug, Clone)]
pub struct Pictures {
    /// Row by row, one picture after the other; those for testing only last.
    pub pixels: Vec<u8>,
    /// Rows and columns of each.
    pub shape: [usize; 2],
    /// The class of each, where they have classes.
    pub labels: Option<Vec<u32>>,
    /// The classes' names.
    pub classes: Vec<String>,
    /// How many, the last ones, are for testing only.
    pub own_test: usize,
}

/// The most rows or columns that pictures can be resized to.
const MOST_PIXELS: usize = 1024;

impl Images {
    /// Notes every number out of range; `shape` is that of the pictures as they come, where it is known, `classes` whether they
    /// have classes.
    pub fn check(&self, shape: Option<[usize; 2]>, classes: bool, problems: &mut Problems) {
        if let Some(by) = self.downsample {
            problems.require(by > 0, "downsample", || "downsample is 0, expected a whole factor from 1".into());
            let refused = shape.filter(|[h, w]| by > 0 && (h % by != 0 || w % by != 0));
            problems.require(refused.is_none(), "downsample", || {
                let [h, w] = refused.unwrap_or_default();
                format!("{h}×{w} pixels cannot be divided into blocks of {by}×{by}; resize goes to any size")
            });
            problems.require(self.resize.is_none(), "downsample", || {
                "downsample and resize both say how large pictures are to be, expected one of them".into()
            });
        }
        if let Some([h, w]) = self.resize {
            let fine = 1..=MOST_PIXELS;
            problems.require(fine.contains(&h) && fine.contains(&w), "resize", || {
                format!("{h} rows and {w} columns, expected 1 to {MOST_PIXELS} of each")
            });
        }
        if let Some(n) = self.per_class {
            problems.require(n > 0, "per_class", || "per_class is 0, expected at least 1".into());
            problems.require(classes, "per_class", || "pictures without labels have no classes".into());
        }
    }

    /// The size of pictures that come with this one.
    ///
    /// # Errors
    /// If they cannot be divided into blocks of the asked size.
    pub fn size(&self, [height, width]: [usize; 2]) -> Result<[usize; 2], DataError> {
        match (self.downsample, self.resize) {
            (Some(by), _) if by == 0 || height % by != 0 || width % by != 0 => {
                Err(DataError::Blocks { height, width, by })
            }
            (Some(by), _) => Ok([height / by, width / by]),
            (None, Some(size)) => Ok(size),
            (None, None) => Ok([height, width]),
        }
    }

    /// Whether every class has as many pictures as are to be taken; `labels` are those of the pictures to take from.
    ///
    /// # Errors
    /// If one has fewer.
    pub fn check_classes(&self, labels: &[u32], names: &[String]) -> Result<(), DataError> {
        let mut sizes = vec![0; names.len()];
        labels.iter().for_each(|label| sizes[*label as usize] += 1);
        let expected = self.per_class.unwrap_or(0);
        match sizes.iter().zip(names).find(|(n, _)| **n < expected) {
            Some((n, class)) => Err(DataError::SmallClass { class: class.clone(), n: *n, expected }),
            None => Ok(()),
        }
    }

    /// How many bytes a pixel takes: as long as pictures keep their size, it is the byte of the file.
    pub fn number_size(&self) -> usize {
        if self.resize.is_none() && self.downsample.is_none_or(|by| by == 1) { 1 } else { 4 }
    }

    /// What will come of `n` pictures of this shape, the last `own_test` of which are for testing only.
    ///
    /// # Errors
    /// If the size cannot be had.
    pub fn spec(
        &self,
        n: usize,
        own_test: usize,
        shape: [usize; 2],
        classes: Option<Vec<String>>,
    ) -> Result<Spec, DataError> {
        let [height, width] = self.size(shape)?;
        let n = match (self.per_class, &classes) {
            (Some(each), Some(classes)) => each.saturating_mul(classes.len()).saturating_add(own_test),
            _ => n,
        };
        Ok(Spec {
            n,
            shape: vec![1, height, width],
            target: classes.map_or(TargetSpec::None, |names| TargetSpec::Classes { names }),
            feature_names: feature_names([height, width]),
        })
    }

    /// Which of the pictures with these labels are taken, ascending, where not all are; the last `own_test` always are.
    ///
    /// # Errors
    /// If a class has fewer pictures than are asked for.
    pub fn rows(
        &self,
        labels: &[u32],
        classes: &[String],
        own_test: usize,
        stream: &mut Stream,
    ) -> Result<Option<Vec<usize>>, DataError> {
        let Some(each) = self.per_class.filter(|_| !labels.is_empty()) else { return Ok(None) };
        let pool = labels.len() - own_test;
        self.check_classes(&labels[..pool], classes)?;
        Ok(Some(choose(labels, classes, pool, each, stream)))
    }

    /// The pictures as a data set, but for standardising, which [`Images::finish`] does once the training split is known.
    /// `stream` is the stage's [`tensor::Purpose::Sample`] stream.
    ///
    /// # Errors
    /// If a class has fewer pictures than are asked for, or the size cannot be had.
    pub fn dataset(&self, mut pictures: Pictures, stream: &mut Stream) -> Result<Dataset, DataError> {
        let size = self.size(pictures.shape)?;
        let labels = pictures.labels.as_deref().unwrap_or_default();
        if let Some(rows) = self.rows(labels, &pictures.classes, pictures.own_test, stream)? {
            pictures = pictures.select(&rows);
        }
        let [height, width] = pictures.shape;
        let n = pictures.pixels.len() / (height * width).max(1);
        let scale = self.scale();
        let x = if size == pictures.shape {
            // The pictures are whole: every source has as many bytes as its shape says.
            let bytes = Array2::from_shape_vec((n, height * width), pictures.pixels).expect("whole pictures");
            Samples::of_bytes(bytes, scale, 0.0)
        } else {
            Samples::from(resampled(&pictures.pixels, n, pictures.shape, size, scale))
        };
        Ok(Dataset {
            x,
            shape: vec![1, size[0], size[1]],
            y: match pictures.labels {
                Some(labels) => Targets::Classes { labels, names: pictures.classes },
                None => Targets::None,
            },
            feature_names: feature_names(size),
            truth: None,
        })
    }

    /// What one step of a byte is worth, before standardising.
    fn scale(&self) -> f32 {
        match self.normalize {
            Normalize::Unit => 1.0 / 255.0,
            Normalize::None | Normalize::Standard => 1.0,
        }
    }

    /// Standardises all splits by the mean and the standard deviation of the training split, where that is asked for, and notes
    /// what bytes then stand for.
    ///
    /// # Errors
    /// If all pixels of the training split are equal.
    pub fn finish(&self, splits: &mut Splits) -> Result<(), DataError> {
        if self.normalize != Normalize::Standard {
            splits.pixels = Some(Pixels { scale: self.scale(), offset: 0.0 });
            return Ok(());
        }
        let Standard { mean, deviation } = standard(&splits.train.x);
        if deviation == 0.0 || !deviation.is_finite() {
            return Err(DataError::Constant { value: mean });
        }
        let (scale, offset) = ((1.0 / deviation) as f32, (-mean / deviation) as f32);
        for split in splits.iter_mut() {
            split.x = match split.x.bytes() {
                Some(_) => split.x.rescaled(scale, offset),
                None => split.x.mapv(|v| v * scale + offset).into(),
            };
        }
        splits.pixels = Some(Pixels { scale, offset });
        splits.standard = Some(Standard { mean: mean / 255.0, deviation: deviation / 255.0 });
        Ok(())
    }
}

impl Pictures {
    fn select(&self, indices: &[usize]) -> Self {
        let size = self.shape[0] * self.shape[1];
        Pictures {
            pixels: indices.iter().flat_map(|&i| &self.pixels[i * size..][..size]).copied().collect(),
            labels: self.labels.as_ref().map(|labels| indices.iter().map(|&i| labels[i]).collect()),
            classes: self.classes.clone(),
            shape: self.shape,
            own_test: self.own_test,
        }
    }
}

/// `each` pictures of each class, drawn at random from the first `pool`, and all others; ascending. Every class has as many.
fn choose(labels: &[u32], classes: &[String], pool: usize, each: usize, stream: &mut Stream) -> Vec<usize> {
    let mut chosen: Vec<usize> = (pool..labels.len()).collect();
    for class in 0..classes.len() {
        let mut members: Vec<usize> = (0..pool).filter(|&i| labels[i] as usize == class).collect();
        stream.shuffle(&mut members);
        chosen.extend(&members[..each]);
    }
    chosen.sort_unstable();
    chosen
}

fn feature_names([height, width]: [usize; 2]) -> Vec<String> {
    (0..height).flat_map(|row| (0..width).map(move |column| format!("row {row} column {column}"))).collect()
}

/// Which cells of the common grid a new pixel covers: for each new index, the first old one and the overlaps from there on.
fn overlaps(old: usize, new: usize) -> Vec<(usize, Vec<u64>)> {
    (0..new)
        .map(|i| {
            // New pixel i covers [i·old, (i + 1)·old), old pixel j covers [j·new, (j + 1)·new).
            let (start, end) = (i * old, (i + 1) * old);
            let first = start / new;
            let last = end.div_ceil(new);
            let overlap = |j: usize| (end.min((j + 1) * new) - start.max(j * new)) as u64;
            (first, (first..last).map(overlap).collect())
        })
        .collect()
}

/// Each of `n` pictures in a new size: n × (rows·columns).
pub(crate) fn resampled(pixels: &[u8], n: usize, old: [usize; 2], new: [usize; 2], scale: f32) -> Array2<f32> {
    let (rows, columns) = (overlaps(old[0], new[0]), overlaps(old[1], new[1]));
    let (old_size, new_size) = (old[0] * old[1], new[0] * new[1]);
    let area = old_size as f64;
    let mut x = Array2::zeros((n, new_size));
    let out = x.as_slice_mut().expect("a new array is in standard layout");
    threads::split(n, new_size, out, 4 * (old_size + new_size), |range, out| {
        for (picture, out) in
            pixels[range.start * old_size..].chunks_exact(old_size).zip(out.chunks_exact_mut(new_size))
        {
            let mut out = out.iter_mut();
            for (top, heights) in &rows {
                for (left, widths) in &columns {
                    let mut sum = 0;
                    for (row, height) in picture.chunks_exact(old[1]).skip(*top).zip(heights) {
                        for (&b, width) in row[*left..].iter().zip(widths) {
                            sum += u64::from(b) * height * width;
                        }
                    }
                    if let Some(out) = out.next() {
                        *out = (sum as f64 / area) as f32 * scale;
                    }
                }
            }
        }
    });
    x
}

/// Mean and standard deviation of all values: exact sums for bytes, sums in order in f64 for others.
fn standard(x: &Samples) -> Standard {
    if let Some((bytes, ..)) = x.bytes() {
        let (mut sum, mut squares) = (0_u64, 0_u64);
        for row in bytes.rows() {
            sum += row.iter().map(|&b| u64::from(b)).sum::<u64>();
            squares += row.iter().map(|&b| u64::from(u32::from(b) * u32::from(b))).sum::<u64>();
        }
        let n = bytes.len() as u128;
        let spread = n * u128::from(squares) - u128::from(sum) * u128::from(sum);
        return Standard { mean: sum as f64 / n as f64, deviation: (spread as f64).sqrt() / n as f64 };
    }
    let n = x.len() as f64;
    let mean = x.iter().map(|&v| f64::from(v)).sum::<f64>() / n;
    let variance = x.iter().map(|&v| (f64::from(v) - mean) * (f64::from(v) - mean)).sum::<f64>() / n;
    Standard { mean, deviation: variance.sqrt() }
}

#[cfg(test)]
#[path = "images_tests.rs"]
mod tests;
