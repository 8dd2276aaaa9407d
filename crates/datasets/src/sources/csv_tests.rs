//! Tables that load, tables that are wrong, and tables with random bytes changed.

use super::*;
use crate::tests::mutate;
use tensor::Purpose;

fn config(target: &[&str], task: Task) -> Csv {
    Csv {
        path: "d.csv".into(),
        target: Columns(target.iter().map(|&t| t.into()).collect()),
        task,
        features: None,
        categorical: Vec::new(),
        normalize: None,
        test_path: None,
        delimiter: ",".into(),
        header: true,
    }
}

fn classify(text: impl AsRef<[u8]>) -> Result<Dataset, DataError> {
    config(&["c"], Task::Classification).parse((text.as_ref(), "d.csv"), None)
}

#[track_caller]
fn refuses(text: impl AsRef<[u8]>, message: &str) {
    assert_eq!(classify(text).unwrap_err().to_string(), message);
}

#[test]
fn names_are_classes_in_sorted_order() {
    let data = classify("a,c,b\n1,rose,2\n3,aster,4.5e1\n-.5,rose,+6\n").unwrap();
    assert_eq!(*data.x, ndarray::array![[1.0, 2.0], [3.0, 45.0], [-0.5, 6.0]]);
    assert_eq!(data.feature_names, ["a", "b"]);
    assert_eq!(data.labels().unwrap(), [1, 0, 1]);
    assert_eq!(data.class_names().unwrap(), ["aster", "rose"]);
}

#[test]
fn numbers_are_classes_as_they_are() {
    // pandas writes whole numbers as 1.0 where the column once had gaps
    let data = classify("a,c\n1,2\n2,0.0\n3,1\n").unwrap();
    assert_eq!(data.labels().unwrap(), [2, 0, 1]);
    assert_eq!(data.class_names().unwrap(), ["0", "1", "2"]);
}

#[test]
fn quotes_spaces_blank_lines_line_ends_and_a_byte_order_mark_do_not_matter() {
    let plain = classify("a,c\n1,x\n2,y\n").unwrap();
    for text in [
        "\u{feff}a,c\n1,x\n2,y",
        "a , c\r\n\r\n 1,\"x\"\r\n2 , y \r\n",
        "\n\n\"a\",\"c\"\n1,x\n\n\n2,y\n\n",
        "a,c\r1,x\r2,y\r",
    ] {
        assert_eq!(classify(text).unwrap(), plain, "{text:?}");
    }
}

#[test]
fn columns_are_chosen_by_name() {
    let mut csv = config(&["v", "u"], Task::Regression);
    csv.features = Some(vec!["b".into(), "a".into()]);
    let data = csv.parse((b"a,u,note,b,v\n1,10,first,2,20\n3,30,second,4,40\n", "d.csv"), None).unwrap();
    assert_eq!(*data.x, ndarray::array![[2.0, 1.0], [4.0, 3.0]]);
    assert_eq!(data.values().unwrap(), ndarray::array![[20.0, 10.0], [40.0, 30.0]]);
    assert_eq!(data.spec().target, crate::TargetSpec::Values { columns: vec!["v".into(), "u".into()] });
}

#[test]
fn a_hundred_thousand_columns_are_each_looked_up_once() {
    let row = |item: fn(usize) -> String| (0..100_000).map(item).collect::<Vec<_>>().join(",");
    let (names, first, second) = (row(|i| format!("x{i}")), row(|i| i.to_string()), row(|i| (i % 7).to_string()));
    let data = classify(format!("{names},c\n{first},a\n{second},b\n")).unwrap();
    assert_eq!((data.features(), data.x[[0, 99_999]]), (100_000, 99_999.0));
    let csv =
        Csv { categorical: (0..100_000).map(|i| format!("x{i}")).collect(), ..config(&["c"], Task::Classification) };
    let mut problems = Problems::default();
    csv.check(&mut problems);
    assert!(problems.is_empty());
    let is_category = csv.is_category();
    assert!((0..100_000).all(|i| is_category(&format!("x{i}=a"))));
}

#[test]
fn control_characters_in_names_are_refused() {
    let message = "the control character U+001B, expected text that can be shown";
    refuses("a,c\n1,ro\u{1b}[2Jse\n2,y\n", &format!("d.csv, line 2, column 2 (`c`): {message}"));
}

