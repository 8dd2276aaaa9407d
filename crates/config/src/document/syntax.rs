//! From text to one spanned tree: TOML itself, then the `--set` arguments applied to it.

use std::collections::BTreeSet;
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
    let mut inside_duplicate = None;
    for error in errors {
        let span = error.span().unwrap_or(0..0);
        let (line, _) = texts.line_column(&span);
        if error.message() == "duplicate key" {
            let header = header_before(text, span.start);
            let of_header = span.start < line_end(text, header);
            // Every key of a table that appears twice is a duplicate too: its header is enough.
            if !of_header && inside_duplicate == Some(header) {
                lines.insert(line);
                continue;
            }
            inside_duplicate = of_header.then_some(header);
        }
        if lines.insert(line) {
            let mut diagnostic = syntax_error(error.message(), span.clone());
            if error.message() == "duplicate key"
                && let Some(first) = first_of(text, span)
            {
                diagnostic = diagnostic.context(first, "the first is here");
            }
            report.add(diagnostic);
        }
    }
    let span = table.span();
    (Spanned::new(span, DeValue::Table(table.into_inner())), lines)
}

/// Where the line of the nearest table header at or before `at` begins; 0 where there is none.
fn header_before(text: &str, at: usize) -> usize {
    let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(i, _)| i + 1));
    starts
        .take_while(|&start| start <= at)
        .filter(|&start| text[start..].trim_start().starts_with('['))
        .last()
        .unwrap_or(0)
}

fn line_end(text: &str, start: usize) -> usize {
    text[start..].find('\n').map_or(text.len(), |i| start + i)
}

/// The first of two equal keys: the same header further up, or the same key further up in the table.
fn first_of(text: &str, second: Range<usize>) -> Option<Range<usize>> {
    let header = header_before(text, second.start);
    let of_header = second.start < line_end(text, header) && text[header..].trim_start().starts_with('[');
    let line_start = text[..second.start].rfind('\n').map_or(0, |i| i + 1);
    let line = text[line_start..line_end(text, line_start)].trim();
    let key = text.get(second.clone())?;
    let from = if of_header { 0 } else { header };
    let mut start = from;
    while start < line_start {
        let end = line_end(text, start);
        let body = &text[start..end];
        let found = match of_header {
            true => body.trim() == line,
            false => body.trim_start().strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with('=')),
        };
        if found {
            let at = start + body.find(key)?;
            return Some(at..at + key.len());
        }
        start = end + 1;
    }
    None
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
