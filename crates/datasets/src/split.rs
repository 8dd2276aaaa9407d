//! Training, validation and test splits: every sample in at most one, seeded, stratified by class.
//!
//! The sizes of the splits are counts, or the fractions of n by largest remainder. Stratified, each class is shared out in the
//! same proportions: a class of n_c samples gives each split ⌊f·n_c⌋, and the samples left over go, largest remainder first, to
//! splits that are not yet full. A class's share is thus within one sample of its fraction, wherever the sizes allow, and the
//! sizes do not depend on the classes, so that they are known before the data is.
//!
//! Some sources bring test samples of their own (MNIST's test file). Training and validation splits are then drawn from the other
//! samples, the test split from these, and fractions are fractions of the one or of the other.

use crate::{DataError, Dataset, Source, Spec, Split, Splits, corrupt};
use registry::{DatasetRef, Problems};
use std::borrow::Cow;
use std::ops::Range;
use std::path::Path;
use tensor::{Purpose, Stream, Streams};

/// The keys that every dataset table may have, whatever its kind.
#[derive(Debug, Clone, PartialEq, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Common {
    /// How to divide the data into training, validation and test splits. Default: all of it is for training, but for test samples
    /// that the data brings itself, as MNIST does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub split: Option<SplitConfig>,
    /// Draws samples and splits by the random numbers of this data set, so that the same kind with the same numbers of samples
    /// gives the same ones, which then differ only in what its table says otherwise (`normalize`). Default: random numbers of its
    /// own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub same_samples_as: Option<DatasetRef>,
    /// For classes: the share of the training samples, 0 to 1, whose label is replaced by another class, each of the others
    /// equally likely. Labels of other splits stay true. Default 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label_noise: Option<f64>,
    /// For classes: whether every training label is drawn anew, each class equally likely, so that there is nothing to learn but
    /// the samples by heart (Zhang et al. 2017, section 2). Labels of other splits stay true. Default false.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub random_labels: bool,
}

/// How to divide data: fractions that sum to 1, such as `{ train = 0.8, test = 0.2 }`, or numbers of samples, such as
/// `{ train = 10000, test = 1000 }`, which may leave some out.
///
/// Where the data brings test samples of its own, as MNIST does, `train` and `validation` divide the others and `test` says how
/// many of these to use.
#[derive(Debug, Clone, PartialEq, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SplitConfig {
    /// What to train on: up to 1 a fraction, above 1 a number of samples. Default: what the other splits leave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub train: Option<f64>,
    /// What to watch during training (early stopping), likewise. Default 0.
    #[serde(default)]
    pub validation: f64,
    /// What is kept for the end, likewise. Default 0; where the data brings test samples of its own, all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test: Option<f64>,
    /// Whether each split has the classes in the same proportions as the whole (regressions have no classes). Default true.
    #[serde(default = "yes")]
    pub stratified: bool,
}

fn yes() -> bool {
    true
}

/// Loads `source`, divides it, finishes it and makes its labels wrong where that is asked for: what a run does with one dataset
/// table.
///
/// # Errors
/// Those of [`Source::load`], [`split`] and [`Source::finish`].
pub fn splits(
    source: &dyn Source,
    common: &Common,
    base: &Path,
    streams: &Streams,
    stage: &str,
) -> Result<Splits, DataError> {
    let stage = &*common.drawn_as(stage);
    let whole = source.load(base, streams, stage)?;
    let mut splits = match (&common.split, source.own_test_samples(base)?) {
        (None, 0) => Splits::undivided(whole),
        (config, own) => {
            let config = config.clone().unwrap_or(SplitConfig { stratified: true, ..SplitConfig::default() });
            split(&whole, own, &config, &mut streams.stream(stage, Purpose::Split))?
        }
    };
    source.finish(&mut splits)?;
    corrupt::labels(&mut splits, common, streams, stage);
    Ok(splits)
}

/// Which row of its source each sample of the splits is, counted from 0: of a table the first below its header, of files for
/// testing those after the others. The splits are those that [`splits`] made of the same.
///
/// # Errors
/// Those of [`Source::load`].
pub fn rows(
    source: &dyn Source,
    common: &Common,
    base: &Path,
    streams: &Streams,
    stage: &str,
    splits: &Splits,
) -> Result<[Vec<usize>; 3], DataError> {
    let rows = source.rows(base, streams, &common.drawn_as(stage))?;
    let row = |&sample: &usize| rows.as_ref().map_or(sample, |rows| rows[sample]);
    Ok(splits.indices.each_ref().map(|samples| samples.iter().map(row).collect()))
}

