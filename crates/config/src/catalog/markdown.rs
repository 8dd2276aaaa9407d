//! The page of every kind, `docs/kinds.md`: what `list` and `explain` say, in GitHub's Markdown.

use serde_json::Value;

use super::fields::{Field, fields};
use super::{Group, Topic};
use crate::header::Header;

const INTRODUCTION: &str = "# Every kind

<!-- Written by `cargo xtask schema` from the sources; a change here is lost. -->

What a pipeline file can say: every kind of table, and what goes into a training run, with its fields and an example. `cargo xtask
explain NAME` prints the same for one of them. [Writing a pipeline](writing-a-pipeline.md) shows how they make an experiment.

A field is *required*, *optional*, or has a *default*; an *alternative* is one of several ways to write the field above it.
`animate.every` is the field `every` inside the table `animate`: `animate = { every = 50 }`. `samples[].index` is the field `index` of each
table in the list `samples`.
";

/// The whole page.
pub fn page(groups: &[Group]) -> String {
    let mut out = format!("{INTRODUCTION}\n## Contents\n\n- [The file itself](#the-file-itself)\n");
    for group in groups {
        let link = |t: &Topic| format!("[`{}`](#{}-{})", t.name, t.name, group.name);
        let links = |topics: &[Topic]| topics.iter().map(link).collect::<Vec<_>>().join(", ");
        out += &format!("- [{0}](#{0})", group.name);
        for category in &group.categories {
            out += &match category.name {
                "" => format!(": {}", links(&category.items)),
                name => format!("\n  - [{name}](#{name}-{}): {}", group.name, links(&category.items)),
            };
        }
        out.push('\n');
    }
    out += "\n## The file itself\n\nThe keys before the first table.\n\n";
    out += &table(&registry::schema_of::<Header>().to_value());
    for group in groups {
        out += &format!("\n## {}\n\n{}\n", group.name, escaped(group.about));
        if let Some(shared) = &group.shared {
            out += &format!("\nBesides its own fields every {} takes these:\n\n{}", group.name, table(shared));
        }
        for category in &group.categories {
            let mut level = "###";
            if !category.name.is_empty() {
                out += &format!("\n### {} ({})\n\n{}\n", category.name, group.name, sentence(category.about));
                level = "####";
            }
            for topic in &category.items {
                out += &section(level, group, topic);
            }
        }
    }
    out
}

/// A phrase with a capital letter and a stop.
fn sentence(phrase: &str) -> String {
    let mut letters = phrase.chars();
    let first = letters.next().map(char::to_uppercase).into_iter().flatten();
    first.chain(escaped(letters.as_str()).chars()).chain(['.']).collect()
}

fn section(level: &str, group: &Group, topic: &Topic) -> String {
    let mut out = format!("\n{level} `{}` ({})\n\n{}\n", topic.name, group.name, escaped(topic.about()));
    let own = table(&topic.schema);
    out += &if own.is_empty() { "\nNo fields.\n".to_owned() } else { format!("\n{own}") };
    out + &format!("\n```toml\n{}\n```\n", topic.example.trim_end())
}

/// One row per field; empty where there are none.
fn table(schema: &Value) -> String {
    let rows: String = fields(schema).iter().map(row).collect();
    if rows.is_empty() {
        return rows;
    }
    format!("| field | takes | | meaning |\n|---|---|---|---|\n{rows}")
}

fn row(field: &Field) -> String {
    let takes = match &field.group {
        Some(group) if field.takes.starts_with("list") => format!("list of [{group}](#{group})s"),
        Some(group) => format!("[{group}](#{group})"),
        None => code_words(&field.takes),
    };
    let need = match field.need.strip_prefix("default ") {
        Some(value) => format!("default `{value}`"),
        None => field.need.clone(),
    };
    let line = |text: &str| escaped(&text.replace("\n\n", "<br>").replace('\n', " "));
    let choices = field.choices().iter().map(|(word, means)| format!("`{word}`: {}", line(means)));
    let meaning: Vec<String> = Some(line(&field.text)).filter(|t| !t.is_empty()).into_iter().chain(choices).collect();
    let cells = [format!("`{}`", field.path), takes, need, meaning.join("<br>")];
    format!("| {} |\n", cells.map(|c| c.replace('|', "\\|")).join(" | "))
}

/// What a field takes, its words and tables as code: `"zero"` or a number.
fn code_words(takes: &str) -> String {
    let mut out = String::new();
    for (i, part) in takes.split('"').enumerate() {
        out +=
            &if i % 2 == 1 { format!("`\"{part}\"`") } else { escaped(part).replace("{ ", "`{ ").replace(" }", " }`") };
    }
    out
}

/// Text in which nothing but code in backticks and line breaks is markup.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for (i, part) in text.split('`').enumerate() {
        if i > 0 {
            out.push('`');
        }
        if i % 2 == 1 {
            out += part;
            continue;
        }
        for c in part.replace("<br>", "\0").chars() {
            match c {
                '\0' => out += "<br>",
                '<' => out += "&lt;",
                '\\' | '*' | '_' | '~' | '$' | '#' => out.extend(['\\', c]),
                c => out.push(c),
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::families::Category;
    use serde_json::json;

    #[test]
    fn a_page_has_contents_tables_and_examples() {
        let schema = json!({
            "description": "Counts |x| < 3, as `a_b` does.",
            "required": ["on"],
            "properties": {
                "on": { "description": "Where.\n\nOr not.", "oneOf": [
                    { "const": "here", "description": "In a|b." },
                    { "type": "object", "required": ["at"], "properties": { "at": { "type": "number" } } },
                ] },
                "rule": { "x-group": "rule", "type": "string", "default": "a" },
            },
        });
        let topic = Topic { name: "toy_one", schema, example: "[toy.NAME]\non = \"here\"\n".to_owned() };
        let by_subject = Category { name: "small", about: "toys of a_b", items: vec![topic.clone()] };
        let group = |name, categories| Group { name, about: "Toys.", shared: None, categories };
        let page = page(&[group("toy", Category::only([topic])), group("game", vec![by_subject])]);
        assert!(page.contains("- [toy](#toy): [`toy_one`](#toy_one-toy)\n"), "{page}");
        assert!(page.contains("- [game](#game)\n  - [small](#small-game): [`toy_one`](#toy_one-game)\n"), "{page}");
        let section = |name: &str| page.split(&format!("\n## {name}\n")).nth(1).unwrap().to_owned();
        let body = "Counts |x| &lt; 3, as `a_b` does.\n\n\
             | field | takes | | meaning |\n|---|---|---|---|\n\
             | `on` | `\"here\"` or `{ at = … }` | required | Where.<br>Or not.<br>`\"here\"`: In a\\|b. |\n\
             | `on.at` | number | alternative |  |\n\
             | `rule` | [rule](#rule) | default `\"a\"` |  |\n\n\
             ```toml\n[toy.NAME]\non = \"here\"\n```\n";
        let toy = section("toy");
        assert_eq!(toy.split("\n## ").next(), Some(&*format!("\nToys.\n\n### `toy_one` (toy)\n\n{body}")));
        let subject = "### small (game)\n\nToys of a\\_b.\n";
        assert_eq!(section("game"), format!("\nToys.\n\n{subject}\n#### `toy_one` (game)\n\n{body}"));
    }
}
