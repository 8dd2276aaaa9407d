//! Saved models, read back.

use std::path::Path;

use fastrand::Rng;
use models::Model;

use super::records::a_run;
use super::{SLOW, Target, files};
use crate::mutate::{self, edge, pick};
use crate::text;

/// Whole files.
pub const SAFETENSORS: Target = Target {
    name: "safetensors",
    of_all: true,
    corpus: || std::iter::once(a_run().model.clone()).chain(files("corpus/safetensors", "")).collect(),
    change,
    prepare: |_| {
        Box::new(|input| {
            if let Ok((model, data)) = Model::from_safetensors(input, Path::new("model.safetensors")) {
                model.to_safetensors(data.as_ref()).expect("what was read can be written");
            }
        })
    },
    slow: SLOW,
};

/// A file whose head was changed as text, with a length that fits it or not; or any bytes of it.
fn change(rng: &mut Rng, corpus: &[Vec<u8>]) -> Vec<u8> {
    let mut input = pick(rng, corpus).clone();
    let length = input.first_chunk().map_or(0, |n| u64::from_le_bytes(*n));
    let head = usize::try_from(length).ok().and_then(|n| input.get(8..8 + n)).map(<[u8]>::to_vec);
    match head {
        Some(head) if rng.u8(..) < 192 => {
            let words = ["linear", "units", "batch_norm", "dropout", "polynomial", "F32", "F64", "I8", "flatten"];
            let new = text::change(rng, &head, corpus, &words.map(str::to_owned));
            let stated = if rng.u8(..) < 16 { edge(rng) } else { new.len() as u64 };
            let rest = input.split_off(8 + head.len());
            [&stated.to_le_bytes()[..], &new, &rest].concat()
        }
        _ => {
            mutate::bytes(rng, &mut input, corpus);
            input
        }
    }
}
