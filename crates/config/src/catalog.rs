//! What there is, from the registries: lists, explanations, the page of every kind, and the JSON schema that editors read.

mod explain;
mod fields;
mod markdown;

use serde_json::{Map, Value, json};

pub use explain::explain;
pub use markdown::page;

use crate::families::{Category, Families, Family, Kind};
use crate::header::Header;
use crate::schema::first_sentence;

/// Kinds of one sort: the tables of a family, the layers of a model.
#[derive(Debug, Clone)]
pub struct Group {
    /// What each of them is: `dataset`, `layer`.
    pub name: &'static str,
    /// What they are, one line.
    pub about: &'static str,
    /// JSON schema of fields that all of them take besides their own.
    pub shared: Option<Value>,
    /// The kinds, by subject.
    pub categories: Vec<Category<Topic>>,
}

impl Group {
    /// The kinds.
    pub fn topics(&self) -> impl Iterator<Item = &Topic> {
        self.categories.iter().flat_map(|c| &c.items)
    }
}

/// Something that can be explained: a kind of table, a layer, an optimizer.
#[derive(Debug, Clone)]
pub struct Topic {
    /// Its name in pipeline files.
    pub name: &'static str,
    /// JSON schema of its fields, with its documentation.
    pub schema: Value,
    /// How it is written in a pipeline file.
    pub example: String,
}

impl Topic {
    /// Its documentation.
    fn about(&self) -> &str {
        self.schema.get("description").and_then(Value::as_str).unwrap_or_default()
    }
}

/// Every kind of every family.
pub fn groups<T>(families: &Families<T>) -> Vec<Group> {
    let topic = |family: &Family<T>, kind: &Kind<T>| {
        let mut example = format!("[{}.NAME]\n", family.name);
        if family.tagged {
            example += &format!("kind = \"{}\"\n", kind.name);
        }
        Topic { name: kind.name, schema: kind.schema().clone(), example: example + kind.example }
    };
    let group = |family: &Family<T>| Group {
        name: family.name,
        about: family.about,
        shared: family.common.as_ref().map(|c| c.schema().clone()),
        categories: family.categories.iter().map(|c| c.map(|kind| topic(family, kind))).collect(),
    };
    families.0.iter().map(group).collect()
}

/// All kinds by group and subject, one line each.
pub fn list(groups: &[Group]) -> String {
    let width = groups.iter().flat_map(Group::topics).map(|t| t.name.chars().count()).max().unwrap_or(0) + 2;
    let mut out = Vec::new();
    for group in groups {
        let mut text = format!("{}\n", group.name);
        for category in &group.categories {
            let mut indent = "";
            if !category.name.is_empty() {
                text += &format!("  {}: {}\n", category.name, category.about);
                indent = "  ";
            }
            for topic in &category.items {
                let name = format!("{indent}{}", topic.name);
                text += &format!("  {name:width$}  {}\n", first_sentence(&topic.schema).unwrap_or_default());
            }
        }
        out.push(text);
    }
    out.join("\n")
}

/// JSON schema (draft-07) of a whole pipeline file.
pub fn file_schema<T>(families: &Families<T>) -> Value {
    let mut schema = registry::schema_of::<Header>().to_value();
    schema["title"] = json!("A pipeline of `unfold`");
    schema["additionalProperties"] = json!(false);
    for family in &families.0 {
        let mut tables: Vec<Value> = family.kinds().map(|kind| kind_schema(family, kind)).collect();
        let table = if family.tagged { json!({ "oneOf": tables }) } else { tables.remove(0) };
        schema["properties"][family.name] =
            json!({ "description": family.about, "type": "object", "additionalProperties": table });
    }
    schema
}

/// One kind's table, its `kind` included.
fn kind_schema<T>(family: &Family<T>, kind: &Kind<T>) -> Value {
    let Value::Object(mut schema) = family.table_schema(kind).clone() else {
        unreachable!("a struct's schema is an object")
    };
    schema.remove("$schema");
    schema.insert("title".into(), json!(if family.tagged { kind.name } else { family.name }));
    if family.tagged {
        let mut properties = Map::from_iter([("kind".to_owned(), json!({ "const": kind.name }))]);
        if let Some(Value::Object(own)) = schema.remove("properties") {
            properties.extend(own);
        }
        schema.insert("properties".into(), Value::Object(properties));
        let mut required = vec![json!("kind")];
        required.extend(schema.get("required").and_then(Value::as_array).cloned().into_iter().flatten());
        schema.insert("required".into(), required.into());
    }
    Value::Object(schema)
}
