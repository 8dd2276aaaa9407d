//! IDX files, sound, damaged and made to harm.

use super::*;
use crate::tests::mutate;
use flate2::{Compression, write::GzEncoder};
use std::io::Write;
use tensor::{Purpose, Streams};

fn plain(shape: &[u32], bytes: &[u8]) -> Vec<u8> {
    let mut file = vec![0, 0, 8, shape.len() as u8];
    file.extend(shape.iter().flat_map(|d| d.to_be_bytes()));
    file.extend(bytes);
    file
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// The shape that the start of a file of so many bytes tells.
fn head_shape(start: &[u8], length: usize) -> Result<Vec<usize>, DataError> {
    head_of(&mut unpacked(start), start, length as u64, "f")
}

fn message(file: &[u8]) -> String {
    decode(file, "f").unwrap_err().to_string()
}

#[test]
fn plain_and_compressed_files_read_alike() {
    let file = plain(&[2, 1, 3], &[1, 2, 3, 4, 5, 255]);
    let expected = Idx { shape: vec![2, 1, 3], bytes: vec![1, 2, 3, 4, 5, 255] };
    assert_eq!(decode(&file, "f").unwrap(), expected);
    assert_eq!(decode(&gzip(&file), "f").unwrap(), expected);
    // RFC 1952, section 2.2: a file may consist of several members.
    let (a, b) = file.split_at(11);
    assert_eq!(decode(&[gzip(a), gzip(b)].concat(), "f").unwrap(), expected);
    assert_eq!(head_shape(&gzip(&file), 100).unwrap(), [2, 1, 3]);
    assert_eq!(head_shape(&file[..16], file.len()).unwrap(), [2, 1, 3]);
}

#[test]
fn what_is_no_idx_file_of_bytes_is_told() {
    assert_eq!(message(&[]), "f: the file is empty, expected at least one row of data");
    assert!(message(b"\x89PNG rest").contains("it starts with 89 50 4e 47"), "{}", message(b"\x89PNG rest"));
    assert!(message(&[0, 0, 13, 1, 0, 0, 0, 1]).contains("IDX file of 32-bit floats, expected unsigned bytes"));
    assert!(message(&[0, 0, 9, 1, 0, 0, 0, 1]).contains("signed bytes"));
    assert!(message(&[0, 0, 14, 1, 0, 0, 0, 1]).contains("64-bit floats"));
    assert!(message(&[0, 0, 10, 1, 0, 0, 0, 1]).contains("not an IDX file"));
    assert!(message(&[0, 0, 8, 0]).contains("not an IDX file"));
    assert_eq!(message(&[0, 0, 8, 3, 0, 0]), "f: the file ends after 6 bytes, inside its head");
    assert!(message(&plain(&[3, 0], &[])).contains("shape 3×0 has no elements"));
    assert_eq!(message(&plain(&[3], &[1, 2])), "f: 2 bytes of data, expected 3 for shape 3: the file is cut short");
    assert_eq!(message(&plain(&[3], &[1, 2, 3, 4])), "f: more bytes than its shape 3 has");
    assert_eq!(message(&gzip(&plain(&[3], &[1, 2, 3, 4]))), "f: more bytes than its shape 3 has");
}

#[test]
fn damaged_gzip_is_told() {
    let file = gzip(&plain(&[100], &[7; 100]));
    let cut = &file[..file.len() - 9];
    assert!(message(cut).contains("cut short") || message(cut).contains("damaged"), "{}", message(cut));
    // The check sum lies in the last eight bytes but four.
    let mut wrong = file.clone();
    let at = wrong.len() - 6;
    wrong[at] ^= 1;
    assert!(message(&wrong).contains("the gzip data is damaged"), "{}", message(&wrong));
}

#[test]
fn bytes_behind_gzip_are_told() {
    let file = gzip(&plain(&[3], &[1, 2, 3]));
    for behind in [&[0; 20][..], b"<html>an error page</html>"] {
        assert_eq!(message(&[&file, behind].concat()), "f: bytes that are no gzip follow the end of the gzip data");
    }
}

#[test]
fn a_head_that_promises_other_than_there_is_is_not_believed() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("f");
    let told = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        shape(&path, "f").map_err(|error| error.to_string())
    };
    let (right, less, more) = (plain(&[2, 3], &[7; 6]), plain(&[200, 3], &[7; 6]), plain(&[1, 3], &[7; 6]));
    for file in [right.clone(), gzip(&right), [gzip(&right[..9]), gzip(&right[9..])].concat()] {
        assert_eq!(told(&file), Ok(vec![2, 3]));
    }
    for file in [less.clone(), gzip(&less)] {
        let cut = "f: 6 bytes of data, expected 600 for shape 200×3: the file is cut short";
        assert_eq!(told(&file), Err(cut.to_owned()));
    }
    for file in [more.clone(), gzip(&more)] {
        assert_eq!(told(&file), Err("f: more bytes than its shape 1×3 has".to_owned()));
    }
}

