//! Known data sets: where they are found, how they are checked, what the official files hold.

use super::*;
use crate::idx::tests::gzip;
use crate::sources::mnist::Mnist;
use crate::{Normalize, Source, SplitConfig, splits};
use std::time::Instant;
use tensor::Streams;

/// A folder with MNIST in it; without one the test says so and does nothing.
fn mnist() -> Option<(&'static Manifest, PathBuf)> {
    let manifest = manifest("mnist").unwrap();
    match manifest.locate() {
        Ok(folder) => Some((manifest, folder)),
        Err(error) => {
            eprintln!("SKIPPED: {error}");
            None
        }
    }
}

#[test]
fn manifests_are_whole() {
    for m in manifests() {
        assert_eq!(m.files().count(), 4, "{}", m.name);
        assert!(
            m.train.samples > 0 && m.test.samples > 0 && m.shape[0] * m.shape[1] > 0 && m.classes.len() > 1,
            "{}",
            m.name
        );
        for file in m.files() {
            assert!(file.sha256.len() == 64 && file.sha256.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')));
            assert!(file.size > 0 && !file.file.is_empty(), "{file:?}");
        }
        assert!(m.mirrors.iter().all(|url| url.starts_with("http") && url.ends_with('/')));
        assert!(!m.licence.is_empty() && !m.citation.is_empty() && m.homepage.starts_with("https://"));
        assert_eq!(manifest(&m.name.replace('-', "_")), Some(m));
    }
    let known = ["mnist", "fashion-mnist", "kmnist"].map(|name| manifest(name).unwrap());
    for m in known {
        assert_eq!((m.train.samples, m.test.samples, m.shape, m.classes.len()), (60_000, 10_000, [28, 28], 10));
    }
    assert_eq!(manifest("emnist"), None);
}

/// A small set of pictures, written to a folder, and its manifest.
fn small(folder: &Path, labels: &[u8]) -> &'static Manifest {
    let idx = |shape: &[u8], bytes: &[u8]| {
        let mut file = vec![0, 0, 8, shape.len() as u8];
        file.extend(shape.iter().flat_map(|&d| [0, 0, 0, d]));
        gzip(&[file, bytes.to_vec()].concat())
    };
    let write = |name: &str, bytes: Vec<u8>| {
        std::fs::write(folder.join(name), &bytes).unwrap();
        DataFile { file: name.into(), size: bytes.len() as u64, sha256: sha256(&bytes) }
    };
    let half = |name: &str, labels: &[u8]| {
        let n = labels.len() as u8;
        let pixels: Vec<u8> = (0..n * 6).collect();
        let images = write(&format!("{name}-images"), idx(&[n, 2, 3], &pixels));
        Half { samples: labels.len(), images, labels: write(&format!("{name}-labels"), idx(&[n], labels)) }
    };
    Box::leak(Box::new(Manifest {
        train: half("train", labels),
        test: half("test", &[1]),
        name: "small".into(),
        title: "Small".into(),
        shape: [2, 3],
        classes: vec!["a".into(), "b".into()],
        mirrors: vec![],
        ..manifests()[0].clone()
    }))
}

#[test]
fn files_are_checked_as_they_are_loaded() {
    let folder = tempfile::tempdir().unwrap();
    let m = small(folder.path(), &[0, 1, 0]);
    let loaded = m.load(folder.path()).unwrap();
    assert_eq!(loaded.labels, [0, 1, 0, 1]);
    assert_eq!(loaded.pixels, (0..18).chain(0..6).collect::<Vec<u8>>());

    // Another byte, the same size.
    let path = folder.path().join("train-images");
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[12] ^= 1;
    std::fs::write(&path, &bytes).unwrap();
    assert_eq!(m.locate_in(vec![folder.path().into()]).unwrap(), folder.path());
    let error = m.load(folder.path()).unwrap_err().to_string();
    assert!(error.contains("train-images: SHA-256 ") && error.contains("cargo xtask fetch small"), "{error}");
    assert!(error.contains(&m.train.images.sha256) && error.contains(&sha256(&bytes)), "{error}");

    let wrong_label = tempfile::tempdir().unwrap();
    let error = small(wrong_label.path(), &[0, 2]).load(wrong_label.path()).unwrap_err().to_string();
    assert!(error.ends_with("train-labels, element [1]: found class 2, expected 0 to 1"), "{error}");

    let elsewhere = Manifest { shape: [3, 2], ..m.clone() };
    let wrong_shape = tempfile::tempdir().unwrap();
    small(wrong_shape.path(), &[0, 1, 0]);
    let error = Box::leak(Box::new(elsewhere)).load(wrong_shape.path()).unwrap_err().to_string();
    assert!(error.contains("an array of shape 3×2×3, expected 3×3×2"), "{error}");
}

