//! A table against the JSON schema of its kind: every mistake at once, each at its own span.
//!
//! Deserialization stops at the first error; this walk does not. The schema derives from the same struct that is deserialized
//! afterwards, so the two cannot disagree about names and types, and whatever only the struct knows is still caught there.

mod choice;
mod describe;
mod placeholder;

use std::collections::BTreeMap;
use std::ops::Range;

use serde_json::Value;
use toml::de::DeValue;

pub(crate) use choice::Choice;
pub use describe::{expected, first_sentence, type_text};

use crate::diagnostics::{Diagnostic, did_you_mean, misspelling_of, nearest, quoted};
use crate::tree::{self, Node, Path, Repair, type_name};

/// A reference from one table to another.
#[derive(Debug, Clone, PartialEq)]
pub struct Reference {
    /// Where it is in the table: `model`, `models[1]`.
    pub path: Path,
    /// The family it points into.
    pub family: String,
    /// The kinds it may point to, if not all.
    pub kinds: Option<Vec<String>>,
    /// The name it gives.
    pub name: String,
    /// The name that it misspells, where it gives one that no table has.
    pub meant: Option<String>,
    /// Its span.
    pub at: Range<usize>,
}

impl Reference {
    /// The name to follow.
    pub fn target(&self) -> &str {
        self.meant.as_deref().unwrap_or(&self.name)
    }
}

/// What the walk found.
#[derive(Debug, Default)]
pub struct Findings {
    /// Mistakes.
    pub diagnostics: Vec<Diagnostic>,
    /// What makes the rest readable.
    pub repairs: Vec<Repair>,
    /// Fields that a misspelt key probably meant, which are therefore not missing.
    meant: Vec<Path>,
    /// Parts whose value is lost: nothing that depends on them can be judged.
    pub lost: Vec<Path>,
    /// References to other tables, in file order.
    pub references: Vec<Reference>,
}

impl Findings {
    /// Notes a value that cannot be read, and replaces it by one of the right type so that the rest can be.
    fn refuse(&mut self, path: &Path, diagnostic: Diagnostic, schema: &Value) {
        self.diagnostics.push(diagnostic);
        self.lose(path, schema);
    }

    fn lose(&mut self, path: &Path, schema: &Value) {
        self.repairs.push(match placeholder::of(schema) {
            Some(value) => Repair::Put(path.clone(), value),
            None => Repair::Remove(path.clone()),
        });
        self.lost.push(path.clone());
    }
}

/// Walks one table.
pub struct Walk<'a> {
    /// The schema's root, for `$ref`.
    root: &'a Value,
    /// How the table is addressed: `dataset.spiral`.
    address: &'a str,
    /// What the table is, for messages: `a `spiral` dataset`.
    what: &'a str,
}

/// Compares `node` with `schema` and lists everything that does not fit.
pub fn walk(schema: &Value, address: &str, what: &str, node: &Node<'_>) -> Findings {
    let mut findings = Findings::default();
    Walk { root: schema, address, what }.value(schema, node, &Path::default(), &mut findings);
    findings
}

/// Compares one field of a table with its schema, of which `schema` is that of the table; what is beside it is not looked at.
pub fn walk_field(schema: &Value, what: &str, field: &str, node: &Node<'_>) -> Findings {
    let mut findings = Findings::default();
    if let Some(own) = key(schema, "properties").and_then(|fields| fields.get(field)) {
        let walk = Walk { root: schema, address: "", what };
        walk.value(own, node, &Path::default().key(field), &mut findings);
    }
    findings
}

/// Applies repairs, innermost first, so that every path still leads where it led when it was found.
pub fn repair(node: &mut Node<'_>, repairs: &[Repair]) {
    let mut repairs: Vec<&Repair> = repairs.iter().collect();
    repairs.sort_by_key(|r| std::cmp::Reverse(r.path().0.len()));
    repairs
        .chunk_by(|a, b| a.path().parents() == b.path().parents())
        .for_each(|siblings| tree::apply_within(siblings, node));
}

