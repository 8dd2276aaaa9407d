//! Saved models used on other samples: what they give is what the run has measured.

use std::fs;
use std::path::Path;
use std::process::Output;

use libtest_mimic::Trial;
use serde_json::Value;

use crate::xtask;

pub fn trials() -> Vec<Trial> {
    trials![
        what_is_predicted_of_pictures_is_what_the_run_measured,
        numbers_are_predicted_from_a_table,
        files_that_do_not_fit_are_told_by_name,
    ]
}

fn output(folder: &Path, arguments: &[&str]) -> Output {
    xtask().args(arguments).current_dir(folder).output().unwrap()
}

/// What a command that ends well prints.
#[track_caller]
fn said(folder: &Path, arguments: &[&str]) -> String {
    let output = output(folder, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn idx(shape: &[u32], bytes: Vec<u8>) -> Vec<u8> {
    let mut out = vec![0, 0, 8, shape.len() as u8];
    out.extend(shape.iter().flat_map(|d| d.to_be_bytes()));
    [out, bytes].concat()
}

/// Pictures of 6 × 6, brighter above or below, some of them hard to tell.
fn pixels(n: usize) -> Vec<u8> {
    let pixel = |i: usize, at: usize| {
        (i * 53 + at * 29 + i * at * 7) % 140 + if (at < 18) == (i.is_multiple_of(2)) { 10 } else { 0 }
    };
    (0..n).flat_map(|i| (0..36).map(move |at| pixel(i, at) as u8)).collect()
}

const PICTURES: &str = r#"title = "pictures"
[dataset.halves]
kind = "idx"
images = "train.idx"
labels = "train-labels.idx"
test_images = "test.idx"
test_labels = "test-labels.idx"
normalize = "standard"
[train.net]
data = "halves"
model = ["flatten", { linear = 4 }, "relu", { linear = 2 }]
loss = "cross_entropy"
optimizer = { adam = { lr = 0.01 } }
epochs = 12
batch = 16
augment = { shift = 1 }
"#;

fn pictures() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: Vec<u8>| fs::write(folder.path().join(name), bytes).unwrap();
    for (name, n) in [("train", 80), ("test", 50)] {
        write(&format!("{name}.idx"), idx(&[n, 6, 6], pixels(n as usize)));
        write(&format!("{name}-labels.idx"), idx(&[n], (0..n as u8).map(|i| i % 2).collect()));
    }
    write("p.toml", PICTURES.into());
    folder
}

fn metrics(folder: &Path, run: &str) -> Value {
    serde_json::from_slice(&fs::read(folder.join(run).join("metrics.json")).unwrap()).unwrap()
}

/// The lines of a table without the first, in fields.
fn rows(folder: &Path, file: &str) -> Vec<Vec<String>> {
    let mut reader = csv::Reader::from_path(folder.join(file)).unwrap();
    reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
}

fn what_is_predicted_of_pictures_is_what_the_run_measured() {
    let folder = pictures();
    let here = folder.path();
    for (run, set, fit) in [("plain", "seed=1", None), ("small", "dataset.halves.resize=[4, 3]", Some("--resize"))] {
        said(here, &["run", "p.toml", "--quiet", "--out", run, "--set", set]);
        let model = format!("{run}/models/net.safetensors");
        let arguments = ["predict", &model, "test.idx", "--out", "all.csv", "--top", "1"];
        let told = said(here, &arguments.into_iter().chain(fit).collect::<Vec<_>>());
        assert_eq!(told.lines().count(), 51, "{told}");
        let rows = rows(here, "all.csv");
        let right = rows.iter().enumerate().filter(|(i, row)| row[2] == (i % 2).to_string()).count();
        let test = &metrics(here, run)["train"]["net"]["test"];
        let accuracy = test["accuracy"].as_f64().unwrap();
        assert!((right as f64 / 50.0 - accuracy).abs() < 1e-7 && right < 50, "{right} of 50 for {accuracy}");
        let of_label = |(i, row): (usize, &Vec<String>)| row[3 + i % 2].parse::<f64>().unwrap();
        let loss = rows.iter().enumerate().map(|row| -tensor::math::f64::ln(of_label(row))).sum::<f64>() / 50.0;
        let measured = test["loss"].as_f64().unwrap();
        assert!((loss - measured).abs() < 1e-6, "{loss} for {measured}");
    }
    // A picture alone is that picture among others, and its negative is read with --invert.
    let file = |name: &str, pixels: &[u8]| {
        let mut encoder = png::Encoder::new(fs::File::create(here.join(name)).unwrap(), 6, 6);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.write_header().unwrap().write_image_data(pixels).unwrap();
    };
    let first = &pixels(1)[..];
    file("one.png", first);
    file("negative.png", &first.iter().map(|v| 255 - v).collect::<Vec<_>>());
    let model = "plain/models/net.safetensors";
    said(here, &["predict", model, "test.idx", "--out", "all.csv"]);
    said(here, &["predict", model, "one.png", "--out", "one.csv"]);
    said(here, &["predict", model, "negative.png", "--invert", "--out", "negative.csv"]);
    let [all, one, negative] = ["all.csv", "one.csv", "negative.csv"].map(|file| rows(here, file)[0][1..].to_vec());
    assert!(all == one && all == negative, "{all:?}, {one:?}, {negative:?}");
}

fn numbers_are_predicted_from_a_table() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let rows_of = |i: i32| format!("{},{},{}\n", i % 7, 100 * ((i * i) % 11), 3 * (i % 7) - (i * i) % 11);
    let table = format!("u,v,y\n{}", (0..40).map(rows_of).collect::<String>());
    fs::write(here.join("t.csv"), table).unwrap();
    let pipeline = "title = \"numbers\"\n[dataset.t]\nkind = \"csv\"\npath = \"t.csv\"\ntarget = \"y\"\ntask = \"regression\"\n\
                    normalize = \"standard\"\n[train.line]\ndata = \"t\"\nmodel = [{ linear = 1 }]\nloss = \"mean_squared_error\"\n\
                    optimizer = { sgd = { lr = 0.1 } }\nepochs = 20\n";
    fs::write(here.join("p.toml"), pipeline).unwrap();
    said(here, &["run", "p.toml", "--quiet", "--out", "run"]);
    let told = said(here, &["predict", "run/models/line.safetensors", "t.csv", "--out", "out.csv"]);
    assert!(told.starts_with("input         y\nt.csv row 0   "), "{told}");
    let difference = |i: i32, row: &Vec<String>| {
        let target = f64::from(3 * (i % 7) - (i * i) % 11);
        row[2].parse::<f64>().unwrap() - target
    };
    let squares: f64 =
        (0..40).zip(rows(here, "out.csv")).map(|(i, row)| difference(i, &row) * difference(i, &row)).sum();
    let measured = metrics(here, "run")["train"]["line"]["train"]["loss"].as_f64().unwrap();
    assert!((squares / 40.0 - measured).abs() < 1e-5 * measured.max(1.0), "{} for {measured}", squares / 40.0);
}