#[test]
fn categories_that_would_take_more_memory_than_there_is_are_refused() {
    let rows: String = (0..30_000).map(|i| format!("name{i},{}\n", i % 2)).collect();
    let csv = Csv { categorical: vec!["n".into()], ..config(&["c"], Task::Classification) };
    let told = csv.parse((format!("n,c\n{rows}").as_bytes(), "d.csv"), None).unwrap_err().to_string();
    let why = "30000 rows of 30000 features are more than the 536870912 numbers that are read";
    assert_eq!(told, format!("d.csv: {why}"));
}

#[test]
fn without_header_columns_are_called_by_number() {
    let mut csv = config(&["3"], Task::Regression);
    (csv.header, csv.delimiter) = (false, ";".into());
    let data = csv.parse((b"1;2;3\n4;5;6\n", "d.csv"), None).unwrap();
    assert_eq!(*data.x, ndarray::array![[1.0, 2.0], [4.0, 5.0]]);
    assert_eq!(data.feature_names, ["column 1", "column 2"]);
    let error = csv.parse((b"1;2;3\n4;x;6\n", "d.csv"), None).unwrap_err();
    assert_eq!(error.to_string(), "d.csv, line 2, column 2: found \"x\", expected a number");
}

#[test]
fn without_target_is_data_only() {
    let data = config(&[], Task::Classification).parse((b"a,b\n1,2\n", "d.csv"), None).unwrap();
    assert_eq!((data.y.clone(), data.spec().outputs()), (Targets::None, None));
}

#[test]
fn what_is_no_table_is_refused() {
    refuses("", "d.csv: the file is empty, expected at least one row of data");
    refuses("\n \n", "d.csv: the file is empty, expected at least one row of data");
    refuses("a,c\n", "d.csv: a header and no rows, expected at least one row of data");
    refuses("a,c\n1,x\n2\n", "d.csv, line 3: 1 fields, expected 2 as in line 1");
    refuses("a,c\n\n1,x\n\n2,y,z\n", "d.csv, line 5: 3 fields, expected 2 as in line 1");
    refuses(
        "a,b,a,c\n1,2,3,x\n",
        "d.csv, line 1, column 3: the header names column 1 `a` too, expected different names",
    );
    refuses(
        "1,2\n3,4\n",
        "d.csv, line 1: the first line holds numbers only, expected column names; for a file without them say header = false",
    );
    refuses("c\nx\ny\n", "d.csv: no column is left for the features: all 1 are targets");
    refuses(
        ",a,c\n0,1,x\n1,2,y\n",
        "d.csv, line 1, column 1: a column without a name (a saved index?); name it, or list the columns to use as `features`",
    );
    refuses("a,c\n1,\"x\n2,y\n3,z\n", "d.csv, line 2: a quote is opened here and never closed");
    refuses("a,c\n\"1,x\n2,y\n", "d.csv, line 2: a quote is opened here and never closed");
    refuses("size,C\n1,x\n", "d.csv, line 1: no column `c`, did you mean `C`?; the columns are `size`, `C`");
    refuses("a,b\n1,2\n", "d.csv, line 1: no column `c`; the columns are `a`, `b`");
}

#[test]
fn what_is_no_number_is_placed() {
    refuses("a,c\n1,x\nten,y\n", "d.csv, line 3, column 1 (`a`): found \"ten\", expected a number");
    refuses("a,c\n1,x\n,y\n", "d.csv, line 3, column 1 (`a`): found nothing, expected a number");
    refuses("a,c\nNaN,x\n", "d.csv, line 2, column 1 (`a`): found NaN, expected a finite number");
    refuses("a,c\n-inf,x\n", "d.csv, line 2, column 1 (`a`): found -inf, expected a finite number");
    refuses("a,c\n1e39,x\n", "d.csv, line 2, column 1 (`a`): 1e39 is beyond the range of 32-bit numbers (±3.4e38)");
    refuses("a,c\n1e999,x\n", "d.csv, line 2, column 1 (`a`): 1e999 is beyond the range of 32-bit numbers (±3.4e38)");
    refuses(b"a,c\n1,x\n2,\xff\n", "d.csv, line 3, column 2 (`c`): not UTF-8 text; save the file as UTF-8");
    refuses(b"a,\xe4\n1,x\n", "d.csv, line 1, column 2: not UTF-8 text; save the file as UTF-8");
    refuses("a,c\n\"multi\nline\",x\n", "d.csv, line 2, column 1 (`a`): found \"multi\\nline\", expected a number");
    refuses("a,c\n\"1\",x\n\"2\n\n\",y\nz,x\n", "d.csv, line 6, column 1 (`a`): found \"z\", expected a number");
    let long = format!("a,c\n{},x\n", "é".repeat(100));
    refuses(&long, &format!("d.csv, line 2, column 1 (`a`): found \"{}…\", expected a number", "é".repeat(40)));
}