#[test]
fn a_class_of_fewer_pictures_than_are_to_be_taken_is_found_before_loading() {
    use crate::{Source, sources::idx::IdxFiles};
    let place = tempfile::tempdir().unwrap();
    std::fs::write(place.path().join("images"), plain(&[3, 1, 1], &[1, 2, 3])).unwrap();
    std::fs::write(place.path().join("labels"), plain(&[3], &[0, 1, 0])).unwrap();
    let spec = |per_class: usize| {
        let text = format!("images = \"images\"\nlabels = \"labels\"\nper_class = {per_class}");
        let source: IdxFiles = toml::from_str(&text).unwrap();
        source.spec(place.path()).map(|spec| spec.n).map_err(|error| error.to_string())
    };
    assert_eq!(spec(1), Ok(2));
    assert_eq!(spec(2), Err("per_class: class `1` has 1 samples, expected at least 2".to_owned()));
}

#[test]
fn absurd_sizes_are_refused_before_memory_is_asked_for() {
    let huge = plain(&[u32::MAX, u32::MAX, u32::MAX], &[]);
    assert!(message(&huge).contains("more than the 2147483648 that are read"), "{}", message(&huge));
    assert!(message(&gzip(&huge)).contains("bytes of gzip can hold"), "{}", message(&gzip(&huge)));
    // Within the limit, but not there: memory for what is there only.
    assert!(message(&plain(&[1 << 30], &[1])).contains("cut short"));
    // A bomb: a megabyte of zeros behind a head that says ten bytes.
    assert_eq!(message(&gzip(&plain(&[10], &[0; 1 << 20]))), "f: more bytes than its shape 10 has");
}

#[test]
fn no_file_makes_the_reader_panic_or_ask_for_more_than_there_is() {
    let mut stream = Streams::new(4).stream("idx", Purpose::Sample);
    let good: Vec<u8> = (0..60).collect();
    for round in 0..60_000 {
        let mut file = plain(&[3, 4, 5], &good);
        // Every third is damaged before it is packed, so that what comes out of a sound gzip file is damaged.
        if round % 3 == 0 {
            mutate(&mut file, &[0, 1, 8, 255, 127], &mut stream);
        }
        if round % 2 == 0 {
            file = gzip(&file);
        }
        if round % 3 != 0 {
            mutate(&mut file, &[0, 1, 8, 255, 0x1f, 0x8b], &mut stream);
        }
        if let Ok(idx) = decode(&file, "f") {
            assert_eq!(idx.bytes.len(), idx.shape.iter().product::<usize>());
            // What is promised at first, or twice what was there.
            assert!(idx.bytes.capacity() <= file.len() * 8 + 64, "{} for {}", idx.bytes.capacity(), file.len());
        }
        let _ = head_shape(&file, file.len());
    }
}