fn files_that_do_not_fit_are_told_by_name() {
    let folder = pictures();
    let here = folder.path();
    said(here, &["run", "p.toml", "--quiet", "--out", "run"]);
    let model = "run/models/net.safetensors";
    fs::write(here.join("large.idx"), idx(&[1, 8, 8], vec![0; 64])).unwrap();
    let bytes = fs::read(here.join(model)).unwrap();
    fs::write(here.join("cut.safetensors"), &bytes[..bytes.len() / 2]).unwrap();
    for (arguments, words) in [
        (
            &["predict", model, "large.idx"][..],
            &["large.idx: samples of shape 8×8, and the model takes 1×6×6", "--resize"][..],
        ),
        (&["predict", model, "train-labels.idx"], &["train-labels.idx: samples of shape"]),
        (&["predict", model, "nothing.png"], &["nothing.png"]),
        (&["predict", model, "p.toml"], &["p.toml"]),
        (&["predict", "cut.safetensors", "test.idx"], &["cut.safetensors: not a safetensors file"]),
        (&["predict", "test.idx", "test.idx"], &["test.idx: not a safetensors file"]),
        (&["predict", model], &["<INPUT>..."]),
    ] {
        let failed = output(here, arguments);
        let told = String::from_utf8_lossy(&failed.stderr).into_owned();
        assert_eq!(failed.status.code(), Some(2), "{arguments:?}: {told}");
        assert!(words.iter().all(|word| told.contains(word)), "{arguments:?}: {told}");
    }
}
