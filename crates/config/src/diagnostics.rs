//! What is wrong with a pipeline, where, and what to do about it; and how that is shown.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use crate::text::Texts;

/// Whether the pipeline can run nevertheless.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// It cannot.
    Error,
    /// It can, but something in it has no effect or is probably not meant.
    Warning,
}

/// One mistake.
#[derive(Debug, Clone, PartialEq)]
pub struct Diagnostic {
    /// Error or warning.
    pub severity: Severity,
    /// What is wrong, lower case, no final stop.
    pub title: String,
    /// The span that is wrong.
    pub at: Range<usize>,
    /// What is said beside the caret: what was expected there.
    pub label: String,
    /// Another span that matters, and what is said beside it.
    pub context: Option<(Range<usize>, String)>,
    /// What to do about it.
    pub help: Vec<String>,
    /// What there is to choose from.
    pub notes: Vec<String>,
    /// Whether it says that something is missing, which after a syntax error may only have been misread.
    pub absence: bool,
}

impl Diagnostic {
    /// An error at a span.
    pub fn error(at: Range<usize>, title: impl Into<String>, label: impl Into<String>) -> Self {
        Diagnostic {
            severity: Severity::Error,
            title: title.into(),
            at,
            label: label.into(),
            context: None,
            help: Vec::new(),
            notes: Vec::new(),
            absence: false,
        }
    }

    /// A warning at a span.
    pub fn warning(at: Range<usize>, title: impl Into<String>, label: impl Into<String>) -> Self {
        Diagnostic { severity: Severity::Warning, ..Self::error(at, title, label) }
    }

    /// The same as a warning.
    pub fn as_warning(self) -> Self {
        Diagnostic { severity: Severity::Warning, ..self }
    }

    /// Adds what to do about it.
    pub fn help(mut self, text: impl Into<Option<String>>) -> Self {
        self.help.extend(text.into());
        self
    }

    /// Adds what there is to choose from.
    pub fn note(mut self, text: impl Into<Option<String>>) -> Self {
        self.notes.extend(text.into());
        self
    }

    /// Marks it as saying that something is missing.
    pub fn absence(mut self) -> Self {
        self.absence = true;
        self
    }

    /// Adds another span that matters.
    pub fn context(mut self, at: Range<usize>, label: impl Into<String>) -> Self {
        self.context = Some((at, label.into()));
        self
    }
}

/// Everything found, in the order of the texts.
#[derive(Debug, Default)]
pub struct Report {
    list: Vec<Diagnostic>,
}

impl Report {
    /// Adds one finding.
    pub fn add(&mut self, diagnostic: Diagnostic) {
        self.list.push(diagnostic);
    }

    /// Adds several.
    pub fn extend(&mut self, diagnostics: impl IntoIterator<Item = Diagnostic>) {
        self.list.extend(diagnostics);
    }

    /// How many errors there are.
    pub fn errors(&self) -> usize {
        self.list.iter().filter(|d| d.severity == Severity::Error).count()
    }

    /// The findings, in the order of the texts.
    pub fn list(&self) -> &[Diagnostic] {
        &self.list
    }

    /// Orders by span and drops exact repetitions.
    pub fn sort(&mut self) {
        self.list.sort_by_key(|d| (d.at.start, d.at.end));
        self.list.dedup();
    }

    /// The whole report as text, in the manner of rustc; with colours if `styled`.
    pub fn render(&self, texts: &Texts, styled: bool) -> String {
        let renderer = if styled { Renderer::styled() } else { Renderer::plain() };
        let mut out = String::new();
        for diagnostic in &self.list {
            out.push_str(&render(diagnostic, texts, &renderer));
            out.push_str("\n\n");
        }
        out
    }
}

fn render(diagnostic: &Diagnostic, texts: &Texts, renderer: &Renderer) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut group =
        level.primary_title(&diagnostic.title).elements(std::iter::empty::<annotate_snippets::Message<'_>>());
    let (text, at) = texts.locate(&diagnostic.at);
    let mut snippet = Snippet::source(&text.body).path(&text.name);
    if let Some((context, label)) = &diagnostic.context {
        let (other, span) = texts.locate(context);
        // Shown only where it is in the same text: a `--set` argument is one line of its own.
        if other.base == text.base {
            snippet = snippet.annotation(AnnotationKind::Context.span(span).label(label));
        }
    }
    group = group.element(snippet.annotation(AnnotationKind::Primary.span(at).label(&diagnostic.label)));
    for help in &diagnostic.help {
        group = group.element(Level::HELP.message(help));
    }
    for note in &diagnostic.notes {
        group = group.element(Level::NOTE.message(note));
    }
    renderer.render(&[group])
}

/// The name nearest to what was written, if any is near: at most a third of its letters differ, or one begins with the other.
pub fn nearest<'a>(written: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = written.to_lowercase();
    let written_length = lower.chars().count();
    names
        .into_iter()
        .filter_map(|name| {
            let candidate = name.to_lowercase();
            let distance = strsim::osa_distance(&lower, &candidate);
            let allowed = (written_length.max(candidate.chars().count()) / 3).max(1);
            let begins = written_length >= 3 && (candidate.starts_with(&lower) || lower.starts_with(&candidate));
            (distance <= allowed && distance < candidate.chars().count() || begins).then_some((distance, name))
        })
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, name)| name)
}

/// The name that `written` is a misspelling of: the nearest, if at most two letters and less than half of them differ.
pub fn misspelling_of<'a>(written: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name = nearest(written, names)?;
    let distance = strsim::osa_distance(&written.to_lowercase(), &name.to_lowercase());
    (distance <= 2 && 2 * distance < name.chars().count()).then_some(name)
}

/// `did you mean `x`?`, where a near name exists.
pub fn did_you_mean<'a>(written: &str, names: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest(written, names).map(|name| format!("did you mean `{name}`?"))
}

/// Names in backticks with commas between: `` `a`, `b` ``.
pub fn quoted<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_finds_misspellings_and_prefixes_only() {
        let names = ["adam", "adamw", "sgd", "momentum"];
        assert_eq!(nearest("adamm", names), Some("adam"));
        assert_eq!(nearest("Adam", names), Some("adam"));
        assert_eq!(nearest("moment", names), Some("momentum"));
        assert_eq!(nearest("lbfgs", names), None);
        assert_eq!(nearest("", names), None);
    }

    #[test]
    fn a_caret_points_at_what_is_wrong() {
        let texts = Texts::new("p.toml", "title = \"x\"\nseed = -1\n");
        let mut report = Report::default();
        report.add(Diagnostic::error(19..21, "`seed` is negative", "expected 0 or more"));
        let shown = report.render(&texts, false);
        assert!(shown.contains("p.toml:2:8"), "{shown}");
        assert!(shown.contains("^^ expected 0 or more"), "{shown}");
    }
}
