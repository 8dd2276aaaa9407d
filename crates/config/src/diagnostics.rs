//! What is wrong with a pipeline, where, and what to do about it; and how that is shown.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use crate::text::{Text, Texts};

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

    /// The whole report as text, in the manner of rustc; with colours if `styled`. Of very many findings it has the first ones
    /// and says how many there are.
    pub fn render(&self, texts: &Texts, styled: bool) -> String {
        let renderer = if styled { Renderer::styled() } else { Renderer::plain() };
        let (mut out, mut shown, mut read) = (String::new(), 0, 0);
        while shown < self.list.len().min(MOST_SHOWN) && read < MOST_READ {
            let (text, bytes) = render(&self.list[shown], texts, &renderer);
            out.push_str(&text);
            out.push_str("\n\n");
            (shown, read) = (shown + 1, read + bytes);
        }
        match self.list.len() - shown {
            0 => {}
            more => out.push_str(&format!("and {more} more, shown once these are mended\n\n")),
        }
        out
    }
}

/// The most findings that a report shows: more than anyone mends before the next look.
const MOST_SHOWN: usize = 200;
/// The most bytes of lines that are read to show them: a line of a whole file's length is gone through for each mistake in it.
const MOST_READ: usize = 1_000_000;

/// The lines of a text that these spans are on: where they begin, and the number of the first, from 1.
fn lines_of(text: &Text, spans: &[&Range<usize>]) -> (Range<usize>, usize) {
    let first = text.line(spans.iter().map(|span| span.start).min().unwrap_or(0));
    let last = text.line(spans.iter().map(|span| span.end).max().unwrap_or(0));
    (text.span_of_line(first).start..text.span_of_line(last).end, first + 1)
}

/// A finding as text, and how many bytes of the texts were read for it.
fn render(diagnostic: &Diagnostic, texts: &Texts, renderer: &Renderer) -> (String, usize) {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = message(&diagnostic.title);
    let mut group = level.primary_title(&title).elements(std::iter::empty::<annotate_snippets::Message<'_>>());
    let (text, at) = texts.locate(&diagnostic.at);
    // Shown only where it is in the same text: a `--set` argument is one line of its own.
    let context = diagnostic.context.as_ref().map(|(context, label)| (texts.locate(context), label));
    let context = context.filter(|((other, _), _)| other.base == text.base).map(|((_, span), label)| (span, label));
    let spans: Vec<&Range<usize>> = std::iter::once(&at).chain(context.iter().map(|(span, _)| span)).collect();
    // The renderer reads all that it is given, so it is given the lines that matter.
    let (lines, number) = lines_of(text, &spans);
    let inside = |span: &Range<usize>| span.start - lines.start..span.end - lines.start;
    let mut snippet = Snippet::source(&text.body[lines.clone()]).path(&text.name).line_start(number);
    if let Some((span, label)) = &context {
        snippet = snippet.annotation(AnnotationKind::Context.span(inside(span)).label(message(label)));
    }
    let label = message(&diagnostic.label);
    group = group.element(snippet.annotation(AnnotationKind::Primary.span(inside(&at)).label(label)));
    for help in &diagnostic.help {
        group = group.element(Level::HELP.message(message(help)));
    }
    for note in &diagnostic.notes {
        group = group.element(Level::NOTE.message(message(note)));
    }
    // The renderer shows the control characters of ASCII; terminals obey these, too.
    let shown = renderer.render(&[group]).replace(|c| matches!(c, '\u{80}'..='\u{9f}'), "\u{fffd}");
    (shown, lines.len())
}

/// A text that a terminal or a page can show: control characters but line breaks as their escapes.
pub fn visible(text: &str) -> String {
    let shown = |c: char| if c.is_control() && c != '\n' { c.escape_unicode().to_string() } else { c.to_string() };
    text.chars().map(shown).collect()
}

/// The most characters of a message, and of what it repeats between two backticks or quotes.
const MOST_TEXT: usize = 4000;
const MOST_QUOTED: usize = 120;

/// A message as it is shown: [`visible`], and long values in it cut short.
fn message(text: &str) -> String {
    let mut out = String::new();
    for (i, part) in text.split_inclusive(['`', '"']).enumerate() {
        let n = part.chars().count();
        if i % 2 == 1 && n > MOST_QUOTED {
            let (head, tail) = (part.chars().take(MOST_QUOTED - 20), part.chars().skip(n - 20));
            out.extend(head.chain(['…']).chain(tail));
        } else {
            out.push_str(part);
        }
    }
    match out.char_indices().nth(MOST_TEXT) {
        Some((end, _)) => visible(&format!("{}…", &out[..end])),
        None => visible(&out),
    }
}

/// The name nearest to what was written, if any is near: at most a third of its letters differ, or one begins with the other.
pub fn nearest<'a>(written: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Nothing that is longer is a name, and comparing takes the product of both lengths.
    if written.len() > 200 {
        return None;
    }
    let lower = written.to_lowercase();
    let written_length = lower.chars().count();
    names
        .into_iter()
        .filter(|name| name.len() <= 200)
        .filter_map(|name| {
            let candidate = name.to_lowercase();
            let length = candidate.chars().count();
            let allowed = (written_length.max(length) / 3).max(1);
            let begins = written_length >= 3 && (candidate.starts_with(&lower) || lower.starts_with(&candidate));
            // A distance is at least the difference of the lengths.
            if length.abs_diff(written_length) > allowed && !begins {
                return None;
            }
            let distance = strsim::osa_distance(&lower, &candidate);
            (distance <= allowed && distance < length || begins).then_some((distance, name))
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

/// The most names that a message lists.
const MOST_NAMES: usize = 60;

/// Names in backticks with commas between: `` `a`, `b` ``; of very many the first ones.
pub fn quoted<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let mut names = names.into_iter();
    let mut out = names.by_ref().take(MOST_NAMES).map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ");
    match names.count() {
        0 => {}
        more => out += &format!(" and {more} more"),
    }
    out
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
    fn a_line_that_is_shown_moves_no_cursor() {
        let texts = Texts::new("a.toml", "title = \u{1b}[2J\u{9b}2J\u{85}\n");
        let mut report = Report::default();
        report.add(Diagnostic::error(8..9, "no value", "expected one"));
        let shown = report.render(&texts, false);
        assert!(
            shown.contains("title = ␛[2J\u{fffd}2J\u{fffd}") && !shown.contains(|c: char| c.is_control() && c != '\n'),
            "{shown}"
        );
    }

    #[test]
    fn long_values_are_cut_short_and_control_characters_shown_as_such() {
        assert_eq!(message("`a\u{1b}[2J\u{7}` is wrong"), "`a\\u{1b}[2J\\u{7}` is wrong");
        let long = message(&format!("unknown name `{}` in `x`", "y".repeat(1_000_000)));
        let cut = format!("unknown name `{}…{}` in `x`", "y".repeat(100), "y".repeat(19));
        assert_eq!(long, cut);
        assert_eq!(message(&"z ".repeat(10_000)).chars().count(), MOST_TEXT + 1);
        let short = "`a` is \"b\", expected `c`";
        assert_eq!(message(short), short);
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
