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
