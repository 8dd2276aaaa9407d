//! The gallery's bytes, pinned: `tests/goldens/<id>.svg`.
//!
//! Accept a change that is meant with `UPDATE_GOLDENS=1 cargo test -p rendering --test goldens`, after looking at it.

mod gallery;

use std::path::Path;

#[test]
fn the_gallery_keeps_its_bytes() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/goldens");
    let update = std::env::var_os("UPDATE_GOLDENS").is_some();
    let mut changed = Vec::new();
    for figure in gallery::figures() {
        let file = folder.join(format!("{}.svg", figure.id));
        let svg = figure.to_svg().unwrap();
        if std::fs::read(&file).ok().as_deref() != Some(svg.as_bytes()) {
            if update {
                std::fs::create_dir_all(&folder).unwrap();
                std::fs::write(&file, &svg).unwrap();
            }
            changed.push(figure.id);
        }
    }
    assert!(
        changed.is_empty() || update,
        "changed: {changed:?}; look at them (cargo run -p rendering --example gallery -- FOLDER), then accept with \
         UPDATE_GOLDENS=1 cargo test -p rendering --test goldens"
    );
}
