//! What a run writes about itself: timings, provenance, the summary at the end.

use analysis::statistics::median::median;
use config::header::Numerics;
use serde_json::{Map, Value, json};

use super::figure::NARROW;
use super::metrics::Metrics;
use super::store::Store;
use crate::cache;
use crate::files::{FileError, Folder, shown};
use crate::hash::sha256;
use crate::load::Pipeline;
use crate::machine::peak_memory;

/// Seconds, by stage and by epoch.
#[derive(Debug, Default)]
pub struct Timings {
    stages: Map<String, Value>,
    epochs: Map<String, Value>,
}

impl Timings {
    /// A stage took so long.
    pub fn stage(&mut self, address: &str, seconds: f64) {
        self.stages.insert(address.to_owned(), seconds.into());
    }

    /// The epochs of a stage took so long each.
    pub fn epochs(&mut self, address: &str, mut seconds: Vec<f64>) {
        seconds.sort_by(f64::total_cmp);
        let (Some(first), Some(last)) = (seconds.first(), seconds.last()) else { return };
        let total: f64 = seconds.iter().sum();
        let of_epochs = json!({
            "epochs": seconds.len(),
            "mean": total / seconds.len() as f64,
            "fastest": first,
            "median": median(&seconds),
            "slowest": last,
        });
        self.epochs.insert(address.to_owned(), of_epochs);
    }

    /// `timings.json`.
    pub fn text(&self, total: f64) -> String {
        let timings = json!({
            "seconds": total,
            "seconds_per_stage": self.stages,
            "seconds_per_epoch": self.epochs,
            "peak_memory_bytes": peak_memory(),
        });
        format!("{timings:#}\n")
    }
}

/// `provenance.json`: from what, by what and where the run's files were made.
///
/// # Errors
/// When one of them cannot be read.
pub fn provenance(pipeline: &Pipeline, store: &Store, folder: &Folder) -> Result<Value, FileError> {
    let files: Map<String, Value> = folder
        .written()
        .filter(|name| !name.starts_with("timings") && !name.starts_with(cache::FOLDER))
        .map(|name| Ok((name.to_owned(), sha256(&folder.read(name)?).into())))
        .collect::<Result<_, _>>()?;
    Ok(json!({
        "unfold": env!("CARGO_PKG_VERSION"),
        "pipeline_sha256": pipeline.sha256,
        "resolved_sha256": sha256(pipeline.resolved.as_bytes()),
        "settings": pipeline.settings,
        "seed": pipeline.header.seed,
        "numerics": match pipeline.header.numerics { Numerics::Exact => "exact", Numerics::Native => "native" },
        "kernel": tensor::Path::active().name(),
        "threads": tensor::threads::count(),
        "data_sha256": store.data_hashes(),
        "files_sha256": files,
    }))
}

/// What is printed at the end.
pub fn summary(folder: &Folder, metrics: &Metrics, cached: usize, seconds: f64) -> String {
    let mut out = String::new();
    match cached {
        0 => {}
        1 => out += "  1 stage cached\n",
        n => out += &format!("  {n} stages cached\n"),
    }
    for line in metrics.key_lines() {
        out += &format!("  {line}\n");
    }
    let report = folder.path(super::report::FILE);
    let is_figure = |name: &&str| name.starts_with("figures/") && name.ends_with(".svg") && !name.ends_with(NARROW);
    let figures = folder.written().filter(is_figure).count();
    out + &match figures {
        0 => format!("done in {seconds:.1} s, results in {}\n", shown(folder.root())),
        1 => format!("1 figure in {} ({seconds:.1} s)\n", shown(&folder.path("figures"))),
        n => format!("{n} figures in {} ({seconds:.1} s)\n", shown(&folder.path("figures"))),
    } + &format!("report: {}\n", shown(&report))
}
