//! What concerns several tables: shapes, classes, sizes. Checked before anything is trained, on tables that could be read.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use analysis::{Planned, PlannedData, PlannedModel, PlannedSweep};
use config::diagnostics::{Diagnostic, Report};
use config::document::{Document, Names, Table, locate_problem, problem_diagnostics};
use config::tree::Node;
use datasets::{DataError, Source};
use registry::{Problems, TrainRef};
use toml::Spanned;
use training::TrainConfig;

use crate::kinds::{Config, sweep::SweepConfig};

/// Checks every table against those it refers to, in their order: analyses and figures whose own check found nothing, and data
/// and training whose counts are within their ranges, so that nothing is ever made as large as a slip of the pen, and none is
/// told what only follows from one. Returns what is known of data and models then.
pub fn run(document: &Document<'_, Config>, base: &Path, report: &mut Report) -> Planned {
    let mut known = Planned::default();
    let names = Names::of(&document.tables);
    for &index in &document.order {
        let table = &document.tables[index];
        let mut problems = Problems::default();
        match &table.object {
            Some(Config::Dataset(source)) if table.is_sound() && !table.miscounted => {
                match facts(source.as_ref(), table, base) {
                    // Numbers out of range have been reported already, and with them what follows from an empty data set.
                    Ok(facts) if facts.spec.n == 0 || facts.spec.outputs() == Some(0) => {}
                    Ok(facts) => {
                        if let Some(Config::DatasetCommon(common)) = &table.common {
                            common.check_against(&facts.spec, &mut problems);
                        }
                        known.insert_data(&table.name, facts);
                        if !table.flawed {
                            warn(source.as_ref(), table, base, report);
                        }
                    }
                    // So has what follows from a split out of range.
                    Err(error) if table.flawed && is_of_split(&error) => {}
                    Err(error) => report.add(data_problem(table, &error)),
                }
            }
            Some(Config::Train(train)) => {
                if !table.miscounted {
                    check_train(train, document, &names, &known, &mut problems);
                    if let Some(facts) = known.data(&train.data).filter(|_| problems.is_empty()) {
                        train.check_weights(base, &facts.spec.shape, &mut problems);
                    }
                }
                if let Some(facts) = known.data(&train.data)
                    && table.is_sound()
                    && !table.miscounted
                {
                    known.insert_model(planned(&table.name, train, facts));
                }
            }
            Some(Config::Sweep(sweep)) if !table.miscounted => {
                let found = check_sweep(&table.name, sweep, document, (&names, base), &known, &mut problems);
                known.insert_sweep(&table.name, found);
            }
            Some(Config::Analysis(analysis)) => {
                if !table.flawed {
                    analysis.check_against(&known, &mut problems);
                    known.insert_offer(&table.name, analysis.offer(&known));
                }
                let models = table.references.iter().filter(|r| r.family == "train").map(|r| TrainRef(r.name.clone()));
                known.insert_analysis(&table.name, models.collect(), analysis.snapshots().cloned());
            }
            Some(Config::Figure(figure)) if !table.flawed => figure.check_against(&known, &mut problems),
            _ => {}
        }
        report.extend(problem_diagnostics(table, problems.into_vec()));
    }
    known
}

/// A training run against its data set, and against the run it starts as.
fn check_train(
    train: &TrainConfig,
    document: &Document<'_, Config>,
    names: &Names<'_>,
    known: &Planned,
    problems: &mut Problems,
) {
    if let Some(other) = train.same_init_as.as_ref().and_then(|name| training_run(document, names, name)) {
        let shape = |train: &TrainConfig| known.data(&train.data).map(|facts| &facts.spec.shape);
        let alike = train.data == other.data || shape(train) == shape(other);
        train.check_start(other, alike, problems);
    }
    if let Some(facts) = known.data(&train.data) {
        train.check_against(&facts.spec, facts.sizes, problems);
    }
}

/// A training run that could be read.
fn training_run<'a>(
    document: &'a Document<'_, Config>,
    names: &Names<'_>,
    TrainRef(name): &TrainRef,
) -> Option<&'a TrainConfig> {
    match &document.tables[names.find("train", name)?].object {
        Some(Config::Train(train)) => Some(train.as_ref()),
        _ => None,
    }
}

