//! Results as tables. A run's numbers are objects in objects of no fixed form: what is alike becomes the rows of one table, what
//! is inside a row becomes columns below a common head, what is plain stands as a list of facts.

use maud::{Markup, html};
use serde_json::{Map, Value};

/// A table with more columns is split; it would scroll for ever.
const MOST_COLUMNS: usize = 14;
/// A table with more rows, or a list with more items, waits behind its summary.
const MOST_ROWS: usize = 12;
const MOST_ITEMS: usize = 6;
/// A stage that found more than this waits behind the first of it.
const MOST_OPEN: usize = 24;

/// A column: the common head it stands below (or nothing), and its own.
type Head = (String, String);
/// The columns of one row, each with its value.
type Row<'a> = Vec<(Head, &'a Value)>;

/// A key as words.
pub fn spoken(key: &str) -> String {
    key.replace('_', " ")
}

/// One family's stages: those alike in one table, each other one below its name.
pub fn stages(stages: &Map<String, Value>) -> Markup {
    html! {
        @for group in grouped(stages.iter()) {
            @match group {
                Group::Rows(rows) if rows.len() > 1 => (table(&rows)),
                Group::Rows(rows) => @for (name, _) in rows { (stage(name, &stages[name])) },
                Group::Deep(name, value) => (stage(name, value)),
            }
        }
    }
}

fn stage(name: &str, value: &Value) -> Markup {
    let heading = html! { h4 { code { (name) } } };
    if leaves(value) <= MOST_OPEN {
        return html! { (heading) (nested(value)) };
    }
    let facts = value.as_object().into_iter().flatten().filter(|(_, value)| value.is_number() || value.is_string());
    let facts: Vec<String> = facts.map(|(key, value)| format!("{} {}", spoken(key), plain(value))).take(3).collect();
    html! { details.stage { summary { (heading) " " span.quiet { (facts.join(", ")) } } (nested(value)) } }
}

/// How many values, a list counting as one.
fn leaves(value: &Value) -> usize {
    value.as_object().map_or(1, |object| object.values().map(leaves).sum())
}

/// Anything: facts, then tables, then what is deeper.
fn nested(value: &Value) -> Markup {
    let Some(object) = value.as_object() else { return html! { p { (cell(value)) } } };
    let (deep, plain): (Vec<_>, Vec<_>) = object.iter().partition(|(_, v)| v.is_object() || records(v).is_some());
    html! {
        @if !plain.is_empty() { dl.facts { @for (key, value) in plain { div { dt { (spoken(key)) } dd { (cell(value)) } } } } }
        @for group in grouped(deep.into_iter()) {
            @match group {
                Group::Rows(rows) => (table(&rows)),
                Group::Deep(name, value) => {
                    h5 { (spoken(name)) }
                    @match records(value) {
                        Some(list) => { (numbered(list)) }
                        None => (nested(value)),
                    }
                }
            }
        }
    }
}

/// A list of objects, counted from 1.
fn numbered(list: &[Value]) -> Markup {
    let names: Vec<String> = (1..=list.len()).map(|i| i.to_string()).collect();
    html! {
        @for group in grouped(names.iter().zip(list)) {
            @match group { Group::Rows(rows) => (table(&rows)), Group::Deep(_, value) => (nested(value)) }
        }
    }
}

/// The objects of a list of nothing else.
fn records(value: &Value) -> Option<&Vec<Value>> {
    value.as_array().filter(|list| !list.is_empty() && list.iter().all(Value::is_object))
}

/// Neighbours whose columns are alike, or one too deep for a row.
enum Group<'a> {
    Rows(Vec<(&'a String, Row<'a>)>),
    Deep(&'a String, &'a Value),
}

fn grouped<'a>(entries: impl Iterator<Item = (&'a String, &'a Value)>) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    for (name, value) in entries {
        let mut row = Row::new();
        let flat = value.as_object().is_some_and(|object| flatten(object, "", &mut row));
        if !flat || row.len() > MOST_COLUMNS {
            groups.push(Group::Deep(name, value));
            continue;
        }
        let within = |a: &Row<'_>, b: &Row<'_>| a.iter().all(|(head, _)| b.iter().any(|(other, _)| head == other));
        match groups.last_mut() {
            Some(Group::Rows(rows)) if rows.iter().all(|(_, r)| within(r, &row) || within(&row, r)) => {
                rows.push((name, row))
            }
            _ => groups.push(Group::Rows(vec![(name, row)])),
        }
    }
    groups
}