/// How many samples of `n` the training, validation and test splits get; `own` is [`Source::own_test_samples`].
///
/// # Errors
/// Those of [`SplitConfig::sizes`].
pub fn sizes(config: Option<&SplitConfig>, n: usize, own: usize) -> Result<[usize; 3], DataError> {
    config.unwrap_or(&SplitConfig::default()).sizes(n, own)
}

impl Common {
    /// The stage whose random streams draw samples and splits: `stage`, or that of the data set with the same samples.
    fn drawn_as<'a>(&self, stage: &'a str) -> Cow<'a, str> {
        match &self.same_samples_as {
            Some(name) => Cow::Owned(format!("dataset.{}", name.0)),
            None => Cow::Borrowed(stage),
        }
    }

    /// Notes labels that are to be made wrong where there are none.
    pub fn check_against(&self, spec: &Spec, problems: &mut Problems) {
        let fields = [("label_noise", self.label_noise.is_some()), ("random_labels", self.random_labels)];
        for (field, _) in fields.into_iter().filter(|(_, given)| *given) {
            let message = || format!("`{field}` is of labels, expected data of at least two classes");
            problems.require(spec.classes().is_some_and(|k| k > 1), field, message);
        }
    }

    /// Notes every number out of range, with its path below the table (`split.train`).
    pub fn check(&self, problems: &mut Problems) {
        if let Some(share) = self.label_noise {
            problems.require((0.0..=1.0).contains(&share), "label_noise", || {
                format!("label_noise is {share}, expected a share of the training samples between 0 and 1")
            });
            problems.require(!self.random_labels, "label_noise", || {
                "label_noise and random_labels both replace labels, expected one of them".into()
            });
        }
        let Some(split) = &self.split else { return };
        for (split, share) in Split::ALL.into_iter().zip([split.train, Some(split.validation), split.test]) {
            let Some(share) = share else { continue };
            let fine = (0.0..=1.0).contains(&share) || (is_count(share) && share.fract() == 0.0 && share < 1e15);
            problems.require(fine, format!("split.{}", split.name()), || {
                format!("{} is {share}, expected a fraction between 0 and 1 or a whole number of samples", split.name())
            });
        }
        problems.require(split.train != Some(0.0), "split.train", || "nothing to train on: train is 0".into());
    }
}

/// Whether a share is a number of samples rather than a fraction.
fn is_count(share: f64) -> bool {
    share > 1.0
}

/// Splits of a pool of samples, and as the last one what no split takes.
type Cut = [usize; 4];

impl SplitConfig {
    /// How many samples the training, validation and test splits get of `n`, the last `own` of which are for testing only.
    ///
    /// # Errors
    /// If fractions do not sum to 1, if the splits have more samples than there are, or if a split that is asked for would be
    /// empty.
    pub fn sizes(&self, n: usize, own: usize) -> Result<[usize; 3], DataError> {
        let (pool, tested) = self.cuts(n, own)?;
        Ok([pool.sizes[0], pool.sizes[1], pool.sizes[2] + tested.map_or(0, |cut| cut.sizes[2])])
    }

    /// How the pool is cut, and how the source's own test samples are, where it has any.
    fn cuts(&self, n: usize, own: usize) -> Result<(Shares, Option<Shares>), DataError> {
        if own == 0 {
            return Ok((self.cut(self.train, self.validation, self.test.unwrap_or(0.0), n)?, None));
        }
        let pool = self.cut(self.train, self.validation, 0.0, n - own)?;
        let tested = match self.test {
            Some(share) => counted([None, None, Some(share)], own)?,
            None => counted([None, None, Some(own as f64)], own)?,
        };
        Ok((pool, Some(tested)))
    }

