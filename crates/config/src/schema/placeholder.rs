//! A value of the right type for a field whose own could not be read, so that the rest of its table can be judged.

use serde_json::Value;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use super::choice::Choice;
use super::{describe, required_fields};

/// Any value that the schema accepts; `None` where none is found.
pub(super) fn of(schema: &Value) -> Option<DeValue<'static>> {
    let choice = Choice::of(schema);
    if let Some(word) = choice.words.first() {
        return Some(DeValue::String((*word).to_owned().into()));
    }
    if let Some((tag, inner)) = choice.tags.first() {
        return Some(table([(*tag, of(inner)?)]));
    }
    let schema = choice.plain.first()?;
    match *describe::types(schema).first()? {
        // Large enough not to conflict with other fields (a schedule longer than the training), where bounds allow.
        "integer" => first_within(schema, &["1000", "100", "10", "2", "1", "0"]),
        "number" => first_within(schema, &["0.5", "1.0", "10.0", "1000.0", "0.0"]),
        "string" => Some(DeValue::String("".into())),
        "boolean" => Some(DeValue::Boolean(false)),
        "array" => {
            let mut list = DeArray::new();
            let least = schema.get("minItems").and_then(Value::as_u64).unwrap_or(0) as usize;
            for i in 0..least.min(100) {
                let item = match schema.get("items")? {
                    Value::Array(each) => each.get(i)?,
                    same => same,
                };
                list.push(Spanned::new(0..0, of(item)?));
            }
            Some(DeValue::Array(list))
        }
        "object" => {
            let field = |name: &'_ str| Some((name.to_owned(), of(schema.get("properties")?.get(name)?)?));
            let fields: Option<Vec<(String, DeValue<'static>)>> = required_fields(schema).map(field).collect();
            Some(table(fields?.iter().map(|(name, value)| (name.as_str(), value.clone()))))
        }
        _ => None,
    }
}

fn table<'a>(fields: impl IntoIterator<Item = (&'a str, DeValue<'static>)>) -> DeValue<'static> {
    let mut table = DeTable::new();
    for (name, value) in fields {
        table.insert(Spanned::new(0..0, name.to_owned().into()), Spanned::new(0..0, value));
    }
    DeValue::Table(table)
}

fn first_within(schema: &Value, candidates: &[&'static str]) -> Option<DeValue<'static>> {
    let bound = |name, none| schema.get(name).and_then(Value::as_f64).unwrap_or(none);
    let fits = |text: &&&'static str| {
        let number: f64 = text.parse().unwrap_or(f64::NAN);
        number >= bound("minimum", f64::MIN)
            && number <= bound("maximum", f64::MAX)
            && number > bound("exclusiveMinimum", f64::MIN)
            && number < bound("exclusiveMaximum", f64::MAX)
    };
    let text = candidates.iter().find(fits)?;
    Some(DeValue::parse(text).expect("the candidates are numbers").into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn placeholders_fit_their_schema() {
        let text = |schema: Value| match of(&schema) {
            Some(DeValue::Integer(i)) => i.to_string(),
            Some(DeValue::Float(f)) => f.to_string(),
            Some(DeValue::Array(list)) => format!("{} items", list.len()),
            Some(DeValue::Table(table)) => table.keys().map(|k| k.get_ref().to_string()).collect::<Vec<_>>().join(" "),
            Some(other) => format!("{other:?}"),
            None => "nothing".to_owned(),
        };
        assert_eq!(text(json!({ "type": "integer", "minimum": 0, "maximum": 255 })), "100");
        assert_eq!(text(json!({ "type": "number", "exclusiveMaximum": 0.5 })), "0.0");
        let pair = json!([{ "type": "number" }, { "type": "number" }]);
        assert_eq!(text(json!({ "type": "array", "items": pair, "minItems": 2 })), "2 items");
        let nested =
            json!({ "type": "object", "properties": { "a": { "type": "boolean" }, "b": {} }, "required": ["a"] });
        assert_eq!(text(nested), "a");
        assert_eq!(text(json!({})), "nothing");
    }
}
