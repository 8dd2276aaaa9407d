//! How kinds register themselves.
//!
//! A *kind* is what a pipeline table's `kind = "…"` names: a data set, a layer, an optimizer, an analysis, a figure. Each
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
pub use references::{AnalysisRef, DatasetRef, FigureRef, SweepRef, TrainRef};

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

/// The kinds of a family that share a subject: one folder of the crate, one heading in lists and documentation.
pub struct Category<T: ?Sized + 'static> {
    /// The folder's name.
    pub name: &'static str,
    /// What its kinds have in common, lower case, no final stop.
    pub about: &'static str,
    /// Its kinds, sorted by name.
    pub entries: &'static [Entry<T>],
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

/// What the test of a registry with categories asserts: categories and their kinds are sorted, and what [`assert_complete`]
/// asserts.
///
/// # Panics
/// If one of these does not hold, naming the kind.
pub fn assert_categories<T: ?Sized>(categories: &[Category<T>], check: impl Fn(&T, &mut Problems)) {
    assert!(categories.is_sorted_by_key(|c| c.name), "categories are sorted by name");
    for category in categories {
        assert!(category.entries.is_sorted_by_key(|e| e.kind), "the kinds of {} are sorted by name", category.name);
    }
    assert_complete(categories.iter().flat_map(|c| c.entries), check);
}

/// What every registry's own test asserts: kinds are unique and documented, examples parse and hold nothing wrong, and an unknown
/// key is refused.
///
/// # Panics
/// If one of these does not hold, naming the kind.
pub fn assert_complete<'a, T: ?Sized + 'static>(
    entries: impl IntoIterator<Item = &'a Entry<T>>,
    check: impl Fn(&T, &mut Problems),
) {
    let mut kinds = Vec::new();
    for entry in entries {
        assert!(!entry.summary().is_empty(), "{} has no documentation", entry.kind);
        let parse = |text: &str| {
            let text = format!("{{ {text} }}");
            let table = toml::de::ValueDeserializer::parse(&text).expect("TOML");
            (entry.parse)(table).map(|parsed| parsed.value).map_err(|e| e.message().to_owned())
        };
        let body = entry.example.replace('\n', ", ");
        assert!(!kinds.contains(&entry.kind), "{} is there twice", entry.kind);
        kinds.push(entry.kind);
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

/// A folder of kinds: declares the file of each as a module, and lists them as the folder's [`Category`], one line per kind.
///
/// `registry::kinds! { dyn Source, "shapes", "points on curves"; circle::Circle, spiral::Spiral }` in `shapes/mod.rs` declares
/// the modules
/// `circle` and `spiral`, and `CATEGORY`. (Rustfmt does not find modules that macros declare: format them by name, as `.ci/run`
/// does.)
#[macro_export]
macro_rules! kinds {
    ($object:ty, $name:literal, $about:literal; $($module:ident::$config:ident),* $(,)?) => {
        $(pub mod $module;)*

        /// The kinds of this folder.
        pub const CATEGORY: $crate::Category<$object> =
            $crate::Category { name: $name, about: $about, entries: &[$($crate::entry!($module::$config => $object)),*] };
    };
}

pub use serde;
