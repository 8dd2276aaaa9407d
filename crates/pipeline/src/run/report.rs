//! `report.html`: what a finished run left in its folder, on one page.

use std::path::{MAIN_SEPARATOR, absolute};

use pages::report::{Figure, File, MOST_TABLE, Picture, Report};
use serde_json::Value;

use super::figure::NARROW;
use super::stages::LAST;
use crate::cache::Records;
use crate::files::{FileError, Folder};
use crate::kinds::Config;
use crate::load::Pipeline;

/// Its path in the folder.
pub const FILE: &str = "report.html";

/// Gathers what the page shows: from the folder, so that it is the same whether a stage has just run or was cached.
///
/// # Errors
/// When a file of the run cannot be read.
pub fn report(
    pipeline: &Pipeline,
    records: &Records,
    folder: &Folder,
    metrics: Value,
    provenance: Value,
) -> Result<Report, FileError> {
    let mut report = Report {
        name: pipeline.name.clone(),
        title: pipeline.header.title.clone(),
        question: question(pipeline),
        hero: pipeline.header.hero.as_ref().map(|hero| hero.0.clone()),
        metrics,
        settings: settings(pipeline),
        provenance,
        ..Report::default()
    };
    for stage in &pipeline.stages {
        let files: Vec<&String> =
            records.finished.get(&stage.address()).into_iter().flat_map(|r| r.files.keys()).collect();
        match &stage.config {
            Config::Figure(figure) => {
                let (pictures, numbers): (Vec<&String>, Vec<&String>) =
                    files.into_iter().partition(|file| file.ends_with(".svg"));
                let (narrow, wide): (Vec<&String>, Vec<&String>) =
                    pictures.into_iter().partition(|file| file.ends_with(NARROW));
                let ([wide], [narrow]) = (wide.as_slice(), narrow.as_slice()) else { continue };
                let picture =
                    |path: &&String| Ok::<_, FileError>(Picture { path: (*path).clone(), svg: text(folder, path)? });
                report.figures.push(Figure {
                    name: stage.name.clone(),
                    wide: picture(wide)?,
                    narrow: picture(narrow)?,
                    measured: figure.measures_time(),
                    files: numbers.into_iter().map(|name| file(folder, name)).collect::<Result<_, _>>()?,
                });
            }
            Config::Train(_) => {
                let Some(history) = files.iter().find(|file| file.ends_with(".csv")) else { continue };
                let table = File { text: Some(text(folder, history)?), ..file(folder, history)? };
                report.histories.push((stage.name.clone(), table));
                let models: Vec<&String> = files.into_iter().filter(|file| file.ends_with(".safetensors")).collect();
                if models.len() > 1 {
                    // The one that was left first.
                    for name in models.into_iter().rev() {
                        let what = which(&report.metrics["train"][&stage.name], name.ends_with(LAST));
                        report.models.push((stage.name.clone(), file(folder, name)?, what));
                    }
                }
            }
            _ => {}
        }
    }
    Ok(report)
}

/// Which of two saved models one is; `results` are the training run's.
fn which(results: &Value, last: bool) -> String {
    match last {
        true => format!("The model of the last epoch, {}", results["epochs"]),
        false => format!("The best model, of epoch {}, which all numbers and figures are of", results["best_epoch"]),
    }
}

/// The description, then the comment that the file opens with.
fn question(pipeline: &Pipeline) -> String {
    let parts = [pipeline.header.description.as_deref().unwrap_or_default().trim(), &pipeline.question];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n")
}

/// The resolved pipeline with paths from the pipeline file again, as they were written:
/// readers of the report need not know in which folder that was.
fn settings(pipeline: &Pipeline) -> String {
    let Ok(base) = absolute(&pipeline.base) else { return pipeline.resolved.clone() };
    pipeline.resolved.replace(&format!("\"{}{MAIN_SEPARATOR}", base.display()), "\"")
}

fn text(folder: &Folder, name: &str) -> Result<String, FileError> {
    let path = folder.path(name);
    std::fs::read_to_string(&path).map_err(|error| FileError::new("read", path, error))
}

/// A file of numbers; with what is in it, if it is a small table.
fn file(folder: &Folder, name: &str) -> Result<File, FileError> {
    let path = folder.path(name);
    let bytes = std::fs::metadata(&path).map_err(|error| FileError::new("read", path, error))?.len();
    let carried = name.ends_with(".csv") && bytes <= MOST_TABLE;
    Ok(File { path: name.to_owned(), bytes, text: carried.then(|| text(folder, name)).transpose()? })
}
