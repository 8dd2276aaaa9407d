//! `schema`: the JSON Schema by which editors complete and check pipeline files.

use super::{FAILED, complain, root, say, shown};
use crate::{catalog, files, kinds};

/// The command that rewrites the schema.
pub const REFRESH_SCHEMA: &str = "cargo xtask schema";

/// The text of `pipelines/schema.json`.
pub fn schema_text() -> String {
    format!("{:#}\n", catalog::file_schema(&kinds::families()))
}

/// `schema`
pub fn schema(print: bool) -> u8 {
    if print {
        say(&schema_text());
        return 0;
    }
    let path = root().join("pipelines").join("schema.json");
    match files::write(&path, schema_text().as_bytes()) {
        Ok(()) => {
            say(&format!("wrote {}\n", shown(&path)));
            0
        }
        Err(error) => {
            complain(&format!("error: {error}\n"));
            FAILED
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_beside_the_pipelines_is_fresh() {
        let path = root().join("pipelines").join("schema.json");
        let written = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(written == schema_text(), "{} is out of date: {REFRESH_SCHEMA}", path.display());
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
