//! Values with alternatives: words (`"relu"`), tagged values (`{ linear = 64 }`), and plain types side by side (`"full"` or a
//! number).

use std::borrow::Cow;

use serde_json::Value;
use toml::Spanned;
use toml::de::DeValue;

use super::{Findings, Walk, describe, expected, key, required_fields};
use crate::diagnostics::{Diagnostic, did_you_mean, misspelling_of};
use crate::tree::{Node, Path, Repair, type_name};

/// The alternatives of a schema, by the shape a pipeline writes them in.
#[derive(Default)]
pub(crate) struct Choice<'a> {
    /// `"relu"`
    pub words: Vec<&'a str>,
    /// `{ linear = 64 }`: the tag and the schema of what it holds.
    pub tags: Vec<(&'a str, &'a Value)>,
    /// Any other type.
    pub plain: Vec<&'a Value>,
}

impl<'a> Choice<'a> {
    /// Sorts the alternatives of `schema`.
    pub fn of(schema: &'a Value) -> Self {
        let mut choice = Choice::default();
        choice.add(schema);
        choice.settle();
        choice
    }

    fn add(&mut self, schema: &'a Value) {
        if let Some(list) = key(schema, "oneOf").or_else(|| key(schema, "anyOf")).and_then(Value::as_array) {
            list.iter().for_each(|s| self.add(s));
        } else if let Some(word) = key(schema, "const").and_then(Value::as_str) {
            self.words.push(word);
        } else if let Some(words) = key(schema, "enum").and_then(Value::as_array) {
            self.words.extend(words.iter().filter_map(Value::as_str));
        } else if let Some((tag, inner)) = tagged(schema) {
            self.tags.push((tag, inner));
        } else if key(schema, "type").and_then(Value::as_str) != Some("null") {
            self.plain.push(schema);
        }
    }

    /// Drops words whose value cannot be left out: `"linear"` where `{ linear = … }` must say how many units.
    fn settle(&mut self) {
        let needs_value = |word: &&str| self.tags.iter().any(|(tag, inner)| tag == word && !can_be_left_out(inner));
        let (_, words) = std::mem::take(&mut self.words).into_iter().partition(needs_value);
        self.words = words;
    }

    /// Whether there are too many alternatives to list in a label.
    pub fn is_long(&self) -> bool {
        self.spelled().len() > 4
    }

    /// How each alternative is written: `"relu"`, `{ linear = … }`, `a number`.
    pub fn spelled(&self) -> Vec<String> {
        let words = self.words.iter().map(|w| format!("\"{w}\""));
        let tags = self.tags.iter().filter(|(t, _)| !self.words.contains(t)).map(|(t, _)| format!("{{ {t} = … }}"));
        words.chain(tags).chain(self.plain.iter().map(|s| expected(s))).collect()
    }
}

/// The table among a schema's alternatives, if there is one: `{ linear = 64 }` and `{ linear = { units = 64 } }` are the same.
fn plainest(schema: &Value) -> &Value {
    let list = key(schema, "anyOf").or_else(|| key(schema, "oneOf")).and_then(Value::as_array);
    list.and_then(|l| l.iter().find(|s| describe::types(s).contains(&"object"))).unwrap_or(schema)
}

/// Whether the value of a tag can be left out, so that its name alone is enough.
fn can_be_left_out(inner: &Value) -> bool {
    required_fields(plainest(inner)).next().is_none()
}

/// A table of exactly one required field is how an enum's variant with contents is written.
fn tagged(schema: &Value) -> Option<(&str, &Value)> {
    let (tag, inner) = only_field(schema)?;
    (required_fields(schema).eq([tag])).then_some((tag, inner))
}

/// The field of a table that has no other.
fn only_field(schema: &Value) -> Option<(&str, &Value)> {
    let fields = key(schema, "properties")?.as_object()?;
    let (name, inner) = fields.iter().next()?;
    (fields.len() == 1).then_some((name, inner))
}

/// The alternative that a tag leads to.
fn behind<'a>(list: &'a [Value], tag: &str) -> Option<(&'a str, &'a Value)> {
    let named = list.iter().find(|s| only_field(s).is_some_and(|(name, _)| name == tag))?;
    tagged(named)
}

/// Whether a schema is this word, or one of several.
fn is_word(schema: &Value, text: &str) -> bool {
    let one_of = |words: &Value| words.as_array().is_some_and(|words| words.iter().any(|word| word == text));
    key(schema, "enum").map_or_else(|| key(schema, "const").is_some_and(|word| word == text), one_of)
}

/// What is left to judge: the tag that leads to it, if one does, its schema, and the value.
type Rest<'a, 'n, 's> = (Option<&'a str>, &'a Value, &'n Node<'s>);

/// What is left to judge where a value is the name or the tag of an alternative, or of the type of one, as nearly all are; `None`
/// where that takes a closer look. A list of thousands of layers sorts the alternatives of none of them.
fn quickly<'a, 'n, 's>(schema: &'a Value, node: &'n Node<'s>) -> Option<Option<Rest<'a, 'n, 's>>> {
    let list = key(schema, "oneOf").or_else(|| key(schema, "anyOf")).and_then(Value::as_array)?;
    match node.get_ref() {
        DeValue::String(text) => {
            let found = list.iter().any(|s| is_word(s, text));
            (found && behind(list, text).is_none_or(|(_, inner)| can_be_left_out(inner))).then_some(None)
        }
        DeValue::Table(table) if table.len() == 1 => {
            let (key, value) = table.iter().next()?;
            let (tag, inner) = behind(list, key.get_ref())?;
            Some(Some((Some(tag), inner, value)))
        }
        DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) => {
            // Only a plain type names itself: a reference, or alternatives of their own, take a closer look.
            let plain =
                |s: &&Value| !describe::types(s).is_empty() && key(s, "const").is_none() && key(s, "enum").is_none();
            let of_type = list.iter().filter(plain).find(|s| describe::accepts(s, node.get_ref()))?;
            Some(Some((None, of_type, node)))
        }
        _ => None,
    }
}

