//! The real families and kinds, from the registries of the crates below.

pub mod seeds;
pub mod sweep;

use analysis::Analysis;
use config::catalog::{self, Group, Topic};
use config::families::{Category, Check, Families, Family, Kind};
use datasets::Source;
use figures::FigureKind;
use registry::Problems;
use serde_json::{Value, json};
use sweep::SweepConfig;
use training::TrainConfig;

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

impl Check for Config {
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

/// Every family of tables, in the order of an experiment: data, training, analysis, figures.
pub fn families() -> Families<Config> {
    Families(vec![
        Family {
            name: "dataset",
            about: "Data sets by name: what models learn from.",
            tagged: true,
            categories: Category::only(datasets::REGISTRY.iter().map(|e| Kind::of(e, Config::Dataset))),
            common: Some(Kind::single(|shared: Shared<_>| Config::DatasetCommon(shared.0))),
            only_read: true,
        },
        Family {
            name: "train",
            about: "Training runs by name: a model, a loss, an optimizer.",
            tagged: false,
            categories: Category::only([Kind::single(|train| Config::Train(Box::new(train)))]),
            common: None,
            only_read: false,
        },
        Family {
            name: "sweep",
            about: "Training runs repeated with one setting changed, by name.",
            tagged: false,
            categories: Category::only([Kind::single(|sweep| Config::Sweep(Box::new(sweep)))]),
            common: None,
            only_read: false,
        },
        Family {
            name: "analysis",
            about: "Analyses by name: what is found in trained models.",
            tagged: true,
            categories: Category::of_all(analysis::REGISTRY, Config::Analysis),
            common: None,
            only_read: false,
        },
        Family {
            name: "figure",
            about: "Figures by name: each becomes figures/NAME.svg, its numbers beside it.",
            tagged: true,
            categories: Category::of_all(figures::REGISTRY, Config::Figure),
            common: Some(Kind::single(|shared: Shared<_>| Config::FigureCommon(shared.0))),
            only_read: false,
        },
    ])
}

/// Everything that `list` and `explain` know: the kinds of tables, and what goes into a training run.
pub fn groups() -> Vec<Group> {
    let mut groups = catalog::groups(&families());
    groups.push(Group {
        name: "layer",
        about: "Layers of a model: items of `model` in a `[train.NAME]`.",
        shared: None,
        categories: Category::only(models::LAYERS.iter().map(layer)),
    });
    let loss = |loss: &models::LossInfo| Topic {
        name: loss.kind,
        schema: json!({ "description": loss.summary }),
        example: format!("loss = \"{}\"", loss.kind),
    };
    groups.push(Group {
        name: "loss",
        about: "What training makes small: `loss` in a `[train.NAME]`.",
        shared: None,
        categories: Category::only(models::LOSSES.iter().map(loss)),
    });
    let optimizer = |rule: &registry::Entry<dyn optimizers::OptimizerKind>| Topic {
        name: rule.kind,
        schema: (rule.schema)().to_value(),
        example: format!("optimizer = {{ {} = {{ {} }} }}", rule.kind, rule.example.trim().replace('\n', ", ")),
    };
    groups.push(Group {
        name: "optimizer",
        about: "Optimizers: `optimizer` in a `[train.NAME]`.",
        shared: None,
        categories: Category::only(optimizers::REGISTRY.iter().map(optimizer)),
    });
    let schedule = |schedule: &optimizers::ScheduleInfo| Topic {
        name: schedule.kind,
        schema: (schedule.schema)().to_value(),
        example: format!("schedule = {}", schedule.example),
    };
    groups.push(Group {
        name: "schedule",
        about: "The learning rate over time: `schedule` in a `[train.NAME]`.",
        shared: None,
        categories: Category::only(optimizers::SCHEDULES.iter().map(schedule)),
    });
    groups
}

fn layer(layer: &models::LayerInfo) -> Topic {
    let mut schema = (layer.schema)().to_value();
    if let (Some(main), Some(Value::String(about))) = (layer.main, schema.get_mut("description")) {
        *about += &format!("\n\nA bare value is its `{main}`: `{{ {} = … }}`.", layer.kind);
    }
    let example = match layer.example {
        "" => format!("model = [\"{}\"]", layer.kind),
        settings => format!("model = [{{ {} = {{ {} }} }}]", layer.kind, settings.trim().replace('\n', ", ")),
    };
    Topic { name: layer.kind, schema, example }
}

#[cfg(test)]
mod tests {
    use super::*;
    use config::diagnostics::Report;
    use config::document;
    use config::text::Texts;

    #[test]
    fn every_kind_is_documented_field_by_field() {
        let mut names = std::collections::BTreeSet::new();
        let groups = groups();
        for (group, topic) in groups.iter().flat_map(|g| g.topics().map(move |t| (g.name, t))) {
            assert!(names.insert((group, topic.name)), "{} is there twice", topic.name);
            let first = config::schema::first_sentence(&topic.schema).unwrap_or_default();
            assert!(!first.is_empty(), "{group} {} has no documentation", topic.name);
            let fields = topic.schema.get("properties").and_then(Value::as_object);
            for (field, schema) in fields.into_iter().flatten() {
                assert!(schema.get("description").is_some(), "{group} {}: {field} is not explained", topic.name);
                let told = catalog::explain(&groups, &[], &format!("{group}.{}.{field}", topic.name));
                assert!(told.is_ok_and(|text| text.contains("(field of ")), "{group} {}: {field}", topic.name);
            }
            assert!(catalog::explain(&groups, &[], topic.name).is_ok_and(|text| text.contains("Example")));
        }
    }

    /// What is wrong with a file, without what only says that another table is not there.
    fn wrong(file: &str) -> Vec<String> {
        let texts = Texts::new("example", file);
        let mut report = Report::default();
        document::read(&texts, &families(), &mut report);
        report.list().iter().filter(|d| !d.absence).map(|d| format!("{}, {}", d.title, d.label)).collect()
    }

    #[test]
    fn every_example_is_right_and_an_unknown_key_is_refused() {
        for topic in groups().iter().flat_map(Group::topics) {
            let mut file = format!("title = \"t\"\n{}\n", topic.example);
            if !topic.example.starts_with('[') {
                // Part of a training run: it replaces its counterpart.
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
