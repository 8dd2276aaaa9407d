//! `resolved.toml`: the pipeline with every default written out. Running it gives the same bytes.

use serde::Serialize;
use toml::{Table, Value};

use crate::header::Header;

/// The text of the file: the keys at the top, and each table by family and name with the [`lines`] it says.
pub fn text<'a>(header: &Header, tables: impl Iterator<Item = (&'a str, &'a str, &'a str)>) -> String {
    let mut out = String::from("# Every default written out. Running this file gives the same bytes.\n");
    for (key, value) in registry::resolve(header) {
        line(&mut out, &key, &value);
    }
    for (family, name, lines) in tables {
        out += &format!("\n[{family}.{name}]\n{lines}");
    }
    out
}

/// The lines of a table: kind (if its family has kinds) and fields.
pub fn lines(kind: Option<&str>, fields: &Table) -> String {
    let mut out = String::new();
    if let Some(kind) = kind {
        line(&mut out, "kind", &Value::String(kind.to_owned()));
    }
    for (key, value) in fields {
        line(&mut out, key, value);
    }
    out
}

/// `key = value`, the value on one line whatever is in it.
fn line(out: &mut String, key: &str, value: &Value) {
    out.push_str(key);
    out.push_str(" = ");
    let mut inline = String::new();
    // Fails only for what TOML has no form for, and this is TOML.
    value.serialize(toml::ser::ValueSerializer::new(&mut inline)).expect("a TOML value can be written");
    out.push_str(&inline);
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_values_stay_in_their_table() {
        let fields: Table = toml::from_str(
            "model = [{ linear = { units = 3, bias = true } }, \"relu\"]\noptimizer = { adam = { lr = 0.01 } }\nname = \"a 'b'\"\nbig = 1e30\nwhole = 2.0",
        )
        .unwrap();
        let header =
            Header { title: "t \"q\"".into(), description: None, hero: None, seed: 7, numerics: Default::default() };
        let text = text(&header, [("train", "deep", lines(None, &fields).as_str())].into_iter());
        let read: Table = toml::from_str(&text).unwrap();
        assert_eq!(read["train"]["deep"].as_table(), Some(&fields));
        assert_eq!(read["title"].as_str(), Some("t \"q\""));
        assert_eq!(text.lines().count(), 4 + 2 + 5, "{text}");
    }
}
