//! From text to one spanned tree: TOML itself, then the `--set` arguments applied to it.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::diagnostics::{Diagnostic, Report, did_you_mean};
use crate::families::Families;
use crate::text::Texts;
use crate::tree::{Node, Path, Step, shift, type_name};

/// Parses the file as far as possible. Reports every syntax error, one per line, and returns the lines that have one.
pub fn parse<'s>(texts: &'s Texts, report: &mut Report) -> (Node<'s>, BTreeSet<usize>) {
    let mut lines = BTreeSet::new();
    let text = &texts.file.body;
    let (table, mut errors) = DeTable::parse_recoverable(text);
    errors.sort_by_key(|e| e.span().map_or(0, |s| s.start));
    let mut firsts = None;
    let mut inside_duplicate = None;
    for error in errors {
        let span = error.span().unwrap_or(0..0);
        let (line, _) = texts.line_column(&span);
        let duplicate = error.message() == "duplicate key";
        let key = duplicate.then(|| firsts.get_or_insert_with(|| Firsts::of(text)).key_at(&span)).flatten();
        if let Some(key) = &key {
            // Every key of a table that appears twice is a duplicate too: its header is enough.
            if !key.of_header && inside_duplicate == Some(key.header) {
                lines.insert(line);
                continue;
            }
            inside_duplicate = key.of_header.then_some(key.header);
        }
        if lines.insert(line) {
            let mut diagnostic = syntax_error(error.message(), span);
            if let Some(first) = key.and_then(|key| key.first) {
                diagnostic = diagnostic.context(first, "the first is here");
            }
            report.add(diagnostic);
        }
    }
    let span = table.span();
    (Spanned::new(span, DeValue::Table(table.into_inner())), lines)
}

/// Where each header, and each key of a table, first appears in a text.
struct Firsts<'t> {
    text: &'t str,
    /// Where the lines of headers begin, ascending; 0 stands for what comes before them.
    headers: Vec<usize>,
    /// Where a line begins, by the header it is under and its key; a header is under none.
    lines: BTreeMap<(Option<usize>, &'t str), usize>,
}

/// A key that is there twice.
struct Duplicate {
    /// Where the line of the nearest header at or before it begins; 0 where there is none.
    header: usize,
    /// Whether it is that header.
    of_header: bool,
    /// The first of its kind.
    first: Option<Range<usize>>,
}

impl<'t> Firsts<'t> {
    fn of(text: &'t str) -> Self {
        let (mut headers, mut lines, mut start) = (vec![0], BTreeMap::new(), 0);
        for line in text.split_inclusive('\n') {
            let body = line.trim();
            if body.starts_with('[') {
                headers.push(start);
                lines.entry((None, body)).or_insert(start);
            } else if let Some((key, _)) = body.split_once('=') {
                lines.entry((headers.last().copied(), key.trim_end())).or_insert(start);
            }
            start += line.len();
        }
        Firsts { text, headers, lines }
    }

    /// What is known of a key that is there twice, by the span of the second.
    fn key_at(&self, second: &Range<usize>) -> Option<Duplicate> {
        let header = self.headers[self.headers.partition_point(|&start| start <= second.start) - 1];
        let line = self.text[..second.start].rfind('\n').map_or(0, |i| i + 1);
        let body = |start: usize| self.text[start..].split('\n').next().unwrap_or_default();
        let of_header = line == header && body(header).trim_start().starts_with('[');
        let key = self.text.get(second.clone())?;
        let place = if of_header { (None, body(line).trim()) } else { (Some(header), key) };
        let first = self.lines.get(&place).filter(|&&first| first < line);
        let first = first.and_then(|&start| body(start).find(key).map(|i| start + i..start + i + key.len()));
        Some(Duplicate { header, of_header, first })
    }
}

fn syntax_error(message: &str, at: Range<usize>) -> Diagnostic {
    let (what, wanted) = message.split_once(", expected ").unwrap_or((message, ""));
    let label = match wanted {
        "" | "nothing" => String::new(),
        "literal string" => "expected quotes".to_owned(),
        wanted => format!("expected {wanted}"),
    };
    let help = match what {
        "duplicate key" => Some("a key may appear only once in a table, and a table only once in a file".to_owned()),
        "string values must be quoted" => Some("write text in double quotes".to_owned()),
        _ => None,
    };
    Diagnostic::error(at, what, label).help(help)
}

/// Applies every setting to the tree.
pub fn apply<'s, T>(texts: &'s Texts, families: &Families<T>, root: &mut Node<'s>, report: &mut Report) {
    for text in &texts.settings {
        if let Err(diagnostic) = set(&text.body, text.base, families, root) {
            report.add(*diagnostic);
        }
    }
}

