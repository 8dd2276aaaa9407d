//! From a path and arguments to a checked pipeline, or to everything that is wrong with it.

use std::path::{Path, PathBuf};

use analysis::Planned;
use config::diagnostics::{Diagnostic, Report, visible};
use config::document::{self, Document, Names, Table};
use config::families::Families;
use config::header::Header;
use config::resolved;
use config::text::Texts;

use crate::crosscheck;
use crate::files::{entries, stem};
use crate::hash::sha256;
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
    /// The hash of the file.
    pub sha256: String,
    /// What the command line changed: `path=value`, in order.
    pub settings: Vec<String>,
    /// What is to be done, in order.
    pub stages: Vec<Stage>,
    /// What is known of its data and models before it runs.
    pub planned: Planned,
    /// The file with every default written out.
    pub resolved: String,
}

impl Pipeline {
    /// The models that it trains, in order: a model's place among them gives it its colour.
    pub fn models(&self) -> impl Iterator<Item = &str> {
        self.stages.iter().filter(|stage| stage.family == "train").map(|stage| stage.name.as_str())
    }

    /// Whether an analysis reads a sweep, and so the models of its runs: figures read numbers only.
    pub fn reads_models_of(&self, sweep: &Stage) -> bool {
        let reads = |stage: &Stage| stage.inputs.iter().any(|&input| std::ptr::eq(&self.stages[input], sweep));
        self.stages.iter().any(|stage| stage.family == "analysis" && reads(stage))
    }
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

