//! `fetch DATASET…`, and what a run does about data that is not there.

use datasets::manifest::{check_variable, manifest, manifests};
use pipeline::console::Verbosity;
use pipeline::fetch::{self, Source};
use pipeline::files::shown;
use pipeline::kinds::Config;
use pipeline::load::{Pipeline, Stage};

use super::{Failure, Outcome, complain, say};

/// `fetch DATASET…`
pub fn fetch(names: &[String], from: Option<&str>) -> Outcome {
    let mut wanted = Vec::new();
    for name in names {
        wanted.push(manifest(name).ok_or_else(|| {
            let known: Vec<String> = manifests().iter().map(|m| m.name.clone()).collect();
            let mut failure = Failure::unknown("data set", name, &known);
            failure.message += &format!("\nthe data sets that can be fetched are {}", known.join(", "));
            failure
        })?);
    }
    check_variable().map_err(Failure::wrong)?;
    if names.is_empty() {
        for m in manifests() {
            let place = m.locate().map_or_else(|_| "not downloaded".to_owned(), |folder| shown(&folder));
            let size = fetch::size(m.size());
            say(&format!("{:14} {:16} {size:>8}  {:13} {place}\n", m.name, m.title, m.licence));
        }
        say("\n`cargo xtask fetch NAME` downloads one.\n");
    }
    let from = from.map(Source::parse).transpose().map_err(Failure::wrong)?;
    for manifest in wanted {
        let folder = fetch::fetch(manifest, from.as_ref(), Verbosity::choose(false)).map_err(Failure::failed)?;
        say(&format!("{} is in {} ({})\n", manifest.title, shown(&folder), manifest.licence));
    }
    Ok(())
}

/// Fetches what a run lacks, unless it must not use the network.
pub fn provide(pipeline: &Pipeline, offline: bool, verbosity: Verbosity) -> Outcome {
    let known = |stage: &Stage| matches!(&stage.config, Config::Dataset(source) if source.manifest().is_some());
    if pipeline.stages.iter().any(known) {
        check_variable().map_err(Failure::wrong)?;
    }
    for (manifest, error) in fetch::absent(pipeline) {
        if offline {
            return Err(Failure::failed(error));
        }
        if verbosity != Verbosity::Quiet {
            let size = fetch::size(manifest.size());
            let cache = shown(&manifest.cache());
            complain(&format!("{} is not here yet: downloading {size} into {cache}\n", manifest.title));
        }
        fetch::fetch(manifest, None, verbosity).map_err(Failure::failed)?;
    }
    Ok(())
}