/// Appends the values inside an object as columns; `false` where a list of objects has no place in a row.
fn flatten<'a>(object: &'a Map<String, Value>, above: &str, into: &mut Row<'a>) -> bool {
    object.iter().all(|(key, value)| match value {
        Value::Object(inner) => flatten(inner, format!("{above} {}", spoken(key)).trim(), into),
        _ if records(value).is_some() => false,
        _ => {
            into.push(((above.to_owned(), spoken(key)), value));
            true
        }
    })
}

/// Rows by name. Long ones wait behind how many they are.
fn table(rows: &[(&String, Row<'_>)]) -> Markup {
    let mut heads: Vec<&Head> = Vec::new();
    for (head, _) in rows.iter().flat_map(|(_, row)| row) {
        if !heads.contains(&head) {
            let after = heads.iter().rposition(|known| known.0 == head.0 && !head.0.is_empty());
            heads.insert(after.map_or(heads.len(), |i| i + 1), head);
        }
    }
    let numeric = |head: &Head| rows.iter().filter_map(|(_, row)| value(row, head)).all(Value::is_number);
    // Numbers stand below each other at the right.
    let classes: Vec<Option<&str>> = heads.iter().map(|head| numeric(head).then_some("number")).collect();
    let class = |head: &Head| heads.iter().position(|own| *own == head).and_then(|i| classes[i]);
    let grouped = heads.iter().any(|head| !head.0.is_empty());
    let body = html! {
        div.scroll { table {
            thead {
                tr {
                    td rowspan=[grouped.then_some(2)] {}
                    @for together in heads.chunk_by(|a, b| a.0 == b.0 && !a.0.is_empty()) {
                        @let head = together[0];
                        @if head.0.is_empty() {
                            th class=[class(head)] scope="col" rowspan=[grouped.then_some(2)] { (head.1) }
                        } @else {
                            th.over scope="colgroup" colspan=(together.len()) { (head.0) }
                        }
                    }
                }
                @if grouped { tr { @for head in heads.iter().filter(|head| !head.0.is_empty()) {
                    th class=[class(head)] scope="col" { (head.1) }
                } } }
            }
            tbody { @for (name, row) in rows { tr {
                th scope="row" { (spoken(name)) }
                @for (head, class) in heads.iter().zip(&classes) { td class=[class] { @match value(row, head) { Some(value) => (cell(value)), None => "–" } } }
            } } }
        } }
    };
    if rows.len() <= MOST_ROWS {
        return body;
    }
    let (first, last) = (rows.first().map(|r| spoken(r.0)), rows.last().map(|r| spoken(r.0)));
    html! { details { summary { (rows.len()) " rows: " (first.unwrap_or_default()) " to " (last.unwrap_or_default()) } (body) } }
}

fn value<'a>(row: &Row<'a>, head: &Head) -> Option<&'a Value> {
    row.iter().find(|(own, _)| own == head).map(|(_, value)| *value)
}

/// A value in a place of its own.
pub fn cell(value: &Value) -> Markup {
    match value {
        Value::Array(list) if list.len() > MOST_ITEMS => html! {
            details { summary { (list.len()) " values" (range(list)) } (listed(list)) }
        },
        _ => html! { (plain(value)) },
    }
}

/// ` from 0.1 to 0.9`, of numbers.
fn range(list: &[Value]) -> String {
    let numbers: Vec<f64> = list.iter().filter_map(Value::as_f64).collect();
    let (Some(least), Some(most)) =
        (numbers.iter().copied().reduce(f64::min), numbers.iter().copied().reduce(f64::max))
    else {
        return String::new();
    };
    format!(" from {} to {}", short(least), short(most))
}

fn listed(list: &[Value]) -> String {
    list.iter().map(plain).collect::<Vec<_>>().join(", ")
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => "–".to_owned(),
        Value::String(text) => text.clone(),
        Value::Number(n) if n.is_f64() => n.as_f64().map_or_else(String::new, short),
        Value::Array(list) if list.is_empty() => "none".to_owned(),
        Value::Array(list) if list.iter().any(Value::is_array) => {
            list.iter().map(|inner| format!("({})", plain(inner))).collect::<Vec<_>>().join(", ")
        }
        Value::Array(list) => listed(list),
        other => other.to_string(),
    }
}

