//! The gallery's bytes, pinned: `tests/goldens/<id>.svg`.
//!
//! What differs is written to `target/tmp/gallery/`, to be looked at. `UPDATE_GOLDENS=1 cargo test -p rendering goldens` accepts
//! it.

use std::path::Path;

use crate::gallery;
use rendering::Figure;

/// Those that are pinned as a phone shows them, too.
const NARROW: [&str; 6] = ["small-multiples", "pictures", "heatmaps", "bars", "surface", "turning"];

#[test]
fn the_gallery_keeps_its_bytes() {
    let pinned = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/goldens");
    let update = std::env::var_os("UPDATE_GOLDENS").is_some();
    let folder = if update { pinned.clone() } else { Path::new(env!("CARGO_TARGET_TMPDIR")).join("gallery") };
    let mut changed = Vec::new();
    let narrow = gallery::figures().into_iter().filter(|figure| NARROW.contains(&figure.id.as_str())).map(|figure| {
        let id = format!("{}-narrow", figure.id);
        Figure { id, ..figure.narrow() }
    });
    for figure in gallery::figures().into_iter().chain(narrow) {
        let name = format!("{}.svg", figure.id);
        let svg = figure.to_svg().unwrap();
        if std::fs::read(pinned.join(&name)).ok().as_deref() != Some(svg.as_bytes()) {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join(&name), &svg).unwrap();
            changed.push(figure.id);
        }
    }
    assert!(
        changed.is_empty() || update,
        "changed: {changed:?}; look at them in {}, then accept them with UPDATE_GOLDENS=1 cargo test -p rendering goldens",
        folder.display()
    );
}
