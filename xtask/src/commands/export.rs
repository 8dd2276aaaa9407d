//! `export`: a run's numbers for other programs.

use std::path::PathBuf;

use datasets::Split;
use datasets::manifest::root;
use pipeline::export::{self, Asked, ExportError, Format};
use pipeline::files::shown;
use pipeline::load::{Pipeline, Request};

use super::diff::run_folder;
use super::run::checked;
use super::{Failure, Outcome, complain, say};
use crate::arguments::{ArrayFormat, Export, WhichSplit};

/// `export RUN|PIPELINE`
pub fn export(arguments: Export) -> Outcome {
    let (run, pipeline) = opened(&arguments.run)?;
    let out = arguments.out.clone().unwrap_or_else(|| run.join("export"));
    let exported = export::export(&pipeline, &run, &out, &asked(arguments)).map_err(|error| match error {
        ExportError::File(error) => Failure::failed(error),
        error => Failure::wrong(error),
    })?;
    exported.notes.iter().for_each(|note| complain(&format!("note: {note}\n")));
    exported.files.iter().for_each(|line| say(&format!("{line}\n")));
    say(&format!("{} files in {}, told in manifest.json\n", exported.files.len(), shown(&out)));
    Ok(())
}

/// The folder of a run and its pipeline: that of a file, or as the folder has it.
fn opened(given: &std::path::Path) -> Result<(PathBuf, Pipeline), Failure> {
    let load = |file: PathBuf| checked(Request { file, ..Request::default() }, true);
    if given.is_file() {
        let pipeline = load(given.to_owned())?;
        return Ok((root().join("runs").join(&pipeline.name), pipeline));
    }
    let run = run_folder(&given.display().to_string())?;
    let pipeline = load(run.join("resolved.toml"))?;
    Ok((run, pipeline))
}

fn asked(arguments: Export) -> Asked {
    let Export { model, data, activations, predictions, gradients, initial, snapshots, order, format, split, .. } =
        arguments;
    Asked {
        models: model,
        data,
        activations,
        gradients,
        predictions,
        initial,
        snapshots,
        order,
        format: match format {
            ArrayFormat::Npy => Format::Npy,
            ArrayFormat::Csv => Format::Csv,
        },
        split: match split {
            WhichSplit::Train => Some(Split::Train),
            WhichSplit::Validation => Some(Split::Validation),
            WhichSplit::Test => Some(Split::Test),
            WhichSplit::All => None,
        },
    }
}
