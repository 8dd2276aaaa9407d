//! Random pipelines, run: nothing panics, and how a run came to its end is not to be seen in its files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use fastrand::Rng;
use pipeline::cache::is_seconds_file;
use pipeline::console::Verbosity;
use pipeline::files::entries;
use pipeline::kinds;
use pipeline::load::Pipeline;
use pipeline::run::{self, Options};

use super::{Attempt, SLOW_RUN, Target};
use crate::generate;

/// An input is the seed of a pipeline.
pub const RUNS: Target = Target {
    name: "runs",
    of_all: false,
    corpus: Vec::new,
    change: |rng, _| rng.u64(..).to_string().into_bytes(),
    prepare,
    slow: SLOW_RUN,
};

fn prepare(folder: &Path) -> Attempt {
    let (folder, families) = (folder.to_owned(), kinds::families());
    own_data(&folder);
    Box::new(move |input| {
        let mut rng = Rng::with_seed(String::from_utf8_lossy(input).trim().parse().unwrap_or(0));
        let loaded = generate::pipeline(&mut rng, &families, &folder);
        let pipeline = loaded.pipeline.as_ref().expect("only such are left");
        for out in ["one", "two"] {
            let _ = std::fs::remove_dir_all(folder.join(out));
        }
        // A run may fail, as where training diverges: then both do, and say the same.
        tensor::threads::set(1);
        let first = carry_out(pipeline, &folder.join("one"));
        tensor::threads::set(2);
        let second = carry_out(pipeline, &folder.join("two"));
        let text = &loaded.texts.file.body;
        assert_same(&first, &second, &format!("with two threads:\n{text}"));
        assert_same(&first, &carry_out(pipeline, &folder.join("two")), &format!("from the cache:\n{text}"));
    })
}

/// The files of a run but for what differs between any two, and its error if it failed.
fn carry_out(pipeline: &Pipeline, out: &Path) -> (BTreeMap<PathBuf, Vec<u8>>, Option<String>) {
    let options = Options { out: out.to_owned(), fresh: false, verbosity: Verbosity::Quiet };
    let error = run::run(pipeline, &options).err().map(|error| error.to_string());
    let mut found = BTreeMap::new();
    let mut folders = vec![out.to_owned()];
    while let Some(next) = folders.pop() {
        for path in entries(&next) {
            let name = path.strip_prefix(out).expect("below").to_owned();
            let text = name.to_string_lossy().into_owned();
            if path.is_dir() {
                folders.push(path);
            } else if !is_seconds_file(&text) && !text.starts_with("timings") && !text.ends_with(".lock") {
                let bytes = std::fs::read(&path).expect("readable");
                found.insert(name, if told_of_the_run(&text) { without_threads(&bytes) } else { bytes });
            }
        }
    }
    (found, error)
}

/// Whether a file tells by how many threads it was made.
fn told_of_the_run(name: &str) -> bool {
    ["provenance.json", "report.html"].contains(&name)
}

/// A text but for the lines that tell of threads, and of the hashes of texts that do.
fn without_threads(bytes: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(bytes);
    let lines = text.lines().filter(|line| !line.contains("thread") && !line.contains("report.html"));
    lines.collect::<Vec<_>>().join("\n").into_bytes()
}

fn assert_same<E: PartialEq + std::fmt::Debug>(
    a: &(BTreeMap<PathBuf, Vec<u8>>, E),
    b: &(BTreeMap<PathBuf, Vec<u8>>, E),
    how: &str,
) {
    assert_eq!(a.1, b.1, "{how}");
    assert_eq!(a.0.keys().collect::<Vec<_>>(), b.0.keys().collect::<Vec<_>>(), "{how}");
    let differ: Vec<_> = a.0.iter().filter(|(name, bytes)| b.0[*name] != **bytes).map(|(name, _)| name).collect();
    assert!(differ.is_empty(), "{differ:?} differ {how}");
}

/// The files that the examples of data sets name.
fn own_data(folder: &Path) {
    let rows: String = (0..24).map(|i| format!("{},{},{}\n", i * 7 % 11, i % 5, ["a", "b", "c"][i % 3])).collect();
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.join(name), bytes).expect("written");
    write("flowers.csv", format!("length,width,species\n{rows}").as_bytes());
    let floats: Vec<u8> = (0..40_u8).flat_map(|i| f32::from(i % 17).to_le_bytes()).collect();
    let classes: Vec<u8> = (0..20_u8).map(|i| i % 3).collect();
    write("samples.npy", &super::data::npy_file("<f4", "(20, 2)", &floats));
    write("classes.npy", &super::data::npy_file("|u1", "(20,)", &classes));
    let pixels: Vec<u8> = (0..20 * 12_u32).map(|i| (i * 37 % 256) as u8).collect();
    let images = [&[0, 0, 8, 3, 0, 0, 0, 20, 0, 0, 0, 4, 0, 0, 0, 3][..], &pixels].concat();
    write("letters-images-idx3-ubyte.gz", &super::data::gzip(&images));
    write("letters-labels-idx1-ubyte.gz", &[&[0, 0, 8, 1, 0, 0, 0, 20][..], &classes].concat());
}
