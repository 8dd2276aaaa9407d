//! What a run's folder keeps for later runs: the list of finished stages, by which a run goes on, and checkpoints.

use std::path::Path;
use std::sync::OnceLock;

use pipeline::cache::{self, Cached};
use pipeline::console::Verbosity;
use pipeline::hash::sha256;
use pipeline::kinds;
use pipeline::load::{Pipeline, Request, load};
use pipeline::run::{self, Options};
use training::Checkpoint;

use super::{Attempt, SLOW, SLOW_RUN, Target, files};
use crate::mutate::{self, pick};
use crate::text;

/// The list of finished stages of a run that then goes on, behind a check sum that is made to fit: only what passes it is read.
pub const RECORDS: Target = Target {
    name: "records",
    of_all: true,
    corpus: || own(|run| opened(&run.finished), "records"),
    change: |rng, corpus| {
        let words = ["null", "1e999", "-1", "{}", "[]", "\"../x\"", "\"/\"", "{\"a\":{\"b\":[{}]}}"].map(str::to_owned);
        text::one(rng, corpus, &words)
    },
    prepare: |folder| {
        let (pipeline, out) = (pipeline(folder), folder.join("out"));
        let options = Options { out: out.clone(), fresh: false, verbosity: Verbosity::Quiet };
        run::run(&pipeline, &options).expect("runs");
        Box::new(move |input| {
            std::fs::write(out.join(FINISHED), sealed("", input)).expect("written");
            run::run(&pipeline, &options).expect("damage is mended");
        })
    },
    slow: SLOW_RUN,
};

/// A checkpoint's bytes, behind such a check sum.
pub const CHECKPOINTS: Target = Target {
    name: "checkpoints",
    of_all: true,
    corpus: || own(|run| opened(&run.checkpoint), "checkpoints"),
    change: |rng, corpus| {
        let mut input = pick(rng, corpus).clone();
        mutate::bytes(rng, &mut input, corpus);
        input
    },
    prepare: prepare_checkpoints,
    slow: SLOW,
};

const FINISHED: &str = ".stages/finished";

/// Files of a run by this program.
pub struct Run {
    finished: Vec<u8>,
    checkpoint: Vec<u8>,
    /// A saved model.
    pub model: Vec<u8>,
}

/// A run by this program, made once: what an older one left would not be read.
pub fn a_run() -> &'static Run {
    static RUN: OnceLock<Run> = OnceLock::new();
    RUN.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder for temporary files");
        let options = Options { out: folder.path().join("out"), fresh: false, verbosity: Verbosity::Quiet };
        run::run(&pipeline(folder.path()), &options).expect("runs");
        let read = |file: &str| std::fs::read(options.out.join(file)).expect("a run writes it");
        Run {
            finished: read(FINISHED),
            checkpoint: read(".stages/train.net.checkpoint"),
            model: read("models/net.safetensors"),
        }
    })
}

/// A file of the run, and what was found before.
fn own(file: fn(&Run) -> Vec<u8>, name: &str) -> Vec<Vec<u8>> {
    std::iter::once(file(a_run())).chain(files(&format!("corpus/{name}"), "")).collect()
}

/// A pipeline whose run takes a moment.
fn pipeline(folder: &Path) -> Pipeline {
    let file = folder.join("records.toml");
    std::fs::write(&file, include_str!("records.toml")).expect("written");
    let loaded = load(&Request { file, settings: Vec::new(), seed: None }, &kinds::families());
    loaded.pipeline.expect("nothing wrong")
}

/// What is behind the three lines of a cache file.
fn opened(file: &[u8]) -> Vec<u8> {
    file.splitn(4, |b| *b == b'\n').nth(3).expect("a cache file").to_vec()
}

/// A cache file.
fn sealed(key: &str, rest: &[u8]) -> Vec<u8> {
    [format!("unfold cache 1\n{key}\n{}\n", sha256(rest)).as_bytes(), rest].concat()
}

fn prepare_checkpoints(folder: &Path) -> Attempt {
    let file = folder.join("checkpoint");
    Box::new(move |input| {
        std::fs::write(&file, sealed("key", input)).expect("written");
        if let Cached::Valid(checkpoint) = cache::read::<Checkpoint>(&file, "key") {
            std::hint::black_box(checkpoint.epochs());
        }
    })
}
