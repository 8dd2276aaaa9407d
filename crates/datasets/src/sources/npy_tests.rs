//! Arrays as numpy writes them, arrays that are wrong, and arrays with random bytes changed.

use super::*;
use crate::tests::{mutate, npy, npy_file as file};
use ndarray::{Array, array};
use tensor::Purpose;

fn config(task: Task) -> Npy {
    Npy { x: "x.npy".into(), y: Some("y.npy".into()), task, normalize: None, test_x: None, test_y: None }
}

fn samples(bytes: &[u8]) -> Result<(Array2<f32>, Vec<usize>), DataError> {
    Npy::samples(bytes, "x.npy")
}

#[track_caller]
fn refuses(bytes: &[u8], message: &str) {
    assert_eq!(samples(bytes).unwrap_err().to_string(), message);
}

#[test]
fn samples_of_any_type_and_order() {
    let expected = array![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]];
    assert_eq!(samples(&npy(&expected)).unwrap(), (expected.clone(), vec![3]));
    assert_eq!(samples(&npy(&expected.mapv(f64::from))).unwrap().0, expected);
    assert_eq!(samples(&npy(&expected.mapv(|v| v as u8))).unwrap().0, expected);
    assert_eq!(samples(&npy(&expected.mapv(|v| v as i64 - 3))).unwrap().0, &expected - 3.0);
    let fortran = npy(&array![[1.0f32, 4.0], [2.0, 5.0], [3.0, 6.0]].reversed_axes());
    assert!(String::from_utf8_lossy(&fortran).contains("'fortran_order': True"));
    assert_eq!(samples(&fortran).unwrap().0, expected);
}

#[test]
fn reads_what_numpy_writes() {
    // numpy 2: np.save(f, np.array([[1.5, -2.0]], dtype=">f4")), the padded header shortened to its end
    let bytes =
        file("{'descr': '>f4', 'fortran_order': False, 'shape': (1, 2), }   \n", &[0x3f, 0xc0, 0, 0, 0xc0, 0, 0, 0]);
    assert_eq!(samples(&bytes).unwrap().0, array![[1.5, -2.0]]);
    let bytes = file("{'descr': '|b1', 'fortran_order': False, 'shape': (3,), }\n", &[0, 1, 1]);
    assert_eq!(samples(&bytes).unwrap(), (array![[0.0], [1.0], [1.0]], vec![1]));
}

#[test]
fn images_keep_their_shape() {
    let images = Array::from_shape_fn((2, 3, 4), |(n, i, j)| (12 * n + 4 * i + j) as f32);
    let (x, shape) = samples(&npy(&images)).unwrap();
    assert_eq!(shape, [3, 4]);
    assert_eq!(x, Array2::from_shape_fn((2, 12), |(n, i)| (12 * n + i) as f32));
    let (x, _) = samples(&npy(&images.clone().reversed_axes())).unwrap();
    assert_eq!(x.row(1)[0], 1.0, "the last axis first");
}

#[test]
fn targets_pair_up() {
    let targets = |task, bytes: &[u8]| config(task).targets(bytes, "y.npy", 3, "x.npy", None);
    let classes = targets(Task::Classification, &npy(&array![2i32, 0, 1])).unwrap();
    assert_eq!(classes, Targets::Classes { labels: vec![2, 0, 1], names: ["0", "1", "2"].map(String::from).into() });
    assert_eq!(targets(Task::Classification, &npy(&array![[2.0f64], [0.0], [1.0]])).unwrap(), classes);
    let values = targets(Task::Regression, &npy(&array![[1.5f64, 2.0], [3.0, 4.0], [5.0, 6.0]])).unwrap();
    assert!(matches!(values, Targets::Values { columns, .. } if columns == ["y0", "y1"]));

    for (task, bytes, message) in [
        (Task::Classification, npy(&array![0i64, 1]), "y.npy: 2 targets, expected 3, one for each sample in x.npy"),
        (
            Task::Classification,
            npy(&array![0i64, 1, 3]),
            "y.npy, element [2]: found class 3, but no sample of class 2: classes are numbered 0, 1, …, K−1 without gaps",
        ),
        (
            Task::Classification,
            npy(&array![0.0f32, 0.5, 1.0]),
            "y.npy, element [1]: found 0.5 as a class, expected a whole number from 0 or a name; for numbers say task = \"regression\"",
        ),
        (
            Task::Classification,
            npy(&array![[0i8, 1], [1, 0], [0, 1]]),
            "y.npy: an array of shape 3×2, expected a vector of classes",
        ),
        (
            Task::Regression,
            npy(&Array::<f32, _>::zeros((3, 1, 1))),
            "y.npy: an array of shape 3×1×1, expected a vector, or one row per sample",
        ),
        (
            Task::Regression,
            npy(&array![1.0f32, f32::NAN, 2.0]),
            "y.npy, element [1]: found NaN, expected a finite number",
        ),
    ] {
        assert_eq!(targets(task, &bytes).unwrap_err().to_string(), message);
    }
}