#[test]
fn a_folder_counts_where_it_has_every_file_in_its_size() {
    let (whole, split, short) =
        (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let m = small(whole.path(), &[0, 1]);
    small(short.path(), &[0, 1]);
    std::fs::write(short.path().join("test-labels"), "x").unwrap();
    small(split.path(), &[0, 1]);
    std::fs::remove_file(split.path().join("train-labels")).unwrap();
    let places = |list: &[&Path]| list.iter().map(|p| p.to_path_buf()).collect::<Vec<_>>();
    let nowhere = split.path().join("nowhere");
    let all = places(&[&nowhere, split.path(), short.path(), whole.path()]);
    assert_eq!(m.locate_in(all).unwrap(), whole.path());
    let error = m.locate_in(places(&[&nowhere, split.path(), short.path()])).unwrap_err().to_string();
    for words in [
        "Small is not at hand: there is no folder ".to_owned(),
        format!("there is no {}", split.path().join("train-labels").display()),
        format!("{} has 1 bytes instead of {}", short.path().join("test-labels").display(), m.test.labels.size),
        "`cargo xtask fetch small` downloads it".to_owned(),
        "UNFOLD_DATA may name a folder".to_owned(),
    ] {
        assert!(error.contains(&words), "{words}: {error}");
    }
}

#[test]
fn the_official_files_are_what_they_are_known_to_be() {
    let Some((m, folder)) = mnist() else { return };
    let begun = Instant::now();
    let loaded = m.load(&folder).unwrap();
    eprintln!("loading and checking MNIST: {:.3} s", begun.elapsed().as_secs_f64());
    // The first labels and class counts as LeCun's page and torchvision show them.
    assert_eq!(loaded.labels[..10], [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]);
    assert_eq!(loaded.labels[60_000..60_005], [7, 2, 1, 0, 4]);
    let train = &loaded.pixels[..60_000 * 784];
    let mean = train.iter().map(|&b| u64::from(b)).sum::<u64>() as f64 / train.len() as f64 / 255.0;
    assert!((mean - 0.1307).abs() < 5e-5, "{mean}");
    // Of each picture with 783 degrees of freedom, as PyTorch's std has it.
    let spread = train
        .chunks_exact(784)
        .map(|picture| {
            let mean = picture.iter().map(|&b| f64::from(b)).sum::<f64>() / 784.0;
            (picture.iter().map(|&b| (f64::from(b) - mean) * (f64::from(b) - mean)).sum::<f64>() / 783.0).sqrt()
        })
        .sum::<f64>()
        / 60_000.0
        / 255.0;
    assert!((spread - 0.3015).abs() < 5e-5, "{spread}");
}

#[test]
fn more_of_a_class_than_there_are_is_refused_before_any_file_is_read() {
    let few =
        |per_class| Mnist { normalize: Normalize::Unit, downsample: None, resize: None, per_class: Some(per_class) };
    assert_eq!(few(5421).spec(Path::new(".")).expect("as many as there are").n, 64_210);
    let refused = few(5422).spec(Path::new(".")).expect_err("there are fewer fives");
    assert_eq!(refused.to_string(), "per_class: class `5` has 5421 samples, expected at least 5422");
}

#[test]
fn mnist_divides_as_users_expect() {
    if mnist().is_none() {
        return;
    }
    let source = Mnist { normalize: Normalize::Standard, downsample: None, resize: None, per_class: None };
    let load = |source: &Mnist, split: Option<SplitConfig>| {
        let common = crate::Common { split, ..crate::Common::default() };
        splits(source, &common, Path::new("."), &Streams::new(1), "dataset.mnist").unwrap()
    };
    let whole = load(&source, None);
    let sizes =
        |p: &crate::Splits| [p.train.n(), p.validation.as_ref().map_or(0, |v| v.n()), p.test.as_ref().unwrap().n()];
    assert_eq!(sizes(&whole), [60_000, 0, 10_000]);
    let fewest = whole.train.class_counts().unwrap().into_iter().min();
    assert_eq!(fewest, Some(manifest("mnist").unwrap().smallest_class.samples));
    // The numbers that everybody standardises MNIST by.
    let standard = whole.standard.unwrap();
    assert!((standard.mean - 0.1307).abs() < 5e-5 && (standard.deviation - 0.3081).abs() < 5e-5, "{standard:?}");
    let split = SplitConfig { train: Some(10_000.0), validation: 2000.0, test: Some(1000.0), stratified: true };
    let some = load(&source, Some(split));
    assert_eq!(sizes(&some), [10_000, 2000, 1000]);
    // 5,923 of 60,000 are zeros, 5,421 fives; 980 and 892 of the 10,000 for testing.
    let counts = some.train.class_counts().unwrap();
    assert!(counts[0].abs_diff(987) <= 1 && counts[5].abs_diff(904) <= 1, "{counts:?}");
    let counts = some.test.unwrap().class_counts().unwrap();
    assert_eq!((counts[0], counts[5]), (98, 89));

    let few = Mnist { normalize: Normalize::Unit, resize: Some([10, 10]), per_class: Some(100), ..source };
    let splits = load(&few, None);
    assert_eq!(splits.train.class_counts().unwrap(), [100; 10]);
    assert_eq!((splits.train.shape.clone(), splits.test.unwrap().n()), (vec![1, 10, 10], 10_000));
    assert_eq!(few.spec(Path::new(".")).unwrap(), crate::Spec { n: 11_000, ..splits.train.spec() });
}
