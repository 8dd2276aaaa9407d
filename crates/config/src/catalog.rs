//! What there is, from the registries: lists, explanations, the page of every kind, and the JSON schema that editors read.

mod fields;
mod markdown;

use serde_json::{Map, Value, json};

pub use markdown::page;

use crate::diagnostics::{nearest, quoted};
use crate::families::{Category, Families, Family, Kind};
use crate::header::Header;
use crate::schema::first_sentence;
use fields::fields;

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

/// Everything about the kinds of one name; or what to say if there is none.
pub fn explain<'a>(groups: &'a [Group], name: &str) -> Result<String, String> {
    let of =
        |group| move |category: &'a Category<Topic>| category.items.iter().map(move |topic| (group, category, topic));
    let all = || groups.iter().flat_map(|g| g.categories.iter().flat_map(of(g)));
    let found: Vec<String> = all().filter(|(.., t)| t.name == name).map(|(g, c, t)| explain_one(g, c, t)).collect();
    if !found.is_empty() {
        return Ok(found.join("\n"));
    }
    let mut near: Vec<&str> = Vec::new();
    // The nearest, the nearest but that one, and one more.
    for _ in 0..3 {
        near.extend(nearest(name, all().map(|(.., t)| t.name).filter(|n| !near.contains(n))));
    }
    let hint = if near.is_empty() { String::new() } else { format!("did you mean {}? ", quoted(near)) };
    Err(format!("nothing is called `{name}`; {hint}`cargo xtask list` shows what there is"))
}

fn explain_one(group: &Group, category: &Category<Topic>, topic: &Topic) -> String {
    let subject = if category.name.is_empty() { String::new() } else { format!(", {}", category.name) };
    let mut out = format!("{} ({}{subject})\n\n", topic.name, group.name);
    if !topic.about().is_empty() {
        out += &format!("{}\n\n", indent(topic.about(), "  "));
    }
    let own = paragraphs(&topic.schema);
    out += if own.is_empty() { "No fields.\n\n" } else { "Fields\n" };
    out += &own;
    if let Some(shared) = &group.shared {
        out += &format!("Every {} also takes\n{}", group.name, paragraphs(shared));
    }
    out + &format!("Example\n{}\n", indent(topic.example.trim_end(), "  "))
}

/// One paragraph per field: name, type, default, what it means.
fn paragraphs(schema: &Value) -> String {
    let mut out = String::new();
    for field in fields(schema) {
        out += &format!("  {}: {}; {}\n", field.path, field.takes, field.need);
        if !field.text.is_empty() {
            out += &format!("{}\n", indent(&field.text, "      "));
        }
        for (word, means) in field.choices {
            out += &format!("      {word}: {means}\n");
        }
        out.push('\n');
    }
    out
}

fn indent(text: &str, by: &str) -> String {
    text.lines().map(|l| if l.is_empty() { String::new() } else { format!("{by}{l}") }).collect::<Vec<_>>().join("\n")
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
