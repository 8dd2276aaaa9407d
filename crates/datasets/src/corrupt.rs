//! Training labels made wrong on purpose, to see what a network learns from samples and what it learns by heart.
//!
//! With noise of share s, round(s·n) of the n training samples get another class, each of the K − 1 others equally likely
//! ("symmetric" noise). Random labels are drawn anew for every sample, each of the K classes equally likely, so that about 1/K
//! stay right (Zhang, Bengio, Hardt, Recht, Vinyals 2017, "Understanding deep learning requires rethinking generalization",
//! section 2). Each has a random stream of its own: neither the samples nor the splits move.

use crate::{Common, Splits, Targets};
use tensor::{Purpose, Streams};

/// Makes the training labels as wrong as `common` asks for, and keeps the true ones.
pub fn labels(splits: &mut Splits, common: &Common, streams: &Streams, stage: &str) {
    let Targets::Classes { labels, names } = &mut splits.train.y else { return };
    let (n, classes) = (labels.len(), names.len());
    if classes < 2 || (common.label_noise.is_none() && !common.random_labels) {
        return;
    }
    splits.true_labels = Some(labels.clone());
    if let Some(share) = common.label_noise {
        let mut stream = streams.stream(stage, Purpose::LabelNoise);
        let wrong = ((share * n as f64).round() as usize).min(n);
        for &i in &stream.permutation(n)[..wrong] {
            let other = stream.below(classes - 1) as u32;
            labels[i] = other + u32::from(other >= labels[i]);
        }
    }
    if common.random_labels {
        let mut stream = streams.stream(stage, Purpose::RandomLabels);
        labels.iter_mut().for_each(|label| *label = stream.below(classes) as u32);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SplitConfig;
    use crate::sources::gaussians::Gaussians;

    fn loaded(common: Common) -> Splits {
        let source: Gaussians = toml::from_str("points = 4000\nclasses = 4").unwrap();
        let split = SplitConfig { validation: 0.25, test: Some(0.25), stratified: true, train: None };
        let common = Common { split: Some(split), ..common };
        crate::splits(&source, &common, ".".as_ref(), &Streams::new(3), "dataset.d").unwrap()
    }

    /// How many training labels are of each class and truly of each class: rows are the true ones.
    fn confusion(splits: &Splits) -> [[usize; 4]; 4] {
        let mut counts = [[0; 4]; 4];
        let truth = splits.true_labels.as_ref().unwrap();
        truth.iter().zip(splits.train.labels().unwrap()).for_each(|(&t, &l)| counts[t as usize][l as usize] += 1);
        counts
    }

    #[test]
    fn noise_changes_exactly_its_share_to_each_other_class_alike() {
        let plain = loaded(Common::default());
        let noisy = loaded(Common { label_noise: Some(0.3), ..Common::default() });
        assert_eq!(noisy.true_labels.as_deref(), plain.train.labels());
        assert_eq!((&noisy.train.x, &noisy.validation, &noisy.test), (&plain.train.x, &plain.validation, &plain.test));
        let counts = confusion(&noisy);
        assert_eq!((0..4).map(|c| counts[c][c]).sum::<usize>(), 1400);
        // 600 wrong labels in 12 cells: 50 each, with a standard deviation of about 7.
        let off = (0..16).filter(|i| i / 4 != i % 4).map(|i| counts[i / 4][i % 4]);
        assert!(off.clone().all(|n| (25..=75).contains(&n)), "{counts:?}");
        assert_eq!(plain.true_labels, None);
    }

    #[test]
    fn no_noise_and_all_noise_are_what_they_say() {
        let right = |share| {
            let counts = confusion(&loaded(Common { label_noise: Some(share), ..Common::default() }));
            (0..4).map(|c| counts[c][c]).sum::<usize>()
        };
        assert_eq!((right(0.0), right(1.0)), (2000, 0));
    }

    #[test]
    fn random_labels_know_nothing_of_the_true_ones() {
        let random = loaded(Common { random_labels: true, ..Common::default() });
        // 2000 labels in 16 cells: 125 each, with a standard deviation of about 11.
        let counts = confusion(&random);
        assert!(counts.iter().flatten().all(|n| (85..=165).contains(n)), "{counts:?}");
        assert_eq!(random.test, loaded(Common::default()).test);
    }

    #[test]
    fn data_sets_that_share_samples_share_splits_and_wrong_labels() {
        let source: Gaussians = toml::from_str("points = 400\nclasses = 4").unwrap();
        let common = |same: Option<&str>| Common {
            split: Some(SplitConfig { test: Some(0.25), stratified: true, ..SplitConfig::default() }),
            same_samples_as: same.map(|name| registry::DatasetRef(name.into())),
            label_noise: Some(0.2),
            ..Common::default()
        };
        let load = |stage: &str, same: Option<&str>| {
            crate::splits(&source, &common(same), ".".as_ref(), &Streams::new(3), stage).unwrap()
        };
        assert_eq!(load("dataset.a", None), load("dataset.b", Some("a")));
        assert_ne!(load("dataset.a", None), load("dataset.b", None));
    }

    #[test]
    fn noise_and_random_labels_have_streams_of_their_own() {
        let noisy = loaded(Common { label_noise: Some(0.5), ..Common::default() });
        let more = loaded(Common { label_noise: Some(0.75), ..Common::default() });
        let random = loaded(Common { random_labels: true, ..Common::default() });
        assert_ne!(noisy.train.labels(), random.train.labels());
        assert_ne!(noisy.train.labels(), more.train.labels());
        assert_eq!(noisy, loaded(Common { label_noise: Some(0.5), ..Common::default() }));
    }
}
