//! A run that is put aside after any epoch and taken up again ends with the bits of one that was not.

use std::path::Path;

use datasets::{Common, Splits};
use tensor::random::Streams;
use training::{Checkpoint, Control, Fit, Hook, Quantity, TrainConfig, TrainError, Trainer};

fn splits() -> Splits {
    let entry = datasets::REGISTRY.iter().find(|e| e.kind == "spiral").expect("a source");
    let table = toml::de::ValueDeserializer::parse("{ points = 150, classes = 3, noise = 0.2 }").expect("TOML");
    let source = (entry.parse)(table).expect("settings").value;
    let common: Common = toml::from_str("split = { train = 0.7, validation = 0.2, test = 0.1 }").expect("a split");
    datasets::splits(&*source, &common, Path::new("."), &Streams::new(1), "data").expect("loads")
}

fn config(rest: &str) -> TrainConfig {
    let text = "data = \"d\"\nloss = \"cross_entropy\"\nepochs = 7\n".to_owned() + rest;
    toml::from_str(&text).expect("a training run")
}

fn trainer(config: &TrainConfig, splits: &Splits) -> Trainer {
    let trainer = Trainer::new(config, "train.t", splits, &Streams::new(5)).expect("fits");
    let update = Hook::new("hidden1.weight", Quantity::Update);
    let post = Hook { histogram: true, per_unit: true, ..Hook::new("hidden1.post", Quantity::Value) };
    trainer.with_hooks(&[update, post]).expect("has these tensors")
}

/// What is written and read again.
fn through_bytes(checkpoint: &Checkpoint) -> Checkpoint {
    let bytes = postcard::to_stdvec(checkpoint).expect("can be written");
    let read = postcard::from_bytes(&bytes).expect("can be read");
    assert_eq!(&read, checkpoint);
    read
}

/// Runs with a pause after so many epochs.
fn paused(config: &TrainConfig, splits: &Splits, epochs: usize) -> Fit {
    let mut first = trainer(config, splits);
    let stop = |t: &Trainer| if t.history().epochs() == epochs { Control::Stop } else { Control::Continue };
    first.train(&mut { stop }).expect("trains");
    let aside = through_bytes(&first.checkpoint());
    let mut second = trainer(config, splits).resume(aside).expect("the same run");
    second.train(&mut |_| Control::Continue).expect("trains");
    let end = through_bytes(&second.checkpoint());
    let fit = second.finish();
    assert_eq!(trainer(config, splits).finished(end).expect("the same run"), fit);
    fit
}

#[test]
fn a_paused_run_ends_as_one_that_was_not() {
    let splits = splits();
    // Whole batches and a rest, dropout, running statistics, moments, a schedule, snapshots, an early end.
    let plain = r#"model = [{ linear = 9 }, "batch_norm", "relu", { dropout = 0.3 }, { linear = 3 }]
batch = 20
optimizer = { adamw = { lr = 0.02 } }
schedule = { cosine = { to = 0.1 } }
metrics = ["precision", "f1"]
snapshots = { every = 2 }"#;
    let early = format!("{plain}\nkeep = \"best\"\nearly_stopping = {{ patience = 1, min_delta = 0.02 }}");
    let full = r#"model = [{ linear = 9 }, "tanh", { linear = 3 }]
optimizer = { momentum = { lr = 0.2 } }"#;
    for text in [plain, &early, full] {
        let config = config(text);
        let whole = trainer(&config, &splits).run(&mut |_| Control::Continue).expect("trains");
        for epochs in 1..=whole.history.epochs() {
            assert_eq!(paused(&config, &splits, epochs), whole, "a pause after epoch {epochs} of\n{text}");
        }
    }
}

#[test]
fn a_checkpoint_of_another_run_is_refused() {
    let splits = splits();
    let config = |units: usize, rule: &str| {
        config(&format!(
            "model = [{{ linear = {units} }}, \"relu\", {{ linear = 3 }}]\noptimizer = {{ {rule} = {{ lr = 0.1 }} }}"
        ))
    };
    let mut run = trainer(&config(4, "sgd"), &splits);
    run.epoch().expect("trains");
    let checkpoint = run.checkpoint();
    assert_eq!(checkpoint.epochs(), 1);
    for (units, rule) in [(5, "sgd"), (4, "adam")] {
        let other = trainer(&config(units, rule), &splits).resume(checkpoint.clone());
        assert!(matches!(other, Err(TrainError::Checkpoint)), "{units} units, {rule}");
    }
}

#[test]
fn a_run_of_more_epochs_goes_on_from_the_end_of_a_shorter_one() {
    let splits = splits();
    let rest = r#"model = [{ linear = 9 }, "batch_norm", "relu", { dropout = 0.3 }, { linear = 3 }]
batch = 20
optimizer = { adamw = { lr = 0.02 } }
schedule = { warmup = { epochs = 2, then = { step = { every = 3 } } } }
keep = "best"
snapshots = { every = 2 }"#;
    let short = config(rest);
    for epochs in [8, 9, 12] {
        let long = TrainConfig { epochs, ..short.clone() };
        assert_eq!(short.course(), long.course());
        let mut first = trainer(&short, &splits);
        first.train(&mut |_| Control::Continue).expect("trains");
        let mut second = trainer(&long, &splits).resume(first.checkpoint()).expect("goes on");
        second.train(&mut |_| Control::Continue).expect("trains");
        let mut whole = trainer(&long, &splits);
        whole.train(&mut |_| Control::Continue).expect("trains");
        assert_eq!(second.checkpoint(), whole.checkpoint(), "{epochs} epochs");
        assert_eq!(second.finish(), whole.finish(), "{epochs} epochs");
    }
}

#[test]
fn a_run_whose_steps_or_snapshots_differ_does_not_go_on() {
    let splits = splits();
    let of = |rest: &str, epochs: usize| {
        let model = "model = [{ linear = 9 }, \"relu\", { linear = 3 }]\noptimizer = { sgd = { lr = 0.1 } }\n";
        TrainConfig { epochs, ..config(&format!("{model}{rest}")) }
    };
    for schedule in ["{ cosine = {} }", "{ warmup = { epochs = 1, then = { cosine = {} } } }"] {
        let rest = format!("schedule = {schedule}");
        assert_ne!(of(&rest, 7).course(), of(&rest, 8).course(), "{schedule}");
    }
    // Of 7 epochs 0, 2 and 7 are kept, of 9 epochs 0, 4 and 9.
    let thinned = "snapshots = { every = 1, most = 3 }";
    for (from, to, rest) in [(7, 9, thinned), (7, 6, "")] {
        let mut first = trainer(&of(rest, from), &splits);
        first.train(&mut |_| Control::Continue).expect("trains");
        let other = trainer(&of(rest, to), &splits).resume(first.checkpoint());
        assert!(matches!(other, Err(TrainError::Checkpoint)), "{from} and {to} epochs");
    }
}
