//! `diff RUN_A RUN_B`: what changed in settings, results and figures from one run to another.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use datasets::manifest::root;
use pages::change;
use pages::review::{Review, Value};
use pipeline::files::{self, shown};
use pipeline::golden;

use super::bless::described;
use super::{Failure, Outcome, both, raster, say, write};

/// Tables beyond this many bytes are left out of a comparison.
const TABLE_BYTES: u64 = 4 * 1024 * 1024;
/// How many values of a sort the text lists; the page has all.
const MOST: usize = 40;

/// `diff RUN_A RUN_B [--html FILE]`
pub fn diff(old: &str, new: &str, html: Option<&Path>) -> Outcome {
    let runs = both(run_folder(old), run_folder(new))?;
    let [settings, metrics] = ["resolved.toml", "metrics.json"].map(|file| {
        let [old, new] = runs.each_ref().map(|run| values(&run.join(file)));
        both(old, new).map(|[old, new]| changed(&old, &new))
    });
    let [settings, metrics] = both(settings, metrics)?;
    let [old_figures, new_figures] = runs.each_ref().map(|run| golden::figures(&run.join("figures"), TABLE_BYTES));
    let mut changes = golden::compare("", &old_figures, &new_figures);
    raster::count(&mut changes);
    change::sort(&mut changes);
    let [old, new] = runs.each_ref().map(|run| shown(run));
    let title = format!("From {old} to {new}");
    let review = Review { title, old, new, settings, metrics, changes, ..Review::default() };
    say(&text(&review));
    if let Some(path) = html {
        write(path, review.html())?;
        say(&format!("\nThe page: {}\n", shown(path)));
    }
    Ok(())
}

/// The folder of a run: as it is given, or a name below `runs/`.
pub(super) fn run_folder(given: &str) -> Result<PathBuf, Failure> {
    let here = PathBuf::from(given);
    let there = root().join("runs").join(given);
    match [here.clone(), there].into_iter().find(|folder| folder.join("resolved.toml").is_file()) {
        Some(folder) => Ok(folder),
        None if here.is_dir() => Err(Failure::wrong(format!("{given} is not a run's folder: it has no resolved.toml"))),
        None => {
            let runs = files::entries(&root().join("runs")).into_iter().filter(|p| p.is_dir());
            let names: Vec<String> = runs.map(|run| files::name(&run)).collect();
            Err(Failure::unknown("run", given, &names))
        }
    }
}

/// Values by their dotted paths, in the order of their file.
type Values = Vec<(String, String)>;

/// Every value of a TOML or JSON file.
fn values(path: &Path) -> Result<Values, Failure> {
    let wrong = |why: String| Failure::wrong(format!("{}: {why}", shown(path)));
    let text = std::fs::read_to_string(path).map_err(|e| wrong(format!("cannot be read: {e}")))?;
    let tree: serde_json::Value = if path.extension().is_some_and(|e| e == "toml") {
        let table: toml::Table = toml::from_str(&text).map_err(|e| wrong(e.message().to_owned()))?;
        serde_json::to_value(table).map_err(|e| wrong(e.to_string()))?
    } else {
        serde_json::from_str(&text).map_err(|e| wrong(e.to_string()))?
    };
    let mut values = Values::new();
    flatten(String::new(), &tree, &mut values);
    Ok(values)
}

/// `model = [{ linear = 64 }, "relu"]` has the values `model[0].linear` and `model[1]`.
fn flatten(path: String, value: &serde_json::Value, into: &mut Values) {
    use serde_json::Value;
    match value {
        Value::Object(fields) if !fields.is_empty() => fields.iter().for_each(|(key, value)| {
            let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            flatten(path, value, into);
        }),
        Value::Array(list) if !list.is_empty() => {
            list.iter().enumerate().for_each(|(i, value)| flatten(format!("{path}[{i}]"), value, into));
        }
        Value::String(words) => into.push((path, words.clone())),
        other => into.push((path, other.to_string())),
    }
}

/// The values that differ, in the order of the new file, then those that only the old one has.
fn changed(old: &Values, new: &Values) -> Vec<Value> {
    let by_path = |values: &Values| values.iter().cloned().collect::<BTreeMap<String, String>>();
    let (olds, news) = (by_path(old), by_path(new));
    let paths = new.iter().chain(old.iter().filter(|(path, _)| !news.contains_key(path))).map(|(path, _)| path);
    let value =
        |path: &String| Value { path: path.clone(), old: olds.get(path).cloned(), new: news.get(path).cloned() };
    paths.map(value).filter(|v| v.old != v.new).collect()
}

/// Everything that changed, in text.
fn text(review: &Review) -> String {
    let mut out = format!("{}\n", review.title);
    for (title, values) in [("settings", &review.settings), ("results", &review.metrics)] {
        out += &match values.len() {
            0 => format!("\n{title}: the same\n"),
            n => format!("\n{title}: {n} changed\n"),
        };
        let width = values.iter().take(MOST).map(|v| v.path.chars().count()).max().unwrap_or(0);
        for value in values.iter().take(MOST) {
            let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "absent".to_owned());
            let moved = value.moved().map(|by| format!("  {by}")).unwrap_or_default();
            out += &format!("  {:width$}  {} → {}{moved}\n", value.path, shown(&value.old), shown(&value.new));
        }
        if values.len() > MOST {
            out += &format!("  and {} more; `--html` shows all\n", values.len() - MOST);
        }
    }
    out += &match review.changes.len() {
        0 => "\nfigures: the same\n".to_owned(),
        _ => format!("\nfigures: {}\n", change::summary(&review.changes).to_lowercase()),
    };
    review.changes.iter().for_each(|change| out += &format!("  {}\n", described(change)));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_by_their_paths() {
        let place = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = place.path().join(name);
            std::fs::write(&path, text).unwrap();
            values(&path).map_err(|failure| failure.message)
        };
        let old =
            write("a.toml", "seed = 1\n[train.deep]\nmodel = [{ linear = 64 }, \"relu\"]\nlr = 0.10\nempty = []\n")
                .unwrap();
        let new = write("b.toml", "seed = 1\n[train.deep]\nmodel = [{ linear = 32 }]\nlr = 0.1\nempty = []\n").unwrap();
        let told: Vec<(String, Option<String>, Option<String>)> =
            changed(&old, &new).into_iter().map(|v| (v.path, v.old, v.new)).collect();
        assert_eq!(
            told,
            [
                ("train.deep.model[0].linear".into(), Some("64".into()), Some("32".into())),
                ("train.deep.model[1]".into(), Some("relu".into()), None),
            ]
        );
        assert_eq!(write("m.json", "{\"a\": [0.1, null]}").unwrap()[1], ("a[1]".into(), "null".into()));
        assert!(write("m.json", "{").unwrap_err().contains("m.json: EOF"));
        assert!(write("c.toml", "a = ").unwrap_err().contains("c.toml: "));
    }
}
