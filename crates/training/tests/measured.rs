//! What is told of a model is what it gives: each number against the model with the parameters that it is said to be of.

use datasets::{Common, Dataset, Split, SplitConfig, Splits};
use models::Model;
use tensor::random::Streams;
use training::{Control, Fit, Snapshot, TrainConfig, fit, measured_at_once};

fn splits() -> Splits {
    let entry = datasets::REGISTRY.iter().find(|e| e.kind == "spiral").expect("a source");
    let table = toml::de::ValueDeserializer::parse("{ points = 200, classes = 3, noise = 0.2 }").expect("TOML");
    let source = (entry.parse)(table).expect("settings").value;
    let split: SplitConfig = toml::from_str("train = 0.6\nvalidation = 0.2\ntest = 0.2").expect("a split");
    let common = Common { split: Some(split), ..Common::default() };
    datasets::splits(&*source, &common, std::path::Path::new("."), &Streams::new(1), "data").expect("loads")
}

const PLAIN: &str = r#"[{ linear = 16 }, "relu", { linear = 3 }]"#;
/// So many numbers that a split is measured in chunks of a few samples, the last of them shorter.
const WIDE: &str = r#"[{ linear = 30000 }, "relu", { linear = 3 }]"#;
const DROPPED: &str = r#"[{ linear = 16 }, "batch_norm", "relu", { dropout = 0.4 }, { linear = 3 }]"#;

fn run(model: &str, rest: &str) -> Fit {
    let text = format!(
        "data = \"d\"\nmodel = {model}\nloss = \"cross_entropy\"\noptimizer = {{ adam = {{ lr = 0.05 }} }}\n\
         snapshots = {{ every = 1 }}\nepochs = 30\n{rest}"
    );
    let config: TrainConfig = toml::from_str(&text).expect("parses");
    fit(&config, "train.t", &splits(), &Streams::new(3), &mut |_| Control::Continue).expect("trains")
}

/// Loss and accuracy of a model by the way of everybody else who looks at it.
fn given(model: &Model, data: &Dataset) -> [f64; 2] {
    let loss = model.run(data).mean_loss(models::Loss::CrossEntropy).expect("classes").value();
    [loss.into(), model.accuracy(data, data.labels().expect("classes")).expect("fits")]
}

#[track_caller]
fn same(told: Option<training::Score>, given: [f64; 2], what: &str) {
    let told = told.unwrap_or_else(|| panic!("{what} was measured"));
    // Sums in other chunks round otherwise in the last digits.
    assert!((f64::from(told.loss) - given[0]).abs() < 1e-6 * (1.0 + given[0]), "{what}: {told:?} for {given:?}");
    assert!((f64::from(told.accuracy.expect("classes")) - given[1]).abs() < 1e-6, "{what}: {told:?} for {given:?}");
}

fn at(fit: &Fit, snapshot: &Snapshot) -> Model {
    let mut model = fit.model.clone();
    model.parameters.values_mut().copy_from_slice(&snapshot.parameters);
    model
}

#[test]
fn the_scores_of_a_run_are_those_of_the_model_it_leaves() {
    let splits = splits();
    for (model, rest) in [
        (PLAIN, ""),
        (PLAIN, "batch = 32"),
        (DROPPED, ""),
        (DROPPED, "batch = 32"),
        (DROPPED, "batch = 32\nkeep = \"best\""),
        (WIDE, "batch = 32"),
        (PLAIN, "keep = \"best\"\nearly_stopping = { patience = 2, on = \"train\" }"),
    ] {
        let fit = run(model, rest);
        for split in Split::ALL {
            let data = splits.get(split).expect("all three");
            same(fit.score(split), given(&fit.model, data), &format!("{} of {model} {rest}", split.name()));
        }
    }
}

#[test]
fn the_history_begins_before_the_first_step() {
    let splits = splits();
    for (model, rest) in [(PLAIN, ""), (DROPPED, "batch = 32")] {
        let fit = run(model, rest);
        let start = at(&fit, &fit.snapshots[0]);
        assert_eq!(fit.history.epochs(), 30);
        for split in Split::ALL {
            let series = fit.history.split(split).expect("all three");
            assert_eq!((series.loss.len(), series.accuracy.len()), (31, 31));
            same(series.score(0), given(&start, splits.get(split).expect("all three")), split.name());
        }
    }
}

#[test]
fn full_batches_without_dropout_tell_each_epochs_own_loss() {
    let (fit, data) = (run(PLAIN, ""), splits().train);
    assert!(!fit.history.running);
    for snapshot in &fit.snapshots {
        let what = format!("epoch {}", snapshot.epoch);
        same(fit.history.train.score(snapshot.epoch), given(&at(&fit, snapshot), &data), &what);
    }
}

