//! Changed pictures: what becomes of a picture, that only training sees it, and that its bits depend on the settings alone.

use datasets::{Dataset, Splits, Targets};
use ndarray::Array2;
use tensor::random::Streams;
use training::{Augment, Augmenter, Checkpoint, Control, Fit, TrainConfig, Trainer, fit};

use crate::process::everywhere;

/// Pictures of 9 × 9 in two classes, black at the edge: a bar that stands or lies, with a pixel beside it.
fn bars(n: usize) -> Dataset {
    let pixel = |i: usize, at: usize| {
        let (row, column) = (at / 9, at % 9);
        let (along, across) = if i.is_multiple_of(2) { (row, column) } else { (column, row) };
        if across == 3 + i % 3 && (2..7).contains(&along) { 0.5 + 0.5 / (i + 1) as f32 } else { 0.0 }
    };
    Dataset {
        x: Array2::from_shape_fn((n, 81), |(i, at)| pixel(i, at)).into(),
        shape: vec![9, 9],
        y: Targets::Classes {
            labels: (0..n as u32).map(|i| i % 2).collect(),
            names: ["stands", "lies"].map(String::from).into(),
        },
        feature_names: (0..81).map(|i| format!("x{i}")).collect(),
        truth: None,
    }
}

fn splits() -> Splits {
    Splits { validation: Some(bars(10)), ..Splits::undivided(bars(50)) }
}

/// The first `n` pictures as they are learned from in an epoch.
fn changed(config: &Augment, epoch: usize, n: usize) -> Vec<f32> {
    let mut augmenter = Augmenter::new(config, &splits(), &Streams::new(3), "train.t").expect("pictures");
    let mut out = vec![f32::NAN; n * 81];
    augmenter.gather(&(0..n as u32).collect::<Vec<_>>(), epoch, &mut out);
    out
}

fn plain(n: usize) -> Vec<f32> {
    bars(n).x.iter().copied().collect()
}

#[test]
fn nothing_asked_for_changes_nothing() {
    assert_eq!(changed(&Augment::default(), 5, 50), plain(50));
}

#[test]
fn a_shift_by_whole_pixels_moves_them_as_they_are() {
    let config = Augment { shift: 2.0, whole_pixels: true, ..Augment::default() };
    let mut seen = std::collections::BTreeSet::new();
    for epoch in 0..40 {
        let (found, plain) = (changed(&config, epoch, 1), plain(1));
        let at = |row: i32, column: i32| match (0..9).contains(&row) && (0..9).contains(&column) {
            true => plain[(row * 9 + column) as usize],
            false => 0.0,
        };
        let moved = |down: i32, right: i32| -> Vec<f32> { (0..81).map(|i| at(i / 9 - down, i % 9 - right)).collect() };
        let places = (-2..=2).flat_map(|down| (-2..=2).map(move |right| (down, right)));
        let fitting: Vec<(i32, i32)> = places.filter(|&(down, right)| moved(down, right) == found).collect();
        assert_eq!(fitting.len(), 1, "epoch {epoch}: {fitting:?}");
        seen.extend(fitting);
    }
    assert!(seen.len() > 15, "of 25 places {} in 40 epochs", seen.len());
}

#[test]
fn a_picture_that_is_turned_keeps_its_light_and_its_middle() {
    let config = Augment { rotate: 180.0, ..Augment::default() };
    for epoch in 0..20 {
        let (found, plain) = (changed(&config, epoch, 50), plain(50));
        for (found, plain) in found.chunks(81).zip(plain.chunks(81)) {
            // Bars are far from the edge: what is interpolated sums to about as much as there was.
            let sum = |values: &[f32]| values.iter().sum::<f32>();
            assert!((sum(found) - sum(plain)).abs() < 0.2 * sum(plain), "{} for {}", sum(found), sum(plain));
            assert!((found[40] - plain[40]).abs() < 1e-5);
        }
    }
}

#[test]
fn noise_has_its_deviation_and_no_mean() {
    let config = Augment { noise: 0.5, ..Augment::default() };
    let (mut sum, mut squares, mut n) = (0.0, 0.0, 0.0);
    for epoch in 0..20 {
        for (found, plain) in changed(&config, epoch, 50).iter().zip(plain(50)) {
            let difference = f64::from(found - plain);
            (sum, squares, n) = (sum + difference, squares + difference * difference, n + 1.0);
        }
    }
    // 81,000 draws: the mean is within 5 standard errors, 5·0.5/√n, and the variance within 5·0.25·√(2/n).
    assert!((sum / n).abs() < 0.009, "{}", sum / n);
    assert!((squares / n - 0.25).abs() < 0.0063, "{}", squares / n);
}

