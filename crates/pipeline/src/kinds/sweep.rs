//! `[sweep.NAME]`: one training run again and again, one of its settings changed.

use std::collections::BTreeMap;

use config::diagnostics::{did_you_mean, quoted};
use config::schema;
use config::tree::{Node, Path, Step, type_name};
use registry::{Config, Problems, TrainRef};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use toml::de::DeValue;
use toml::{Table, Value};
use training::TrainConfig;

use super::seeds::Seeds;

/// Trains a model many times with one setting changed, or several models many times as they are, and keeps the loss and accuracy
/// of each run.
///
/// Every value, or model, is trained with the same random numbers: weights of the same layers start alike, and batches come in
/// the same order, so that nothing but the setting differs. With several seeds each is trained once with each.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SweepConfig {
    /// The training run to repeat with `set` changed, a `[train.NAME]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub train: Option<TrainRef>,
    /// The setting to change, as a dotted path inside that table: `model[0].polynomial.degree`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set: Option<String>,
    /// What it is set to, one after another; at most 10,000 values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = MOST_VALUES))]
    pub values: Vec<AnyValue>,
    /// In place of `train`, `set` and `values`: the training runs to repeat as they are, the first of them what the others are
    /// compared with.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<TrainRef>,
    /// A word for each value, where the values themselves would not read well. Default: the values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    /// What the axis of a picture says. Default: the setting's path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub axis: Option<String>,
    /// How many times each value is trained, from other initial weights and with batches in another order each time; or
    /// `{ count = 5, vary = ["init", "split", "data"] }`, which says what is drawn anew each time: `init` the weights and the
    /// order of the batches, `split` which samples are for training, validation and test, `data` the samples themselves. What is
    /// not named is the same every time. All of it follows from the run's seed: `--seed` draws everything anew at once.
    /// Default 1.
    #[serde(default)]
    pub seeds: Seeds,
}

/// The most runs of a sweep: more than anyone waits for.
const MOST_RUNS: usize = 100_000;
/// The most values: more than a picture can show.
const MOST_VALUES: usize = 10_000;

impl Config for SweepConfig {
    const KIND: &str = "sweep";
    const EXAMPLE: &str = "train = \"lift\"\nset = \"model[0].polynomial.degree\"\nvalues = [1, 2, 3, 4, 5]\naxis = \"degree P\"\nseeds = 3";
}

/// Whatever TOML can say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AnyValue(pub Value);

impl JsonSchema for AnyValue {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "AnyValue".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "description": "A value that the setting can have." })
    }
}

impl SweepConfig {
    /// Notes what is wrong with the table by itself.
    pub fn check(&self, problems: &mut Problems) {
        let given = [("train", self.train.is_some()), ("set", self.set.is_some()), ("values", !self.values.is_empty())];
        for (field, given) in given {
            problems.require(given || !self.models.is_empty(), field, || match field {
                "values" => "a sweep needs at least one value".into(),
                _ => format!("a sweep needs `{field}`, or several training runs in `models`"),
            });
            problems.require(!given || self.models.is_empty(), field, || {
                format!("`{field}` and `models` both say what is to be trained, expected one of them")
            });
        }
        problems.require(self.models.len() != 1, "models", || "1 model, expected at least two to compare".into());
        let mut firsts = BTreeMap::new();
        for (i, AnyValue(value)) in self.values.iter().enumerate() {
            let first = *firsts.entry(value.to_string()).or_insert(i);
            problems.require(first == i, format!("values[{i}]"), || format!("the same value as values[{first}]"));
        }
        let count = self.values.len().max(self.models.len());
        problems.require(self.labels.is_empty() || self.labels.len() == count, "labels", || {
            format!("{} labels for {count} values, expected one for each", self.labels.len())
        });
        let Seeds { count: seeds, vary } = &self.seeds;
        problems.require(*seeds > 0, "seeds", || "expected at least 1 seed, found 0".into());
        problems.require(seeds.saturating_mul(count) <= MOST_RUNS, "seeds", || {
            format!("{count} values times {seeds} seeds are more than {MOST_RUNS} runs")
        });
        problems.require(!vary.is_empty(), "seeds", || {
            "`vary` names nothing, so that every seed would be the same; expected \"init\", \"split\" or \"data\""
                .into()
        });
        let twice = vary.iter().enumerate().any(|(i, what)| vary[..i].contains(what));
        problems.require(!twice, "seeds", || "`vary` names something twice".into());
        let Some(set) = &self.set else { return };
        if let Err((_, why)) = Path::parse(set) {
            problems.add("set", format!("the path `{set}` cannot be read: {why}"));
        }
        problems.require(set != "weights", "set", || {
            "a sweep changes how a model is trained, not the file it starts from; `models` compares runs of other files".into()
        });
        problems.require(set != "data", "set", || {
            "a sweep changes how a model is trained, not what it is trained on; `models` compares runs of other data".into()
        });
    }