/// Whether a kind or a field, by its schema, had this name in an earlier version: `#[schemars(extend("x-formerly" = ["old"]))]`.
pub(crate) fn was_called(schema: &Value, name: &str) -> bool {
    key(schema, "x-formerly").and_then(Value::as_array).is_some_and(|names| names.iter().any(|n| n == name))
}

/// What a schema says under a key. It has a handful of them: going through these takes less time than hashing, and a file asks
/// for many.
fn key<'a>(schema: &'a Value, name: &str) -> Option<&'a Value> {
    schema.as_object()?.iter().find(|(own, _)| *own == name).map(|(_, value)| value)
}

/// The fields that a table must have.
pub(crate) fn required_fields(schema: &Value) -> impl Iterator<Item = &str> {
    key(schema, "required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

impl<'a> Walk<'a> {
    fn full(&self, path: &Path) -> String {
        let inner = path.to_string();
        match (self.address.is_empty(), inner.is_empty()) {
            (true, _) => inner,
            (_, true) => self.address.to_owned(),
            _ => format!("{}.{inner}", self.address),
        }
    }

    /// Follows `$ref` and lists of one alternative.
    fn follow(&self, mut schema: &'a Value) -> &'a Value {
        // A schema that refers to itself forever is a defect of a config; ten steps are more than any has.
        for _ in 0..10 {
            if let Some(name) = key(schema, "$ref").and_then(Value::as_str).and_then(|r| r.rsplit('/').next()) {
                match self.root.pointer(&format!("/definitions/{name}")) {
                    Some(target) => schema = target,
                    None if name == "#" => schema = self.root,
                    None => return schema,
                }
            } else if let Some([only]) = key(schema, "allOf").and_then(Value::as_array).map(Vec::as_slice) {
                schema = only;
            } else {
                return schema;
            }
        }
        schema
    }

    fn value(&self, schema: &'a Value, node: &Node<'_>, path: &Path, out: &mut Findings) {
        let schema = self.follow(schema);
        if key(schema, "oneOf").or_else(|| key(schema, "anyOf")).is_some() {
            return self.choice(schema, node, path, out);
        }
        if key(schema, "const").is_some() || key(schema, "enum").is_some() {
            return self.choice(schema, node, path, out);
        }
        if !describe::accepts(schema, node.get_ref()) {
            let found = match node.get_ref() {
                DeValue::String(s) if s.len() <= 40 => format!("the string \"{s}\""),
                DeValue::Float(f) => f.as_str().to_owned(),
                other => type_name(other).to_owned(),
            };
            let expected = expected(schema);
            let diagnostic = Diagnostic::error(
                node.span(),
                format!("`{}` is {found}", self.full(path)),
                format!("expected {expected}"),
            )
            .help(describe::quotes_help(schema, node.get_ref()));
            return out.refuse(path, diagnostic, schema);
        }
        match node.get_ref() {
            DeValue::Table(_) => self.table(schema, node, path, out),
            DeValue::Array(_) => self.list(schema, node, path, out),
            DeValue::Integer(_) | DeValue::Float(_) => self.number(schema, node, path, out),
            DeValue::String(text) => {
                // A lone one may separate fields.
                let odd = text.chars().find(|c| c.is_control() && !matches!(c, '\n' | '\t') && text.len() > 1);
                if let Some(odd) = odd {
                    let title = format!("`{}` holds the control character U+{:04X}", self.full(path), u32::from(odd));
                    let label = "expected text that a page and a terminal can show";
                    return out.refuse(path, Diagnostic::error(node.span(), title, label), schema);
                }
                if let Some(family) = key(schema, "x-reference").and_then(Value::as_str) {
                    let kinds = key(schema, "x-kinds").and_then(Value::as_array);
                    out.references.push(Reference {
                        path: path.clone(),
                        family: family.to_owned(),
                        kinds: kinds.map(|k| k.iter().filter_map(|k| k.as_str().map(str::to_owned)).collect()),
                        name: text.to_string(),
                        meant: None,
                        at: node.span(),
                    });
                }
            }
            DeValue::Boolean(_) | DeValue::Datetime(_) => {}
        }
    }

    fn table(&self, schema: &'a Value, node: &Node<'_>, path: &Path, out: &mut Findings) {
        let DeValue::Table(table) = node.get_ref() else { return };
        let none = serde_json::Map::new();
        let fields = key(schema, "properties").and_then(Value::as_object).unwrap_or(&none);
        let others = key(schema, "additionalProperties");
        let names = || fields.keys().map(String::as_str);
        let inside = || if path.0.is_empty() { self.what.to_owned() } else { format!("`{}`", self.full(path)) };
        for (key, value) in table.iter() {
            let key_path = path.key(key.get_ref());
            if let Some(field) = fields.get(key.get_ref().as_ref()) {
                self.value(field, value, &key_path, out);
            } else if let Some(any @ Value::Object(_)) = others {
                self.value(any, value, &key_path, out);
            } else if others == Some(&Value::Bool(true)) || others.is_none() && fields.is_empty() {
                continue;
            } else if let Some((name, field)) = fields.iter().find(|(_, field)| was_called(field, key.get_ref())) {
                let title = format!("`{}` is called `{name}` now", self.full(&key_path));
                out.diagnostics.push(Diagnostic::error(key.span(), title, format!("write `{name}`")));
                out.meant.push(path.key(name));
                out.repairs.push(Repair::Rename(key_path, name.clone()));
                self.value(field, value, &path.key(name), out);
            } else {
                // A name already taken is hardly what was meant, except by `--set`.
                let free: Vec<&str> = names().filter(|n| table.get(*n).is_none()).collect();
                let note = if fields.is_empty() {
                    format!("{} takes no fields", inside())
                } else {
                    format!("{} takes {}", inside(), quoted(names()))
                };
                let title = format!("unknown key `{}`", self.full(&key_path));
                let near = nearest(key.get_ref(), free);
                let help = did_you_mean(key.get_ref(), near).or_else(|| did_you_mean(key.get_ref(), names()));
                let label = format!("not a field of {}", inside());
                out.diagnostics.push(Diagnostic::error(key.span(), title, label).help(help).note(note));
                out.meant.extend(near.map(|m| path.key(m)));
                match misspelling_of(key.get_ref(), near) {
                    Some(name) => {
                        out.repairs.push(Repair::Rename(key_path, name.to_owned()));
                        self.value(&fields[name], value, &path.key(name), out);
                    }
                    None => out.repairs.push(Repair::Remove(key_path)),
                }
            }
        }
        for name in required_fields(schema).filter(|n| table.get(*n).is_none()) {
            let field_path = path.key(name);
            // A misspelt key has been reported already: the field is not missing, it is wrong.
            if out.meant.contains(&field_path) {
                let renamed = |r: &Repair| matches!(r, Repair::Rename(path, name) if path.renamed(name) == field_path);
                if let (false, Some(field)) = (out.repairs.iter().any(renamed), fields.get(name)) {
                    out.lose(&field_path, self.follow(field));
                }
                continue;
            }
            let field = fields.get(name).map_or(&Value::Null, |f| self.follow(f));
            let says = fields.get(name).and_then(first_sentence).map(|text| format!("`{name}`: {text}"));
            let label = format!("add `{name} = …`, {}", expected(field));
            let diagnostic =
                Diagnostic::error(node.span(), format!("{} needs `{name}`", inside()), label).note(says).absence();
            out.refuse(&field_path, diagnostic, field);
        }
    }

    fn list(&self, schema: &'a Value, node: &Node<'_>, path: &Path, out: &mut Findings) {
        let DeValue::Array(list) = node.get_ref() else { return };
        let bound = |name| key(schema, name).and_then(Value::as_u64).map(|n| n as usize);
        let (least, most) = (bound("minItems").unwrap_or(0), bound("maxItems").unwrap_or(usize::MAX));
        if list.len() < least || list.len() > most {
            let wanted = match (least, most) {
                (a, b) if a == b => format!("exactly {a}"),
                (a, usize::MAX) => format!("at least {a}"),
                (a, b) => format!("{a} to {b}"),
            };
            let title = format!("`{}` has {} items", self.full(path), list.len());
            out.refuse(path, Diagnostic::error(node.span(), title, format!("expected {wanted}")), schema);
        }
        self.repeated(schema, list, path, out);
        for (i, item) in list.iter().enumerate() {
            let item_schema = match key(schema, "items") {
                Some(Value::Array(each)) => each.get(i),
                other => other,
            };
            if let Some(item_schema) = item_schema {
                self.value(item_schema, item, &path.index(i), out);
            }
        }
    }

    /// Reports what a list has twice, where that has no meaning: tables, and what the schema calls unique.
    fn repeated(&self, schema: &'a Value, list: &[Node<'_>], path: &Path, out: &mut Findings) {
        let of_tables = schema.pointer("/items/x-reference").is_some();
        if !of_tables && key(schema, "uniqueItems") != Some(&Value::Bool(true)) {
            return;
        }
        let mut firsts = BTreeMap::new();
        for (i, item) in list.iter().enumerate() {
            let written = match item.get_ref() {
                DeValue::String(text) => text.to_string(),
                DeValue::Integer(number) => number.to_string(),
                DeValue::Float(number) => number.to_string(),
                _ => continue,
            };
            let first = *firsts.entry(written).or_insert(i);
            if first != i {
                let (title, label) = (self.full(&path.index(i)), self.full(&path.index(first)));
                let title = format!("`{title}` is the same as `{label}`");
                let diagnostic = Diagnostic::error(item.span(), title, "expected each of them once");
                out.diagnostics.push(diagnostic.context(list[first].span(), "the first is here"));
            }
        }
    }

    fn number(&self, schema: &'a Value, node: &Node<'_>, path: &Path, out: &mut Findings) {
        let text = match node.get_ref() {
            DeValue::Integer(i) => match i128::from_str_radix(i.as_str(), i.radix()) {
                Ok(value) => value.to_string(),
                Err(_) => i.as_str().to_owned(),
            },
            DeValue::Float(f) => f.as_str().to_owned(),
            _ => return,
        };
        let number: f64 = text.parse().unwrap_or(f64::NAN);
        let full = self.full(path);
        if !number.is_finite() {
            let diagnostic = Diagnostic::error(node.span(), format!("`{full}` is {text}"), "expected a finite number");
            return out.refuse(path, diagnostic, schema);
        }
        let bound = |name| key(schema, name).and_then(Value::as_f64);
        let wrong = if let Some(least) = bound("minimum").filter(|&least| number < least) {
            Some(format!("a number ≥ {least}"))
        } else if let Some(most) = bound("maximum").filter(|&most| number > most) {
            Some(format!("a number ≤ {most}"))
        } else if let Some(least) = bound("exclusiveMinimum").filter(|&least| number <= least) {
            Some(format!("a number > {least}"))
        } else if let Some(most) = bound("exclusiveMaximum").filter(|&most| number >= most) {
            Some(format!("a number < {most}"))
        } else {
            // 2⁶³ and beyond: TOML's own integers end there.
            let integer = describe::types(schema).contains(&"integer");
            (integer && number >= i64::MAX as f64).then(|| format!("a whole number ≤ {}", i64::MAX))
        };
        if let Some(wanted) = wrong {
            let diagnostic =
                Diagnostic::error(node.span(), format!("`{full}` is {text}"), format!("expected {wanted}"));
            out.refuse(path, diagnostic, schema);
        }
    }
}
