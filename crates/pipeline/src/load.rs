//! From a path and arguments to a checked pipeline, or to everything that is wrong with it.

use std::path::{Path, PathBuf};

use config::diagnostics::{Diagnostic, Report};
use config::document::{self, Document, Setting};
use config::families::Families;
use config::header::Header;
use config::resolved;
use config::text::Texts;

use crate::crosscheck;
use crate::kinds::Config;

/// Which pipeline, and what the command line changes in it.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// The file.
    pub file: PathBuf,
    /// `path=value` arguments, in order.
    pub settings: Vec<String>,
    /// Replaces the file's seed.
    pub seed: Option<u64>,
}

/// A pipeline that can run.
pub struct Pipeline {
    /// The file's name without `.toml`: the name of its run folder.
    pub name: String,
    /// The file's folder, where relative paths start.
    pub base: PathBuf,
    /// The keys at the top.
    pub header: Header,
    /// What the file asks: the comment it opens with.
    pub question: String,
    /// What is to be done, in order.
    pub stages: Vec<Stage>,
    /// The file with every default written out.
    pub resolved: String,
}

/// One table to be carried out.
pub struct Stage {
    /// Its family.
    pub family: &'static str,
    /// Its name.
    pub name: String,
    /// Its kind; the family's only one where tables name none.
    pub kind: &'static str,
    /// What it says.
    pub config: Config,
    /// The keys it shares with its family.
    pub common: Option<Config>,
    /// The stages it reads, by index.
    pub inputs: Vec<usize>,
    /// Kind and table with every default written out: what its result depends on.
    pub settings: String,
    /// The files that the table names.
    pub files: Vec<PathBuf>,
}

impl Stage {
    /// `train.deep`: its address in the file, and the name of its random streams.
    pub fn address(&self) -> String {
        format!("{}.{}", self.family, self.name)
    }
}

/// What came of reading a pipeline.
pub struct Loaded {
    /// The texts that the report points into.
    pub texts: Texts,
    /// What was found.
    pub report: Report,
    /// The pipeline, if nothing is wrong with it.
    pub pipeline: Option<Pipeline>,
}

impl Loaded {
    /// The report and its last line, as shown to the user.
    pub fn shown(&self, styled: bool) -> String {
        let mut out = self.report.render(&self.texts, styled);
        let name = self.texts.iter().next().map_or("", |t| t.name.as_str());
        match self.report.errors() {
            0 => {}
            1 => out += &format!("{name}: 1 mistake\n"),
            n => out += &format!("{name}: {n} mistakes\n"),
        }
        out
    }
}

/// Reads and checks one pipeline. Nothing is trained and nothing is written.
pub fn load(request: &Request, families: &Families<Config>) -> Loaded {
    let mut texts = Texts::default();
    let mut report = Report::default();
    let name = request.file.display().to_string();
    match std::fs::read(&request.file) {
        Ok(bytes) => match String::from_utf8(bytes) {
            Ok(body) => drop(texts.add(name, body)),
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                // What stands before the bad byte is as it was, so the place is right.
                texts.add(name, String::from_utf8_lossy(error.as_bytes()).into_owned());
                report.add(Diagnostic::error(
                    at..at + 1,
                    "the file is not UTF-8 text",
                    "this byte belongs to no character",
                ));
                return Loaded { texts, report, pipeline: None };
            }
        },
        Err(error) => {
            texts.add(name.clone(), "");
            let help = neighbours(&request.file);
            report.add(Diagnostic::error(0..0, format!("{name} cannot be read: {error}"), "").help(help));
            return Loaded { texts, report, pipeline: None };
        }
    }
    let mut settings = Vec::new();
    for body in &request.settings {
        settings.push(Setting { text: settings.len() + 1 });
        texts.add("--set", body.as_str());
    }
    if let Some(seed) = request.seed {
        settings.push(Setting { text: settings.len() + 1 });
        texts.add("--seed", format!("seed={seed}"));
    }
    let base = request.file.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned();
    let stem = request.file.file_stem().map_or_else(|| "pipeline".into(), |s| s.to_string_lossy().into_owned());

    let document = document::read(&texts, &settings, families, &mut report);
    crosscheck::run(&document, &base, &mut report);
    report.sort();
    let pipeline = if report.errors() == 0 { assemble(document, families, stem, base) } else { None };
    let question = texts.iter().next().map_or_else(String::new, |file| opening_comment(&file.body));
    let pipeline = pipeline.map(|pipeline| Pipeline { question, ..pipeline });
    Loaded { texts, report, pipeline }
}

