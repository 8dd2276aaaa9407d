//! Figures as pictures, as a user makes them.

use std::path::Path;

use libtest_mimic::Trial;

use crate::{SMALL, xtask};

pub fn trials() -> Vec<Trial> {
    trials![figures_become_pictures_pages_and_films, mistakes_say_what_to_do]
}

/// Runs `render` in a folder and expects its exit code and every one of these words.
fn check(folder: &Path, arguments: &str, code: i32, words: &[&str]) {
    let output = xtask().arg("render").args(arguments.split(' ')).current_dir(folder).output().unwrap();
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert_eq!(output.status.code(), Some(code), "render {arguments}: {said}");
    for word in words {
        assert!(said.contains(word), "render {arguments}: no `{word}` in {said}");
    }
}

/// Width and height of a PNG, in pixels.
fn size(png: &Path) -> (u32, u32) {
    let file = std::io::BufReader::new(std::fs::File::open(png).unwrap());
    png::Decoder::new(file).read_info().unwrap().info().size()
}

fn figures_become_pictures_pages_and_films() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let pipeline = SMALL.to_owned()
        + "[dataset.plane]\nkind = \"moons\"\npoints = 20\n[train.moving]\ndata = \"plane\"\nloss = \"cross_entropy\"\n\
           model = [{ linear = 2 }, \"relu\", { linear = 2 }]\noptimizer = { sgd = { lr = 0.1 } }\nepochs = 2\nsnapshots = { every = 1 }\n\
           [analysis.boundary]\nkind = \"decision_regions\"\nmodels = [\"moving\"]\nsnapshots = \"all\"\n\
           [figure.boundary]\nkind = \"decision_regions\"\nanalysis = \"boundary\"\nanimate = {}\n";
    std::fs::write(here.join("small.toml"), pipeline).unwrap();
    let run = xtask().args(["run", "small.toml"]).current_dir(here).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));

    // All of a run, beside their figures, without those for phones.
    let told =
        ["runs/small/figures/boundary.png: 1280 × ", "curves.png: 1280 × ", "data.png: 1280 × ", " px, ", " bytes"];
    check(here, "runs/small", 0, &told);
    let pictures = |folder: &str, ending: &str| {
        let files = std::fs::read_dir(here.join(folder)).unwrap().map(|e| e.unwrap().path());
        files.filter(|path| path.extension().is_some_and(|e| e == ending)).count()
    };
    assert_eq!(pictures("runs/small/figures", "png"), 3);
    assert_eq!(size(&here.join("runs/small/figures/data.png")).0, 1280);
    // Of those found, only what moves.
    check(here, "runs/small --gif --out slides", 0, &["slides/boundary.gif: 3 frames, ", "do not move: 2"]);
    check(here, "runs/small/figures/data.svg --width 400 --theme dark --out slides/dark.png", 0, &["dark.png: 400 × "]);
    check(here, "runs/small/figures/data.svg --out slides/data.pdf", 0, &["slides/data.pdf: 640 × ", " pt, "]);
    check(
        here,
        "runs/small/figures/boundary.svg --frames --fps 2 --out film",
        0,
        &["film/boundary-%04d.png: 20 files"],
    );
    assert_eq!(pictures("film", "png"), 20);
    check(here, "runs/small/figures/boundary.svg --time 1 --out one.png", 0, &["one.png: 1280"]);
    let bytes = |file: &str| std::fs::read(here.join(file)).unwrap();
    assert_eq!(bytes("one.png"), bytes("film/boundary-0003.png"));
    assert_ne!(bytes("one.png"), bytes("runs/small/figures/boundary.png"));
    // Pictures beside figures are not the run's, which goes on with its own.
    let again = xtask().args(["run", "small.toml"]).current_dir(here).output().unwrap();
    assert!(again.status.success() && pictures("runs/small/figures", "png") == 3);

    // One that cannot be drawn does not keep the others from it.
    check(
        here,
        "runs/small/figures/data.svg runs/small/figures/boundary.svg --gif --out two",
        1,
        &["data.svg: it does not move", "two/boundary.gif"],
    );
    std::fs::write(here.join("other.svg"), "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\"/>")
        .unwrap();
    check(here, "other.svg", 1, &["other.svg: it is no figure of this program"]);
    std::fs::write(here.join("words.svg"), "words").unwrap();
    check(here, "words.svg", 1, &["words.svg: it is not a readable SVG"]);
    check(here, "runs/small/figures/data.svg --out small.toml/data.png", 1, &["cannot create the folder small.toml"]);
    check(here, "runs/small/figures/boundary.svg --time 99", 1, &["it begins again after 10.000 s"]);
}

fn mistakes_say_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    std::fs::create_dir_all(here.join("empty")).unwrap();
    std::fs::write(here.join("a.svg"), "<svg/>").unwrap();
    std::fs::create_dir_all(here.join("b")).unwrap();
    std::fs::write(here.join("b/a.svg"), "<svg/>").unwrap();
    std::fs::write(here.join("binary.svg"), [0xff, 0xfe]).unwrap();
    check(
        here,
        "none.svg empty binary.svg",
        2,
        &["none.svg cannot be read", "empty holds no figures", "binary.svg is no SVG"],
    );
    check(here, "a.svg b/a.svg --out slides", 2, &["a.svg and b/a.svg would both become slides/a.png"]);
    check(here, "a.svg b/a.svg --out a.png", 2, &["2 figures do not fit into a.png: give a folder"]);
    check(here, "a.svg --png --out a.pdf", 2, &["--png is no .pdf"]);
    check(here, "a.svg --frames --out a.png", 2, &["--out is their folder"]);
    check(here, "a.svg --width 0", 2, &["0 is not in 16..=16384"]);
    check(here, "a.svg --width 20000", 2, &["20000 is not in 16..=16384"]);
    check(here, "a.svg --time=-1", 2, &["it is no number of seconds from 0 on"]);
    check(here, "a.svg --time later", 2, &["it is no number of seconds"]);
    check(here, "a.svg --png --pdf", 2, &["cannot be used with"]);
    check(here, "a.svg --fps 5", 2, &["--frames"]);
    check(here, "a.svg --theme blue", 2, &["transparent-dark"]);
}
