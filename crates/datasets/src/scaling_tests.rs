//! Scaling as scikit-learn does it, and numbers by hand.

use super::*;
use crate::Targets;
use ndarray::array;

fn data(x: Array2<f32>) -> Dataset {
    let feature_names = (0..x.ncols()).map(|i| format!("x{i}")).collect();
    Dataset { shape: vec![x.ncols()], x: x.into(), y: Targets::None, feature_names, truth: None }
}

fn splits(train: Array2<f32>, test: Array2<f32>) -> Splits {
    Splits { test: Some(data(test)), ..Splits::undivided(data(train)) }
}

fn close(found: &Array2<f32>, expected: &Array2<f32>) {
    assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-6), "{found} is not {expected}");
}

#[test]
fn the_training_split_alone_decides_as_with_scikit_learn() {
    // StandardScaler().fit([[1, 10], [2, 20], [3, 60]]): mean_ = [2, 30], scale_ = [0.81649658, 21.60246899];
    // transform([[4, 30]]) = [[2.44948974, 0]].
    let mut splits = splits(array![[1.0, 10.0], [2.0, 20.0], [3.0, 60.0]], array![[4.0, 30.0]]);
    Scaling::Standard.finish(&mut splits, |_| false).unwrap();
    let expected = array![[-1.224_744_9, -0.925_820_1], [0.0, -0.462_910_05], [1.224_744_9, 1.388_73]];
    close(&splits.train.x, &expected);
    close(&splits.test.unwrap().x, &array![[2.449_489_7, 0.0]]);
    assert_eq!(splits.scaled[0].shift, 2.0);
    assert!((splits.scaled[1].scale - 21.602_468_994_692_867).abs() < 1e-12);
}

#[test]
fn a_range_goes_from_zero_to_one_in_the_training_split_and_beyond_in_others() {
    let mut splits = splits(array![[2.0], [4.0], [6.0]], array![[8.0]]);
    Scaling::Range.finish(&mut splits, |_| false).unwrap();
    assert_eq!(*splits.train.x, array![[0.0], [0.5], [1.0]]);
    assert_eq!(*splits.test.unwrap().x, array![[1.5]]);
    assert_eq!(splits.scaled, [Scaled { feature: "x0".into(), shift: 2.0, scale: 4.0 }]);
}

#[test]
fn constants_become_zero_and_kept_features_stay() {
    for scaling in [Scaling::Standard, Scaling::Range] {
        // 0.1 has no exact f64 mean over three samples.
        let mut splits = splits(array![[0.1, 5.0], [0.1, 7.0], [0.1, 5.0]], array![[0.2, 6.0]]);
        scaling.finish(&mut splits, |name| name == "x1").unwrap();
        assert_eq!(*splits.train.x, array![[0.0, 5.0], [0.0, 7.0], [0.0, 5.0]]);
        assert_eq!(splits.scaled.len(), 1);
    }
}

#[test]
fn samples_of_several_axes_are_scaled_alike() {
    let mut splits = splits(array![[0.0, 2.0], [4.0, 10.0]], array![[5.0, 10.0]]);
    splits.train.shape = vec![1, 2];
    Scaling::Range.finish(&mut splits, |_| false).unwrap();
    assert_eq!(*splits.train.x, array![[0.0, 0.2], [0.4, 1.0]]);
    assert_eq!(*splits.test.unwrap().x, array![[0.5, 1.0]]);
    assert_eq!(splits.scaled, [Scaled { feature: "all".into(), shift: 0.0, scale: 10.0 }]);
}

#[test]
fn what_leaves_the_range_of_numbers_is_refused() {
    let mut splits = splits(array![[0.0], [1e-30]], array![[1e30]]);
    let error = Scaling::Range.finish(&mut splits, |_| false).unwrap_err().to_string();
    assert!(error.starts_with("normalize: feature `x0` has a value in the test split"), "{error}");
}

#[test]
fn a_warning_is_drawn_beyond_a_hundredfold_only() {
    let warned = |x: Array2<f32>| {
        let mut problems = Problems::default();
        let names: Vec<String> = (0..x.ncols()).map(|i| format!("x{i}")).collect();
        warn(names.iter().map(String::as_str).zip(x.columns()), &mut problems);
        problems.into_vec()
    };
    assert_eq!(warned(array![[0.0, 0.0], [1.0, 100.0]]), []);
    assert_eq!(warned(array![[0.0, 5.0], [1.0, 5.0]]), []);
    let [problem] = &warned(array![[0.0, 0.0, 3.0], [2.0, 30_000.0, 3.0]])[..] else { panic!("one warning") };
    assert_eq!(problem.path, "normalize");
    let says = "feature `x1` varies 15000 times as much as `x0` (standard deviations 15000 and 1)";
    assert!(problem.message.starts_with(says), "{}", problem.message);
}
