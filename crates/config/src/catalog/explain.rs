//! `explain`: everything that a name means in pipeline files, and beside them.

use serde_json::Value;

use super::fields::{Field, fields};
use super::{Group, Topic};
use crate::diagnostics::{nearest, quoted};
use crate::families::Category;
use crate::header::Header;

/// Everything that has a name, each with what is to be said of it: kinds and their groups, fields, the words that fields can be,
/// and `others`. A field may be called by its own name or by more of its path: `patience`, `early_stopping.patience`,
/// `train.early_stopping.patience`.
///
/// # Errors
/// What to say if there is nothing of this name.
pub fn explain(groups: &[Group], others: &[(String, String)], name: &str) -> Result<String, String> {
    let owners = owners(groups);
    let mut found: Vec<String> =
        topics(groups).filter(|(.., topic)| topic.name == name).map(|(g, c, t)| explain_topic(g, c, t)).collect();
    // A group of one kind that has its name is explained by it.
    let several = |group: &&Group| group.name == name && group.topics().all(|topic| topic.name != name);
    let group = |group: &Group| format!("{}\n\n{}", group.about, super::list(std::slice::from_ref(group)));
    found.extend(groups.iter().filter(several).map(group));
    found.extend(explain_fields(&owners, name));
    found.extend(explain_words(&owners, name));
    found.extend(others.iter().filter(|(other, _)| other == name).map(|(_, text)| text.clone()));
    if !found.is_empty() {
        return Ok(found.join("\n"));
    }
    let names = names(groups, &owners, others, name.contains('.'));
    let mut near: Vec<&str> = Vec::new();
    // The nearest, the nearest but that one, and one more.
    for _ in 0..3 {
        near.extend(nearest(name, names.iter().map(String::as_str).filter(|n| !near.contains(n))));
    }
    let hint = if near.is_empty() { String::new() } else { format!("did you mean {}? ", quoted(near)) };
    Err(format!("nothing is called `{name}`; {hint}`cargo xtask list` shows what there is"))
}

/// Every kind with its group and its subject.
fn topics(groups: &[Group]) -> impl Iterator<Item = (&Group, &Category<Topic>, &Topic)> {
    let of = |group| move |category| (group, category);
    let categories = groups.iter().flat_map(move |group| group.categories.iter().map(of(group)));
    categories.flat_map(|(group, category)| category.items.iter().map(move |topic| (group, category, topic)))
}

/// Something that has fields.
struct Owner {
    /// What it is called: `train`, `figure training_curves`, `the file itself`.
    name: String,
    /// What may stand before the path of a field.
    prefixes: Vec<String>,
    fields: Vec<Field>,
}

fn owners(groups: &[Group]) -> Vec<Owner> {
    let own = |(group, _, topic): (&Group, &Category<Topic>, &Topic)| {
        let (group, topic_name) = (group.name, topic.name);
        let name = if group == topic_name { group.to_owned() } else { format!("{group} {topic_name}") };
        let prefixes = vec![format!("{group}.{topic_name}."), format!("{group}."), format!("{topic_name}.")];
        Owner { name, prefixes, fields: fields(&topic.schema) }
    };
    let shared = |group: &Group| {
        let fields = fields(group.shared.as_ref()?);
        Some(Owner { name: format!("every {}", group.name), prefixes: vec![format!("{}.", group.name)], fields })
    };
    let header = registry::schema_of::<Header>().to_value();
    let header = Owner { name: "the file itself".to_owned(), prefixes: Vec::new(), fields: fields(&header) };
    std::iter::once(header).chain(topics(groups).map(own)).chain(groups.iter().filter_map(shared)).collect()
}

impl Owner {
    /// Whether a field is called so, by all of its path or the end of it.
    fn calls(&self, field: &Field, name: &str) -> bool {
        let path = field.path.replace("[]", "");
        let ends = path.strip_suffix(name).is_some_and(|before| before.is_empty() || before.ends_with('.'));
        ends || self.prefixes.iter().any(|prefix| name.strip_prefix(prefix.as_str()) == Some(path.as_str()))
    }
}

/// The fields of a name with what is inside them: once for all that have the same one.
fn explain_fields(owners: &[Owner], name: &str) -> Vec<String> {
    let mut found: Vec<(String, Vec<&str>)> = Vec::new();
    for owner in owners {
        for field in owner.fields.iter().filter(|field| owner.calls(field, name)) {
            let inside = |other: &&Field| {
                other.path.strip_prefix(&field.path).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
            };
            add(&mut found, owner.fields.iter().filter(inside).map(paragraph).collect(), owner.name.as_str());
        }
    }
    found
        .into_iter()
        .map(|(text, of)| format!("{name} (field of {})\n\n{}\n", of.join(", "), text.trim_end()))
        .collect()
}

/// The words of a name that fields can be: once for all that mean the same.
fn explain_words(owners: &[Owner], name: &str) -> Vec<String> {
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    let quoted = format!("\"{name}\"");
    for owner in owners {
        for field in &owner.fields {
            for (_, means) in field.words.iter().filter(|(word, _)| *word == quoted) {
                add(&mut found, means.clone(), format!("`{}` of {}", field.path, owner.name));
            }
        }
    }
    let text = |(means, of): (String, Vec<String>)| {
        format!("{quoted} (a word for {})\n\n{}\n", of.join(", "), indent(&means, "  "))
    };
    found.into_iter().map(text).collect()
}

/// Notes that `of` has this text, too.
fn add<S>(found: &mut Vec<(String, Vec<S>)>, text: String, of: S) {
    match found.iter_mut().find(|(other, _)| *other == text) {
        Some((_, all)) => all.push(of),
        None => found.push((text, vec![of])),
    }
}

/// Every name there is; those of fields with their groups where the name that was asked for has several parts.
fn names(groups: &[Group], owners: &[Owner], others: &[(String, String)], parts: bool) -> Vec<String> {
    let kinds = topics(groups).map(|(.., topic)| topic.name).chain(groups.iter().map(|group| group.name));
    let mut names: Vec<String> = kinds.map(str::to_owned).chain(others.iter().map(|(name, _)| name.clone())).collect();
    for owner in owners {
        for field in &owner.fields {
            let path = field.path.replace("[]", "");
            names.extend(field.words.iter().map(|(word, _)| word.trim_matches('"').to_owned()));
            names.extend(owner.prefixes.iter().filter(|_| parts).map(|prefix| format!("{prefix}{path}")));
            names.extend(path.rsplit('.').next().map(str::to_owned));
        }
    }
    names
}

fn explain_topic(group: &Group, category: &Category<Topic>, topic: &Topic) -> String {
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

/// One paragraph per field.
fn paragraphs(schema: &Value) -> String {
    fields(schema).iter().map(paragraph).collect()
}

/// A field: name, type, default, what it means.
fn paragraph(field: &Field) -> String {
    let mut out = format!("  {}: {}; {}\n", field.path, field.takes, field.need);
    if !field.text.is_empty() {
        out += &format!("{}\n", indent(&field.text, "      "));
    }
    for (word, means) in field.choices() {
        out += &format!("      {word}: {means}\n");
    }
    out + "\n"
}

fn indent(text: &str, by: &str) -> String {
    text.lines().map(|l| if l.is_empty() { String::new() } else { format!("{by}{l}") }).collect::<Vec<_>>().join("\n")
}
