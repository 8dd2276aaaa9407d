//! Training, validation and test parts: every sample in exactly one, seeded, stratified by class.
//!
//! The sizes of the parts are the fractions of n by largest remainder. Stratified, each class is shared out in the same
//! fractions: a class of n_c samples gives each part ⌊f·n_c⌋, and the samples left over go, largest remainder first, to parts
//! that are not yet full. A class's share is thus within one sample of its fraction, wherever the sizes allow, and the sizes do
//! not depend on the classes, so that they are known before the data is.

use crate::{DataError, Dataset};
use registry::Problems;
use tensor::Stream;

/// The keys that every dataset table may have, whatever its kind.
#[derive(Debug, Clone, PartialEq, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Common {
    /// How to divide the data into training, validation and test parts. Default: all of it is for training.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub split: Option<SplitConfig>,
}

/// How to divide data: fractions that sum to 1, such as `{ train = 0.8, test = 0.2 }`.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SplitConfig {
    /// Fraction to train on, above 0.
    pub train: f64,
    /// Fraction to watch during training (early stopping). Default 0.
    #[serde(default)]
    pub validation: f64,
    /// Fraction kept for the end. Default 0.
    #[serde(default)]
    pub test: f64,
    /// Whether each part has the classes in the same proportions as the whole (regressions have no classes). Default true.
    #[serde(default = "yes")]
    pub stratified: bool,
}

fn yes() -> bool {
    true
}

/// A data set divided.
#[derive(Debug, Clone, PartialEq)]
pub struct Parts {
    /// To train on.
    pub train: Dataset,
    /// To watch during training.
    pub validation: Option<Dataset>,
    /// Kept for the end.
    pub test: Option<Dataset>,
    /// Which samples of the whole each part has, ascending: train, validation, test.
    pub indices: [Vec<usize>; 3],
}

const PARTS: [&str; 3] = ["train", "validation", "test"];

impl Common {
    /// Notes every number out of range, with its path below the table (`split.train`).
    pub fn check(&self, problems: &mut Problems) {
        let Some(split) = &self.split else { return };
        for (part, fraction) in PARTS.into_iter().zip(split.fractions()) {
            problems.require((0.0..=1.0).contains(&fraction), format!("split.{part}"), || {
                format!("{part} is {fraction}, expected a fraction between 0 and 1")
            });
        }
        problems.require(split.train != 0.0, "split.train", || "nothing to train on: train is 0".into());
        if problems.is_empty() && !split.is_whole() {
            let sum: f64 = split.fractions().iter().sum();
            problems.add("split", format!("the fractions sum to {sum}, expected 1"));
        }
    }
}

impl SplitConfig {
    fn fractions(&self) -> [f64; 3] {
        [self.train, self.validation, self.test]
    }

    /// Whether the fractions are fractions and sum to 1, up to the roundings of their decimals.
    fn is_whole(&self) -> bool {
        let fractions = self.fractions();
        fractions.iter().all(|f| (0.0..=1.0).contains(f)) && (fractions.iter().sum::<f64>() - 1.0).abs() < 1e-9
    }

    /// The fractions in billionths; what rounding leaves goes to the training part, so that they sum to one whole.
    fn weights(&self) -> [u64; 3] {
        let [_, validation, test] = self.fractions().map(|f| (f * WHOLE as f64).round() as u64);
        [WHOLE.saturating_sub(validation + test), validation, test]
    }

    /// How many of `n` samples the training, validation and test parts get.
    ///
    /// # Errors
    /// If the fractions do not sum to 1, or if a part with a fraction above 0 would be empty.
    pub fn sizes(&self, n: usize) -> Result<[usize; 3], DataError> {
        if !self.is_whole() {
            return Err(DataError::Fractions { train: self.train, validation: self.validation, test: self.test });
        }
        let weights = self.weights();
        let mut sizes = weights.map(|w| whole(w, n));
        let mut order = [0, 1, 2];
        order.sort_by_key(|&p| (std::cmp::Reverse(remainder(weights[p], n)), p));
        let left = n - sizes.iter().sum::<usize>();
        for &part in &order[..left] {
            sizes[part] += 1;
        }
        for part in 0..3 {
            if sizes[part] == 0 && (weights[part] > 0 || part == 0) {
                return Err(DataError::EmptyPart { part: PARTS[part], fraction: self.fractions()[part], n });
            }
        }
        Ok(sizes)
    }
}

/// The whole in units of a fraction: fractions become whole numbers of billionths, so that sharing out is exact.
const WHOLE: u64 = 1_000_000_000;