    /// The training runs that are repeated.
    pub fn repeated(&self) -> impl Iterator<Item = &TrainRef> {
        self.train.iter().chain(&self.models)
    }

    /// What the setting is in the training run itself, where it is a number.
    pub fn own(&self, train: &Table) -> Option<f64> {
        let steps = Path::parse(self.set.as_deref()?).ok()?;
        let table = Value::Table(train.clone());
        let inside = steps.iter().try_fold(&table, |node, (step, _)| match step {
            Step::Key(key) => node.get(key.as_str()),
            Step::Index(index) => node.get(*index),
        });
        number_of(inside?)
    }

    /// The training run with its setting at each value; a value that does not fit is a problem of its own path.
    pub fn variants(&self, train: &Table, problems: &mut Problems) -> Vec<Option<TrainConfig>> {
        let Ok(steps) = Path::parse(self.set.as_deref().unwrap_or_default()) else { return Vec::new() };
        let steps: Vec<Step> = steps.into_iter().map(|(step, _)| step).collect();
        let schema = registry::schema_of::<TrainConfig>().to_value();
        let text = inline(&Value::Table(train.clone()));
        let own = parsed(&text);
        let mut variants = Vec::new();
        for (i, value) in self.values.iter().enumerate() {
            let (mut changed, text) = (own.clone(), inline(&value.0));
            if let Err((message, help)) = put(&mut changed, &steps, &Path::default(), parsed(&text)) {
                // The path is the same for every value: one complaint is enough.
                match help {
                    Some(help) => problems.add_with_help("set", message, help),
                    None => problems.add("set", message),
                }
                return Vec::new();
            }
            let mut own = Problems::default();
            let config = read(changed, &steps, &schema, &mut own);
            if let Some(config) = &config {
                config.check(&mut own);
            }
            let wrong = own.into_vec();
            variants.push(config.filter(|_| wrong.is_empty()));
            for problem in wrong {
                problems.push(registry::Problem { path: format!("values[{i}]"), ..problem });
            }
        }
        variants
    }

    /// The value in words.
    pub fn label(&self, index: usize) -> String {
        match (self.labels.get(index), self.models.get(index)) {
            (Some(label), _) => label.clone(),
            (None, Some(model)) => model.0.clone(),
            (None, None) => match &self.values[index].0 {
                Value::String(word) => word.clone(),
                Value::Float(number) => in_short(*number),
                value => value.to_string(),
            },
        }
    }

    /// The value, where it is a number.
    pub fn number(&self, index: usize) -> Option<f64> {
        number_of(&self.values.get(index)?.0)
    }
}

/// As TOML has it, or with an exponent where that is long and this is shorter: 1e30.
fn in_short(number: f64) -> String {
    let (plain, scientific) = (Value::Float(number).to_string(), format!("{number:e}"));
    if plain.len() > LONG && scientific.len() < plain.len() { scientific } else { plain }
}