    fn cut(&self, train: Option<f64>, validation: f64, test: f64, n: usize) -> Result<Shares, DataError> {
        if [train.unwrap_or(0.0), validation, test].into_iter().any(is_count) {
            return counted([Some(train.unwrap_or(f64::NAN)), Some(validation), Some(test)], n);
        }
        let train = train.unwrap_or(1.0 - validation - test);
        let fractions = [train, validation, test];
        let in_range = fractions.iter().all(|f| (-1e-9..=1.0).contains(f));
        // Up to the roundings of their decimals.
        if !in_range || (fractions.iter().sum::<f64>() - 1.0).abs() >= 1e-9 {
            return Err(DataError::Fractions { train, validation, test });
        }
        // Fractions in billionths, so that sharing out is exact; what rounding leaves goes to the training split.
        let [_, validation, test] = fractions.map(|f| (f * WHOLE as f64).round() as u64);
        let weights = [WHOLE.saturating_sub(validation + test), validation, test, 0];
        let mut sizes = weights.map(|w| share_of(w, WHOLE, n));
        let mut order = [0, 1, 2];
        order.sort_by_key(|&p| (std::cmp::Reverse(remainder(weights[p], WHOLE, n)), p));
        let left = n - sizes.iter().sum::<usize>();
        for &split in &order[..left] {
            sizes[split] += 1;
        }
        for split in 0..3 {
            if sizes[split] == 0 && (weights[split] > 0 || split == 0) {
                return Err(DataError::EmptyPart { split: Split::ALL[split].name(), fraction: fractions[split], n });
            }
        }
        Ok(Shares { sizes, weights, whole: WHOLE })
    }
}

/// Sizes of splits, and the proportions in which classes are shared out among them.
struct Shares {
    sizes: Cut,
    weights: [u64; 4],
    whole: u64,
}

/// Splits by numbers of samples, fractions among them rounded to the nearest; a share that is NaN takes what the others leave.
fn counted(shares: [Option<f64>; 3], n: usize) -> Result<Shares, DataError> {
    let mut sizes = [0; 4];
    let mut rest = None;
    for split in 0..3 {
        sizes[split] = match shares[split] {
            Some(share) if share.is_nan() => {
                rest = Some(split);
                0
            }
            Some(share) if is_count(share) => share as usize,
            Some(share) => (share * n as f64).round() as usize,
            None => 0,
        };
        if sizes[split] == 0 && shares[split].is_some_and(|share| share > 0.0) {
            return Err(DataError::EmptyPart {
                split: Split::ALL[split].name(),
                fraction: shares[split].unwrap_or_default(),
                n,
            });
        }
    }
    let taken = sizes.iter().fold(0, |sum: usize, &size| sum.saturating_add(size));
    if taken > n || (rest.is_some() && taken == n) {
        return Err(DataError::TooMany { sizes: [sizes[0], sizes[1], sizes[2]], n });
    }
    sizes[rest.unwrap_or(3)] = n - taken;
    Ok(Shares { sizes, weights: sizes.map(|size| size as u64), whole: n.max(1) as u64 })
}

/// The whole in units of a fraction.
const WHOLE: u64 = 1_000_000_000;

/// ⌊w·n / whole⌋.
fn share_of(weight: u64, whole: u64, n: usize) -> usize {
    (u128::from(weight) * n as u128 / u128::from(whole)) as usize
}

/// What [`share_of`] leaves over, times the whole.
fn remainder(weight: u64, whole: u64, n: usize) -> u128 {
    u128::from(weight) * n as u128 % u128::from(whole)
}

/// Divides `data`, whose last `own` samples are for testing only; `stream` is the dataset stage's [`tensor::Purpose::Split`]
/// stream.
///
/// # Errors
/// Those of [`SplitConfig::sizes`], or if a stratified split would leave a class without a sample to train on.
pub fn split(data: &Dataset, own: usize, config: &SplitConfig, stream: &mut Stream) -> Result<Splits, DataError> {
    let (pool, tested) = config.cuts(data.n(), own)?;
    let pooled = data.n() - own;
    let mut indices = draw(data, 0..pooled, &pool, config.stratified, stream)?;
    if let Some(cut) = tested {
        let [_, _, test] = draw(data, pooled..data.n(), &cut, config.stratified, stream)?;
        indices[2] = test;
    }
    let indices = indices.map(|mut split| {
        split.sort_unstable();
        split
    });
    let split = |p: usize| (!indices[p].is_empty()).then(|| data.subset(&indices[p]));
    let (train, validation, test) = (data.subset(&indices[0]), split(1), split(2));
    Ok(Splits { validation, test, indices, ..Splits::undivided(train) })
}

/// Which of the samples in `range` each split gets.
fn draw(
    data: &Dataset,
    range: Range<usize>,
    shares: &Shares,
    stratified: bool,
    stream: &mut Stream,
) -> Result<[Vec<usize>; 3], DataError> {
    let sizes = shares.sizes;
    let mut splits = [const { Vec::new() }; 4];
    match (data.labels(), data.class_names()) {
        (Some(labels), Some(names)) if stratified => {
            let mut members = vec![Vec::new(); names.len()];
            range.for_each(|i| members[labels[i] as usize].push(i));
            let counts: Vec<usize> = members.iter().map(Vec::len).collect();
            for ((mut members, share), name) in members.into_iter().zip(share_out(&counts, shares)).zip(names) {
                if share[0] == 0 && sizes[0] > 0 && !members.is_empty() {
                    return Err(DataError::UntrainedClass { class: name.clone(), n: members.len() });
                }
                stream.shuffle(&mut members);
                deal(&members, share, &mut splits);
            }
        }
        _ => {
            let order: Vec<usize> = stream.permutation(range.len()).into_iter().map(|i| range.start + i).collect();
            deal(&order, sizes, &mut splits);
        }
    }
    let [train, validation, test, _] = splits;
    Ok([train, validation, test])
}