/// What a misspelt path may have meant: the pipelines beside it.
fn neighbours(file: &Path) -> Option<String> {
    let folder = file.parent().filter(|p| p.is_dir()).unwrap_or(Path::new("pipelines"));
    let names: Vec<String> = crate::files::entries(folder)
        .iter()
        .filter(|p| p.extension().is_some_and(|e| e == "toml"))
        .map(|p| p.display().to_string())
        .collect();
    let near = config::diagnostics::did_you_mean(&file.display().to_string(), names.iter().map(String::as_str));
    near.or_else(|| (!names.is_empty()).then(|| format!("there is {}", names.join(", "))))
}

fn assemble(
    mut document: Document<'_, Config>,
    families: &Families<Config>,
    name: String,
    base: PathBuf,
) -> Option<Pipeline> {
    let header = document.header.clone()?;
    let mut files = Vec::with_capacity(document.tables.len());
    for table in &mut document.tables {
        let kind = families.get(table.family).and_then(|f| f.kind(table.kind));
        files.push(make_absolute(&mut table.resolved, &kind?.schema(), &base));
    }
    let kind_of = |t: &document::Table<'_, Config>| families.get(t.family).is_some_and(|f| f.tagged).then_some(t.kind);
    let written = document.tables.iter().map(|t| (t.family, t.name.as_str(), kind_of(t), &t.resolved));
    let resolved = resolved::text(&header, written).ok()?;
    let position = |index: usize| document.order.iter().position(|&i| i == index);
    let inputs: Vec<Vec<usize>> = document
        .tables
        .iter()
        .map(|t| document::inputs_of(&document.tables, t).into_iter().filter_map(position).collect())
        .collect();
    let mut tables: Vec<_> = document.tables.into_iter().map(Some).collect();
    let mut stages = Vec::new();
    for &index in &document.order {
        let table = tables[index].take()?;
        stages.push(Stage {
            family: table.family,
            name: table.name,
            kind: table.kind,
            config: table.object?,
            common: table.common,
            inputs: inputs[index].clone(),
            settings: format!("{}\n{}", table.kind, toml::to_string(&table.resolved).ok()?),
            files: std::mem::take(&mut files[index]),
        });
    }
    Some(Pipeline { name, base, header, question: String::new(), stages, resolved })
}

/// The comment that a file opens with, without its marks and without what it says to editors (`#:schema`).
fn opening_comment(body: &str) -> String {
    let comment =
        body.lines().map(str::trim_end).skip_while(|line| line.is_empty()).map_while(|line| line.strip_prefix('#'));
    let lines = comment.filter(|line| !line.starts_with(':')).map(|line| line.strip_prefix(' ').unwrap_or(line));
    lines.collect::<Vec<_>>().join("\n").trim_matches('\n').to_owned()
}

/// Paths in `resolved.toml`, which lies elsewhere than the pipeline, from the root; returns them. A field that holds one has
/// `x-path` in its schema.
fn make_absolute(fields: &mut toml::Table, schema: &serde_json::Value, base: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for (name, value) in fields.iter_mut() {
        let is_path = schema.pointer(&format!("/properties/{name}/x-path")).is_some_and(|mark| mark == true);
        if let (true, toml::Value::String(path)) = (is_path, value)
            && let Ok(whole) = std::path::absolute(base.join(&*path))
        {
            *path = whole.display().to_string();
            files.push(whole);
        }
    }
    files
}

#[cfg(test)]
mod tests {
    use super::opening_comment;

    #[test]
    fn the_opening_comment_ends_where_something_else_begins() {
        let check = |body: &str, comment: &str| assert_eq!(opening_comment(body), comment, "{body}");
        check(
            "#:schema schema.json\n# Why?\n#\n#   set in\n#last\ntitle = \"x\" # no\n# no\n",
            "Why?\n\n  set in\nlast",
        );
        check("\r\n# Why?\r\n\r\n# another\r\n", "Why?");
        check("title = \"x\"\n# no", "");
        check("#:schema schema.json\n", "");
        check("", "");
    }
}