/// No label of a number need have more letters.
const LONG: usize = 12;

fn number_of(value: &Value) -> Option<f64> {
    match value {
        Value::Integer(i) => Some(*i as f64),
        Value::Float(f) => Some(*f),
        _ => None,
    }
}

/// A value on one line.
fn inline(value: &Value) -> String {
    let mut text = String::new();
    // Fails only for what TOML has no form for, and this is TOML.
    value.serialize(toml::ser::ValueSerializer::new(&mut text)).expect("a TOML value can be written");
    text
}

fn parsed(text: &str) -> Node<'_> {
    toml::de::DeValue::parse(text).expect("what was written as TOML is TOML")
}

/// The training run that a table says, changed at `steps`; what does not fit the schema there is a problem, as it would be in a
/// file.
fn read(table: Node<'_>, steps: &[Step], schema: &serde_json::Value, problems: &mut Problems) -> Option<TrainConfig> {
    let Some(Step::Key(field)) = steps.first() else { return None };
    let changed = table.get_ref().get(field.as_str())?;
    for wrong in schema::walk_field(schema, "a training run", field, changed).diagnostics {
        let message = format!("{}, {}", wrong.title, wrong.label);
        match wrong.help.into_iter().next() {
            Some(help) => problems.add_with_help("", message, help),
            None => problems.add("", message),
        }
    }
    if !problems.is_empty() {
        return None;
    }
    let config = TrainConfig::deserialize(toml::de::ValueDeserializer::from(table));
    config.map_err(|error| problems.add("", error.message().replace('\n', " "))).ok()
}

