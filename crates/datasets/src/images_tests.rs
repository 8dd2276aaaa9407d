//! Sizes, numbers and choices of pictures.

use super::*;
use crate::split::{SplitConfig, split};
use tensor::{Purpose, Streams};

fn stream() -> Stream {
    Streams::new(1).stream("dataset.test", Purpose::Sample)
}

fn pictures(pixels: Vec<u8>, shape: [usize; 2], labels: &[u32], own_test: usize) -> Pictures {
    let classes = vec!["a".into(), "b".into()];
    Pictures { pixels, shape, labels: Some(labels.to_vec()), classes, own_test }
}

fn numbers(options: Images, pixels: &[u8], shape: [usize; 2]) -> Vec<f32> {
    let data = options.dataset(pictures(pixels.to_vec(), shape, &[0], 0), &mut stream()).unwrap();
    data.x.iter().copied().collect()
}

const RAW: Images = Images { normalize: Normalize::None, downsample: None, resize: None, per_class: None };

#[test]
fn blocks_become_their_means() {
    let picture: Vec<u8> = (0..16).map(|i| i * 10).collect();
    let half = Images { downsample: Some(2), ..RAW };
    assert_eq!(numbers(half, &picture, [4, 4]), [25.0, 45.0, 105.0, 125.0]);
    let all = Images { downsample: Some(4), ..RAW };
    assert_eq!(numbers(all, &picture, [4, 4]), [75.0]);
    assert_eq!(numbers(Images { downsample: Some(1), ..RAW }, &picture, [4, 4]), numbers(RAW, &picture, [4, 4]));
    assert_eq!(numbers(Images { resize: Some([2, 2]), ..RAW }, &picture, [4, 4]), numbers(half, &picture, [4, 4]));
    let error = Images { downsample: Some(3), ..RAW }.size([4, 4]).unwrap_err().to_string();
    assert!(error.contains("4×4 pixels cannot be divided into blocks of 3×3"), "{error}");
}

#[test]
fn areas_become_their_means() {
    // Three columns to two: the middle one is shared, (1·a + ½·b) / 1½.
    let wide = Images { resize: Some([1, 2]), ..RAW };
    assert_eq!(numbers(wide, &[30, 60, 90], [1, 3]), [40.0, 80.0]);
    // Two rows to three.
    let tall = Images { resize: Some([3, 1]), ..RAW };
    assert_eq!(numbers(tall, &[30, 60], [2, 1]), [30.0, 45.0, 60.0]);
    // A whole multiple repeats pixels.
    assert_eq!(numbers(Images { resize: Some([2, 2]), ..RAW }, &[7], [1, 1]), [7.0; 4]);
    // The mean of a picture stays what it was, whatever the size: every pixel counts by its area.
    let picture: Vec<u8> = (0..28 * 28).map(|i| (i * 37 % 256) as u8).collect();
    let mean = |v: &[f32]| v.iter().map(|&v| f64::from(v)).sum::<f64>() / v.len() as f64;
    let expected = mean(&numbers(RAW, &picture, [28, 28]));
    for size in [[10, 10], [1, 1], [7, 14], [31, 5], [56, 28]] {
        let found = mean(&numbers(Images { resize: Some(size), ..RAW }, &picture, [28, 28]));
        assert!((found - expected).abs() < 1e-4, "{size:?}: {found} {expected}");
    }
}

#[test]
fn resampling_has_the_same_bits_on_any_number_of_threads() {
    let pixels: Vec<u8> = (0..500 * 784).map(|i: usize| (i * i % 251) as u8).collect();
    let before = threads::count();
    let resampled = |n: usize| {
        threads::set(n);
        let x = resampled(&pixels, 500, [28, 28], [10, 10], 1.0 / 255.0);
        x.iter().map(|v| v.to_bits()).collect::<Vec<_>>()
    };
    let one = resampled(1);
    assert_eq!(one, resampled(3));
    threads::set(before);
}

#[test]
fn bytes_become_numbers_from_0_to_1_or_stay() {
    let unit = Images::default();
    assert_eq!(numbers(unit, &[0, 51, 255], [1, 3]), [0.0, 51.0 * (1.0 / 255.0), 1.0]);
    assert_eq!(numbers(RAW, &[0, 51, 255], [1, 3]), [0.0, 51.0, 255.0]);
    assert_eq!(numbers(Images { downsample: Some(3), ..unit }, &[255; 9], [3, 3]), [1.0]);
}

