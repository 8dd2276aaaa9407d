//! The report: one page with everything a run found, to be handed to others.
//!
//! It holds no time, no path and nothing that differs between two runs of the same pipeline on the same machine, except figures
//! of measured seconds, which say so. It stays below [`MOST_BYTES`]: tables that would make it larger are links to the files
//! beside it, and where the figures alone would, the largest moving ones rest on their last frame, those for phones first.
//!
//! Each figure is on it twice, as it is and as it is drawn for a phone; style sheets show the one or the other.
//!
//! It opens with the question, the figure that answers it, and findings: the headlines of that figure and of the next two that
//! state a number. What takes long to read is folded: tables, files, settings.

mod files;
mod findings;
mod history;
mod question;
mod values;

use maud::{Markup, PreEscaped, html};
use serde_json::Value;

use crate::page::{Page, theme_button};
use crate::picture::{self, Shown};
pub use files::File;

/// What a mail server still takes and a phone still opens; the largest a report of ordinary results may be, in bytes.
pub const MOST_BYTES: usize = 5_000_000;
/// Of these, what figures may take, and what the tables behind them and the histories may.
const MOST_FIGURES: usize = 4_000_000;
const MOST_TABLES: u64 = 600_000;
/// A table is carried inside the page up to this many bytes: some thousand rows.
pub const MOST_TABLE: u64 = 100_000;

/// What a report is made of.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// The pipeline's name, as in its file's name.
    pub name: String,
    /// Its title.
    pub title: String,
    /// What it asks, plain text: paragraphs with an empty line between, of which one may list the figures.
    pub question: String,
    /// The figure it opens with, by name; the first where none is named.
    pub hero: Option<String>,
    /// The results: families of stages, each with its numbers.
    pub metrics: Value,
    /// The figures, in order.
    pub figures: Vec<Figure>,
    /// The epochs of each training run, by its name: tables as CSV.
    pub histories: Vec<(String, File)>,
    /// The saved models of training runs that kept several, each by the run's name, with what it is.
    pub models: Vec<(String, File, String)>,
    /// Every setting, defaults included: TOML.
    pub settings: String,
    /// From what and by what it was made.
    pub provenance: Value,
}

/// A figure and its numbers.
#[derive(Debug, Clone, Default)]
pub struct Figure {
    /// Its name, unlike those of the others.
    pub name: String,
    /// The picture.
    pub wide: Picture,
    /// The same for a narrow page, which is shown on a phone; without one, the wide one is.
    pub narrow: Picture,
    /// Whether it shows measured seconds, which differ every time.
    pub measured: bool,
    /// The tables and arrays behind it.
    pub files: Vec<File>,
}

/// A picture of the run.
#[derive(Debug, Clone, Default)]
pub struct Picture {
    /// Where it lies in the run's folder.
    pub path: String,
    /// What is in it, one element per line.
    pub svg: String,
}

impl Report {
    /// The page.
    pub fn html(mut self) -> String {
        let carried = self.figures.iter_mut().flat_map(|figure| &mut figure.files);
        // Histories are drawn from their text, whether or not it can be saved from the page.
        let epochs: Vec<Markup> = self
            .histories
            .iter()
            .map(|(name, file)| file.text.as_ref().map_or_else(Markup::default, |csv| history::markup(name, csv)))
            .collect();
        files::carry(carried.chain(self.histories.iter_mut().map(|(_, file)| file)), MOST_TABLE, MOST_TABLES);
        let body = html! {
            div.report {
                header {
                    div.top { p.kicker { "Report of " code { (self.name) } } (theme_button()) }
                    h1 { (self.title) }
                    p.quiet { (self.facts()) }
                    (question::markup(&self.question, &|name| self.has(name), question::Part::Words))
                }
                (self.contents())
                div.content {
                    (self.pictures())
                    (self.results())
                    (self.training(&epochs))
                    (self.settings())
                    (self.provenance())
                }
            }
        };
        let (style, script) = (include_str!("report.css"), include_str!("report.js"));
        Page { title: &self.title, style, script, body }.html()
    }

    fn has(&self, figure: &str) -> bool {
        self.figures.iter().any(|known| known.name == figure)
    }

    /// The index of the figure that the page opens with, if there are figures.
    fn hero(&self) -> usize {
        self.figures.iter().position(|figure| Some(&figure.name) == self.hero.as_ref()).unwrap_or(0)
    }

