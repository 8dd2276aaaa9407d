//! `fetch DATASET…`, and what a run does about data that is not there.

use datasets::manifest::{manifest, manifests};

use super::{FAILED, WRONG, complain, say, shown, unknown};
use crate::console::Voice;
use crate::fetch;
use crate::load::{Pipeline, Request, load};

/// `fetch DATASET…`
pub fn fetch(names: &[String], from: Option<&str>) -> u8 {
    let mut wanted = Vec::new();
    for name in names {
        match manifest(name) {
            Some(manifest) => wanted.push(manifest),
            None => {
                let known: Vec<String> = manifests().iter().map(|m| m.name.clone()).collect();
                complain(&unknown("data set", name, &known));
                complain(&format!("the data sets that can be fetched are {}\n", known.join(", ")));
                return WRONG;
            }
        }
    }
    if names.is_empty() {
        for m in manifests() {
            let place = m.locate().map_or_else(|_| "not at hand".to_owned(), |folder| shown(&folder));
            let size = fetch::size(m.size());
            say(&format!("{:14} {:16} {size:>8}  {:13} {place}\n", m.name, m.title, m.licence));
        }
        say("\n`cargo xtask fetch NAME` downloads one.\n");
    }
    for manifest in wanted {
        match fetch::fetch(manifest, from, Voice::choose(false)) {
            Ok(folder) => {
                say(&format!("{} is in {} ({})\n", manifest.title, shown(&folder), manifest.licence));
            }
            Err(error) => {
                complain(&format!("error: {error}\n"));
                return FAILED;
            }
        }
    }
    0
}

/// Fetches what a run lacks, unless it must not use the network.
pub(super) fn provide(pipeline: &Pipeline, offline: bool, voice: Voice) -> Result<(), String> {
    for (manifest, error) in fetch::absent(pipeline) {
        if offline {
            return Err(error.to_string());
        }
        if voice != Voice::Quiet {
            let size = fetch::size(manifest.size());
            let cache = shown(&manifest.cache());
            complain(&format!("{} is not at hand: fetching {size} into {cache}\n", manifest.title));
        }
        fetch::fetch(manifest, None, voice).map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// Why a pipeline cannot run here without the network: the data sets that are not at hand. `None` where it can, and where it has
/// mistakes, which a run tells.
pub fn lacking(file: &std::path::Path) -> Option<String> {
    let loaded = load(&Request { file: file.to_owned(), ..Request::default() }, &crate::kinds::families());
    let absent = fetch::absent(&loaded.pipeline?);
    let names: Vec<&str> = absent.iter().map(|(manifest, _)| manifest.name.as_str()).collect();
    (!names.is_empty()).then(|| format!("{} not at hand: cargo xtask fetch {}", names.join(", "), names.join(" ")))
}
