//! Hashes the program's sources, so that results of other code are not taken for this one's.
//!
//! Floor by floor: a change to the figures leaves trained models what they were. The hash is FNV-1a, 64 bits, over names and
//! bytes of the source files in order; it depends on the sources alone, not on profile or machine, because the results do not
//! either.

use std::path::{Path, PathBuf};

/// What is computed where, each floor with all below it.
const FLOORS: [(&str, &[&str]); 4] = [
    ("DATA", &["crates/tensor", "crates/registry", "crates/datasets", "datasets"]),
    ("TRAIN", &["crates/autograd", "crates/models", "crates/optimizers", "crates/training"]),
    ("ANALYSIS", &["crates/analysis"]),
    ("FIGURE", &["crates/rendering", "crates/figures", "crates/config", "crates/pipeline"]),
];

fn main() {
    println!("cargo:rerun-if-env-changed=CARGO_MANIFEST_DIR");
    // Asked when it runs: a target folder that was copied or shared must not hash the tree in which it was first built.
    let here = std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo says where the package is");
    let root = Path::new(&here).join("../..");
    let mut hash = 0xcbf2_9ce4_8422_2325;
    // Versions of what is used.
    add(&mut hash, &root.join("Cargo.lock"));
    for (floor, folders) in FLOORS {
        for folder in folders {
            let folder = root.join(folder);
            let source = if folder.join("src").is_dir() { folder.join("src") } else { folder };
            println!("cargo:rerun-if-changed={}", source.display());
            for file in files(&source) {
                add(&mut hash, &file);
            }
        }
        println!("cargo:rustc-env=UNFOLD_CODE_{floor}={hash:016x}");
    }
}

/// Rust and TOML files below a folder, in order.
fn files(folder: &Path) -> Vec<PathBuf> {
    let list = std::fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut entries: Vec<PathBuf> = list.map(|entry| entry.expect("a readable folder").path()).collect();
    entries.sort();
    let is_source = |p: &Path| p.extension().is_some_and(|e| e == "rs" || e == "toml");
    entries
        .into_iter()
        .flat_map(|path| match path.is_dir() {
            true => files(&path),
            false => Some(path).filter(|p| is_source(p)).into_iter().collect(),
        })
        .collect()
}

fn add(hash: &mut u64, file: &Path) {
    println!("cargo:rerun-if-changed={}", file.display());
    let name = file.file_name().expect("files have names").as_encoded_bytes();
    let bytes = std::fs::read(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    for byte in name.iter().chain([&0]).chain(&bytes) {
        *hash = (*hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
}