#[test]
fn the_best_on_the_training_split_has_the_loss_it_was_chosen_by() {
    let data = splits().train;
    let follow = "keep = \"best\"\nearly_stopping = { patience = 100, on = \"train\" }";
    for (model, batch) in [(PLAIN, "\"full\""), (PLAIN, "16"), (DROPPED, "16"), (DROPPED, "\"full\"")] {
        let fit = run(model, &format!("batch = {batch}\n{follow}"));
        let (losses, what) = (&fit.history.train.loss, format!("{model} with batches of {batch}"));
        assert!(!fit.history.running, "{what}");
        let least = losses[1..].iter().copied().fold(f32::INFINITY, f32::min);
        assert_eq!(losses[fit.epoch], least, "{what}");
        same(fit.history.train.score(fit.epoch), given(&fit.model, &data), &what);
        // And so it is after every epoch.
        for snapshot in &fit.snapshots {
            same(fit.history.train.score(snapshot.epoch), given(&at(&fit, snapshot), &data), &what);
        }
    }
}

#[test]
fn what_was_learned_does_not_depend_on_what_is_measured() {
    let follow = "early_stopping = { patience = 100, on = \"train\" }";
    for (model, batch) in [(PLAIN, "\"full\""), (DROPPED, "16")] {
        let [plain, followed] = ["", follow].map(|rest| run(model, &format!("batch = {batch}\n{rest}")));
        assert_eq!((plain.model, plain.snapshots), (followed.model, followed.snapshots));
    }
}

#[test]
fn numbers_in_passing_are_told_apart() {
    let fit = run(DROPPED, "batch = 16");
    assert!(fit.history.running);
    let (running, left) = (fit.history.train.score(30).expect("measured"), fit.score(Split::Train).expect("measured"));
    // Units are dropped in passing only: the model that is left is far better.
    assert!(running.loss > 1.2 * left.loss, "{running:?} {left:?}");
}

#[test]
fn means_over_the_classes_are_those_of_what_the_model_gives() {
    let splits = splits();
    for (model, rest) in [(PLAIN, ""), (DROPPED, "batch = 32"), (PLAIN, "batch = 32\nkeep = \"best\"")] {
        let fit = run(model, &format!("metrics = [\"f1\", \"recall\"]\n{rest}"));
        for (split, told) in fit.scores() {
            let data = splits.get(split).expect("it was measured");
            let outputs = fit.model.predict(data).expect("fits");
            let labels = data.labels().expect("classes");
            let mut counts = [training::ClassCounts::default(); 3];
            for (row, label) in outputs.rows().into_iter().zip(labels) {
                let predicted = tensor::reduce::argmax(&row.to_vec());
                counts[*label as usize].samples += 1;
                counts[predicted].predicted += 1;
                counts[predicted].right += u64::from(predicted == *label as usize);
            }
            let [_, recall, f1] = training::macro_averages(counts.into_iter()).map(|mean| Some(mean as f32));
            assert_eq!((told.precision, told.recall, told.f1), (None, recall, f1), "{}, {rest}", split.name());
        }
        let [train, validation] = [datasets::Split::Train, datasets::Split::Validation].map(|s| fit.history.split(s));
        assert!([train, validation].into_iter().flatten().all(|series| series.f1.len() == 31));
    }
    // What early stopping follows is measured, and nothing else is asked for.
    let fit = run(PLAIN, "keep = \"best\"\nearly_stopping = { patience = 30, by = \"f1\" }");
    let f1 = &fit.history.validation.as_ref().expect("followed").f1;
    let best =
        f1[1..].iter().enumerate().fold((0, f32::MIN), |best, (i, v)| if *v > best.1 { (i + 1, *v) } else { best });
    assert_eq!(fit.epoch, best.0);
}

#[test]
fn the_last_model_is_kept_beside_the_best() {
    let fit = run(DROPPED, "batch = 32\nkeep = \"best\"");
    let last = fit.snapshots.last().expect("the last epoch's");
    assert_eq!(fit.epoch != 30, fit.last.is_some());
    assert!(fit.last.as_ref().is_some_and(|parameters| *parameters == last.parameters));
    assert_eq!(run(PLAIN, "").last, None);
}

#[test]
fn what_is_measured_at_once_fits_a_cache_and_is_at_least_one_sample() {
    assert_eq!(measured_at_once(60_000, 900), 582);
    assert_eq!(measured_at_once(60_000, 10), 1024);
    assert_eq!(measured_at_once(50, 10), 50);
    assert_eq!(measured_at_once(50, usize::MAX), 1);
    assert_eq!((measured_at_once(0, 10), measured_at_once(7, 0)), (0, 7));
}