/// Puts `value` at `steps`, which must exist but for the last key of a table.
fn put<'s>(
    node: &mut Node<'s>,
    steps: &[Step],
    walked: &Path,
    value: Node<'s>,
) -> Result<(), (String, Option<String>)> {
    let Some((step, rest)) = steps.split_first() else {
        *node = value;
        return Ok(());
    };
    let inside = if walked.0.is_empty() { "the training run".to_owned() } else { format!("`{walked}`") };
    match (step, node.get_mut()) {
        (Step::Key(key), DeValue::Table(table)) => {
            let Some(field) = table.get_mut(key.as_str()) else {
                let names = || table.keys().map(|name| name.get_ref().as_ref());
                let message = format!("{inside} has no `{key}`, it has {}", quoted(names()));
                return Err((message, did_you_mean(key, names())));
            };
            put(field, rest, &walked.key(key), value)
        }
        (Step::Index(index), DeValue::Array(list)) => {
            let length = list.len();
            let item = list
                .get_mut(*index)
                .ok_or((format!("{inside} has {length} items, there is no number {index}"), None))?;
            put(item, rest, &walked.index(*index), value)
        }
        (_, other) => Err((format!("{inside} is {}, there is nothing inside it to set", type_name(other)), None)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variants(text: &str) -> (Vec<Option<TrainConfig>>, Vec<String>) {
        let sweep: SweepConfig = toml::from_str(text).unwrap();
        let train: TrainConfig = toml::from_str(TrainConfig::EXAMPLE).unwrap();
        let mut problems = Problems::default();
        sweep.check(&mut problems);
        let variants = sweep.variants(&registry::resolve(&train), &mut problems);
        (variants, problems.into_vec().into_iter().map(|p| format!("{}: {}", p.path, p.message)).collect())
    }

    #[test]
    fn each_value_is_a_training_run_of_its_own() {
        let (found, problems) = variants("train = \"a\"\nset = \"epochs\"\nvalues = [1, 2]");
        assert!(problems.is_empty(), "{problems:?}");
        assert_eq!(found.iter().map(|c| c.as_ref().unwrap().epochs).collect::<Vec<_>>(), [1, 2]);
        let (found, problems) =
            variants("train = \"a\"\nset = \"model\"\nvalues = [[{ linear = 3 }], [\"relu\", { linear = 3 }]]");
        assert!(problems.is_empty(), "{problems:?}");
        assert_eq!(found.iter().map(|c| c.as_ref().unwrap().model.len()).collect::<Vec<_>>(), [1, 2]);
        assert!(variants("train = \"a\"\nset = \"optimizer.adam.lr\"\nvalues = [0.1, 0.2]").1.is_empty());
    }

    #[test]
    fn models_are_repeated_instead_of_values() {
        let check = |text: &str| {
            let mut problems = Problems::default();
            let sweep: SweepConfig = toml::from_str(text).unwrap();
            sweep.check(&mut problems);
            (sweep, problems.into_vec().into_iter().map(|p| format!("{}: {}", p.path, p.message)).collect::<Vec<_>>())
        };
        let (sweep, problems) = check("models = [\"a\", \"b\"]\nseeds = 5");
        assert_eq!((problems, sweep.label(1), sweep.number(1)), (vec![], "b".to_owned(), None));
        let wrong = check("models = [\"a\", \"b\"]\nset = \"epochs\"").1;
        assert_eq!(wrong, ["set: `set` and `models` both say what is to be trained, expected one of them"]);
        let wrong = check("train = \"a\"\nset = \"epochs\"\nvalues = [3, 4, 3]").1;
        assert_eq!(wrong, ["values[2]: the same value as values[0]"]);
        let needs = |field: &str| format!("{field}: a sweep needs `{field}`, or several training runs in `models`");
        let nothing = check("seeds = 2").1;
        assert_eq!(nothing, [needs("train"), needs("set"), "values: a sweep needs at least one value".to_owned()]);
    }

    #[test]
    fn numbers_have_labels_that_can_be_read() {
        let sweep: SweepConfig =
            toml::from_str("values = [1e30, 1e-30, 0.001, 12345.678901234, 2.0, 7, \"a\"]").unwrap();
        let labels: Vec<String> = (0..7).map(|i| sweep.label(i)).collect();
        assert_eq!(labels, ["1e30", "1e-30", "0.001", "12345.678901234", "2.0", "7", "a"]);
    }

    #[test]
    fn a_run_knows_where_it_stands_among_the_values() {
        let sweep: SweepConfig = toml::from_str("train = \"a\"\nset = \"epochs\"\nvalues = [1, 2]").unwrap();
        let train: TrainConfig = toml::from_str(TrainConfig::EXAMPLE).unwrap();
        assert_eq!(sweep.own(&registry::resolve(&train)), Some(train.epochs as f64));
    }

    #[test]
    fn values_and_paths_that_do_not_fit_are_told() {
        let problems = |text: &str| variants(text).1;
        assert_eq!(
            problems("train = \"a\"\nset = \"epohcs\"\nvalues = [1, 2]"),
            [
                "set: the training run has no `epohcs`, it has `data`, `model`, `loss`, `optimizer`, `schedule`, `epochs`, `batch`, `keep`"
            ]
        );
        assert_eq!(
            problems("train = \"a\"\nset = \"model[9]\"\nvalues = [1]"),
            ["set: `model` has 5 items, there is no number 9"]
        );
        assert_eq!(
            problems("train = \"a\"\nset = \"epochs\"\nvalues = [1, 0]"),
            ["values[1]: expected 1 to 10000000 epochs, found 0"]
        );
        assert_eq!(
            problems("train = \"a\"\nset = \"epochs\"\nvalues = [\"x\"]"),
            ["values[0]: `epochs` is the string \"x\", expected a whole number ≥ 0"]
        );
        assert_eq!(
            problems("train = \"a\"\nset = \"epochs\"\nvalues = []\nlabels = [\"a\"]\nseeds = 0"),
            [
                "values: a sweep needs at least one value",
                "labels: 1 labels for 0 values, expected one for each",
                "seeds: expected at least 1 seed, found 0"
            ]
        );
    }
}
