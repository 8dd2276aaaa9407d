//! Schemas in words: what a field takes, as messages and `explain` say it.

use serde_json::Value;
use toml::de::DeValue;

use super::choice::Choice;
use super::key;

/// The schema's types without `null`; empty means any.
pub(super) fn types(schema: &Value) -> Vec<&str> {
    match key(schema, "type") {
        Some(Value::String(one)) => vec![one.as_str()],
        Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).filter(|t| *t != "null").collect(),
        _ => Vec::new(),
    }
}

/// Whether a value has one of the schema's types.
pub(super) fn accepts(schema: &Value, value: &DeValue<'_>) -> bool {
    let types = types(schema);
    let any = |names: &[&str]| types.is_empty() || names.iter().any(|n| types.contains(n));
    match value {
        DeValue::String(_) => any(&["string"]),
        // A date has no schema here: where a string is wanted it lacks its quotes.
        DeValue::Datetime(_) => types.is_empty(),
        DeValue::Integer(_) => any(&["integer", "number"]),
        DeValue::Float(_) => any(&["number"]),
        DeValue::Boolean(_) => any(&["boolean"]),
        DeValue::Array(_) => any(&["array"]),
        DeValue::Table(_) => any(&["object"]),
    }
}

/// What a field takes, to follow "expected": `a whole number ≥ 1`.
pub fn expected(schema: &Value) -> String {
    if let Some(family) = key(schema, "x-reference").and_then(Value::as_str) {
        let article = if family.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
        return format!("the name of {article} [{family}] table");
    }
    let choice = Choice::of(schema);
    if choice.words.len() + choice.tags.len() > 0 || choice.plain.len() > 1 {
        return or(&choice.spelled());
    }
    let schema = choice.plain.first().copied().unwrap_or(schema);
    let words: Vec<String> = types(schema)
        .into_iter()
        .map(|name| match name {
            "integer" => format!("a whole number{}", range(schema)),
            "number" => format!("a number{}", range(schema)),
            "string" => "a string".to_owned(),
            "boolean" => "true or false".to_owned(),
            "array" => list(schema),
            "object" => "a table".to_owned(),
            other => other.to_owned(),
        })
        .collect();
    if words.is_empty() { "a value".to_owned() } else { or(&words) }
}

fn list(schema: &Value) -> String {
    match key(schema, "items") {
        Some(Value::Array(each)) => {
            format!("[{}]", each.iter().map(expected).collect::<Vec<_>>().join(", "))
        }
        Some(items) => {
            let length = key(schema, "minItems").filter(|n| key(schema, "maxItems") == Some(n)).and_then(Value::as_u64);
            if let Some(n @ 1..=3) = length {
                return format!("[{}]", vec![expected(items); n as usize].join(", "));
            }
            let choice = Choice::of(items);
            if choice.words.len() + choice.tags.len() > 4 {
                return "a list".to_owned();
            }
            format!("a list, each item {}", expected(items))
        }
        None => "a list".to_owned(),
    }
}

fn range(schema: &Value) -> String {
    let bound = |name| key(schema, name).and_then(Value::as_f64);
    // Bounds of the machine's own types, 255 and such, say nothing to a reader.
    let machine = |most: f64| [u8::MAX as f64, u16::MAX as f64, u32::MAX as f64].contains(&most);
    let mut words = Vec::new();
    words.extend(bound("minimum").map(|n| format!("≥ {n}")));
    words.extend(bound("exclusiveMinimum").map(|n| format!("> {n}")));
    words.extend(bound("maximum").filter(|&n| !machine(n)).map(|n| format!("≤ {n}")));
    words.extend(bound("exclusiveMaximum").map(|n| format!("< {n}")));
    if words.is_empty() { String::new() } else { format!(" {}", words.join(" and ")) }
}

/// The type of a field for the tables of `explain`: `whole number ≥ 1`.
pub fn type_text(schema: &Value) -> String {
    let text = expected(schema);
    text.strip_prefix("a ").or_else(|| text.strip_prefix("the ")).unwrap_or(&text).to_owned()
}

/// Items with commas and a final "or".
pub(super) fn or(items: &[String]) -> String {
    match items {
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

/// An example of a table's required fields: `{ lr = … }`.
pub(super) fn sketch(schema: &Value) -> String {
    let required: Vec<String> = schema
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(|n| format!("{n} = …"))
        .collect();
    if required.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", required.join(", ")) }
}

/// The first sentence of a schema's documentation.
pub fn first_sentence(schema: &Value) -> Option<String> {
    let text = key(schema, "description")?.as_str()?.split("\n\n").next()?.replace('\n', " ");
    // A stop before a capital letter ends a sentence; one inside "et al. 2017" does not.
    let ends = |(i, _): &(usize, &str)| text[i + 2..].starts_with(char::is_uppercase);
    let end = text.match_indices(". ").find(ends).map_or(text.len(), |(i, _)| i);
    Some(text[..end].trim_end_matches('.').to_owned())
}

/// A hint where a number, a boolean or a list is written as a string, or the other way round.
pub(super) fn quotes_help(schema: &Value, value: &DeValue<'_>) -> Option<String> {
    let types = types(schema);
    match value {
        DeValue::String(text) => {
            let text = text.trim();
            let number = types.contains(&"number") && text.parse::<f64>().is_ok_and(f64::is_finite);
            let integer = types.contains(&"integer") && text.parse::<i64>().is_ok();
            let boolean = types.contains(&"boolean") && matches!(text, "true" | "false");
            (number || integer || boolean).then(|| format!("write {text} without quotes"))
        }
        _ if types == ["array"] => Some("put it in brackets: [ … ]".to_owned()),
        DeValue::Float(f) if types == ["integer"] => {
            let value: f64 = f.as_str().parse().ok()?;
            (value.is_finite() && value.trunc() == value && value.abs() < 1e15).then(|| format!("write {value:.0}"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn fields_are_told_in_words() {
        let cases = [
            (json!({ "type": "integer", "minimum": 1, "maximum": 255 }), "a whole number ≥ 1"),
            (json!({ "type": ["number", "null"], "exclusiveMinimum": 0, "maximum": 1 }), "a number > 0 and ≤ 1"),
            (json!({ "type": "array", "items": { "type": "string" } }), "a list, each item a string"),
            (json!({ "type": "array", "items": [{ "type": "number" }, { "type": "number" }] }), "[a number, a number]"),
            (
                json!({ "type": "array", "items": { "type": "number" }, "minItems": 2, "maxItems": 2 }),
                "[a number, a number]",
            ),
            (json!({ "type": "string", "x-reference": "train" }), "the name of a [train] table"),
            (json!({ "type": "string", "x-reference": "analysis" }), "the name of an [analysis] table"),
            (json!({ "type": ["string", "null"], "enum": ["a", "b", null] }), "\"a\" or \"b\""),
            (json!({ "anyOf": [{ "type": "integer" }, { "enum": ["full"] }] }), "\"full\" or a whole number"),
            (json!({}), "a value"),
        ];
        for (schema, words) in cases {
            assert_eq!(expected(&schema), words, "{schema}");
        }
    }

    #[test]
    fn a_first_sentence_ends_where_it_ends() {
        let first = |text: &str| first_sentence(&json!({ "description": text })).unwrap_or_default();
        assert_eq!(first("One. Two."), "One");
        assert_eq!(
            first("As in Klambauer et al. 2017, 0.5\nof it.\n\nMore."),
            "As in Klambauer et al. 2017, 0.5 of it"
        );
    }
}