/// Every value of a sweep must give a training run that could be written in the file. Returns what is known of those that can be
/// read.
fn check_sweep(
    name: &str,
    sweep: &SweepConfig,
    document: &Document<'_, Config>,
    (names, base): (&Names<'_>, &Path),
    known: &Planned,
    problems: &mut Problems,
) -> PlannedSweep {
    let (mut models, mut data) = (Vec::new(), BTreeSet::new());
    let table = |name: &TrainRef| Some(&document.tables[names.find("train", &name.0)?]);
    let table = |name: &TrainRef| table(name).filter(|table| table.is_sound() && !table.miscounted);
    if let Some(train) = sweep.train.as_ref().and_then(table) {
        for (i, variant) in sweep.variants(&train.resolved, problems).into_iter().enumerate() {
            let Some(variant) = variant else { continue };
            let Some(facts) = known.data(&variant.data) else { continue };
            let mut own = Problems::default();
            variant.check_against(&facts.spec, facts.sizes, &mut own);
            if own.is_empty() {
                variant.check_weights(base, &facts.spec.shape, &mut own);
            }
            for problem in own.into_vec() {
                problems.push(registry::Problem { path: format!("values[{i}]"), ..problem });
            }
            // What it would keep on the way is not kept.
            let variant = TrainConfig { snapshots: None, ..variant };
            models.push(planned(&format!("that of {name}"), &variant, facts));
            data.insert(variant.data.0);
        }
    }
    let repeated: Vec<&PlannedModel> = sweep.models.iter().filter_map(|name| known.model(name)).collect();
    for (i, model) in repeated.iter().enumerate().skip(1) {
        let (first, own) = (repeated[0], model.loss.kind());
        problems.require(model.loss == first.loss, format!("models[{i}]"), || {
            format!(
                "the losses are not comparable: {} has {}, and {} has {own}",
                first.name,
                first.loss.kind(),
                model.name
            )
        });
    }
    models.extend(
        repeated.into_iter().map(|model| PlannedModel { name: format!("{} of {name}", model.name), ..model.clone() }),
    );
    data.extend(sweep.models.iter().filter_map(|name| Some(training_run(document, names, name)?.data.0.clone())));
    let redrawn = sweep.seeds.count > 1 && !sweep.seeds.redrawn().is_empty();
    PlannedSweep { models, data, redrawn }
}

fn planned(name: &str, train: &TrainConfig, facts: &PlannedData) -> PlannedModel {
    PlannedModel {
        name: name.to_owned(),
        data: Arc::clone(&facts.spec),
        sizes: facts.sizes,
        layers: train.model.clone(),
        loss: train.loss,
        measures: train.measures(),
        augmented: train.augment.as_ref().map(|_| train.data.clone()),
        epochs: train.epochs,
        snapshots: train.snapshots.as_ref().map(|s| s.list(train.epochs)).unwrap_or_default(),
    }
}

fn facts(source: &dyn Source, table: &Table<'_, Config>, base: &Path) -> Result<PlannedData, DataError> {
    let spec = source.spec(base)?;
    let split = match &table.common {
        Some(Config::DatasetCommon(common)) => common.split.as_ref(),
        _ => None,
    };
    let sizes = datasets::sizes(split, spec.n, source.own_test_samples(base)?)?;
    Ok(PlannedData { spec: Arc::new(spec), sizes })
}

/// Shows what is allowed in a data set and probably not meant.
fn warn(source: &dyn Source, table: &Table<'_, Config>, base: &Path, report: &mut Report) {
    let mut doubts = Problems::default();
    match source.warn(base, &mut doubts) {
        Ok(()) => report.extend(problem_diagnostics(table, doubts.into_vec()).into_iter().map(Diagnostic::as_warning)),
        Err(error) => report.add(data_problem(table, &error)),
    }
}

/// Whether it is the split that does not fit the data set.
fn is_of_split(error: &DataError) -> bool {
    matches!(
        error,
        DataError::EmptyPart { .. }
            | DataError::UntrainedClass { .. }
            | DataError::Fractions { .. }
            | DataError::TooMany { .. }
    )
}

/// What is wrong with a data set, shown at the field that names the file or holds the formula, or at its split.
fn data_problem(table: &Table<'_, Config>, error: &DataError) -> Diagnostic {
    let message = error.to_string();
    // Of several files that are named, the first is the one with the mistake.
    let named = |(key, value): (&Spanned<Cow<'_, str>>, &Node<'_>)| {
        let text = value.get_ref().as_str().filter(|text| !text.is_empty())?;
        Some((message.find(text)?, key.get_ref().to_string()))
    };
    let field = match table.node.get_ref().as_table() {
        _ if is_of_split(error) => Some("split".to_owned()),
        Some(fields) => fields.iter().filter_map(named).min().map(|(_, field)| field),
        None => None,
    };
    // Where no field is named, it is the table as a whole.
    let (at, label) = locate_problem(table, field.as_deref().unwrap_or(""));
    Diagnostic::error(at, message, label)
}
