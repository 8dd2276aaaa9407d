//! Pipeline files: TOML to a checked plan to a run folder.
