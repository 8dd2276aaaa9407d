//! A pipeline file read whole: syntax, `--set`, header, tables, references, order. Every mistake is reported, none twice.

mod names;
pub(crate) mod order;
mod syntax;
mod tables;

use std::ops::Range;

use serde_json::json;
use toml::Spanned;
use toml::de::DeValue;

pub use names::Names;
pub use tables::{Table, problem_diagnostics};

use crate::diagnostics::{Diagnostic, Report};
use crate::families::{Check, Families};
use crate::header::Header;
use crate::schema::{self, Reference};
use crate::text::Texts;
use crate::tree::{Node, Path, Step};

/// A pipeline file, as far as it could be understood.
pub struct Document<'s, T> {
    /// The keys at the top; absent if they are wrong.
    pub header: Option<Header>,
    /// The tables, in the file's order.
    pub tables: Vec<Table<'s, T>>,
    /// Indices into `tables`, every table after those it refers to; ties in the file's order.
    pub order: Vec<usize>,
}

/// Reads a file and applies its settings.
pub fn read<'s, T: Check>(texts: &'s Texts, families: &Families<T>, report: &mut Report) -> Document<'s, T> {
    let (root, broken_lines) = syntax::parse(texts, report);
    let mut found = Report::default();
    let document = read_tree(texts, families, root, &mut found);
    for diagnostic in found.list() {
        // After a syntax error the rest of the file may have been misread: only what does not depend on it is certain.
        let certain = !diagnostic.absence && !broken_lines.contains(&texts.line_column(&diagnostic.at).0);
        if broken_lines.is_empty() || certain {
            report.add(diagnostic.clone());
        }
    }
    document
}

fn read_tree<'s, T: Check>(
    texts: &'s Texts,
    families: &Families<T>,
    mut root: Node<'s>,
    report: &mut Report,
) -> Document<'s, T> {
    syntax::apply(texts, families, &mut root, report);
    let (header, references) = header(families, &root, report);
    let tables = tables::read(families, &root, texts.file.end(), report);
    let names = Names::of(&tables);
    order::references(families, &tables, &names, report);
    references.iter().for_each(|r| order::reference(families, &tables, &names, r, &r.path.to_string(), report));
    let order = order::sort(&tables, &names, report);
    if report.errors() == 0 {
        order::unused(families, &tables, report);
    }
    Document { header, tables, order }
}

/// The keys at the top and what they refer to, and that every family holds tables.
fn header<T>(families: &Families<T>, root: &Node<'_>, report: &mut Report) -> (Option<Header>, Vec<Reference>) {
    let mut schema = registry::schema_of::<Header>().to_value();
    for family in &families.0 {
        schema["properties"][family.name] = json!({ "type": "object", "additionalProperties": { "type": "object" } });
    }
    let findings = schema::walk(&schema, "", "a pipeline", root);
    let mut own = keys_besides(families, root);
    schema::repair(&mut own, &findings.repairs);
    let clean = findings.diagnostics.is_empty();
    report.extend(findings.diagnostics);
    if !clean {
        return (None, findings.references);
    }
    (read_header(own, root, report), findings.references)
}

/// The tree without the families' tables, which make up nearly all of it.
fn keys_besides<'s, T>(families: &Families<T>, root: &Node<'s>) -> Node<'s> {
    let table = root.get_ref().as_table().into_iter().flatten();
    let own = table.filter(|(key, _)| families.get(key.get_ref()).is_none());
    let own = own.map(|(key, value)| (key.clone(), value.clone()));
    Spanned::new(root.span(), DeValue::Table(own.collect()))
}

fn read_header(own: Node<'_>, root: &Node<'_>, report: &mut Report) -> Option<Header> {
    let title_span = crate::tree::span_of(root, &[Step::Key("title".to_owned())]);
    match <Header as serde::Deserialize>::deserialize(toml::de::ValueDeserializer::from(own)) {
        Ok(header) if header.title.trim().is_empty() => {
            report.add(Diagnostic::error(title_span, "`title` is empty", "expected a short line of text"));
            None
        }
        Ok(header) => Some(header),
        Err(error) => {
            report.add(Diagnostic::error(error.span().unwrap_or(0..0), error.message(), ""));
            None
        }
    }
}

/// Where a problem inside a table is shown: at the value, or at the nearest thing around it.
pub fn locate_problem<T>(table: &Table<'_, T>, path: &str) -> (Range<usize>, String) {
    let steps: Vec<Step> = match Path::parse(path) {
        Ok(steps) => steps.into_iter().map(|(step, _)| step).collect(),
        Err(_) => Vec::new(),
    };
    let mut node = &table.node;
    let mut missing = None;
    for step in &steps {
        let child = match (step, node.get_ref()) {
            (Step::Key(key), DeValue::Table(t)) => t.get(key.as_str()),
            (Step::Index(index), DeValue::Array(list)) => list.get(*index),
            _ => None,
        };
        match child {
            Some(child) => node = child,
            None => {
                missing = Some(step);
                break;
            }
        }
    }
    let address = table.address();
    let label = match (missing, steps.is_empty()) {
        (_, true) => format!("`{address}`"),
        (Some(Step::Key(key)), _) if node.get_ref().is_table() => {
            format!("`{key}` is not given here, so it has its default")
        }
        _ => format!("`{address}.{path}`"),
    };
    // Where an argument changed something inside, it is the argument that is wrong.
    let changed = if steps.is_empty() { None } else { crate::tree::first_after(node, table.file_end) };
    (changed.unwrap_or(node.span()), label)
}

/// A name that becomes a file name: letters, digits, `-` and `_`.
fn check_name(name: &str) -> Result<(), String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if name.is_empty() {
        Err("expected a name".to_owned())
    } else if !name.chars().all(fits) || name.starts_with('-') {
        Err("names become file names: letters, digits, `_` and `-` only".to_owned())
    } else if is_device(name) {
        Err("names become file names, and some systems keep this one for a device".to_owned())
    } else if name.len() > 64 {
        Err("names become file names: at most 64 letters".to_owned())
    } else {
        Ok(())
    }
}

/// Whether Windows takes a file of this name, whatever its extension, for a device: `NUL`, `con`.
pub fn is_device(name: &str) -> bool {
    let name = name.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    let numbered =
        |port: &str| name.strip_prefix(port).is_some_and(|n| n.len() == 1 && matches!(n.as_bytes()[0], b'1'..=b'9'));
    ["CON", "PRN", "AUX", "NUL"].contains(&name.as_str()) || ["COM", "LPT"].into_iter().any(numbered)
}