/// ⌊w·n⌋ for a weight in billionths.
fn whole(weight: u64, n: usize) -> usize {
    (u128::from(weight) * n as u128 / u128::from(WHOLE)) as usize
}

/// What `whole` leaves over, in billionths.
fn remainder(weight: u64, n: usize) -> u128 {
    u128::from(weight) * n as u128 % u128::from(WHOLE)
}

/// Divides `data`; `stream` is the dataset stage's [`tensor::Purpose::Split`] stream.
///
/// # Errors
/// If a part would be empty, or if a stratified split would leave a class without a sample to train on.
pub fn split(data: &Dataset, config: &SplitConfig, stream: &mut Stream) -> Result<Parts, DataError> {
    let sizes = config.sizes(data.n())?;
    let indices = match (data.labels(), data.class_names()) {
        (Some(labels), Some(names)) if config.stratified => stratified(labels, names, config, sizes, stream)?,
        _ => {
            let order = stream.permutation(data.n());
            let (train, rest) = order.split_at(sizes[0]);
            let (validation, test) = rest.split_at(sizes[1]);
            [train.to_vec(), validation.to_vec(), test.to_vec()]
        }
    };
    let indices = indices.map(|mut part| {
        part.sort_unstable();
        part
    });
    let part = |p: usize| (!indices[p].is_empty()).then(|| data.subset(&indices[p]));
    Ok(Parts { train: data.subset(&indices[0]), validation: part(1), test: part(2), indices })
}

fn stratified(
    labels: &[u32],
    names: &[String],
    config: &SplitConfig,
    sizes: [usize; 3],
    stream: &mut Stream,
) -> Result<[Vec<usize>; 3], DataError> {
    let mut members = vec![Vec::new(); names.len()];
    for (i, &label) in labels.iter().enumerate() {
        members[label as usize].push(i);
    }
    let counts: Vec<usize> = members.iter().map(Vec::len).collect();
    let shares = share_out(&counts, config.weights(), sizes);

    let mut parts = [const { Vec::new() }; 3];
    for ((mut members, share), name) in members.into_iter().zip(shares).zip(names) {
        if share[0] == 0 && !members.is_empty() {
            return Err(DataError::UntrainedClass { class: name.clone(), n: members.len() });
        }
        stream.shuffle(&mut members);
        let mut rest = members.as_slice();
        for (part, size) in parts.iter_mut().zip(share) {
            let (now, later) = rest.split_at(size);
            part.extend_from_slice(now);
            rest = later;
        }
    }
    Ok(parts)
}

