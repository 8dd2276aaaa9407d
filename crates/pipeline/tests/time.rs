//! How long a check takes, held against how long it takes to read the file as TOML: what is done more than once for each table
//! shows whatever the machine and whatever else it does.

use std::fmt::Write;
use std::time::{Duration, Instant};

use pipeline::kinds;
use pipeline::load::{Request, load};

const TABLES: usize = 3000;

/// A data set and so many training runs.
fn tables(count: usize) -> String {
    let mut text = String::from("title = \"t\"\n[dataset.d]\nkind = \"spiral\"\npoints = 100\n");
    for i in 0..count {
        let model = "[{ linear = 8 }, \"relu\", { linear = 8 }, \"relu\", { linear = 3 }]";
        let rest = "loss = \"cross_entropy\"\noptimizer = { adam = { lr = 0.01 } }\nepochs = 10";
        writeln!(text, "[train.t{i}]\ndata = \"d\"\nmodel = {model}\n{rest}").expect("memory takes everything");
    }
    text
}

/// The shortest time of several.
fn shortest(mut of: impl FnMut()) -> Duration {
    let time = |_| {
        let begun = Instant::now();
        of();
        begun.elapsed()
    };
    (0..5).map(time).min().unwrap_or_default()
}

#[test]
fn a_check_of_thousands_of_tables_or_values_takes_little_longer_than_reading_the_file() {
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    let (file, families) = (folder.path().join("many.toml"), kinds::families());
    let check = |text: &str| {
        std::fs::write(&file, text).expect("written");
        shortest(|| {
            let loaded = load(&Request { file: file.clone(), settings: Vec::new(), seed: None }, &families);
            assert!(loaded.pipeline.is_some(), "{}", loaded.shown(false));
        })
    };
    let many = tables(TABLES);
    let values: Vec<String> = (1..=TABLES).map(|value| value.to_string()).collect();
    let sweep = format!("{}[sweep.s]\ntrain = \"t0\"\nset = \"epochs\"\nvalues = [{}]\n", tables(1), values.join(", "));
    let read = shortest(|| drop(toml::de::DeTable::parse(&many).expect("TOML")));
    let (tables, sweep) = (check(&many), check(&sweep));
    println!("{TABLES} tables: read in {read:?}, checked in {tables:?}; a sweep of as many values in {sweep:?}");
    assert!(tables < 10 * read, "{TABLES} tables take {tables:?} where {read:?} is enough to read them");
    assert!(sweep < 3 * read, "{TABLES} values take {sweep:?} where {read:?} is enough to read as many tables");
}
