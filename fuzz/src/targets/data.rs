//! Data files: CSV, npy and IDX, each read with several settings.

use std::io::Write;
use std::path::Path;

use datasets::{Common, Source};
use fastrand::Rng;
use flate2::{Compression, write::GzEncoder};
use registry::Problems;
use tensor::Streams;

use super::{Attempt, SLOW, Target, files};
use crate::mutate::{self, edge, pick};
use crate::text;

/// Tables of text.
pub const CSV: Target = Target {
    name: "csv",
    of_all: true,
    corpus: || files("corpus/csv", ""),
    change: |rng, corpus| {
        let words = ["\"", "\"\"", ",", ";", "\n", "a,b", "NA", "nan", "1e999", " 1", "\u{feff}"].map(str::to_owned);
        text::one(rng, corpus, &words)
    },
    prepare: |folder| {
        let settings = [
            "path = \"file\", target = \"y\"",
            "path = \"file\", target = \"y\", task = \"regression\", normalize = \"standard\"",
            "path = \"file\", target = [\"y\", \"x\"], task = \"regression\", normalize = \"range\"",
            "path = \"file\", target = \"1\", header = false, delimiter = \";\", test_path = \"file\"",
            "path = \"file\", target = \"y\", categorical = [\"x\"], test_path = \"file\"",
        ];
        reader("csv", &settings, folder)
    },
    slow: SLOW,
};

/// Arrays of numpy.
pub const NPY: Target = Target {
    name: "npy",
    of_all: true,
    corpus: || files("corpus/npy", ""),
    change: |rng, corpus| {
        let mut input = if rng.bool() { npy(rng) } else { pick(rng, corpus).clone() };
        if rng.u8(..) < 160 {
            mutate::bytes(rng, &mut input, corpus);
        }
        input
    },
    prepare: |folder| {
        std::fs::write(folder.join("three"), npy_file("<i8", "(3,)", &[0; 24])).expect("written");
        let settings = [
            "x = \"file\"",
            "x = \"file\", y = \"file\"",
            "x = \"file\", y = \"three\", normalize = \"standard\"",
            "x = \"file\", y = \"file\", task = \"regression\", test_x = \"file\", test_y = \"file\", normalize = \"range\"",
        ];
        reader("npy", &settings, folder)
    },
    slow: SLOW,
};

/// Pictures as MNIST has them.
pub const IDX: Target = Target {
    name: "idx",
    of_all: true,
    corpus: || files("corpus/idx", ""),
    change: |rng, corpus| {
        let mut input = if rng.bool() { idx(rng) } else { pick(rng, corpus).clone() };
        if rng.bool() {
            mutate::bytes(rng, &mut input, corpus);
        }
        if rng.bool() {
            input = gzip(&input);
            if rng.bool() {
                mutate::bytes(rng, &mut input, corpus);
            }
        }
        input
    },
    prepare: |folder| {
        std::fs::write(folder.join("three"), [0, 0, 8, 1, 0, 0, 0, 3, 0, 1, 2]).expect("written");
        let settings = [
            "images = \"file\"",
            "images = \"file\", labels = \"file\"",
            "images = \"file\", labels = \"three\", test_images = \"file\", test_labels = \"three\"",
        ];
        reader("idx", &settings, folder)
    },
    slow: SLOW,
};

/// Reads `file` in the folder as a source of this kind with each of the settings.
fn reader(kind: &str, settings: &[&str], folder: &Path) -> Attempt {
    let entry = datasets::REGISTRY.iter().find(|entry| entry.kind == kind).expect("a source");
    let parse = |settings: &&str| {
        let table = format!("{{ {settings} }}");
        (entry.parse)(toml::de::ValueDeserializer::parse(&table).expect("TOML")).expect("settings").value
    };
    let sources: Vec<Box<dyn Source>> = settings.iter().map(parse).collect();
    let common: Common = toml::from_str("split = { train = 0.6, validation = 0.4 }").expect("a split");
    let (base, file, streams) = (folder.to_owned(), folder.join("file"), Streams::new(1));
    Box::new(move |input| {
        std::fs::write(&file, input).expect("written");
        for source in &sources {
            let spec = source.spec(&base);
            let _ = source.own_test_samples(&base);
            let _ = source.warn(&base, &mut Problems::default());
            let loaded = source.load(&base, &streams, "data");
            let _ = datasets::splits(&**source, &common, &base, &streams, "data");
            if let Ok(data) = loaded {
                // What is planned is what comes.
                let spec = spec.expect("what can be loaded can be planned");
                assert_eq!(spec, data.spec(), "planned and loaded");
            }
        }
    })
}

/// A file of numpy's, version 1.0.
pub fn npy_file(descr: &str, shape: &str, elements: &[u8]) -> Vec<u8> {
    let dictionary = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n");
    let length = u16::try_from(dictionary.len()).unwrap_or(u16::MAX);
    [b"\x93NUMPY\x01\x00", &length.to_le_bytes()[..], dictionary.as_bytes(), elements].concat()
}

/// A file of numpy's with some type and shape, the elements there or not.
fn npy(rng: &mut Rng) -> Vec<u8> {
    let types = ["<f4", "<f8", ">f4", "|i1", "<i2", "<i8", "|b1", "<u8", "|u1", "<f2", "<c8", "|O", "<U5"];
    let dimension = |rng: &mut Rng| match rng.u8(0..8) {
        0 => edge(rng),
        n => u64::from(n - 1),
    };
    let shape: Vec<u64> = (0..rng.usize(0..5)).map(|_| dimension(rng)).collect();
    let shown = format!("({})", shape.iter().map(|d| format!("{d},")).collect::<String>());
    let descr = *pick(rng, &types);
    let width = descr[2..].parse().unwrap_or(1_u64);
    let count = shape.iter().fold(width, |n, d| n.saturating_mul(*d)).min(1 << 14);
    let fill = rng.u8(..);
    let elements: Vec<u8> = (0..count).map(|_| if fill < 128 { fill } else { rng.u8(..) }).collect();
    npy_file(descr, &shown, &elements)
}

/// A file of pictures or labels of some shape, the elements there or not.
fn idx(rng: &mut Rng) -> Vec<u8> {
    let n = rng.u8(0..5);
    let mut bytes = vec![0, 0, 8, n];
    let mut count = 1_u64;
    for _ in 0..n {
        let dimension = if rng.u8(0..8) == 0 { edge(rng) as u32 } else { rng.u32(0..6) };
        bytes.extend(dimension.to_be_bytes());
        count = count.saturating_mul(dimension.into());
    }
    bytes.extend((0..count.min(1 << 14)).map(|_| rng.u8(0..4)));
    bytes
}

/// Bytes, compressed.
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("memory takes everything")
}
