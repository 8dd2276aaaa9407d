//! How kinds register themselves.
//!
//! A *kind* is what a pipeline table's `kind = "…"` names: a data set, a layer, an update rule, an analysis, a figure. Each
//! crate keeps one slice of [`Entry`] per family, one line per kind. Everything a reader or an editor is told about a kind
//! (fields, defaults, documentation, references to other tables) derives from the kind's config struct, so that there is one
//! place to write it down.
//!
//! ```
//! use registry::{Config, Entry, Problems, entry};
//!
//! /// Points on a circle.
//! #[derive(Debug, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
//! #[serde(deny_unknown_fields)]
//! struct Circle {
//!     /// How many points.
//!     #[serde(default = "hundred")]
//!     points: usize,
//! }
//! fn hundred() -> usize { 100 }
//! impl Config for Circle {
//!     const KIND: &str = "circle";
//!     const EXAMPLE: &str = "points = 20";
//! }
//!
//! trait Source { fn check(&self, problems: &mut Problems); }
//! impl Source for Circle {
//!     fn check(&self, problems: &mut Problems) {
//!         if self.points == 0 { problems.add("points", "a circle needs at least one point"); }
//!     }
//! }
//!
//! const SOURCES: &[Entry<dyn Source>] = &[entry!(Circle => dyn Source)];
//! assert_eq!(SOURCES[0].kind, "circle");
//! ```

mod problems;
mod references;

pub use problems::{Problem, Problems};
pub use references::{AnalysisRef, DatasetRef, SweepRef, TrainRef};

use schemars::{JsonSchema, Schema};
use serde::{Serialize, de::DeserializeOwned};

/// The typed contents of one pipeline table (without its `kind` key).
///
/// The doc comment of the struct and of its fields is what `explain` prints, so it says units and defaults. Derive
/// `Serialize`, `Deserialize` and `JsonSchema`, write `#[serde(deny_unknown_fields)]`, and use neither `flatten` nor untagged or
/// internally tagged enums: they lose the position of an error.
pub trait Config: DeserializeOwned + Serialize + JsonSchema + 'static {
    /// The kind's name in pipeline files: `snake_case`, unique in its family.
    const KIND: &'static str;
    /// The body of an example table, without header and `kind`; may be empty.
    const EXAMPLE: &'static str;
}

/// A parsed table: the config, and the same config with every default written out.
pub struct Parsed<T: ?Sized> {
    /// The typed config behind its family's trait.
    pub value: Box<T>,
    /// Every field with its value, defaults included, in the struct's order.
    pub resolved: toml::Table,
}

/// One kind of a family whose configs share the trait object `T`.
pub struct Entry<T: ?Sized + 'static> {
    /// The name in pipeline files.
    pub kind: &'static str,
    /// The body of an example table.
    pub example: &'static str,
    /// JSON schema of the table, without `kind`.
    pub schema: fn() -> Schema,
    /// Parses the table, `kind` taken out; errors carry spans into the file.
    pub parse: fn(toml::de::ValueDeserializer<'_>) -> Result<Parsed<T>, toml::de::Error>,
}

impl<T: ?Sized> Entry<T> {
    /// The first paragraph of the config's documentation.
    pub fn summary(&self) -> String {
        let schema = (self.schema)();
        let text = schema.get("description").and_then(|d| d.as_str()).unwrap_or_default();
        text.split("\n\n").next().unwrap_or_default().replace('\n', " ")
    }
}

/// JSON schema (draft-07, the one editors read best) of a config.
pub fn schema_of<C: JsonSchema>() -> Schema {
    schemars::generate::SchemaSettings::draft07()
        .with(|s| s.inline_subschemas = true)
        .into_generator()
        .into_root_schema_for::<C>()
}

/// The config with every default written out.
///
/// # Panics
/// If the config holds something TOML has no form for, which the registry tests of each crate would show.
pub fn resolve<C: Serialize>(config: &C) -> toml::Table {
    match toml::Value::try_from(config) {
        Ok(toml::Value::Table(table)) => table,
        other => panic!("a config serializes to a table, not to {other:?}"),
    }
}

/// What every registry's own test asserts: kinds are unique and documented, examples parse and hold nothing wrong, and an unknown
/// key is refused.
///
/// # Panics
/// If one of these does not hold, naming the kind.
pub fn assert_complete<T: ?Sized>(entries: &[Entry<T>], check: impl Fn(&T, &mut Problems)) {
    let mut kinds: Vec<&str> = entries.iter().map(|e| e.kind).collect();
    for entry in entries {
        assert!(!entry.summary().is_empty(), "{} has no documentation", entry.kind);
        let parse = |text: &str| {
            let text = format!("{{ {text} }}");
            let table = toml::de::ValueDeserializer::parse(&text).expect("TOML");
            (entry.parse)(table).map(|parsed| parsed.value).map_err(|e| e.message().to_owned())
        };
        let body = entry.example.replace('\n', ", ");
        let mut problems = Problems::default();
        match parse(&body) {
            Ok(config) => check(&config, &mut problems),
            Err(error) => panic!("the example of {}: {error}", entry.kind),
        }
        assert!(problems.is_empty(), "{}: {:?}", entry.kind, problems.into_vec());
        match parse(&format!("{body}, surely_unknown = 1")) {
            Ok(_) => panic!("{} takes an unknown key", entry.kind),
            Err(error) => assert!(error.contains("surely_unknown"), "{}: {error}", entry.kind),
        }
    }
    kinds.sort_unstable();
    kinds.dedup();
    assert_eq!(kinds.len(), entries.len(), "kinds are unique");
}

/// One registry line: `entry!(Spiral => dyn Source)`.
#[macro_export]
macro_rules! entry {
    ($config:ty => $object:ty) => {
        $crate::Entry::<$object> {
            kind: <$config as $crate::Config>::KIND,
            example: <$config as $crate::Config>::EXAMPLE,
            schema: $crate::schema_of::<$config>,
            parse: |table| {
                let config = <$config as $crate::serde::Deserialize>::deserialize(table)?;
                let resolved = $crate::resolve(&config);
                Ok($crate::Parsed { value: Box::new(config), resolved })
            },
        }
    };
}

pub use serde;
