//! `seeds`: how many times each value of a sweep is trained, and what is drawn anew each time.

use schemars::JsonSchema;
use serde::de::value::MapAccessDeserializer;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use tensor::Purpose;

/// How many times, and what is drawn anew: `5`, or `{ count = 5, vary = ["init", "split"] }`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seeds {
    /// How many times each value is trained.
    pub count: usize,
    /// What each time has random numbers of its own for.
    pub vary: Vec<Vary>,
}

/// Something that has random numbers of its own each time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Vary {
    /// Initial weights, and the order of the batches.
    Init,
    /// Which samples are for training, validation and test.
    Split,
    /// The samples: their noise, which ones are taken, which labels are wrong.
    Data,
}

impl Seeds {
    /// Whether training has random numbers of its own each time.
    pub fn vary_init(&self) -> bool {
        self.vary.contains(&Vary::Init)
    }

    /// What of a data set is drawn anew each time but the first, which is the data set as it is.
    pub fn redrawn(&self) -> &'static [Purpose] {
        const DATA: [Purpose; 5] =
            [Purpose::Noise, Purpose::Sample, Purpose::LabelNoise, Purpose::RandomLabels, Purpose::Split];
        match [Vary::Data, Vary::Split].map(|what| self.vary.contains(&what)) {
            [true, true] => &DATA,
            [true, false] => &DATA[..4],
            [false, true] => &DATA[4..],
            [false, false] => &[],
        }
    }
}

impl Default for Seeds {
    fn default() -> Self {
        Self::from(1)
    }
}

impl From<usize> for Seeds {
    fn from(count: usize) -> Self {
        Self { count, vary: vec![Vary::Init] }
    }
}

/// The long form.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Table {
    /// How many times each value is trained.
    #[schemars(range(min = 1))]
    count: usize,
    /// What is drawn anew each time. Default `["init"]`.
    #[serde(default = "init")]
    vary: Vec<Vary>,
}

fn init() -> Vec<Vary> {
    vec![Vary::Init]
}

impl Serialize for Seeds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.vary == init() {
            serializer.serialize_u64(self.count as u64)
        } else {
            Table { count: self.count, vary: self.vary.clone() }.serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for Seeds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Seeds;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a number of seeds, or { count = 5, vary = [\"init\", \"split\", \"data\"] }")
            }
            fn visit_i64<E: de::Error>(self, v: i64) -> Result<Seeds, E> {
                usize::try_from(v).map(Seeds::from).map_err(|_| E::invalid_value(de::Unexpected::Signed(v), &self))
            }
            fn visit_u64<E: de::Error>(self, v: u64) -> Result<Seeds, E> {
                Ok(Seeds::from(v as usize))
            }
            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Seeds, A::Error> {
                let Table { count, vary } = Table::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Seeds { count, vary })
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl JsonSchema for Seeds {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Seeds".into()
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let table = Table::json_schema(generator);
        schemars::json_schema!({ "anyOf": [{ "type": "integer", "minimum": 1 }, table] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_or_a_table_and_back() {
        let read = |text: &str| -> Result<Seeds, String> {
            let value: toml::Table = toml::from_str(&format!("seeds = {text}")).unwrap();
            value["seeds"].clone().try_into().map_err(|e: toml::de::Error| e.message().to_owned())
        };
        assert_eq!(read("3"), Ok(Seeds::from(3)));
        assert_eq!(read("{ count = 3 }"), Ok(Seeds::from(3)));
        let split = Seeds { count: 2, vary: vec![Vary::Split] };
        assert_eq!(read("{ count = 2, vary = [\"split\"] }"), Ok(split.clone()));
        assert_eq!(serde_json::to_string(&split).unwrap(), "{\"count\":2,\"vary\":[\"split\"]}");
        assert_eq!(serde_json::to_string(&Seeds::from(3)).unwrap(), "3");
        assert!(read("\"many\"").unwrap_err().contains("a number of seeds"));
        assert_eq!((split.redrawn(), split.vary_init()), (&[Purpose::Split][..], false));
    }
}
