//! `[PIPELINE[/FIGURE]…]`: which pinned figures a command is about.

use std::collections::BTreeMap;
use std::path::PathBuf;

use pipeline::files::stem;
use pipeline::golden;

use super::{Failure, shipped};

/// The shipped pipelines, and what was selected of them.
pub struct Selection {
    /// Their files.
    pub shipped: Vec<PathBuf>,
    /// Pinned figures that nothing draws, by pipeline.
    orphans: Vec<(String, Vec<String>)>,
    /// By pipeline the figures that were named; an empty list is all of them.
    named: BTreeMap<String, Vec<String>>,
}

impl Selection {
    /// Reads the arguments; nothing named means everything.
    ///
    /// # Errors
    /// What to say of a pipeline or a figure that is not there.
    pub fn of(arguments: &[String]) -> Result<Self, Failure> {
        let shipped = shipped();
        let orphans = golden::orphans(&shipped);
        let mut names: Vec<String> = shipped.iter().map(|p| stem(p)).collect();
        names.extend(
            orphans.iter().map(|(name, _)| name.clone()).filter(|name| !shipped.iter().any(|p| stem(p) == *name)),
        );
        let mut named: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for item in arguments {
            let (pipeline, figure) = match item.split_once('/') {
                // `pipelines/spiral.toml` and `golden/spiral/` are typed by habit.
                Some((_, file)) if file.ends_with(".toml") => (file.trim_end_matches(".toml"), None),
                Some((pipeline, "")) => (pipeline, None),
                Some((pipeline, figure)) => (pipeline, Some(figure.trim_end_matches(".svg"))),
                None => (item.as_str(), None),
            };
            if !names.iter().any(|n| n == pipeline) {
                return Err(Failure::unknown("pipeline with pinned figures", pipeline, &names));
            }
            if let Some(figure) = figure {
                let file = shipped.iter().find(|p| stem(p) == pipeline);
                let mut figures = file.and_then(|file| golden::drawn_by(file)).unwrap_or_default();
                figures.extend(golden::figures(&golden::folder(pipeline), 0).into_keys());
                if !figures.iter().any(|f| f == figure) {
                    return Err(Failure::unknown(&format!("figure of {pipeline}"), figure, &figures));
                }
            }
            let whole = named.get(pipeline).is_some_and(Vec::is_empty);
            let figures = named.entry(pipeline.to_owned()).or_default();
            match figure {
                // `spiral spiral/data` is all of spiral, in either order.
                Some(figure) if !whole => figures.push(figure.to_owned()),
                Some(_) => {}
                None => figures.clear(),
            }
        }
        Ok(Selection { shipped, orphans, named })
    }

    /// Whether nothing was named.
    pub fn is_everything(&self) -> bool {
        self.named.is_empty()
    }

    /// Whether a pipeline was named, or everything is meant.
    pub fn has(&self, pipeline: &str) -> bool {
        self.is_everything() || self.named.contains_key(pipeline)
    }

    /// Whether a figure was named, by itself or with its pipeline, or everything is meant.
    pub fn has_figure(&self, pipeline: &str, figure: &str) -> bool {
        self.is_everything() || self.named.get(pipeline).is_some_and(|f| f.is_empty() || f.iter().any(|n| n == figure))
    }

    /// The pinned figures that nothing draws, of those that were selected.
    pub fn orphans(&self) -> impl Iterator<Item = (&str, &str)> {
        let all =
            self.orphans.iter().flat_map(|(name, figures)| figures.iter().map(move |f| (name.as_str(), f.as_str())));
        all.filter(|(name, figure)| self.has_figure(name, figure))
    }
}