#[test]
fn what_is_no_class_is_placed() {
    refuses(
        "a,c\n1,0\n2,2\n3,1.5\n",
        "d.csv, line 4, column 2 (`c`): found 1.5 as a class, expected a whole number from 0 or a name; for numbers say task = \"regression\"",
    );
    refuses(
        "a,c\n1,0\n2,2\n",
        "d.csv, line 3, column 2 (`c`): found class 2, but no sample of class 1: classes are numbered 0, 1, …, K−1 without gaps",
    );
    refuses(
        "a,c\n1,1\n2,2\n",
        "d.csv, line 3, column 2 (`c`): found class 2, but no sample of class 0: classes are numbered 0, 1, …, K−1 without gaps",
    );
    refuses(
        "a,c\n1,1\n2,-1\n",
        "d.csv, line 3, column 2 (`c`): found class -1, expected whole numbers from 0: 0, 1, …, K−1",
    );
    refuses(
        "a,c\n1,0\n2,rose\n",
        "d.csv, line 3, column 2 (`c`): found \"rose\" as a class, but \"0\" in line 2: expected either numbers or names throughout",
    );
    refuses(
        "a,c\n1,rose\n2,0\n",
        "d.csv, line 3, column 2 (`c`): found \"0\" as a class, but \"rose\" in line 2: expected either numbers or names throughout",
    );
    refuses("a,c\n1,rose\n2,\n", "d.csv, line 3, column 2 (`c`): found nothing, expected a class");
    refuses("a,c\n1,nan\n", "d.csv, line 2, column 2 (`c`): found nan, expected a finite number");
    refuses("a,c\n1,x\n2,x\n", "d.csv: every sample has class `x`, expected at least two classes");
}

fn with_tests(csv: &Csv, train: &str, test: &str) -> Result<Dataset, String> {
    csv.parse((train.as_bytes(), "d.csv"), Some((test.as_bytes(), "t.csv"))).map_err(|e| e.to_string())
}

#[test]
fn a_column_of_names_becomes_one_feature_for_each() {
    // pandas.get_dummies(…, columns=["b"], dtype=float) has the columns b_no, b_yes in this order.
    let mut csv = config(&["c"], Task::Classification);
    csv.categorical = vec!["b".into()];
    let data = csv.parse((b"a,b,d,c\n1,yes,7,x\n2,no,8,y\n", "d.csv"), None).unwrap();
    assert_eq!(data.feature_names, ["a", "b=no", "b=yes", "d"]);
    assert_eq!(*data.x, ndarray::array![[1.0, 0.0, 1.0, 7.0], [2.0, 1.0, 0.0, 8.0]]);
    assert_eq!(data.shape, [4]);
    let error = csv.parse((b"a,b,c\n1,yes,x\n2,,y\n", "d.csv"), None).unwrap_err().to_string();
    assert_eq!(error, "d.csv, line 3, column 2 (`b`): found nothing, expected a category");
}

#[test]
fn names_where_numbers_belong_are_told_how_to_be_categories() {
    refuses(
        "a,b,c\n1,red,x\n2,blue,y\n",
        "d.csv, line 2, column 2 (`b`): found \"red\", expected a number; for a column of names say categorical = [\"b\"]",
    );
    refuses("a,b,c\n1,red,x\n2,3,y\n", "d.csv, line 2, column 2 (`b`): found \"red\", expected a number");
}

