//! Values with alternatives: words (`"relu"`), tagged values (`{ linear = 64 }`), and plain types side by side (`"full"` or a number).

use serde_json::Value;
use toml::de::DeValue;

use super::{Findings, Walk, describe, expected};
use crate::diagnostics::{Diagnostic, did_you_mean, slip};
use crate::tree::{Node, Path, Repair, type_name};

/// The alternatives of a schema, by the shape a pipeline writes them in.
#[derive(Default)]
pub(super) struct Choice<'a> {
    /// `"relu"`
    pub words: Vec<&'a str>,
    /// `{ linear = 64 }`: the tag and the schema of what it holds.
    pub tags: Vec<(&'a str, &'a Value)>,
    /// Any other type.
    pub plain: Vec<&'a Value>,
}

impl<'a> Choice<'a> {
    /// Sorts the alternatives of `schema`, nested ones included.
    pub fn of(schema: &'a Value, out: &mut Choice<'a>) {
        if let Some(list) = schema.get("oneOf").or_else(|| schema.get("anyOf")).and_then(Value::as_array) {
            list.iter().for_each(|s| Choice::of(s, out));
        } else if let Some(word) = schema.get("const").and_then(Value::as_str) {
            out.words.push(word);
        } else if let Some(words) = schema.get("enum").and_then(Value::as_array) {
            out.words.extend(words.iter().filter_map(Value::as_str));
        } else if let Some((tag, inner)) = tagged(schema) {
            out.tags.push((tag, inner));
        } else if schema.get("type").and_then(Value::as_str) != Some("null") {
            out.plain.push(schema);
        }
    }

    /// How each alternative is written: `"relu"`, `{ linear = … }`, `a number`.
    pub fn spelled(&self) -> Vec<String> {
        let words = self.words.iter().map(|w| format!("\"{w}\""));
        let tags = self.tags.iter().filter(|(t, _)| !self.words.contains(t)).map(|(t, _)| format!("{{ {t} = … }}"));
        words.chain(tags).chain(self.plain.iter().map(|s| expected(s))).collect()
    }
}

/// A table of exactly one required field is how an enum's variant with contents is written.
fn tagged(schema: &Value) -> Option<(&str, &Value)> {
    let required = schema.get("required")?.as_array()?;
    let fields = schema.get("properties")?.as_object()?;
    match (required.as_slice(), fields.len()) {
        ([Value::String(tag)], 1) => Some((tag, fields.get(tag)?)),
        _ => None,
    }
}

impl<'a> Walk<'a> {
    pub(super) fn choice(&self, schema: &'a Value, node: &Node<'_>, path: &Path, out: &mut Findings) {
        let mut choice = Choice::default();
        Choice::of(schema, &mut choice);
        let full = self.full(path);
        let names = || choice.words.iter().copied().chain(choice.tags.iter().map(|&(tag, _)| tag));
        let wanted = || format!("expected {}", describe::or(&choice.spelled()));
        let note = || format!("`{full}` can be {}", describe::or(&choice.spelled()));
        let many = choice.words.len() + choice.tags.len() > 4;

        if let DeValue::String(text) = node.get_ref() {
            if choice.words.contains(&text.as_ref()) {
                return;
            }
            if let Some((tag, inner)) = choice.tags.iter().find(|(tag, _)| *tag == text.as_ref()) {
                let title = format!("`{tag}` in `{full}` says nothing more");
                let inner = self.follow(inner);
                let label = if describe::types(inner).contains(&"object") {
                    format!("write {{ {tag} = {} }}", describe::sketch(inner))
                } else {
                    format!("write {{ {tag} = … }}, {}", expected(inner))
                };
                return out.refuse(path, Diagnostic::error(node.span(), title, label));
            }
        }
        if let DeValue::Table(table) = node.get_ref()
            && !choice.tags.is_empty()
            && !choice.plain.iter().any(|s| describe::accepts(self.follow(s), node.get_ref()))
        {
            let mut entries = table.iter();
            let (Some((key, value)), None) = (entries.next(), entries.next()) else {
                let title = format!("`{full}` has {} entries", table.len());
                let label = "expected exactly one, such as { name = … }";
                return out.refuse(path, Diagnostic::error(node.span(), title, label).note(note()));
            };
            let tag = key.get_ref().as_ref();
            if let Some((_, inner)) = choice.tags.iter().find(|(t, _)| *t == tag) {
                return self.value(inner, value, &path.key(tag), out);
            }
            if choice.words.contains(&tag) {
                let title = format!("`{tag}` in `{full}` takes no value");
                out.diagnostics.push(Diagnostic::error(key.span(), title, format!("write \"{tag}\"")));
                return out.repairs.push(Repair::Replace(path.clone(), tag.to_owned()));
            }
            let diagnostic = {
                let label = if many { "not a name known here".to_owned() } else { wanted() };
                Diagnostic::error(key.span(), format!("unknown name `{tag}` in `{full}`"), label)
                    .help(did_you_mean(tag, names()))
                    .note(many.then(note))
            };
            let tags = choice.tags.iter().map(|&(tag, _)| tag);
            if let Some((meant, inner)) = slip(tag, tags).and_then(|m| choice.tags.iter().find(|(t, _)| *t == m)) {
                out.diagnostics.push(diagnostic);
                out.repairs.push(Repair::Rename(path.key(tag), (*meant).to_owned()));
                return self.value(inner, value, &path.key(meant), out);
            }
            return out.refuse(path, diagnostic);
        }
        // A plain alternative of the value's own type: its complaints, if any, are the ones to show.
        if let Some(plain) = choice.plain.iter().find(|s| describe::accepts(self.follow(s), node.get_ref())) {
            return self.value(plain, node, path, out);
        }
        let diagnostic = match node.get_ref() {
            DeValue::String(text) => {
                let label = if many { "not a name known here".to_owned() } else { wanted() };
                Diagnostic::error(node.span(), format!("unknown name `{text}` in `{full}`"), label)
                    .help(did_you_mean(text, names()))
                    .note(many.then(note))
            }
            other => Diagnostic::error(node.span(), format!("`{full}` is {}", type_name(other)), wanted()),
        };
        if let DeValue::String(text) = node.get_ref()
            && let Some(meant) = slip(text, choice.words.iter().copied())
        {
            out.diagnostics.push(diagnostic);
            return out.repairs.push(Repair::Replace(path.clone(), meant.to_owned()));
        }
        out.refuse(path, diagnostic);
    }
}