    /// `11 figures · seed 5 · …`
    fn facts(&self) -> String {
        let of = |key: &str| self.provenance.get(key).map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned));
        let mut facts = vec![match self.figures.len() {
            1 => "1 figure".to_owned(),
            n => format!("{n} figures"),
        }];
        facts.extend(of("seed").map(|seed| format!("seed {seed}")));
        facts.extend(of("numerics").map(|numerics| format!("{numerics} numerics")));
        facts.extend(of("unfold").map(|version| format!("made by unfold {version}")));
        facts.join(" · ")
    }

    fn contents(&self) -> Markup {
        let link = |name: &str| html! { li { a href=(format!("#figure-{name}")) { (name) } } };
        html! {
            nav aria-label="Contents" {
                ol {
                    @if let Some(hero) = self.figures.get(self.hero()) { li { a href="#short" { "In short" }
                        ol { (link(&hero.name)) }
                    } }
                    @if self.figures.len() > 1 { li { a href="#figures" { "Figures" }
                        ol { @for (i, figure) in self.figures.iter().enumerate() { @if i != self.hero() { (link(&figure.name)) } } }
                    } }
                    @if !self.families().is_empty() { li { a href="#results" { "Results" } } }
                    @if !self.histories.is_empty() { li { a href="#training" { "Training" } } }
                    li { a href="#settings" { "Settings" } }
                    li { a href="#provenance" { "Provenance" } }
                }
            }
        }
    }

    /// The families that found something.
    fn families(&self) -> Vec<(&str, &serde_json::Map<String, Value>)> {
        let families = self.metrics.as_object().into_iter().flatten();
        families.filter_map(|(name, stages)| Some((name.as_str(), stages.as_object()?))).collect()
    }

    fn results(&self) -> Markup {
        let heading = |family: &str| match family {
            "dataset" => "Data".to_owned(),
            "train" => "Trained models".to_owned(),
            "sweep" => "Sweeps".to_owned(),
            "analysis" => "Analyses".to_owned(),
            other => values::spoken(other),
        };
        html! {
            @if !self.families().is_empty() {
                section #results {
                    h2 { "Results" }
                    @for (family, stages) in self.families() {
                        details.card { summary { h3 { (heading(family)) } span.quiet { (listed_names(stages.keys())) } }
                            (values::stages(stages)) }
                    }
                    p.files { "All of them, with every digit: "
                        (download("metrics.json", &self.name, &format!("{:#}\n", self.metrics))) }
                }
            }
        }
    }

    /// The hero with the findings, then the other figures.
    fn pictures(&self) -> Markup {
        let svgs: Vec<[&str; 2]> = self
            .figures
            .iter()
            .map(|figure| [&figure.wide, &figure.narrow].map(|picture| picture.svg.as_str()))
            .collect();
        let shown = picture::fitting(&svgs, MOST_FIGURES);
        let hero = self.hero();
        let card = |i: usize| self.figures[i].card(i, shown[i], &self.name);
        html! {
            @if !self.figures.is_empty() {
                section #short {
                    h2 { "In short" }
                    (card(hero))
                    (findings::markup(&self.figures, hero))
                }
            }
            @if self.figures.len() > 1 {
                section #figures {
                    h2 { "Figures" }
                    (question::markup(&self.question, &|name| self.has(name), question::Part::Lists))
                    p.quiet.keys { kbd { "n" } " and " kbd { "p" } " go to the next and the previous one." }
                    @for i in (0..self.figures.len()).filter(|&i| i != hero) { (card(i)) }
                }
            }
        }
    }

    fn training(&self, epochs: &[Markup]) -> Markup {
        html! {
            @if !self.histories.is_empty() {
                section #training {
                    h2 { "Training" }
                    @for ((name, file), epochs) in self.histories.iter().zip(epochs) {
                        div.card {
                            h3 { code { (name) } }
                            (epochs)
                            p.files { "Every epoch: " (file.link(&self.name)) }
                            @for (_, model, what) in self.models.iter().filter(|(run, ..)| run == name) {
                                p.files { (what) ": " (model.link(&self.name)) }
                            }
                        }
                    }
                }
            }
        }
    }

    fn settings(&self) -> Markup {
        html! {
            section #settings {
                h2 { "Settings" }
                p { "The pipeline with every default written out; running it gives the same results. Paths start at the pipeline file." }
                p.files { (download("resolved.toml", &self.name, &self.settings)) " "
                    button.copy type="button" hidden data-copies="settings-text" { "Copy" } }
                details.printed { summary { "All settings" } pre.card #settings-text { code { (self.settings) } } }
            }
        }
    }

    fn provenance(&self) -> Markup {
        let entries = || self.provenance.as_object().into_iter().flatten();
        let hashes = entries().filter_map(|(key, value)| Some((key, value.as_object()?)));
        html! {
            section #provenance {
                h2 { "Provenance" }
                @if self.provenance.get("numerics").is_some_and(|numerics| numerics == "exact") {
                    p { "The same pipeline, seed and version give the same bytes in every figure, table and model, on any machine; \
                        only what is marked as measured differs." }
                }
                div.scroll { table { tbody { @for (key, value) in entries().filter(|(_, value)| !value.is_object()) {
                    tr { th scope="row" { (told(key)) } td class=[key.ends_with("sha256").then_some("hash")] { (values::cell(value)) } }
                } } } }
                @for (key, files) in hashes {
                    details { summary { (told(key)) " (" (files.len()) ")" }
                        div.scroll { table { tbody { @for (name, hash) in files {
                            tr { th scope="row" { code { (name) } } td.hash { (values::cell(hash)) } }
                        } } } }
                    }
                }
            }
        }
    }
}