#[test]
fn the_channels_of_a_picture_are_moved_together() {
    let mut coloured = bars(50);
    let twice =
        |x: ndarray::ArrayView1<'_, f32>| x.iter().copied().chain(x.iter().map(|v| 2.0 * v)).collect::<Vec<_>>();
    let x: Vec<f32> = coloured.x.rows().into_iter().flat_map(twice).collect();
    coloured.x = Array2::from_shape_vec((50, 162), x).expect("two channels each").into();
    coloured.shape = vec![2, 9, 9];
    let config = Augment { shift: 2.0, rotate: 30.0, ..Augment::default() };
    let mut augmenter =
        Augmenter::new(&config, &Splits::undivided(coloured), &Streams::new(3), "train.t").expect("pictures");
    let mut out = vec![f32::NAN; 50 * 162];
    augmenter.gather(&(0..50).collect::<Vec<_>>(), 0, &mut out);
    for (both, grey) in out.chunks(162).zip(changed(&config, 0, 50).chunks(81)) {
        assert!(both[..81] == *grey && both[81..].iter().zip(grey).all(|(double, v)| *double == 2.0 * v));
    }
}

#[test]
fn what_comes_in_from_outside_is_black() {
    let mut splits = splits();
    splits.pixels = Some(datasets::Pixels { scale: 1.0, offset: -0.75 });
    let config = Augment { shift: 8.0, whole_pixels: true, ..Augment::default() };
    let mut augmenter = Augmenter::new(&config, &splits, &Streams::new(3), "t").expect("pictures");
    let mut out = vec![f32::NAN; 50 * 81];
    augmenter.gather(&(0..50).collect::<Vec<_>>(), 0, &mut out);
    assert!(out.contains(&-0.75) && out.iter().all(|v| *v == -0.75 || *v >= 0.0));
    let no_pictures = Splits::undivided(Dataset { shape: vec![81], ..bars(4) });
    assert!(Augmenter::new(&config, &no_pictures, &Streams::new(3), "t").is_none());
}

const CONFIG: &str = r#"data = "bars"
model = ["flatten", { linear = 12 }, "relu", { linear = 2 }]
loss = "cross_entropy"
optimizer = { adam = { lr = 0.01 } }
epochs = 6
augment = { shift = 1.5, rotate = 20, scale = 0.1, noise = 0.05 }
"#;

fn config(rest: &str) -> TrainConfig {
    toml::from_str(&format!("{CONFIG}{rest}")).expect("parses")
}

fn run(config: &TrainConfig) -> Fit {
    fit(config, "train.t", &splits(), &Streams::new(3), &mut |_| Control::Continue).expect("trains")
}

#[test]
fn what_is_learned_from_changed_pictures_has_the_same_bits_everywhere() {
    for batch in ["batch = 16", "batch = \"full\""] {
        let config = config(batch);
        let first = run(&config);
        assert_ne!(first.model, run(&TrainConfig { augment: None, ..config.clone() }).model);
        everywhere(|kernel, threads| assert!(run(&config) == first, "{kernel} with {threads} threads, {batch}"));
    }
}

#[test]
fn the_pictures_of_an_epoch_do_not_depend_on_batches_and_threads() {
    let config = Augment { shift: 1.5, rotate: 20.0, scale: 0.1, noise: 0.05, ..Augment::default() };
    let (all, some) = (changed(&config, 2, 50), changed(&config, 2, 7));
    assert_eq!(all[..some.len()], some);
    assert_ne!(changed(&config, 3, 7), some);
    everywhere(|kernel, threads| assert!(changed(&config, 2, 50) == all, "{kernel} with {threads} threads"));
}

#[test]
fn a_run_with_changed_pictures_goes_on_where_it_was_put_aside() {
    for batch in ["batch = 16", "batch = \"full\""] {
        let config = config(batch);
        let whole = run(&config);
        for pause in 1..6 {
            let trainer = || Trainer::new(&config, "train.t", &splits(), &Streams::new(3)).expect("fits");
            let mut first = trainer();
            (0..pause).for_each(|_| first.epoch().expect("trains"));
            let bytes = postcard::to_stdvec(&first.checkpoint()).expect("can be written");
            let aside: Checkpoint = postcard::from_bytes(&bytes).expect("can be read");
            let again = trainer().resume(aside).expect("the same run").run(&mut |_| Control::Continue).expect("trains");
            assert!(again == whole, "a pause after epoch {pause}, {batch}");
        }
    }
}

#[test]
fn what_is_measured_is_measured_on_the_pictures_as_they_are() {
    let fit = run(&config("batch = 16"));
    let data = splits();
    for (split, told) in fit.scores() {
        let data = data.get(split).expect("it was measured");
        let accuracy = fit.model.accuracy(data, data.labels().expect("classes")).expect("fits");
        assert_eq!(told.accuracy, Some(accuracy as f32), "{}", split.name());
    }
    assert!(fit.history.running);
    // Before the first step: neither the weights nor what is measured depends on what is changed.
    let plain = run(&TrainConfig { augment: None, ..config("batch = 16") });
    assert_eq!(fit.history.train.loss[0], plain.history.train.loss[0]);
    assert_eq!(fit.history.validation.map(|v| v.loss[0]), plain.history.validation.map(|v| v.loss[0]));
}