fn set<'s, T>(text: &'s str, base: usize, families: &Families<T>, root: &mut Node<'s>) -> Result<(), Box<Diagnostic>> {
    let fail = |at: Range<usize>, title: String, label: String| {
        Box::new(Diagnostic::error(base + at.start..base + at.end, title, label))
    };
    let Some(equals) = text.find('=') else {
        return Err(fail(0..text.len(), "`--set` needs a value".into(), "expected `path=value`".into()));
    };
    let path_text = &text[..equals];
    let steps = Path::parse(path_text).map_err(|(at, label)| fail(at, "this path cannot be read".into(), label))?;
    let value = value(&text[equals + 1..]).map_err(|(at, label)| {
        fail(equals + 1 + at.start..equals + 1 + at.end, "this value cannot be read".into(), label)
    })?;
    let value = shift(value, base + equals + 1);

    let (last, ancestors) = steps.split_last().expect("a path that was read has at least one step");
    let mut node = root;
    let mut walked = Path::default();
    for (depth, (step, at)) in ancestors.iter().enumerate() {
        let here = walked.to_string();
        let unknown = |names: Vec<String>| {
            let title = format!("there is no `{}` to set", extend(&walked, step));
            let label = if here.is_empty() { "not in this pipeline".to_owned() } else { format!("not in `{here}`") };
            let mut diagnostic = fail(at.clone(), title, label);
            if let Step::Key(key) = step {
                diagnostic.help.extend(did_you_mean(key, names.iter().map(String::as_str)));
            }
            if !names.is_empty() {
                diagnostic
                    .notes
                    .push(format!("there is {}", crate::diagnostics::quoted(names.iter().map(String::as_str))));
            }
            diagnostic
        };
        // Families and tables must exist; below a table a new key is a field with its default, which its schema will judge.
        let next = match (step, node.get_mut()) {
            (Step::Key(key), DeValue::Table(table)) => {
                if table.get(key.as_str()).is_none() {
                    if depth < 2 {
                        let mut names: Vec<String> = table.keys().map(|k| k.get_ref().to_string()).collect();
                        if depth == 0 {
                            names.retain(|n| families.get(n).is_some());
                        }
                        return Err(unknown(names));
                    }
                    let span = base + at.start..base + at.end;
                    table.insert(
                        Spanned::new(span.clone(), key.clone().into()),
                        Spanned::new(span, DeValue::Table(DeTable::new())),
                    );
                }
                table.get_mut(key.as_str())
            }
            (Step::Index(index), DeValue::Array(list)) => {
                let length = list.len();
                match list.get_mut(*index) {
                    None => return Err(too_far(&walked, *index, length, at, &fail)),
                    found => found,
                }
            }
            (_, other) => return Err(no_inside(&walked, other, at, &fail)),
        };
        walked = extend(&walked, step);
        node = next.expect("it was just found or inserted");
    }
    let (step, at) = last;
    match (step, node.get_mut()) {
        (Step::Key(key), DeValue::Table(table)) => {
            let key = Spanned::new(base + at.start..base + at.end, key.clone().into());
            // Keeps the key's position in the table; only its span becomes the argument's.
            let entries: Vec<_> = std::mem::take(table).into_iter().collect();
            let mut value = Some(value);
            for (k, v) in entries {
                if k.get_ref() == key.get_ref() {
                    table.extend(value.take().map(|value| (key.clone(), value)));
                } else {
                    table.insert(k, v);
                }
            }
            table.extend(value.map(|value| (key, value)));
        }
        (Step::Index(index), DeValue::Array(list)) => {
            let length = list.len();
            match list.get_mut(*index) {
                Some(slot) => *slot = value,
                None => return Err(too_far(&walked, *index, length, at, &fail)),
            }
        }
        (_, other) => return Err(no_inside(&walked, other, at, &fail)),
    }
    Ok(())
}

type Fail<'a> = &'a dyn Fn(Range<usize>, String, String) -> Box<Diagnostic>;

fn too_far(path: &Path, index: usize, length: usize, at: &Range<usize>, fail: Fail<'_>) -> Box<Diagnostic> {
    let title = format!("`{path}` has {length} items, there is no number {index}");
    let label = if length == 0 { "it is empty".to_owned() } else { format!("expected 0 to {}", length - 1) };
    fail(at.clone(), title, label)
}

fn no_inside(path: &Path, value: &DeValue<'_>, at: &Range<usize>, fail: Fail<'_>) -> Box<Diagnostic> {
    fail(at.clone(), format!("`{path}` is {}", type_name(value)), "there is nothing inside it to set".to_owned())
}

fn extend(path: &Path, step: &Step) -> Path {
    match step {
        Step::Key(key) => path.key(key),
        Step::Index(index) => path.index(*index),
    }
}

/// A TOML value; a bare word is a string.
fn value(text: &str) -> Result<Node<'_>, (Range<usize>, String)> {
    let trimmed = text.trim();
    let start = text.len() - text.trim_start().len();
    if trimmed.is_empty() {
        return Err((0..text.len(), "expected a value after `=`".to_owned()));
    }
    match DeValue::parse(trimmed) {
        Ok(value) => Ok(shift(value, start)),
        Err(error) => {
            let word = |c: char| c.is_alphanumeric() || "_-./".contains(c);
            let first = trimmed.chars().next().is_some_and(|c| c.is_alphabetic() || c == '_' || c == '/' || c == '.');
            if first && trimmed.chars().all(word) {
                return Ok(Spanned::new(start..start + trimmed.len(), DeValue::String(trimmed.into())));
            }
            let at = error.span().unwrap_or(0..trimmed.len());
            Err((start + at.start..start + at.end, error.message().to_owned()))
        }
    }
}
