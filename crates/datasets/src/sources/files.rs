//! What the sources of a user's own files share.

use crate::{DataError, Place, Position};
use std::path::Path;

/// What is to be done with the target of a user's own data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// The target is a class: a whole number from 0 to K−1, or a name.
    #[default]
    Classification,
    /// The target is one number or several.
    Regression,
}

/// The path as it is opened and as errors show it.
pub fn shown(base: &Path, path: &str) -> String {
    base.join(path).display().to_string()
}

/// The bytes of a file.
pub fn read(base: &Path, path: &str) -> Result<Vec<u8>, DataError> {
    std::fs::read(base.join(path)).map_err(|source| DataError::Read { file: shown(base, path), source })
}

/// A file as a whole.
pub fn whole(file: &str) -> Place {
    Place { file: file.into(), position: Position::Whole }
}

/// At most 40 characters of something found, for a message.
pub fn shortened(text: &str) -> String {
    const MOST: usize = 40;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.into(),
    }
}