#[test]
fn a_file_for_testing_has_the_same_features_and_classes() {
    let mut csv = config(&["c"], Task::Classification);
    csv.categorical = vec!["b".into()];
    let train = "a,b,c\n1,yes,1\n2,no,0\n";
    let data = with_tests(&csv, train, "c,note,b,a\n0.0,?,yes,3\n").unwrap();
    assert_eq!(data.x.row(2).to_vec(), [3.0, 0.0, 1.0]);
    assert_eq!(data.labels().unwrap(), [1, 0, 0]);
    let refuses = |test: &str, message: &str| assert_eq!(with_tests(&csv, train, test).unwrap_err(), message);
    refuses(
        "a,b,c\n1,yes,1\n3,maybe,1\n",
        "t.csv, line 3, column 2 (`b`): found \"maybe\", which d.csv has in no row of this column, expected one of `no`, `yes`",
    );
    refuses(
        "a,b,c\n1,yes,2\n",
        "t.csv, line 2, column 3 (`c`): found \"2\", which d.csv has in no row of this column, expected one of `0`, `1`",
    );
    refuses("a,c\n1,0\n", "t.csv, line 1: no column `b`; the columns are `a`, `c`");
    refuses("a,b,c\nx,no,0\n", "t.csv, line 2, column 1 (`a`): found \"x\", expected a number");
    let values = with_tests(&config(&["a"], Task::Regression), "a,b\n1,2\n", "b,a\n3,4\n").unwrap();
    assert_eq!((values.values().unwrap().clone(), values.n()), (ndarray::array![[1.0], [4.0]], 2));
}

#[test]
fn files_are_scaled_by_the_training_split_and_tested_by_their_own() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("d.csv"), "a,b,c\n1,u,x\n3,v,y\n").unwrap();
    std::fs::write(folder.path().join("t.csv"), "a,b,c\n5,v,x\n").unwrap();
    let mut csv = config(&["c"], Task::Classification);
    (csv.categorical, csv.test_path) = (vec!["b".into()], Some("t.csv".into()));
    csv.normalize = Some(Scaling::Standard);
    let splits = crate::splits(&csv, &crate::Common::default(), folder.path(), &Streams::new(1), "dataset.d").unwrap();
    assert_eq!(*splits.train.x, ndarray::array![[-1.0, 1.0, 0.0], [1.0, 0.0, 1.0]]);
    assert_eq!(*splits.test.unwrap().x, ndarray::array![[3.0, 0.0, 1.0]]);
    assert_eq!(splits.train.feature_names, ["a (standardised)", "b=u", "b=v"]);
    assert_eq!(splits.train.feature_names, csv.spec(folder.path()).unwrap().feature_names);
    assert_eq!(splits.scaled, [crate::Scaled { feature: "a".into(), shift: 2.0, scale: 1.0 }]);
}

#[test]
fn very_different_scales_draw_a_warning_until_something_is_said_of_them() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("d.csv"), "age,income,c\n30,20000,x\n50,90000,y\n").unwrap();
    let mut csv = config(&["c"], Task::Classification);
    let mut warned = |normalize| {
        let mut problems = Problems::default();
        csv.normalize = normalize;
        csv.warn(folder.path(), &mut problems).unwrap();
        problems.into_vec().len()
    };
    assert_eq!([None, Some(Scaling::Standard), Some(Scaling::None)].map(&mut warned), [1, 0, 0]);
}

#[test]
fn a_missing_file_is_named() {
    let error = config(&[], Task::Regression).spec(Path::new("/nowhere")).unwrap_err().to_string();
    assert!(error.starts_with("/nowhere/d.csv: cannot be read: "), "{error}");
}

#[test]
fn no_mutation_panics_and_none_brings_in_a_number_that_is_not_finite() {
    let mut stream = Streams::new(5).stream("csv", Purpose::Sample);
    let mut valid = b"alpha,beta,c\n".to_vec();
    for i in 0..12 {
        valid.extend(format!("{}.5,\"{}e-2\",{}\n", i, 7 * i, ["x", "\"y\"", "z"][i % 3]).bytes());
    }
    let interesting = b",\"\n\r;-+.eE0x\t \xff\x00\xc3NaNinf";
    let mut loaded = 0;
    for round in 0..20_000 {
        let mut bytes = valid.clone();
        mutate(&mut bytes, interesting, &mut stream);
        let task = [Task::Classification, Task::Regression][round % 2];
        match config(&["c"], task).parse((&bytes, "d.csv"), None) {
            Ok(data) => {
                loaded += 1;
                assert!(data.n() > 0 && data.x.iter().all(|v| v.is_finite()));
                assert!(data.labels().is_none_or(|l| l.iter().all(|&l| (l as usize) < data.classes().unwrap())));
            }
            Err(error) => assert!(error.to_string().starts_with("d.csv"), "{error}"),
        }
    }
    assert!(loaded > 100, "mutations that leave a table load: {loaded}");
}
