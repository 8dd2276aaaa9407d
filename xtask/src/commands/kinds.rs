//! `list`, `explain` and `schema`: what there is, on the screen and in the files that derive from the registries.

use std::path::PathBuf;

use clap::CommandFactory;
use config::catalog;
use datasets::manifest::root;
use pipeline::files::{self, shown};
use pipeline::kinds;

use super::{Failure, Outcome, say, shipped};
use crate::arguments::Arguments;

/// `list`
pub fn list() -> Outcome {
    say(&catalog::list(&kinds::groups()));
    let shipped = shipped();
    if !shipped.is_empty() {
        say("\npipelines\n");
        let width = shipped.iter().map(|p| shown(p).chars().count()).max().unwrap_or(0);
        for file in &shipped {
            let title = std::fs::read_to_string(file).ok().and_then(|text| title(&text));
            let title = title.unwrap_or_else(|| "(cannot be read: try `check`)".to_owned());
            say(&format!("  {:width$}  {title}\n", shown(file)));
        }
    }
    say("\n`cargo xtask explain NAME` tells more of each.\n");
    Ok(())
}

/// The title of a pipeline file.
fn title(text: &str) -> Option<String> {
    let table = toml::de::DeTable::parse(text).ok()?;
    Some(table.get_ref().get("title")?.get_ref().as_str()?.to_owned())
}

/// `explain NAME`
pub fn explain(name: &str) -> Outcome {
    let told = catalog::explain(&kinds::groups(), &commands(), name).map_err(Failure::wrong)?;
    say(&told);
    Ok(())
}

/// The commands, each with its help.
fn commands() -> Vec<(String, String)> {
    let mut program = Arguments::command();
    program.build();
    let told = |command: &mut clap::Command| {
        let name = command.get_name().to_owned();
        let text = format!("{name} (command)\n\n{}", command.render_long_help());
        (name, text)
    };
    program.get_subcommands_mut().map(told).collect()
}

/// `schema`
pub fn schema(print: bool) -> Outcome {
    if print {
        say(&schema_text());
        return Ok(());
    }
    for (path, text) in derived() {
        files::write(&path, text.as_bytes()).map_err(Failure::failed)?;
        say(&format!("wrote {}\n", shown(&path)));
    }
    Ok(())
}

/// The JSON Schema by which editors complete and check pipeline files.
fn schema_text() -> String {
    format!("{:#}\n", catalog::file_schema(&kinds::families()))
}

/// Each file that derives from the registries, and its text: the schema, and the page of every kind.
fn derived() -> [(PathBuf, String); 2] {
    let page = catalog::page(&kinds::groups());
    [(root().join("pipelines/schema.json"), schema_text()), (root().join("docs/kinds.md"), page)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use pipeline::load::{Request, load};

    #[test]
    fn what_derives_from_the_registries_is_fresh() {
        for (path, text) in derived() {
            let written = std::fs::read_to_string(&path).unwrap();
            assert!(written == text, "{} is out of date: cargo xtask schema", path.display());
        }
    }

    #[test]
    fn shipped_pipelines_name_the_schema_and_are_right() {
        let shipped = shipped();
        assert!(!shipped.is_empty());
        for file in shipped {
            let text = std::fs::read_to_string(&file).unwrap();
            let first = "#:schema schema.json\n";
            assert!(text.starts_with(first), "{} must begin with {first}", file.display());
            let loaded = load(&Request { file, ..Request::default() }, &kinds::families());
            assert!(loaded.report.list().is_empty(), "{}", loaded.shown(false));
        }
    }
}
