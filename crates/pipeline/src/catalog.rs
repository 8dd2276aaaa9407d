//! What there is, from the registries: lists, explanations, and the JSON schema that editors read.

use serde_json::{Map, Value, json};

use crate::diagnostics::nearest;
use crate::families::Families;
use crate::header::Header;
use crate::schema::{first_sentence, type_text};

/// Something that can be explained: a kind of table, a layer, an update rule.
#[derive(Debug, Clone)]
pub struct Topic {
    /// Its name in pipeline files.
    pub name: String,
    /// What it is: `dataset`, `layer`.
    pub group: String,
    /// JSON schema of its fields.
    pub schema: Value,
    /// JSON schema of fields that it shares with its whole group.
    pub shared: Option<Value>,
    /// How it is written in a pipeline file.
    pub example: String,
}

/// Every kind of every family.
pub fn topics<T>(families: &Families<T>) -> Vec<Topic> {
    let topic = |(family, kind): (&crate::families::Family<T>, &crate::families::Kind<T>)| {
        let mut example = format!("[{}.NAME]\n", family.name);
        if family.tagged {
            example += &format!("kind = \"{}\"\n", kind.name);
        }
        example += kind.example;
        Topic {
            name: kind.name.to_owned(),
            group: family.name.to_owned(),
            schema: kind.schema(),
            shared: family.common.as_ref().map(|c| c.schema()),
            example,
        }
    };
    families.kinds().map(topic).collect()
}

/// All topics by group, one line each.
pub fn list(topics: &[Topic]) -> String {
    let width = topics.iter().map(|t| t.name.chars().count()).max().unwrap_or(0);
    let mut out = String::new();
    let mut group = "";
    for topic in topics {
        if topic.group != group {
            group = &topic.group;
            out += &format!("{}{group}\n", if out.is_empty() { "" } else { "\n" });
        }
        let summary = first_sentence(&topic.schema).unwrap_or_default();
        out += &format!("  {:width$}  {summary}\n", topic.name);
    }
    out
}

/// Everything about the topics of one name; or what to say if there is none.
pub fn explain(topics: &[Topic], name: &str) -> Result<String, String> {
    let found: Vec<String> = topics.iter().filter(|t| t.name == name).map(explain_one).collect();
    if !found.is_empty() {
        return Ok(found.join("\n"));
    }
    let mut near: Vec<&str> = Vec::new();
    // The nearest, the nearest but that one, and one more.
    for _ in 0..3 {
        near.extend(nearest(name, topics.iter().map(|t| t.name.as_str()).filter(|n| !near.contains(n))));
    }
    let names = near.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ");
    Err(match near.as_slice() {
        [] => format!("nothing is called `{name}`; `cargo xtask list` shows what there is"),
        _ => format!("nothing is called `{name}`; did you mean {names}? `cargo xtask list` shows what there is"),
    })
}

fn explain_one(topic: &Topic) -> String {
    let mut out = format!("{} ({})\n\n", topic.name, topic.group);
    if let Some(text) = topic.schema.get("description").and_then(Value::as_str) {
        out += &format!("{}\n\n", indent(text, "  "));
    }
    let own = fields(&topic.schema);
    out += if own.is_empty() { "No fields.\n\n" } else { "Fields\n" };
    out += &own;
    if let Some(shared) = &topic.shared {
        out += &format!("Every {} also takes\n{}", topic.group, fields(shared));
    }
    out + &format!("Example\n{}\n", indent(topic.example.trim_end(), "  "))
}

/// One paragraph per field: name, type, default, what it means.
fn fields(schema: &Value) -> String {
    let none = Map::new();
    let properties = schema.get("properties").and_then(Value::as_object).unwrap_or(&none);
    let required: Vec<&str> =
        schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let mut out = String::new();
    for (name, field) in properties {
        let default = match field.get("default") {
            _ if required.contains(&name.as_str()) => "required".to_owned(),
            None | Some(Value::Null) => "optional".to_owned(),
            Some(value) => format!("default {}", toml_text(value)),
        };
        out += &format!("  {name}: {}; {default}\n", type_text(field));
        if let Some(text) = field.get("description").and_then(Value::as_str) {
            out += &format!("{}\n", indent(text, "      "));
        }
        out.push('\n');
    }
    out
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

fn indent(text: &str, by: &str) -> String {
    text.lines().map(|l| if l.is_empty() { String::new() } else { format!("{by}{l}") }).collect::<Vec<_>>().join("\n")
}

/// JSON schema (draft-07) of a whole pipeline file.
pub fn file_schema<T>(families: &Families<T>) -> Value {
    let mut schema = registry::schema_of::<Header>().to_value();
    let Some(object) = schema.as_object_mut() else { return schema };
    object.insert("title".into(), json!("A pipeline of `unfold`"));
    object.insert("additionalProperties".into(), json!(false));
    let Some(properties) = object.get_mut("properties").and_then(Value::as_object_mut) else { return schema };
    for family in &families.0 {
        let tables: Vec<Value> = family.kinds.iter().map(|kind| kind_schema(family, kind)).collect();
        let table = match <[Value; 1]>::try_from(tables) {
            Ok([only]) if !family.tagged => only,
            Ok(one) => json!({ "oneOf": one }),
            Err(many) => json!({ "oneOf": many }),
        };
        properties.insert(
            family.name.into(),
            json!({ "description": family.about, "type": "object", "additionalProperties": table }),
        );
    }
    schema
}

/// One kind's table, its `kind` included.
fn kind_schema<T>(family: &crate::families::Family<T>, kind: &crate::families::Kind<T>) -> Value {
    let mut schema = family.table_schema(kind);
    let Some(object) = schema.as_object_mut() else { return schema };
    object.remove("$schema");
    object.insert("title".into(), json!(if family.tagged { kind.name } else { family.name }));
    if family.tagged {
        let mut properties = Map::new();
        properties.insert("kind".into(), json!({ "const": kind.name }));
        if let Some(Value::Object(own)) = object.remove("properties") {
            properties.extend(own);
        }
        object.insert("properties".into(), Value::Object(properties));
        let required = object.entry("required").or_insert_with(|| json!([]));
        if let Some(list) = required.as_array_mut() {
            list.insert(0, json!("kind"));
        }
    }
    schema
}
