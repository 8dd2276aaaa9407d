//! The fields of a kind in words, from its schema: what `explain` prints and the page of every kind lists.

use serde_json::{Map, Value};

use crate::schema::{Choice, required_fields, type_text};

/// A field of a table, or of a table inside it.
pub(super) struct Field {
    /// Its path in the table: `animate`, `animate.every`, `samples[].index`.
    pub path: String,
    /// What it takes: `whole number ≥ 1`.
    pub takes: String,
    /// Whether it must be there: `required`, `optional`, `default 0.5`; or `alternative`, one of several ways to write the field
    /// above.
    pub need: String,
    /// What it means.
    pub text: String,
    /// The words that it can be, `"zero"`, each with what it means, where that is said.
    pub words: Vec<(String, String)>,
    /// The group whose kinds it takes, where these are explained by themselves: `layer`.
    pub group: Option<String>,
}

impl Field {
    /// The words that it can be; none where its text names them all already.
    pub fn choices(&self) -> &[(String, String)] {
        if self.words.iter().all(|(word, _)| self.text.contains(word)) { &[] } else { &self.words }
    }
}

/// Every field of a table, each followed by those inside it.
pub(super) fn fields(schema: &Value) -> Vec<Field> {
    let mut all = Vec::new();
    collect(schema, "", &mut all);
    all
}

fn collect(table: &Value, prefix: &str, all: &mut Vec<Field>) {
    let none = Map::new();
    for (name, schema) in table.get("properties").and_then(Value::as_object).unwrap_or(&none) {
        let need = match schema.get("default") {
            _ if required_fields(table).any(|r| r == name) => "required".to_owned(),
            None | Some(Value::Null) => "optional".to_owned(),
            Some(value) => format!("default {}", toml_text(value)),
        };
        add(schema, format!("{prefix}{name}"), need, text_of(schema), all);
    }
}

/// Adds a field, and then what is inside it.
fn add(schema: &Value, path: String, need: String, text: String, all: &mut Vec<Field>) {
    let (inner, inside) = match schema.get("items") {
        Some(items @ Value::Object(_)) => (items, format!("{path}[]")),
        _ => (schema, path.clone()),
    };
    let group = inner.get("x-group").and_then(Value::as_str).map(str::to_owned);
    let known = group.is_some();
    let words = if known { Vec::new() } else { words(inner) };
    all.push(Field { path, takes: type_text(schema), need, text, words, group });
    if known {
        return;
    }
    let choice = Choice::of(inner);
    for alternative in alternatives(inner) {
        let own = Choice::of(alternative);
        if let ([(tag, held)], true) = (&own.tags[..], alternatives(alternative).is_empty()) {
            add(held, format!("{inside}.{tag}"), "alternative".to_owned(), text_of(alternative), all);
        }
    }
    if let [plain] = choice.plain[..] {
        collect(plain, &format!("{inside}."), all);
    }
}

/// The alternatives of a schema and of its alternatives; none where it has no choice.
fn alternatives(schema: &Value) -> Vec<&Value> {
    let direct = schema.get("oneOf").or_else(|| schema.get("anyOf")).and_then(Value::as_array).into_iter().flatten();
    direct.flat_map(|a| std::iter::once(a).chain(alternatives(a))).collect()
}

fn text_of(schema: &Value) -> String {
    schema.get("description").and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// The words that a field can be, each with what it means, where that is said.
fn words(schema: &Value) -> Vec<(String, String)> {
    let quoted = |a: &Value| Some(format!("\"{}\"", a.get("const")?.as_str()?));
    let explained = |a: &Value| quoted(a).zip(Some(text_of(a)).filter(|t| !t.is_empty()));
    alternatives(schema).into_iter().filter_map(explained).collect()
}

/// A JSON value as TOML writes it.
fn toml_text(value: &Value) -> String {
    match value {
        Value::Array(list) => format!("[{}]", list.iter().map(toml_text).collect::<Vec<_>>().join(", ")),
        Value::Object(fields) => {
            let inner: Vec<String> = fields.iter().map(|(k, v)| format!("{k} = {}", toml_text(v))).collect();
            if inner.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", inner.join(", ")) }
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn fields_inside_fields_have_paths() {
        let number = json!({ "type": "number", "description": "How much.", "default": 0.5 });
        let schema = json!({ "required": ["many"], "properties": {
            "plain": number,
            "inner": { "type": ["object", "null"], "required": ["a"], "properties": { "a": number, "c": {} } },
            "many": { "type": "array", "items": { "type": "object", "properties": { "b": number } } },
            "choice": { "oneOf": [
                { "const": "none", "description": "Nothing." },
                { "type": "object", "required": ["some"], "properties": { "some": { "type": "integer" } }, "description": "Some." },
            ] },
            "layers": { "type": "array", "items": { "x-group": "layer", "oneOf": [{ "const": "relu", "description": "No." }] } },
        } });
        let all = fields(&schema);
        let seen: Vec<_> = all.iter().map(|f| (f.path.as_str(), f.takes.as_str(), f.need.as_str())).collect();
        assert_eq!(
            seen,
            [
                ("plain", "number", "default 0.5"),
                ("inner", "table", "optional"),
                ("inner.a", "number", "required"),
                ("inner.c", "value", "optional"),
                ("many", "list, each item a table", "required"),
                ("many[].b", "number", "default 0.5"),
                ("choice", "\"none\" or { some = … }", "optional"),
                ("choice.some", "whole number", "alternative"),
                ("layers", "list, each item \"relu\"", "optional"),
            ]
        );
        assert_eq!(all[6].choices(), [("\"none\"".to_owned(), "Nothing.".to_owned())]);
        assert_eq!((all[7].text.as_str(), all[8].choices().len()), ("Some.", 0));
        assert_eq!(all[8].group.as_deref(), Some("layer"));
        assert!(fields(&json!({})).is_empty());
    }

    #[test]
    fn defaults_are_written_as_in_a_file() {
        assert_eq!(toml_text(&json!([1, "a", { "b": [true] }, {}])), "[1, \"a\", { b = [true] }, {}]");
    }
}