#[test]
fn the_training_part_alone_says_how_to_standardise() {
    for resize in [None, Some([2, 1])] {
        let options = Images { normalize: Normalize::Standard, resize, ..RAW };
        // Four pictures of two pixels, the last two for testing only.
        let pixels = vec![10, 10, 40, 40, 255, 255, 0, 0];
        let data = options.dataset(pictures(pixels, [2, 1], &[0, 1, 0, 1], 2), &mut stream()).unwrap();
        let config = SplitConfig { stratified: true, ..Default::default() };
        let mut splits = split(&data, 2, &config, &mut stream()).unwrap();
        options.finish(&mut splits).unwrap();
        // Mean 25, deviation 15.
        assert_eq!(splits.standard, Some(Standard { mean: 25.0 / 255.0, deviation: 15.0 / 255.0 }));
        let close = |x: &Samples, expected: [f32; 4]| x.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-6);
        assert!(close(&splits.train.x, [-1.0, -1.0, 1.0, 1.0]), "{:?}", splits.train.x);
        let (white, black) = (230.0 / 15.0, -25.0 / 15.0);
        assert!(close(&splits.test.as_ref().unwrap().x, [white, white, black, black]));

        let flat = options.dataset(pictures(vec![9; 4], [2, 1], &[0, 1], 0), &mut stream()).unwrap();
        let error = options.finish(&mut Splits::undivided(flat)).unwrap_err().to_string();
        assert_eq!(error, "normalize: every pixel of the training split is 9, so that their standard deviation is 0");
    }
}

#[test]
fn exact_sums_of_bytes_are_the_numbers_statistics() {
    let bytes: Vec<u8> = (0..1000_u32).map(|i| (i * 7919 % 256) as u8).collect();
    let of_bytes = Samples::of_bytes(Array2::from_shape_vec((10, 100), bytes).unwrap(), 1.0, 0.0);
    let (a, b) = (standard(&of_bytes), standard(&Samples::from((*of_bytes).clone())));
    assert!((a.mean - b.mean).abs() < 1e-9 && (a.deviation - b.deviation).abs() < 1e-9, "{a:?} {b:?}");
}

#[test]
fn each_class_gives_as_many_and_the_test_pictures_stay() {
    let labels = [0, 0, 0, 1, 1, 1, 1, 0, 1];
    let pixels: Vec<u8> = (0..9).collect();
    let options = Images { per_class: Some(2), ..RAW };
    let data = options.dataset(pictures(pixels.clone(), [1, 1], &labels, 2), &mut stream()).unwrap();
    assert_eq!(data.labels().unwrap(), [0, 0, 1, 1, 0, 1]);
    let kept: Vec<f32> = data.x.iter().copied().collect();
    assert!(kept.is_sorted() && kept[4..] == [7.0, 8.0], "{kept:?}");
    let spec = options.spec(9, 2, [1, 1], Some(vec!["a".into(), "b".into()])).unwrap();
    assert_eq!(spec, data.spec());
    let many = Images { per_class: Some(4), ..RAW };
    let error = many.dataset(pictures(pixels, [1, 1], &labels, 2), &mut stream()).unwrap_err().to_string();
    assert_eq!(error, "per_class: class `a` has 3 samples, expected at least 4");
}

#[test]
fn impossible_options_are_named() {
    let paths = |options: Images| {
        let mut problems = Problems::default();
        options.check(Some([28, 28]), true, &mut problems);
        problems.into_vec().into_iter().map(|p| p.path).collect::<Vec<_>>()
    };
    assert_eq!(paths(Images { downsample: Some(7), per_class: Some(1), ..RAW }), [""; 0]);
    assert_eq!(paths(Images { downsample: Some(5), ..RAW }), ["downsample"]);
    assert_eq!(
        paths(Images { downsample: Some(0), resize: Some([0, 5]), per_class: Some(0), ..RAW }),
        ["downsample", "downsample", "resize", "per_class"]
    );
    assert_eq!(paths(Images { resize: Some([5, 2000]), ..RAW }), ["resize"]);
}

#[test]
fn rows_lead_from_the_splits_back_to_the_source() {
    let whole: crate::sources::glyphs::Glyphs = toml::from_str("points = 60\nnormalize = \"none\"").unwrap();
    let some: crate::sources::glyphs::Glyphs = toml::from_str("points = 60\nper_class = 3").unwrap();
    let config = SplitConfig { test: Some(10.0), stratified: true, ..SplitConfig::default() };
    let common = crate::Common { split: Some(config), ..crate::Common::default() };
    let (base, streams, stage) = (".".as_ref(), Streams::new(5), "dataset.d");
    let all = crate::Source::load(&whole, base, &streams, stage).unwrap();
    let splits = crate::splits(&some, &common, base, &streams, stage).unwrap();
    let [train, none, test] = crate::rows(&some, &common, base, &streams, stage, &splits).unwrap();
    assert_eq!((train.len(), none.len(), test.len()), (20, 0, 10));
    let bytes = |data: &Dataset, row: usize| data.x.bytes().unwrap().0.row(row).to_owned();
    for (rows, split) in [(&train, &splits.train), (&test, splits.test.as_ref().unwrap())] {
        for (place, &row) in rows.iter().enumerate() {
            assert_eq!(bytes(split, place), bytes(&all, row));
            assert_eq!(split.labels().unwrap()[place], all.labels().unwrap()[row]);
        }
    }
    assert_ne!(train, splits.indices[0], "three of each six are taken");
}