    /// The keys that a data set shares with all others.
    pub fn data_common(&self) -> datasets::Common {
        match &self.common {
            Some(Config::DatasetCommon(common)) => common.clone(),
            _ => datasets::Common::default(),
        }
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
        let name = &self.texts.file.name;
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
    let mut report = Report::default();
    let name = visible(&request.file.display().to_string());
    let mut texts = match std::fs::read(&request.file).map(String::from_utf8) {
        Ok(Ok(body)) => Texts::new(name, body),
        Ok(Err(error)) => {
            let at = error.utf8_error().valid_up_to();
            let (title, label) = ("the file is not UTF-8 text", "this byte belongs to no character");
            report.add(Diagnostic::error(at..at + 1, title, label));
            // What comes before the bad byte is unchanged, so the span is right.
            let texts = Texts::new(name, String::from_utf8_lossy(error.as_bytes()));
            return Loaded { texts, report, pipeline: None };
        }
        Err(error) => {
            let title = format!("{name} cannot be read: {error}");
            report.add(Diagnostic::error(0..0, title, "").help(neighbours(&request.file)));
            return Loaded { texts: Texts::new(name, ""), report, pipeline: None };
        }
    };
    request.settings.iter().for_each(|setting| texts.set("--set", setting));
    request.seed.iter().for_each(|seed| texts.set("--seed", format!("seed={seed}")));

    check_file_name(&request.file, &mut report);
    let document = document::read(&texts, families, &mut report);
    let planned = crosscheck::run(&document, &base(&request.file), &mut report);
    report.sort();
    let pipeline = (report.errors() == 0).then(|| assemble(document, planned, &texts, families, &request.file));
    Loaded { texts, report, pipeline }
}

/// A file's name without its extension becomes that of the run's folder.
fn check_file_name(file: &Path, report: &mut Report) {
    let name = stem(file);
    if name.starts_with('.') || name.contains(char::is_control) || document::is_device(&name) {
        let title = format!("`{}` cannot name a run's folder", visible(&name));
        let help = "rename the file: letters, digits, `-` and `_`, such as spiral.toml".to_owned();
        report.add(Diagnostic::error(0..0, title, "the folder is called as this file is").help(help));
    }
}

/// A file's folder, where the relative paths in it start.
fn base(file: &Path) -> PathBuf {
    file.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned()
}

/// What a misspelt path may have meant: the pipelines in its folder.
fn neighbours(file: &Path) -> Option<String> {
    let folder = file.parent().filter(|p| p.is_dir()).unwrap_or(Path::new("pipelines"));
    let names: Vec<String> = entries(folder)
        .iter()
        .filter(|p| p.extension().is_some_and(|e| e == "toml"))
        .map(|p| p.display().to_string())
        .collect();
    let near = config::diagnostics::did_you_mean(&file.display().to_string(), names.iter().map(String::as_str));
    near.or_else(|| (!names.is_empty()).then(|| format!("there is {}", names.join(", "))))
}

/// The plan of a document without errors.
///
/// # Panics
/// If there are errors: then headers, kinds or tables may be missing.
fn assemble(
    document: Document<'_, Config>,
    planned: Planned,
    texts: &Texts,
    families: &Families<Config>,
    file: &Path,
) -> Pipeline {
    let (header, mut tables) = (document.header.expect("a header without errors"), document.tables);
    let base = base(file);
    let (mut files, mut settings) = (Vec::new(), Vec::new());
    for table in &mut tables {
        let family = families.get(table.family).expect("tables are of families");
        let kind = family.kind(table.kind).expect("a table without errors has a kind");
        files.push(make_absolute(&mut table.resolved, kind.schema(), &base));
        if let (Some(Config::Train(train)), Some(toml::Value::String(file))) =
            (&mut table.object, table.resolved.get("weights"))
        {
            train.weights = Some(file.clone());
        }
        settings.push(resolved::lines(family.tagged.then_some(table.kind), &table.resolved));
    }
    let written = tables.iter().zip(&settings).map(|(t, lines)| (t.family, t.name.as_str(), lines.as_str()));
    let resolved = resolved::text(&header, written);
    // Every table has its turn.
    let mut turns = vec![0; tables.len()];
    document.order.iter().enumerate().for_each(|(turn, &index)| turns[index] = turn);
    let names = Names::of(&tables);
    let inputs: Vec<Vec<usize>> =
        tables.iter().map(|t| names.inputs_of(t).into_iter().map(|index| turns[index]).collect()).collect();
    let stage = |(((table, settings), inputs), files): (((Table<'_, Config>, _), _), _)| Stage {
        settings,
        family: table.family,
        name: table.name,
        kind: table.kind,
        config: table.object.expect("a table without errors can be read"),
        common: table.common,
        inputs,
        files,
    };
    let read = tables.into_iter().zip(settings).zip(inputs).zip(files);
    let mut stages: Vec<(usize, Stage)> = read.map(stage).enumerate().collect();
    stages.sort_by_key(|(index, _)| turns[*index]);
    Pipeline {
        name: stem(file),
        base,
        header,
        question: opening_comment(&texts.file.body),
        sha256: sha256(texts.file.body.as_bytes()),
        settings: texts.settings.iter().map(|text| text.body.clone()).collect(),
        stages: stages.into_iter().map(|(_, stage)| stage).collect(),
        planned,
        resolved,
    }
}

/// The comment that a file opens with, without its marks and without what it says to editors (`#:schema`).
fn opening_comment(body: &str) -> String {
    let comment =
        body.lines().map(str::trim_end).skip_while(|line| line.is_empty()).map_while(|line| line.strip_prefix('#'));
    let lines = comment.filter(|line| !line.starts_with(':')).map(|line| line.strip_prefix(' ').unwrap_or(line));
    lines.collect::<Vec<_>>().join("\n").trim_matches('\n').to_owned()
}

/// Makes the paths in a table absolute, since `resolved.toml` is in another folder than the pipeline; returns them. A field that
/// holds one has `x-path` in its schema.
fn make_absolute(fields: &mut toml::Table, schema: &serde_json::Value, base: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let named = schema.get("properties").and_then(serde_json::Value::as_object).into_iter().flatten();
    for (name, _) in named.filter(|(_, field)| field.get("x-path").is_some_and(|mark| mark == true)) {
        if let Some(toml::Value::String(path)) = fields.get_mut(name)
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
    use super::*;

    #[test]
    fn a_file_whose_name_is_no_folder_s_is_refused() {
        let told = |file: &str| {
            let mut report = Report::default();
            check_file_name(Path::new(file), &mut report);
            report.list().iter().map(|d| d.title.clone()).collect::<Vec<_>>()
        };
        assert_eq!(told("pipelines/...toml"), ["`..` cannot name a run's folder"]);
        assert_eq!(told(".toml"), ["`.toml` cannot name a run's folder"]);
        assert_eq!(told("Nul.toml"), ["`Nul` cannot name a run's folder"]);
        assert_eq!(told("a\u{1b}[2J.toml"), ["`a\\u{1b}[2J` cannot name a run's folder"]);
        assert_eq!(told("../my ünfold 2.toml"), [""; 0]);
    }

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