/// How many samples of each class go to each part: rows sum to `counts`, columns to `sizes`.
fn share_out(counts: &[usize], weights: [u64; 3], sizes: [usize; 3]) -> Vec<[usize; 3]> {
    // Neither difference is below zero: a sum of rounded-down shares is at most the rounded-down sum.
    let mut shares: Vec<[usize; 3]> = counts.iter().map(|&n| weights.map(|w| whole(w, n))).collect();
    let mut left: Vec<usize> = counts.iter().zip(&shares).map(|(n, s)| n - s.iter().sum::<usize>()).collect();
    let mut wanted: [usize; 3] = std::array::from_fn(|p| sizes[p] - shares.iter().map(|s| s[p]).sum::<usize>());

    let mut order: Vec<(usize, usize)> = (0..counts.len()).flat_map(|c| (0..3).map(move |p| (c, p))).collect();
    order.sort_by_key(|&(c, p)| (std::cmp::Reverse(remainder(weights[p], counts[c])), c, p));
    // The first round gives each cell at most one; the others finish what the first could not place.
    while left.iter().any(|&l| l > 0) {
        for &(class, part) in &order {
            if left[class] > 0 && wanted[part] > 0 {
                shares[class][part] += 1;
                left[class] -= 1;
                wanted[part] -= 1;
            }
        }
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Targets;
    use ndarray::Array2;
    use tensor::{Purpose, Streams};

    fn config(train: f64, validation: f64, test: f64, stratified: bool) -> SplitConfig {
        SplitConfig { train, validation, test, stratified }
    }

    fn stream(seed: u64) -> Stream {
        Streams::new(seed).stream("dataset.d", Purpose::Split)
    }

    fn data(counts: &[usize]) -> Dataset {
        let labels: Vec<u32> = counts.iter().enumerate().flat_map(|(c, &n)| vec![c as u32; n]).collect();
        Dataset {
            x: Array2::from_shape_fn((labels.len(), 1), |(i, _)| i as f32).into(),
            shape: vec![1],
            y: Targets::Classes { labels, names: (0..counts.len()).map(|c| format!("c{c}")).collect() },
            feature_names: vec!["i".into()],
            truth: None,
        }
    }

    #[test]
    fn sizes_are_by_largest_remainder() {
        assert_eq!(config(0.8, 0.1, 0.1, true).sizes(1000).unwrap(), [800, 100, 100]);
        assert_eq!(config(0.7, 0.2, 0.1, true).sizes(10).unwrap(), [7, 2, 1]);
        // 5.6, 0.7, 0.7: the whole parts are 5, 0, 0, and two of the three get one more
        assert_eq!(config(0.8, 0.1, 0.1, true).sizes(7).unwrap(), [5, 1, 1]);
        assert_eq!(config(1.0, 0.0, 0.0, true).sizes(3).unwrap(), [3, 0, 0]);
        let third = 1.0 / 3.0;
        assert_eq!(config(third, third, third, true).sizes(10).unwrap(), [4, 3, 3]);
    }

    #[test]
    fn every_sample_is_in_exactly_one_part_and_classes_keep_their_shares() {
        for (seed, counts) in
            [vec![334, 333, 333], vec![4, 4, 4], vec![100, 10, 5], vec![17; 10]].into_iter().enumerate()
        {
            for (a, b, c) in [(0.8, 0.1, 0.1), (0.5, 0.25, 0.25), (0.75, 0.0, 0.25)] {
                let (data, config) = (data(&counts), config(a, b, c, true));
                let parts = split(&data, &config, &mut stream(seed as u64)).unwrap();
                let mut all = parts.indices.concat();
                all.sort_unstable();
                assert_eq!(all, (0..data.n()).collect::<Vec<_>>());
                assert_eq!(parts.indices.each_ref().map(Vec::len), config.sizes(data.n()).unwrap());
                for (part, fraction) in
                    [(Some(&parts.train), a), (parts.validation.as_ref(), b), (parts.test.as_ref(), c)]
                {
                    let got = part.map_or(vec![0; counts.len()], |p| p.class_counts().unwrap());
                    for (class, (&n, got)) in counts.iter().zip(got).enumerate() {
                        assert!(
                            (got as f64 - fraction * n as f64).abs() < 2.0,
                            "{counts:?} {fraction}: class {class} has {got}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn the_seed_decides() {
        let (data, config) = (data(&[50, 50]), config(0.5, 0.0, 0.5, true));
        let parts = split(&data, &config, &mut stream(1)).unwrap();
        assert_eq!(parts, split(&data, &config, &mut stream(1)).unwrap());
        assert_ne!(parts.indices, split(&data, &config, &mut stream(2)).unwrap().indices);
        assert!(parts.validation.is_none());
        let plain = split(&data, &SplitConfig { stratified: false, ..config }, &mut stream(1)).unwrap();
        assert_eq!((plain.train.n(), plain.test.unwrap().n()), (50, 50));
    }

    #[test]
    fn impossible_splits_are_refused() {
        let message = |counts: &[usize], config| split(&data(counts), &config, &mut stream(1)).unwrap_err().to_string();
        assert_eq!(
            message(&[2, 2], config(0.9, 0.05, 0.05, true)),
            "split: the validation part, 0.05 of 4 samples, would be empty"
        );
        assert_eq!(
            message(&[20, 1], config(0.4, 0.0, 0.6, true)),
            "split: class `c1` has too few samples (1) for a stratified split: none would be left to train on"
        );
        assert!(message(&[2, 2], config(0.9, 0.9, 0.0, true)).contains("sum to 1"));
        assert!(message(&[2, 2], config(f64::NAN, 0.5, 0.5, true)).contains("sum to 1"));
        assert!(message(&[], config(1.0, 0.0, 0.0, true)).contains("empty"));
    }

    #[test]
    fn checks_name_the_field() {
        let paths = |train, validation, test| {
            let mut problems = Problems::default();
            Common { split: Some(config(train, validation, test, true)) }.check(&mut problems);
            problems.into_vec().into_iter().map(|p| p.path).collect::<Vec<_>>()
        };
        assert_eq!(paths(0.8, 0.1, 0.1), Vec::<String>::new());
        assert_eq!(paths(0.8, 0.1, 0.2), ["split"]);
        assert_eq!(paths(0.0, 0.5, 0.5), ["split.train"]);
        assert_eq!(paths(-0.5, 1.5, f64::NAN), ["split.train", "split.validation", "split.test"]);
    }
}