/// Deals samples out to the splits, one after the other.
fn deal(mut samples: &[usize], sizes: Cut, splits: &mut [Vec<usize>; 4]) {
    for (split, size) in splits.iter_mut().zip(sizes) {
        let (now, later) = samples.split_at(size);
        split.extend_from_slice(now);
        samples = later;
    }
}

/// How many samples of each class go to each split: rows sum to `counts`, columns to the sizes.
fn share_out(counts: &[usize], shares: &Shares) -> Vec<Cut> {
    let Shares { sizes, weights, whole } = *shares;
    // Neither difference is below zero: a sum of rounded-down shares is at most the rounded-down sum.
    let mut shares: Vec<Cut> = counts.iter().map(|&n| weights.map(|w| share_of(w, whole, n))).collect();
    let mut left: Vec<usize> = counts.iter().zip(&shares).map(|(n, s)| n - s.iter().sum::<usize>()).collect();
    let mut wanted: Cut = std::array::from_fn(|p| sizes[p] - shares.iter().map(|s| s[p]).sum::<usize>());

    let mut order: Vec<(usize, usize)> = (0..counts.len()).flat_map(|c| (0..4).map(move |p| (c, p))).collect();
    order.sort_by_key(|&(c, p)| (std::cmp::Reverse(remainder(weights[p], whole, counts[c])), c, p));
    // The first round gives each cell at most one; the others finish what the first could not place.
    while left.iter().any(|&l| l > 0) {
        for &(class, split) in &order {
            if left[class] > 0 && wanted[split] > 0 {
                shares[class][split] += 1;
                left[class] -= 1;
                wanted[split] -= 1;
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
        SplitConfig { train: Some(train), validation, test: Some(test), stratified }
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
        assert_eq!(config(0.8, 0.1, 0.1, true).sizes(1000, 0).unwrap(), [800, 100, 100]);
        assert_eq!(config(0.7, 0.2, 0.1, true).sizes(10, 0).unwrap(), [7, 2, 1]);
        // 5.6, 0.7, 0.7: the whole splits are 5, 0, 0, and two of the three get one more
        assert_eq!(config(0.8, 0.1, 0.1, true).sizes(7, 0).unwrap(), [5, 1, 1]);
        assert_eq!(config(1.0, 0.0, 0.0, true).sizes(3, 0).unwrap(), [3, 0, 0]);
        let third = 1.0 / 3.0;
        assert_eq!(config(third, third, third, true).sizes(10, 0).unwrap(), [4, 3, 3]);
    }

    #[test]
    fn every_sample_is_in_exactly_one_part_and_classes_keep_their_shares() {
        for (seed, counts) in
            [vec![334, 333, 333], vec![4, 4, 4], vec![100, 10, 5], vec![17; 10]].into_iter().enumerate()
        {
            for (a, b, c) in [(0.8, 0.1, 0.1), (0.5, 0.25, 0.25), (0.75, 0.0, 0.25)] {
                let (data, config) = (data(&counts), config(a, b, c, true));
                let splits = split(&data, 0, &config, &mut stream(seed as u64)).unwrap();
                let mut all = splits.indices.concat();
                all.sort_unstable();
                assert_eq!(all, (0..data.n()).collect::<Vec<_>>());
                assert_eq!(splits.indices.each_ref().map(Vec::len), config.sizes(data.n(), 0).unwrap());
                for (split, fraction) in Split::ALL.into_iter().zip([a, b, c]) {
                    let got = splits.get(split).map_or(vec![0; counts.len()], |p| p.class_counts().unwrap());
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
        let splits = split(&data, 0, &config, &mut stream(1)).unwrap();
        assert_eq!(splits, split(&data, 0, &config, &mut stream(1)).unwrap());
        assert_ne!(splits.indices, split(&data, 0, &config, &mut stream(2)).unwrap().indices);
        assert!(splits.validation.is_none());
        let plain = split(&data, 0, &SplitConfig { stratified: false, ..config }, &mut stream(1)).unwrap();
        assert_eq!((plain.train.n(), plain.test.unwrap().n()), (50, 50));
    }

    #[test]
    fn impossible_splits_are_refused() {
        let message =
            |counts: &[usize], config| split(&data(counts), 0, &config, &mut stream(1)).unwrap_err().to_string();
        assert_eq!(
            message(&[2, 2], config(0.9, 0.05, 0.05, true)),
            "split: the validation split, 0.05 of 4 samples, would be empty"
        );
        assert_eq!(
            message(&[20, 1], config(0.4, 0.0, 0.6, true)),
            "split: class `c1` has too few samples (1) for a stratified split: none would be left to train on"
        );
        assert!(message(&[2, 2], config(0.9, 0.9, 0.0, true)).contains("sum to 1.8, expected 1"));
        assert!(message(&[2, 2], config(f64::NAN, 0.5, 0.5, true)).contains("expected 1"));
        assert!(message(&[], config(1.0, 0.0, 0.0, true)).contains("empty"));
    }

    #[test]
    fn checks_name_the_field() {
        let paths = |train, validation, test| {
            let mut problems = Problems::default();
            Common { split: Some(config(train, validation, test, true)), ..Common::default() }.check(&mut problems);
            problems.into_vec().into_iter().map(|p| p.path).collect::<Vec<_>>()
        };
        assert_eq!(paths(0.8, 0.1, 0.1), Vec::<String>::new());
        assert_eq!(paths(0.0, 0.5, 0.5), ["split.train"]);
        assert_eq!(paths(-0.5, 1.5, f64::NAN), ["split.train", "split.validation", "split.test"]);
    }

    #[test]
    fn counts_may_leave_samples_out_and_keep_the_classes_shares() {
        let data = data(&[500, 300, 200]);
        let config = SplitConfig { train: Some(100.0), validation: 0.05, test: Some(10.0), stratified: true };
        assert_eq!(config.sizes(1000, 0).unwrap(), [100, 50, 10]);
        let splits = split(&data, 0, &config, &mut stream(1)).unwrap();
        assert_eq!(splits.train.class_counts().unwrap(), [50, 30, 20]);
        assert_eq!(splits.validation.unwrap().class_counts().unwrap(), [25, 15, 10]);
        assert_eq!(splits.test.unwrap().class_counts().unwrap(), [5, 3, 2]);
        let rest = SplitConfig { train: None, validation: 200.0, test: None, stratified: true };
        assert_eq!(rest.sizes(1000, 0).unwrap(), [800, 200, 0]);
        let fraction = SplitConfig { train: None, validation: 0.25, test: None, stratified: true };
        assert_eq!(fraction.sizes(1000, 0).unwrap(), [750, 250, 0]);
    }

    #[test]
    fn a_test_file_of_its_own_is_the_test_part() {
        // 600 to train on, 100 of its own to test.
        let data = data(&[300, 300, 100]);
        let sizes = |train, validation, test| {
            let config = SplitConfig { train, validation, test, stratified: true };
            config.sizes(700, 100).map_err(|e| e.to_string())
        };
        assert_eq!(SplitConfig::default().sizes(700, 100).unwrap(), [600, 0, 100]);
        assert_eq!(sizes(None, 0.2, None).unwrap(), [480, 120, 100]);
        assert_eq!(sizes(Some(0.8), 0.2, Some(0.5)).unwrap(), [480, 120, 50]);
        assert_eq!(sizes(Some(50.0), 0.0, Some(10.0)).unwrap(), [50, 0, 10]);
        assert_eq!(sizes(None, 0.0, Some(0.0)).unwrap(), [600, 0, 0]);
        assert!(sizes(Some(601.0), 0.0, None).unwrap_err().contains("601"));
        assert!(sizes(None, 0.0, Some(101.0)).unwrap_err().contains("101"));

        let config = SplitConfig { train: Some(100.0), validation: 20.0, test: Some(30.0), stratified: false };
        let splits = split(&data, 100, &config, &mut stream(3)).unwrap();
        assert!(splits.indices[0].iter().chain(&splits.indices[1]).all(|&i| i < 600));
        assert!(splits.indices[2].iter().all(|&i| i >= 600));
        assert_eq!(splits.indices.each_ref().map(Vec::len), [100, 20, 30]);
        let whole = split(&data, 100, &SplitConfig { stratified: true, ..Default::default() }, &mut stream(3)).unwrap();
        assert_eq!(whole.indices, [(0..600).collect(), vec![], (600..700).collect::<Vec<_>>()]);
    }
}