impl Figure {
    fn card(&self, index: usize, [wide, narrow]: [Shown; 2], run: &str) -> Markup {
        // On a page that is narrow one of the two is shown, on all others and on paper the other.
        let two = !self.narrow.svg.is_empty();
        let only = |class: &'static str| two.then_some(class);
        let moves = |shown: Shown| shown == Shown::Whole && picture::moves(&self.wide.svg);
        let (carried, beside): (Vec<&File>, Vec<&File>) = self.files.iter().partition(|file| file.text.is_some());
        html! {
            figure.card #{ "figure-" (self.name) } tabindex="-1" aria-labelledby={ "name-of-" (self.name) } {
                h3 #{ "name-of-" (self.name) } { code { (self.name) } }
                @if self.measured { p.quiet { "Measured seconds: different every time and on every machine." } }
                div class=[only("wide")] { (self.wide.markup(wide, &format!("f{index}-"))) }
                @if two { div.narrow { (self.narrow.markup(narrow, &format!("f{index}n-"))) } }
                @if moves(wide) {
                    div.scrubber.controls.wide[!moves(narrow)] hidden {
                        button type="button" { "Play" }
                        input type="range" min="0" step="1" aria-label={ "Frame of " (self.name) };
                        output {}
                    }
                }
                figcaption { (PreEscaped(picture::told(&self.wide.svg, "desc"))) }
                details.files {
                    summary { @if carried.is_empty() { "Files" } @else { "Numbers and files" } }
                    @if !carried.is_empty() { p { "Numbers: " (listed(&carried, run)) } }
                    p { "In the run’s folder: " (self.wide.link()) @if two { ", " (self.narrow.link()) }
                        @if !beside.is_empty() { ", " (listed(&beside, run)) } }
                }
            }
        }
    }
}

impl Picture {
    fn link(&self) -> Markup {
        html! { a.beside href=(files::relative(&self.path)) { (self.path) } }
    }

    fn markup(&self, shown: Shown, prefix: &str) -> Markup {
        let svg = match shown {
            Shown::Whole => picture::inlined(&self.svg, prefix),
            Shown::Still => picture::inlined(&picture::still(&self.svg), prefix),
            Shown::Linked => return html! { p { "Too large for this page: " (self.link()) } },
        };
        html! {
            div.picture { (PreEscaped(svg)) }
            @if shown == Shown::Still { p.quiet { "It moves in " (self.link()) "; here it rests on its last frame." } }
        }
    }
}

/// Names in a line; of many the first, and how many more there are.
fn listed_names<'a>(names: impl Iterator<Item = &'a String>) -> String {
    const MOST: usize = 4;
    let names: Vec<&str> = names.map(String::as_str).collect();
    match names.len().checked_sub(MOST) {
        Some(more @ 1..) => format!("{} and {more} more", names[..MOST].join(", ")),
        _ => names.join(", "),
    }
}

fn listed(files: &[&File], run: &str) -> Markup {
    html! { @for (i, file) in files.iter().enumerate() { @if i > 0 { ", " } (file.link(run)) } }
}

/// A link that saves a text of the page.
fn download(name: &str, run: &str, text: &str) -> Markup {
    File { path: name.to_owned(), bytes: text.len() as u64, text: Some(text.to_owned()) }.link(run)
}

/// A key of the provenance as words.
fn told(key: &str) -> String {
    match key.strip_suffix("_sha256") {
        Some(what) => format!(
            "SHA-256 of {}",
            match what {
                "pipeline" => "the pipeline file",
                "resolved" => "its resolved settings",
                "data" => "the data sets",
                "files" => "the run’s files",
                other => other,
            }
        ),
        None if key == "settings" => "settings given to the command".to_owned(),
        None if key == "unfold" => "unfold, version".to_owned(),
        None => values::spoken(key),
    }
}

#[cfg(test)]
mod tests;
