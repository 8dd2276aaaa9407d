//! What a pipeline file may contain, as data: families of tables and the kinds of each.
//!
//! Parsing knows nothing about data sets or networks. It reads this description, which callers fill from registries and tests
//! with toys.

use std::sync::OnceLock;

use registry::{Entry, Problems};
use schemars::Schema;
use serde_json::Value;
use toml::de::ValueDeserializer;

/// A parsed table that can be checked beyond its types.
pub trait Check {
    /// Notes what is wrong with it, paths relative to the table.
    fn check(&self, problems: &mut Problems);
}

/// A deserialized config and the same config with every default written out.
pub type Read<T> = Result<(T, toml::Table), toml::de::Error>;

/// One kind of table.
pub struct Kind<T> {
    /// The name after `kind =`.
    pub name: &'static str,
    /// The body of an example table.
    pub example: &'static str,
    /// Deserializes the table, `kind` taken out.
    pub parse: Box<dyn Fn(ValueDeserializer<'_>) -> Read<T>>,
    make_schema: fn() -> Schema,
    schema: OnceLock<Value>,
    /// With its family's common keys.
    table_schema: OnceLock<Value>,
}

impl<T: 'static> Kind<T> {
    /// The kind of a registry's entry.
    pub fn of<O: ?Sized + 'static>(entry: &'static Entry<O>, wrap: fn(Box<O>) -> T) -> Self {
        Kind {
            name: entry.kind,
            example: entry.example,
            parse: Box::new(move |table| (entry.parse)(table).map(|parsed| (wrap(parsed.value), parsed.resolved))),
            make_schema: entry.schema,
            schema: OnceLock::new(),
            table_schema: OnceLock::new(),
        }
    }

    /// A kind from its config struct.
    pub fn single<C: registry::Config>(wrap: fn(C) -> T) -> Self {
        Kind {
            name: C::KIND,
            example: C::EXAMPLE,
            parse: Box::new(move |table| {
                let config = C::deserialize(table)?;
                let resolved = registry::resolve(&config);
                Ok((wrap(config), resolved))
            }),
            make_schema: registry::schema_of::<C>,
            schema: OnceLock::new(),
            table_schema: OnceLock::new(),
        }
    }
}

impl<T> Kind<T> {
    /// JSON schema of the table without `kind`, made once.
    pub fn schema(&self) -> &Value {
        self.schema.get_or_init(|| (self.make_schema)().to_value())
    }
}

/// Items of one subject: kinds of a family, or their descriptions.
#[derive(Debug, Clone)]
pub struct Category<I> {
    /// What the subject is called; empty where there is only one.
    pub name: &'static str,
    /// What its items have in common, lower case, no final stop.
    pub about: &'static str,
    /// The items.
    pub items: Vec<I>,
}

impl<I> Category<I> {
    /// The one category of things that are not divided by subject.
    pub fn only(items: impl IntoIterator<Item = I>) -> Vec<Self> {
        vec![Category { name: "", about: "", items: items.into_iter().collect() }]
    }

    /// The same category of what `f` makes of each item.
    pub fn map<J>(&self, f: impl FnMut(&I) -> J) -> Category<J> {
        Category { name: self.name, about: self.about, items: self.items.iter().map(f).collect() }
    }
}

impl<T: 'static> Category<Kind<T>> {
    /// The categories of a registry.
    pub fn of_all<O: ?Sized + 'static>(registry: &'static [registry::Category<O>], wrap: fn(Box<O>) -> T) -> Vec<Self> {
        let kinds = |entries: &'static [Entry<O>]| entries.iter().map(|entry| Kind::of(entry, wrap)).collect();
        registry.iter().map(|c| Category { name: c.name, about: c.about, items: kinds(c.entries) }).collect()
    }
}

/// One family of tables: `[dataset.NAME]` and so on.
pub struct Family<T> {
    /// The first part of the header.
    pub name: &'static str,
    /// What its tables are, one line.
    pub about: &'static str,
    /// Whether its tables name their kind; a family without has exactly one.
    pub tagged: bool,
    /// Its kinds, by subject.
    pub categories: Vec<Category<Kind<T>>>,
    /// Keys that every kind of the family takes besides its own.
    pub common: Option<Kind<T>>,
    /// Whether a table that nothing refers to has no effect.
    pub only_read: bool,
}

impl<T> Family<T> {
    /// Its kinds.
    pub fn kinds(&self) -> impl Iterator<Item = &Kind<T>> {
        self.categories.iter().flat_map(|c| &c.items)
    }

    /// A kind by its name.
    pub fn kind(&self, name: &str) -> Option<&Kind<T>> {
        self.kinds().find(|k| k.name == name)
    }

    /// Schema of a whole table of one of its kinds, common keys included, `kind` left out; made once.
    pub fn table_schema<'a>(&self, kind: &'a Kind<T>) -> &'a Value {
        kind.table_schema.get_or_init(|| {
            let mut schema = kind.schema().clone();
            for (name, field) in self.common_fields() {
                schema["properties"][name] = field.clone();
            }
            schema
        })
    }

    /// The common keys, each with its schema.
    pub fn common_fields(&self) -> impl Iterator<Item = (&str, &Value)> {
        let fields = self.common.iter().filter_map(|common| common.schema()["properties"].as_object()).flatten();
        fields.map(|(name, field)| (name.as_str(), field))
    }
}

/// All families, in the order in which they are explained.
pub struct Families<T>(pub Vec<Family<T>>);

impl<T> Families<T> {
    /// A family by its name.
    pub fn get(&self, name: &str) -> Option<&Family<T>> {
        self.0.iter().find(|f| f.name == name)
    }

    /// Every kind with its family.
    pub fn kinds(&self) -> impl Iterator<Item = (&Family<T>, &Kind<T>)> {
        self.0.iter().flat_map(|f| f.kinds().map(move |k| (f, k)))
    }
}
