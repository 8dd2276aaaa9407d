//! The real families and kinds, from the registries of the crates below.

pub mod sweep;

use analysis::Analysis;
use datasets::Source;
use figures::FigureKind;
use registry::Problems;
use sweep::SweepConfig;
use training::TrainConfig;

use crate::catalog::{self, Topic};
use crate::families::{Families, Family, Kind, Object};

/// What a table says.
pub enum Config {
    /// `[dataset.NAME]`
    Dataset(Box<dyn Source>),
    /// The keys of every `[dataset.NAME]`.
    DatasetCommon(datasets::Common),
    /// `[train.NAME]`
    Train(Box<TrainConfig>),
    /// `[sweep.NAME]`
    Sweep(Box<SweepConfig>),
    /// `[analysis.NAME]`
    Analysis(Box<dyn Analysis>),
    /// `[figure.NAME]`
    Figure(Box<dyn FigureKind>),
    /// The keys of every `[figure.NAME]`.
    FigureCommon(figures::Common),
}

impl Object for Config {
    fn check(&self, problems: &mut Problems) {
        match self {
            Config::Dataset(source) => source.check(problems),
            Config::DatasetCommon(common) => common.check(problems),
            Config::Train(train) => train.check(problems),
            Config::Sweep(sweep) => sweep.check(problems),
            Config::Analysis(analysis) => analysis.check(problems),
            Config::Figure(figure) => figure.check(problems),
            Config::FigureCommon(_) => {}
        }
    }
}

/// The keys that every table of a family takes, as a config of their own.
#[derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(transparent)]
struct Shared<C>(C);

impl<C> registry::Config for Shared<C>
where
    C: serde::Serialize + serde::de::DeserializeOwned + schemars::JsonSchema + 'static,
{
    const KIND: &str = "";
    const EXAMPLE: &str = "";
}

/// Every family of tables, in the order in which an experiment is told: data, training, analysis, figures.
pub fn families() -> Families<Config> {
    Families(vec![
        Family {
            name: "dataset",
            about: "Data sets by name: what models learn from.",
            tagged: true,
            kinds: datasets::REGISTRY.iter().map(|e| Kind::of(e, Config::Dataset)).collect(),
            common: Some(Kind::single(|shared: Shared<_>| Config::DatasetCommon(shared.0))),
            only_read: true,
        },
        Family {
            name: "train",
            about: "Training runs by name: a model, a loss, an update rule.",
            tagged: false,
            kinds: vec![Kind::single(|train| Config::Train(Box::new(train)))],
            common: None,
            only_read: false,
        },
        Family {
            name: "sweep",
            about: "Training runs repeated with one setting changed, by name.",
            tagged: false,
            kinds: vec![Kind::single(|sweep| Config::Sweep(Box::new(sweep)))],
            common: None,
            only_read: false,
        },
        Family {
            name: "analysis",
            about: "Analyses by name: what is found in trained models.",
            tagged: true,
            kinds: analysis::REGISTRY.iter().map(|e| Kind::of(e, Config::Analysis)).collect(),
            common: None,
            only_read: false,
        },
        Family {
            name: "figure",
            about: "Figures by name: each becomes figures/NAME.svg, its numbers beside it.",
            tagged: true,
            kinds: figures::REGISTRY.iter().map(|e| Kind::of(e, Config::Figure)).collect(),
            common: Some(Kind::single(|shared: Shared<_>| Config::FigureCommon(shared.0))),
            only_read: false,
        },
    ])
}

/// Everything that `list` and `explain` know: the kinds of tables, and what goes into a training run.
pub fn topics() -> Vec<Topic> {
    let mut topics = catalog::topics(&families());
    topics.extend(models::LAYERS.iter().map(|layer| Topic {
        name: layer.kind.to_owned(),
        group: "layer".to_owned(),
        schema: (layer.schema)().to_value(),
        shared: None,
        example: match layer.example {
            "" => format!("model = [\"{}\"]", layer.kind),
            settings => format!("model = [{{ {} = {{ {} }} }}]", layer.kind, settings.trim().replace('\n', ", ")),
        },
    }));
    topics.extend(models::LOSSES.iter().map(|loss| Topic {
        name: loss.kind.to_owned(),
        group: "loss".to_owned(),
        schema: serde_json::json!({ "description": loss.summary }),
        shared: None,
        example: format!("loss = \"{}\"", loss.kind),
    }));
    topics.extend(optimizers::REGISTRY.iter().map(|rule| Topic {
        name: rule.kind.to_owned(),
        group: "optimizer".to_owned(),
        schema: (rule.schema)().to_value(),
        shared: None,
        example: format!("optimizer = {{ {} = {{ {} }} }}", rule.kind, rule.example.trim().replace('\n', ", ")),
    }));
    topics
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::Report;
    use crate::document;
    use crate::text::Texts;
    use serde_json::Value;

    #[test]
    fn every_kind_is_documented_field_by_field() {
        let mut names = std::collections::BTreeSet::new();
        for topic in topics() {
            assert!(names.insert((topic.group.clone(), topic.name.clone())), "{} is there twice", topic.name);
            let first = crate::schema::first_sentence(&topic.schema).unwrap_or_default();
            assert!(!first.is_empty(), "{} {} has no documentation", topic.group, topic.name);
            let fields = topic.schema.get("properties").and_then(Value::as_object);
            for (field, schema) in fields.into_iter().flatten() {
                assert!(
                    schema.get("description").is_some(),
                    "{} {}: {field} is not explained",
                    topic.group,
                    topic.name
                );
            }
            assert!(catalog::explain(&topics(), &topic.name).is_ok_and(|text| text.contains("Example")));
        }
    }

    /// What is wrong with a file, without what only says that another table is not there.
    fn wrong(file: &str) -> Vec<String> {
        let mut texts = Texts::default();
        texts.add("example", file);
        let mut report = Report::default();
        document::read(&texts, &[], &families(), &mut report);
        report.list().iter().filter(|d| !d.absence).map(|d| format!("{}, {}", d.title, d.label)).collect()
    }

    #[test]
    fn every_example_is_right_and_an_unknown_key_is_refused() {
        for topic in topics() {
            let mut file = format!("title = \"t\"\n{}\n", topic.example);
            if !topic.example.starts_with('[') {
                // Part of a training run: in the place of its counterpart.
                let key = topic.example.split(' ').next().unwrap_or_default();
                let example = <TrainConfig as registry::Config>::EXAMPLE;
                let rest: Vec<&str> = example.lines().filter(|line| !line.starts_with(&format!("{key} "))).collect();
                file = format!("title = \"t\"\n[train.NAME]\n{}\n{}\n", rest.join("\n"), topic.example);
            }
            assert_eq!(wrong(&file), [""; 0], "{file}");
            let unknown = wrong(&format!("{file}surely_unknown = 1\n"));
            assert!(
                unknown.iter().any(|w| w.starts_with("unknown key") && w.contains("surely_unknown")),
                "{}: {unknown:?}",
                topic.name
            );
        }
    }
}
