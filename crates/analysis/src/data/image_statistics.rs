//! Pictures in numbers: how bright pixels are, over all and class by class.
//!
//! For a picture x of P pixels, its intensity is x̄ = Σ xₚ / P and its contrast s = √(Σ (xₚ − x̄)² / (P − 1)). Reported are the
//! mean of x̄ (which is the mean of all pixels) and the mean of s over all pictures of the training split, and for each class the
//! mean of x̄, its standard deviation over the class's pictures, and the mean and the standard deviation of each pixel over them.
//! Sums are in f64 in the order of the pictures.

use datasets::Dataset;
use registry::{Config, DatasetRef, Problems};

use crate::{Analysis, AnalysisError, Metrics, Outcome, Planned, PlannedData, Results};

/// How bright the pixels of a data set's training pictures are: means, deviations and histograms, over all pictures and class by
/// class.
///
/// The intensity of a picture is the mean of its pixels, its contrast their standard deviation (with P − 1 for P pixels).
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ImageStatisticsConfig {
    /// A data set of pictures.
    pub data: DatasetRef,
    /// How many pictures, the first ones of the training split, the histogram of all pixels counts. Default 1000.
    #[serde(default = "default_pictures")]
    pub pictures: usize,
    /// How many bins histograms have. Default 32.
    #[serde(default = "default_bins")]
    pub bins: usize,
}

fn default_pictures() -> usize {
    1000
}

fn default_bins() -> usize {
    32
}

impl Config for ImageStatisticsConfig {
    const KIND: &str = "image_statistics";
    const EXAMPLE: &str = "data = \"digits\"";
}

/// More bins than this are finer than pixels.
const MOST_BINS: usize = 256;

/// Brightness of pictures.
#[derive(Debug, Clone, PartialEq)]
pub struct ImageStatistics {
    /// The data set's name.
    pub data: String,
    /// Rows and columns of a picture.
    pub size: [usize; 2],
    /// How many pictures there are.
    pub n: usize,
    /// The mean of all pixels.
    pub mean: f64,
    /// The mean of the pictures' contrasts.
    pub contrast: f64,
    /// The ends of the histograms' bins: one more than there are bins. The last bin holds its upper end too.
    pub edges: Vec<f64>,
    /// How many pictures [`ImageStatistics::histogram`] counts.
    pub counted: usize,
    /// Pixels of the first pictures in each bin.
    pub histogram: Vec<u64>,
    /// One for each class that has pictures; a single one for data without classes.
    pub classes: Vec<ClassStatistics>,
}

/// Brightness of the pictures of one class.
#[derive(Debug, Clone, PartialEq)]
pub struct ClassStatistics {
    /// The class; `all` where there are none.
    pub name: String,
    /// How many pictures.
    pub n: usize,
    /// The mean of their intensities.
    pub mean: f64,
    /// The standard deviation of their intensities (with n − 1); 0 for one picture.
    pub deviation: f64,
    /// Their pixels in each bin.
    pub histogram: Vec<u64>,
    /// Each pixel's mean over them.
    pub mean_image: Vec<f64>,
    /// Each pixel's standard deviation over them (with n − 1); 0 for one picture.
    pub deviation_image: Vec<f64>,
}

/// Rows and columns of grey pictures of this shape: `[rows, columns]` or `[1, rows, columns]`.
pub fn picture_size(shape: &[usize]) -> Option<[usize; 2]> {
    datasets::picture(shape).filter(|[channels, ..]| *channels == 1).map(|[_, rows, columns]| [rows, columns])
}

/// Notes a data set that is none of grey pictures.
pub fn needs_pictures(planned: &Planned, data: &DatasetRef, problems: &mut Problems) {
    if let Some(PlannedData { spec, .. }) = planned.data(data)
        && picture_size(&spec.shape).is_none()
    {
        let shape = tensor::shape::display(&spec.shape);
        problems.add(
            "data",
            format!("expected grey pictures, rows × columns, and {} has samples of shape {shape}", data.0),
        );
    }
}