impl<'a> Walk<'a> {
    pub(super) fn choice(&self, schema: &'a Value, node: &Node<'_>, path: &Path, out: &mut Findings) {
        if let Some(rest) = quickly(schema, node) {
            return rest.into_iter().for_each(|(tag, inner, value)| match tag {
                Some(tag) => self.value(inner, value, &path.key(tag), out),
                None => self.value(inner, value, path, out),
            });
        }
        let choice = Choice::of(schema);
        let full = self.full(path);
        let names = || choice.words.iter().copied().chain(choice.tags.iter().map(|&(tag, _)| tag));
        let wanted = || format!("expected {}", describe::or(&choice.spelled()));
        let note = || format!("`{full}` can be {}", describe::or(&choice.spelled()));
        let many = || choice.is_long();

        if let DeValue::String(text) = node.get_ref() {
            if choice.words.contains(&text.as_ref()) {
                return;
            }
            if let Some((tag, inner)) = choice.tags.iter().find(|(tag, _)| *tag == text.as_ref()) {
                let title = format!("`{tag}` in `{full}` needs a value");
                let inner = self.follow(inner);
                let label = match describe::types(inner).contains(&"object") {
                    true => format!("write {{ {tag} = {} }}", describe::sketch(inner)),
                    false => format!("write {{ {tag} = … }}, {}", expected(inner)),
                };
                return out.refuse(path, Diagnostic::error(node.span(), title, label), schema);
            }
        }
        if let DeValue::Table(table) = node.get_ref()
            && !choice.tags.is_empty()
            && !choice.plain.iter().any(|s| describe::accepts(self.follow(s), node.get_ref()))
        {
            // Beside a known tag, other keys are settings that belong inside it.
            let known = table.iter().filter(|(key, _)| names().any(|n| n == key.get_ref().as_ref()));
            let [(key, value)] = known.collect::<Vec<_>>()[..] else {
                if let (1, Some((key, value))) = (table.len(), table.iter().next()) {
                    return self.unknown_tag(schema, &choice, key, value, path, out);
                }
                let title = format!("`{full}` has {} entries", table.len());
                let label = "expected exactly one, such as { name = … }";
                return out.refuse(path, Diagnostic::error(node.span(), title, label).note(note()), schema);
            };
            let tag = key.get_ref().as_ref();
            for (other, _) in table.iter().filter(|(other, _)| other != &key) {
                let title = format!("`{}` does not belong beside `{tag}` in `{full}`", other.get_ref());
                let label = format!("settings go inside: {{ {tag} = {{ … }} }}");
                out.diagnostics.push(Diagnostic::error(other.span(), title, label));
                out.repairs.push(Repair::Remove(path.key(other.get_ref())));
            }
            if let Some((_, inner)) = choice.tags.iter().find(|(t, _)| *t == tag) {
                return self.value(inner, value, &path.key(tag), out);
            }
            let title = format!("`{tag}` in `{full}` takes no value");
            out.diagnostics.push(Diagnostic::error(key.span(), title, format!("write \"{tag}\"")));
            return out.repairs.push(Repair::Replace(path.clone(), tag.to_owned()));
        }
        // A plain alternative of the value's own type: its complaints, if any, are the ones to show.
        if let Some(plain) = choice.plain.iter().find(|s| describe::accepts(self.follow(s), node.get_ref())) {
            return self.value(plain, node, path, out);
        }
        let diagnostic = match node.get_ref() {
            DeValue::String(text) => {
                let label = if many() { "not a known name".to_owned() } else { wanted() };
                Diagnostic::error(node.span(), format!("unknown name `{text}` in `{full}`"), label)
                    .help(did_you_mean(text, names()))
                    .note(many().then(note))
            }
            other => Diagnostic::error(node.span(), format!("`{full}` is {}", type_name(other)), wanted()),
        };
        if let DeValue::String(text) = node.get_ref()
            && let Some(meant) = misspelling_of(text, choice.words.iter().copied())
        {
            out.diagnostics.push(diagnostic);
            return out.repairs.push(Repair::Replace(path.clone(), meant.to_owned()));
        }
        out.refuse(path, diagnostic, schema);
    }

    /// `{ liner = 3 }`
    fn unknown_tag(
        &self,
        schema: &'a Value,
        choice: &Choice<'a>,
        key: &Spanned<Cow<'_, str>>,
        value: &Node<'_>,
        path: &Path,
        out: &mut Findings,
    ) {
        let (tag, full) = (key.get_ref().as_ref(), self.full(path));
        let names = choice.words.iter().copied().chain(choice.tags.iter().map(|&(tag, _)| tag));
        let spelled = describe::or(&choice.spelled());
        let many = choice.is_long();
        let label = if many { "not a known name".to_owned() } else { format!("expected {spelled}") };
        let diagnostic = Diagnostic::error(key.span(), format!("unknown name `{tag}` in `{full}`"), label)
            .help(did_you_mean(tag, names))
            .note(many.then(|| format!("`{full}` can be {spelled}")));
        let meant = misspelling_of(tag, choice.tags.iter().map(|&(tag, _)| tag));
        match meant.and_then(|m| choice.tags.iter().find(|(t, _)| *t == m)) {
            Some((meant, inner)) => {
                out.diagnostics.push(diagnostic);
                out.repairs.push(Repair::Rename(path.key(tag), (*meant).to_owned()));
                self.value(inner, value, &path.key(meant), out);
            }
            None => out.refuse(path, diagnostic, schema),
        }
    }
}
