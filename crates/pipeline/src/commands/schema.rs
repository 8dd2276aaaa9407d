//! `schema`: what derives from the registries and lies in the tree: the JSON Schema by which editors complete and check pipeline
//! files, and the page of every kind.

use std::path::PathBuf;

use super::{FAILED, complain, root, say, shown};
use config::catalog;

use crate::{files, kinds};

fn schema_text() -> String {
    format!("{:#}\n", catalog::file_schema(&kinds::families()))
}

/// Each file and its text.
fn derived() -> [(PathBuf, String); 2] {
    let page = catalog::page(&kinds::groups());
    [(root().join("pipelines").join("schema.json"), schema_text()), (root().join("docs").join("kinds.md"), page)]
}

/// `schema`
pub fn schema(print: bool) -> u8 {
    if print {
        say(&schema_text());
        return 0;
    }
    for (path, text) in derived() {
        match files::write(&path, text.as_bytes()) {
            Ok(()) => say(&format!("wrote {}\n", shown(&path))),
            Err(error) => {
                complain(&format!("error: {error}\n"));
                return FAILED;
            }
        }
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_derives_from_the_registries_is_fresh() {
        for (path, text) in derived() {
            let written = std::fs::read_to_string(&path).unwrap_or_default();
            assert!(written == text, "{} is out of date: cargo xtask schema", path.display());
        }
    }

    #[test]
    fn shipped_pipelines_name_the_schema_and_are_right() {
        let shipped = crate::commands::shipped();
        assert!(!shipped.is_empty());
        for file in shipped {
            let text = std::fs::read_to_string(&file).unwrap_or_default();
            assert!(
                text.starts_with("#:schema schema.json\n"),
                "{} must begin with `#:schema schema.json`",
                file.display()
            );
            let request = crate::load::Request { file, settings: Vec::new(), seed: None };
            let loaded = crate::load::load(&request, &kinds::families());
            assert!(loaded.report.list().is_empty(), "{}", loaded.shown(false));
        }
    }
}