impl Analysis for ImageStatisticsConfig {
    fn check(&self, problems: &mut Problems) {
        problems.require(self.pictures > 0, "pictures", || "0 pictures, expected at least 1".into());
        problems.require((1..=MOST_BINS).contains(&self.bins), "bins", || {
            format!("{} bins, expected 1 to {MOST_BINS}", self.bins)
        });
    }

    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        needs_pictures(planned, &self.data, problems);
    }

    fn run(&self, _: &str, results: &Results) -> Result<Box<dyn Outcome>, AnalysisError> {
        let train = &results.data(&self.data)?.train;
        let size = picture_size(&train.shape).ok_or_else(|| AnalysisError::NoPictures {
            name: self.data.0.clone(),
            shape: tensor::shape::display(&train.shape).to_string(),
        })?;
        Ok(Box::new(statistics(self, train, size)))
    }
}

/// Sums over the pictures of one class.
struct Sums {
    n: usize,
    intensities: Vec<f64>,
    histogram: Vec<u64>,
    pixels: Vec<f64>,
    squares: Vec<f64>,
}

fn statistics(config: &ImageStatisticsConfig, train: &Dataset, size: [usize; 2]) -> ImageStatistics {
    let (n, pixels) = (train.n(), train.features());
    let names: Vec<String> = train.class_names().map_or_else(|| vec!["all".to_owned()], <[_]>::to_vec);
    let class = |i: usize| train.labels().map_or(0, |labels| labels[i] as usize);
    let mut picture = vec![0.0; pixels];
    // Picture by picture: bytes become numbers one picture at a time.
    let mut each = |f: &mut dyn FnMut(usize, &[f32])| {
        for i in 0..n {
            train.x.gather(&[i as u32], &mut picture);
            f(i, &picture);
        }
    };
    let (mut lo, mut hi) = (f32::INFINITY, f32::NEG_INFINITY);
    each(&mut |_, picture| picture.iter().for_each(|&v| (lo, hi) = (lo.min(v), hi.max(v))));
    // All equal, or nothing at all: one unit around them.
    let (lo, hi) = match () {
        () if lo < hi => (f64::from(lo), f64::from(hi)),
        () if lo == hi => (f64::from(lo) - 0.5, f64::from(lo) + 0.5),
        () => (0.0, 1.0),
    };
    let bins = config.bins;
    let edges: Vec<f64> = (0..=bins).map(|i| lo + (hi - lo) * (i as f64 / bins as f64)).collect();
    let bin = |v: f32| ((((f64::from(v) - lo) / (hi - lo)) * bins as f64) as usize).min(bins - 1);

    let empty = || Sums {
        n: 0,
        intensities: Vec::new(),
        histogram: vec![0; bins],
        pixels: vec![0.0; pixels],
        squares: vec![0.0; pixels],
    };
    let mut sums: Vec<Sums> = names.iter().map(|_| empty()).collect();
    let mut histogram = vec![0; bins];
    let (mut brightness, mut contrast) = (0.0, 0.0);
    each(&mut |i, picture| {
        let own = &mut sums[class(i)];
        let intensity = picture.iter().map(|&v| f64::from(v)).sum::<f64>() / pixels as f64;
        let spread: f64 = picture.iter().map(|&v| (f64::from(v) - intensity) * (f64::from(v) - intensity)).sum();
        brightness += intensity;
        contrast += (spread / (pixels as f64 - 1.0).max(1.0)).sqrt();
        own.n += 1;
        own.intensities.push(intensity);
        for (p, &v) in picture.iter().enumerate() {
            let (wide, bin) = (f64::from(v), bin(v));
            own.pixels[p] += wide;
            own.squares[p] += wide * wide;
            own.histogram[bin] += 1;
            histogram[bin] += u64::from(i < config.pictures);
        }
    });
    let classes = names.into_iter().zip(sums).filter(|(_, sums)| sums.n > 0).map(|(name, sums)| sums.finish(name));
    ImageStatistics {
        data: config.data.0.clone(),
        size,
        n,
        mean: brightness / n.max(1) as f64,
        contrast: contrast / n.max(1) as f64,
        edges,
        counted: config.pictures.min(n),
        histogram,
        classes: classes.collect(),
    }
}

impl Sums {
    fn finish(self, name: String) -> ClassStatistics {
        let n = self.n as f64;
        let free = (n - 1.0).max(1.0);
        let mean = self.intensities.iter().sum::<f64>() / n;
        let spread: f64 = self.intensities.iter().map(|v| (v - mean) * (v - mean)).sum();
        let mean_image: Vec<f64> = self.pixels.iter().map(|sum| sum / n).collect();
        // Σx² − nx̄² may round to below zero where a pixel hardly varies.
        let variance = |(squares, mean): (&f64, &f64)| ((squares - n * mean * mean) / free).max(0.0);
        let deviation_image = self.squares.iter().zip(&mean_image).map(|pair| variance(pair).sqrt()).collect();
        ClassStatistics {
            name,
            n: self.n,
            mean,
            deviation: (spread / free).sqrt(),
            histogram: self.histogram,
            mean_image,
            deviation_image,
        }
    }
}