/// A number for reading: four significant digits.
pub fn short(x: f64) -> String {
    let size = x.abs();
    if size == 0.0 {
        return "0".to_owned();
    }
    if !(1e-3..1e6).contains(&size) {
        return format!("{x:.2e}");
    }
    // Decimals by the power of ten: as many as leave four digits.
    let decimals = [1e3, 1e2, 1e1, 1.0, 1e-1, 1e-2].iter().position(|&power| size >= power).unwrap_or(6);
    let fixed = format!("{x:.decimals$}");
    if fixed.contains('.') { fixed.trim_end_matches('0').trim_end_matches('.').to_owned() } else { fixed }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn shown(value: Value) -> String {
        stages(value.as_object().unwrap()).into_string()
    }

    #[test]
    fn numbers_have_four_digits() {
        for (x, text) in [
            (0.0, "0"),
            (1.0, "1"),
            (-0.2650626, "-0.2651"),
            (0.00498771, "0.004988"),
            (12.3456, "12.35"),
            (864.0, "864"),
            (2000.0, "2000"),
            (123_456.7, "123457"),
            (1e-9, "1.00e-9"),
            (2.5e7, "2.50e7"),
        ] {
            assert_eq!(short(x), text);
        }
        assert_eq!(plain(&json!(1_000_000)), "1000000");
    }

    #[test]
    fn stages_alike_are_rows_with_columns_below_common_heads() {
        let html = shown(json!({
            "a_b": { "epochs": 3, "test": { "loss": 0.5, "accuracy": 1.0 } },
            "c": { "epochs": 4, "test": { "loss": 0.25 } },
        }));
        assert_eq!(html.matches("<table>").count(), 1);
        for part in [
            "<th class=\"over\" scope=\"colgroup\" colspan=\"2\">test</th>",
            "<th class=\"number\" scope=\"col\" rowspan=\"2\">epochs</th>",
            "<th scope=\"row\">a b</th><td class=\"number\">3</td><td class=\"number\">0.5</td><td class=\"number\">1</td>",
            "<th scope=\"row\">c</th><td class=\"number\">4</td><td class=\"number\">0.25</td><td class=\"number\">–</td>",
        ] {
            assert!(html.contains(part), "{part}: {html}");
        }
    }

    #[test]
    fn a_stage_alone_has_facts_tables_and_what_is_deeper() {
        let units: Map<String, Value> = (0..20).map(|i| (format!("u{i}"), json!({ "mean": i }))).collect();
        let deep: Map<String, Value> =
            (0..3).map(|i| (i.to_string(), json!({ "a": [1, 2, 3, 4, 5], "b": 1, "c": 2, "d": 3, "e": 4 }))).collect();
        let html = shown(json!({ "one": {
            "part": "a < b & </script>", "none": null, "empty": [], "few": [0.5, 0.25], "many": [3, 1, 2, 9, 5, 6, 7],
            "pairs": [[1, 2], [3, 4]], "area": { "mean": 1.5 }, "units": units, "layer": deep, "list": [{ "x": 1 }, { "x": 2 }],
        }}));
        assert!(
            html.starts_with(
                "<details class=\"stage\"><summary><h4><code>one</code></h4> <span class=\"quiet\">part a &lt; b"
            ),
            "{html}"
        );
        for part in [
            "<dt>part</dt><dd>a &lt; b &amp; &lt;/script&gt;</dd>",
            "<dt>none</dt><dd>–</dd>",
            "<dt>empty</dt><dd>none</dd>",
            "<dd>0.5, 0.25</dd>",
            "<summary>7 values from 1 to 9</summary>3, 1, 2, 9, 5, 6, 7</details>",
            "<dd>(1, 2), (3, 4)</dd>",
            "<th scope=\"row\">area</th><td class=\"number\">1.5</td>",
            "<h5>units</h5><details><summary>20 rows: u0 to u19</summary>",
            "<h5>layer</h5>",
            "<h5>list</h5>",
            "<th scope=\"row\">2</th><td class=\"number\">2</td>",
        ] {
            assert!(html.contains(part), "{part}: {html}");
        }
        assert_eq!(
            shown(json!({ "few": { "x": 1 } })),
            "<h4><code>few</code></h4><dl class=\"facts\"><div><dt>x</dt><dd>1</dd></div></dl>"
        );
        assert_eq!(shown(json!({})), "");
    }
}