#[test]
fn what_is_no_array_of_numbers_is_refused() {
    let good = npy(&array![[1.0f32, 2.0], [3.0, 4.0]]);
    refuses(b"", "x.npy: the file is empty, expected at least one row of data");
    refuses(b"PK\x03\x04", "x.npy: not a .npy file: it does not start with \\x93NUMPY");
    refuses(b"\x93NUMPY\x09\x00\x10\x00", "x.npy: version 9.0 of the .npy format, expected 1.0, 2.0 or 3.0");
    refuses(b"\x93NUMPY", "x.npy: the .npy header is not the format's: expected a version");
    refuses(&good[..9], "x.npy: the .npy header is not the format's: expected the header's length");
    refuses(&good[..40], "x.npy: the .npy header is not the format's: expected as much text as its length says");
    refuses(&good[..good.len() - 1], "x.npy: 15 bytes of data, expected 16 for shape 2×2: the file is cut short");
    refuses(&[&good[..], &[0]].concat(), "x.npy: 17 bytes of data, expected 16 for shape 2×2");
    refuses(&npy(&array![[1.0, f64::INFINITY]]), "x.npy, element [0, 1]: found inf, expected a finite number");
    refuses(
        &npy(&array![[1.0, 1e39]]),
        &format!("x.npy, element [0, 1]: 1{} is beyond the range of 32-bit numbers (±3.4e38)", "0".repeat(39)),
    );
    let fortran = npy(&array![[1.0f32, 2.0], [f32::NAN, 4.0]].reversed_axes());
    refuses(&fortran, "x.npy, element [0, 1]: found NaN, expected a finite number");
    let head = |descr: &str, shape: &str| {
        file(&format!("{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}}}"), &[])
    };
    refuses(&head("'<U5'", "(2,)"), "x.npy: element type `<U5`, expected f4, f8, i1, i2, i4, i8, u1, u2, u4, u8 or b1");
    refuses(&head("'<c8'", "(2,)"), "x.npy: element type `<c8`, expected f4, f8, i1, i2, i4, i8, u1, u2, u4, u8 or b1");
    refuses(
        &head("[('a', '<f4')]", "(2,)"),
        "x.npy: the .npy header is not the format's: expected a plain element type, no structure",
    );
    refuses(&head("'<f4'", "()"), "x.npy: an array of shape scalar, expected one sample per row");
    refuses(&head("'<f4'", "(0, 2)"), "x.npy: an array of shape 0×2 has no elements, expected at least one sample");
    refuses(&head("'<f4'", "(-1, 2)"), "x.npy: the .npy header is not the format's: expected whole numbers in 'shape'");
    let huge = samples(&head("'<f8'", "(4294967296, 4294967296, 4294967296)")).unwrap_err().to_string();
    assert!(huge.contains("the file is cut short"), "{huge}");
}

#[test]
fn the_spec_reads_only_the_head_of_the_samples() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("x.npy"), npy(&Array::<f32, _>::zeros((3, 28, 28)))).unwrap();
    std::fs::write(folder.path().join("y.npy"), npy(&array![0u8, 1, 0])).unwrap();
    let source = config(Task::Classification);
    let spec = source.spec(folder.path()).unwrap();
    assert_eq!((spec.n, spec.shape.as_slice(), spec.classes()), (3, &[28, 28][..], Some(2)));
    assert_eq!(source.load(folder.path(), &Streams::new(0), "dataset.d").unwrap().spec(), spec);
}

#[test]
fn no_mutation_panics_and_none_brings_in_a_number_that_is_not_finite() {
    let mut stream = Streams::new(6).stream("npy", Purpose::Sample);
    let float = npy(&Array::from_shape_fn((5, 3), |(i, j)| i as f32 - 0.5 * j as f32));
    let labels = npy(&array![0i64, 1, 2, 1, 0]);
    let interesting = b"'(){},:0123456789<>|fiub TrueFals\x93\x00\xff\x7f";
    let mut loaded = 0;
    for round in 0..20_000 {
        let mut bytes = if round % 2 == 0 { float.clone() } else { labels.clone() };
        mutate(&mut bytes, interesting, &mut stream);
        let result = samples(&bytes).map(|(x, _)| x);
        match result {
            Ok(x) => {
                loaded += 1;
                assert!(x.iter().all(|v| v.is_finite()));
            }
            Err(error) => assert!(error.to_string().starts_with("x.npy"), "{error}"),
        }
        for task in [Task::Classification, Task::Regression] {
            let _ = config(task).targets(&bytes, "y.npy", 5, "x.npy", None);
        }
    }
    assert!(loaded > 1000, "mutations of elements load: {loaded}");
}

#[test]
fn files_for_testing_are_the_test_split_and_scaled_as_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();
    write("x.npy", &npy(&array![[1.0f32, 0.0], [3.0, 8.0]]));
    write("y.npy", &npy(&array![0i32, 1]));
    write("tx.npy", &npy(&array![[5.0f32, 4.0]]));
    write("ty.npy", &npy(&array![1i32]));
    let mut npy_files = config(Task::Classification);
    (npy_files.test_x, npy_files.test_y) = (Some("tx.npy".into()), Some("ty.npy".into()));
    npy_files.normalize = Some(Scaling::Range);
    let load = |files: &Npy| crate::splits(files, &crate::Common::default(), folder.path(), &Streams::new(1), "d");
    let splits = load(&npy_files).unwrap();
    assert_eq!(*splits.train.x, array![[0.0, 0.0], [1.0, 1.0]]);
    let test = splits.test.unwrap();
    assert_eq!((&*test.x, test.labels().unwrap()), (&array![[2.0, 0.5]], &[1][..]));
    assert_eq!(test.feature_names, ["x0 (0 to 1)", "x1 (0 to 1)"]);

    write("ty.npy", &npy(&array![2i32]));
    let error = load(&npy_files).unwrap_err().to_string();
    assert!(
        error.ends_with("ty.npy, element [0]: found class 2, but the samples to train on have classes 0 to 1 only")
    );
    write("tx.npy", &npy(&array![[5.0f32, 4.0, 1.0]]));
    let error = load(&npy_files).unwrap_err().to_string();
    assert!(error.contains("tx.npy: an array of shape 1×3, expected samples of shape 2, as the others are"), "{error}");
}