impl Outcome for ImageStatistics {
    fn metrics(&self) -> Metrics {
        let mut metrics = Metrics::default();
        metrics.add("pictures", self.n);
        metrics.add("mean", self.mean);
        metrics.add("mean_standard_deviation_per_picture", self.contrast);
        let mut classes = Metrics::default();
        for class in &self.classes {
            let mut own = Metrics::default();
            own.add("pictures", class.n);
            own.add("mean", class.mean);
            own.add("standard_deviation_of_means", class.deviation);
            classes.add(class.name.as_str(), own);
        }
        metrics.add("classes", classes);
        metrics
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use datasets::Targets;
    use ndarray::arr2;

    fn found(x: &[[f32; 4]], labels: &[u32], config: &ImageStatisticsConfig) -> ImageStatistics {
        let names = ["a", "b", "c"].map(String::from).into();
        let data = Dataset {
            x: arr2(x).into(),
            shape: vec![1, 2, 2],
            y: Targets::Classes { labels: labels.to_vec(), names },
            feature_names: vec![String::new(); 4],
            truth: None,
        };
        statistics(config, &data, [2, 2])
    }

    fn config() -> ImageStatisticsConfig {
        ImageStatisticsConfig { data: DatasetRef("d".into()), pictures: 2, bins: 4 }
    }

    #[test]
    fn small_pictures_by_hand() {
        let pictures = [[0.0, 0.0, 0.0, 1.0], [1.0, 1.0, 1.0, 1.0], [0.5, 0.0, 0.5, 0.0]];
        let s = found(&pictures, &[0, 0, 2], &config());
        assert_eq!((s.n, s.counted, s.classes.len()), (3, 2, 2));
        assert_eq!(s.mean, (0.25 + 1.0 + 0.25) / 3.0);
        // √(3·(1/4)² + (3/4)²)/3) = ½ for the first, 0 for the second, √(4·(1/4)²/3) for the third.
        assert!((s.contrast - (0.5 + (1.0_f64 / 12.0).sqrt()) / 3.0).abs() < 1e-15);
        assert_eq!(s.edges, [0.0, 0.25, 0.5, 0.75, 1.0]);
        // The first two pictures only; 1 belongs to the last bin.
        assert_eq!(s.histogram, [3, 0, 0, 5]);
        let (a, c) = (&s.classes[0], &s.classes[1]);
        assert_eq!((a.name.as_str(), a.n, a.mean), ("a", 2, 0.625));
        assert!((a.deviation - 0.75 / 2.0_f64.sqrt()).abs() < 1e-15);
        assert_eq!(a.mean_image, [0.5, 0.5, 0.5, 1.0]);
        assert!(
            a.deviation_image
                .iter()
                .zip([0.5_f64.sqrt(), 0.5_f64.sqrt(), 0.5_f64.sqrt(), 0.0])
                .all(|(a, b)| (a - b).abs() < 1e-15)
        );
        assert_eq!((c.name.as_str(), c.n, c.deviation, &c.histogram), ("c", 1, 0.0, &vec![2, 0, 2, 0]));
        assert_eq!(c.deviation_image, [0.0; 4]);
    }

    #[test]
    fn pictures_without_contrast_have_bins_too() {
        let s = found(&[[0.5; 4]], &[0], &config());
        assert_eq!((s.edges[0], s.edges[4], &s.histogram), (0.0, 1.0, &vec![0, 0, 4, 0]));
        assert_eq!(s.contrast, 0.0);
    }

    #[test]
    fn impossible_numbers_are_named() {
        let mut problems = Problems::default();
        ImageStatisticsConfig { pictures: 0, bins: 300, ..config() }.check(&mut problems);
        assert_eq!(problems.into_vec().iter().map(|p| p.path.as_str()).collect::<Vec<_>>(), ["pictures", "bins"]);
        assert_eq!(picture_size(&[28, 28]), Some([28, 28]));
        assert_eq!((picture_size(&[3, 28, 28]), picture_size(&[784])), (None, None));
    }
}
