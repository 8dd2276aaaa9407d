//! Reviewing figures as a user does: run, change, look, accept.

use std::path::Path;
use std::process::Output;

use libtest_mimic::Trial;
use tempfile::TempDir;

use crate::{SMALL, xtask};

pub fn trials() -> Vec<Trial> {
    trials![figures_are_reviewed_and_accepted, runs_are_compared]
}

/// A repository with one shipped pipeline.
struct Workshop(TempDir);

impl Workshop {
    fn new() -> Self {
        let workshop = Workshop(tempfile::tempdir().unwrap());
        std::fs::create_dir(workshop.path().join("pipelines")).unwrap();
        workshop.write(SMALL);
        workshop
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, text: &str) {
        std::fs::write(self.path().join("pipelines/small.toml"), text).unwrap();
    }

    fn xtask(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let Output { status, stdout, stderr } = xtask().args(arguments).current_dir(self.path()).output().unwrap();
        (status.code(), String::from_utf8([stdout, stderr].concat()).unwrap())
    }

    fn run(&self, more: &[&str]) {
        let (code, said) = self.xtask(&[&["run", "pipelines/small.toml"], more].concat());
        assert_eq!(code, Some(0), "{said}");
    }

    /// Runs the command and expects its exit code and every one of these words.
    fn check(&self, arguments: &[&str], code: i32, words: &[&str]) {
        let (is, said) = self.xtask(arguments);
        assert_eq!(is, Some(code), "{arguments:?}: {said}");
        for word in words {
            assert!(said.contains(word), "{arguments:?}: no `{word}` in {said}");
        }
    }
}

fn figures_are_reviewed_and_accepted() {
    let workshop = Workshop::new();
    // Nothing was run: nothing to say, and nothing to accept.
    workshop.check(&["review"], 0, &["0 pipelines' runs", "Not looked at: small (it has not been run)"]);
    workshop.check(&["bless"], 0, &["small: left as it is (it has not been run)"]);
    workshop.check(&["bless", "small"], 1, &["it has not been run", "cargo xtask run pipelines/small.toml"]);

    workshop.run(&[]);
    workshop.check(&["review"], 1, &["small/data is new", "small/curves is new", "2 figures are new"]);
    workshop.check(&["bless", "small/data"], 0, &["small: data is new"]);
    workshop.check(&["review", "--out", "page/at.html"], 1, &["1 figure is new", "page/at.html"]);
    assert!(std::fs::read_to_string(workshop.path().join("page/at.html")).unwrap().contains("small/curves"));
    workshop.check(&["review", "small/data"], 0, &["Nothing to accept"]);
    workshop.check(&["bless"], 0, &["small: curves is new"]);
    workshop.check(&["review"], 0, &["Nothing to accept"]);
    let pinned = |name: &str| workshop.path().join("golden/small").join(name).exists();
    assert!(["data.svg", "data.csv", "curves.svg", "curves.csv"].into_iter().all(pinned));

    // A run with arguments, or of another program or pipeline, is not the pipeline's.
    workshop.run(&["--set", "train.net.epochs=6"]);
    workshop.check(&["bless", "small"], 1, &["it was run with `--set` or `--seed`"]);
    workshop.write(&SMALL.replace("epochs = 5", "epochs = 6"));
    workshop.run(&[]);
    workshop.write(&SMALL.replace("epochs = 5", "epochs = 7"));
    workshop.check(&["review"], 0, &["since it was run, train.net: its settings changed"]);

    // Other numbers and other pictures, told by how much.
    workshop.run(&[]);
    workshop.check(&["review"], 1, &["small/curves changed: ", "% of pixels", " of markup", "1 figure changed"]);
    workshop.check(
        &["review", "--format", "markdown"],
        1,
        &["| `small/curves` | changed |", "cargo xtask bless small"],
    );
    workshop.check(&["bless", "small/data"], 0, &["small: nothing changed"]);

    // A figure that is drawn no more, and pinned ones of a pipeline that is no more.
    let without = SMALL.split("[figure.curves]").next().unwrap();
    workshop.write(without);
    workshop.check(&["review"], 1, &["small/curves is gone", "Not looked at: small"]);
    workshop.check(&["bless"], 0, &["small: curves is pinned, but it draws no such figure", "bless small/curves"]);
    std::fs::create_dir(workshop.path().join("golden/older")).unwrap();
    std::fs::copy(workshop.path().join("golden/small/data.svg"), workshop.path().join("golden/older/data.svg"))
        .unwrap();
    workshop.run(&[]);
    workshop.check(&["review"], 1, &["older/data is gone", "small/curves is gone"]);
    workshop.check(&["bless", "older", "small"], 0, &["older: data is gone", "small: curves is gone"]);
    assert!(!workshop.path().join("golden/older").exists() && !pinned("curves.svg") && !pinned("curves.csv"));
    workshop.check(&["review"], 0, &["Nothing to accept"]);

    // Mistakes.
    workshop.check(&["review", "smal"], 2, &["did you mean `small`?"]);
    workshop.check(&["bless", "small/dtaa"], 2, &["there is no figure of small `dtaa`; did you mean `data`?"]);
    workshop.check(&["review", "--format", "pdf"], 2, &["html", "markdown"]);
    std::fs::write(workshop.path().join("file"), "").unwrap();
    workshop.check(&["review", "--out", "file/page.html"], 1, &["cannot create the folder file"]);
}

fn runs_are_compared() {
    let workshop = Workshop::new();
    workshop.run(&[]);
    workshop.run(&["--out", "again"]);
    workshop.check(&["diff", "small", "again"], 0, &["settings: the same", "results: the same", "figures: the same"]);
    workshop.run(&["--out", "runs/longer", "--set", "train.net.epochs=9", "--set", "train.net.model[0].linear=5"]);
    let words = [
        "From runs/small to runs/longer",
        "settings: 2 changed",
        "train.net.epochs                 5 → 9  +4 (+80.00%)",
        "train.net.model[0].linear.units  4 → 5",
        "train.net.train.loss",
        "figures: 1 figure changed",
        "curves changed: ",
    ];
    workshop.check(&["diff", "small", "longer"], 0, &words);
    workshop.check(&["diff", "runs/small", "longer", "--html", "changes.html"], 0, &["The page: changes.html"]);
    let page = std::fs::read_to_string(workshop.path().join("changes.html")).unwrap();
    assert!(page.contains("train.net.epochs") && page.contains("<article") && !page.contains("xtask bless"));
    workshop.check(&["diff", "small", "shorter"], 2, &["there is no run `shorter`"]);
    workshop.check(&["diff", "pipelines", "small"], 2, &["pipelines is not a run's folder"]);
    std::fs::write(workshop.path().join("again/metrics.json"), "{").unwrap();
    workshop.check(&["diff", "small", "again"], 2, &["again/metrics.json: EOF"]);
}
