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
        delimiter: ",".into(),
        header: true,
    }
}

fn classify(text: impl AsRef<[u8]>) -> Result<Dataset, DataError> {
    config(&["c"], Task::Classification).parse(text.as_ref(), "d.csv")
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
    let data = csv.parse(b"a,u,note,b,v\n1,10,first,2,20\n3,30,second,4,40\n", "d.csv").unwrap();
    assert_eq!(*data.x, ndarray::array![[2.0, 1.0], [4.0, 3.0]]);
    assert_eq!(data.values().unwrap(), ndarray::array![[20.0, 10.0], [40.0, 30.0]]);
    assert_eq!(data.spec().target, crate::TargetSpec::Values { columns: vec!["v".into(), "u".into()] });
}

#[test]
fn without_header_columns_are_called_by_number() {
    let mut csv = config(&["3"], Task::Regression);
    (csv.header, csv.delimiter) = (false, ";".into());
    let data = csv.parse(b"1;2;3\n4;5;6\n", "d.csv").unwrap();
    assert_eq!(*data.x, ndarray::array![[1.0, 2.0], [4.0, 5.0]]);
    assert_eq!(data.feature_names, ["column 1", "column 2"]);
    let error = csv.parse(b"1;2;3\n4;x;6\n", "d.csv").unwrap_err();
    assert_eq!(error.to_string(), "d.csv, line 2, column 2: found \"x\", expected a number");
}

#[test]
fn without_target_is_data_only() {
    let data = config(&[], Task::Classification).parse(b"a,b\n1,2\n", "d.csv").unwrap();
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
        match config(&["c"], task).parse(&bytes, "d.csv") {
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
