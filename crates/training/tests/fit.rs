//! Training as a whole: what it reaches, that its bits depend on nothing but the settings, and how it fails.

use datasets::{Dataset, Source, SplitConfig, Splits, Targets};
use ndarray::Array2;
use tensor::random::{Purpose, Streams};
use training::{Control, Culprit, Fit, TrainConfig, TrainError, Trainer, fit};

use crate::process::everywhere;

fn splits(kind: &str, settings: &str) -> Splits {
    let entry = datasets::REGISTRY.iter().find(|e| e.kind == kind).expect("a source");
    let text = format!("{{ {settings} }}");
    let table = toml::de::ValueDeserializer::parse(&text).expect("TOML");
    let source: Box<dyn Source> = (entry.parse)(table).expect("settings").value;
    let data = source.load(std::path::Path::new("."), &Streams::new(2024), "data").expect("loads");
    whole(data)
}

fn whole(train: Dataset) -> Splits {
    Splits::undivided(train)
}

fn spiral() -> Splits {
    splits("spiral", "points = 300, classes = 3, noise = 0.2")
}

fn config(text: &str) -> TrainConfig {
    toml::from_str(text).expect("parses")
}

const DEEP: &str = r#"data = "spiral"
model = [{ linear = 64 }, "relu", { linear = 32 }, "relu", { linear = 3 }]
loss = "cross_entropy"
optimizer = { adam = { lr = 0.01 } }
epochs = 300"#;

const NORMALISED: &str = r#"data = "spiral"
model = [{ linear = 64 }, "batch_norm", "relu", { dropout = 0.1 }, { linear = 32 }, "layer_norm", "relu", { linear = 3 }]
loss = "cross_entropy"
optimizer = { adamw = { lr = 0.01, weight_decay = 0.1 } }
epochs = 100"#;

fn run(config: &TrainConfig, splits: &Splits) -> Fit {
    fit(config, "deep", splits, &Streams::new(2024), &mut |_| Control::Continue).expect("trains")
}

#[test]
fn the_deep_net_learns_the_spiral() {
    let fit = run(&config(DEEP), &spiral());
    let accuracy = fit.history.train.accuracy.last().copied();
    assert!(accuracy >= Some(0.99), "{accuracy:?}");
    assert_eq!(fit.history.epochs(), 300);
    // Untrained, three classes cost about ln 3 nats.
    assert!((fit.history.train.loss[0] - 1.0986).abs() < 0.1);
}

#[test]
fn running_statistics_are_collected_and_kept() {
    let mut c = config(NORMALISED);
    c.batch = training::Batch::Size(32);
    c.snapshots = Some(training::SnapshotConfig { every: Some(50), epochs: vec![], most: None });
    let splits = spiral();
    let fit = run(&c, &splits);
    let predicted = fit.model.accuracy(splits.train.x.view(), splits.train.labels().expect("classes"));
    let predicted = predicted.expect("fits");
    // In passing, with units dropped, 0.92.
    assert!(predicted > 0.9, "{predicted}");
    let of = |values: &[f32], name: &str| {
        let parameters = &fit.model.parameters;
        values[parameters.parameter(parameters.find(name).expect("there")).range.clone()].to_vec()
    };
    let [start, middle, end] = [0, 1, 2].map(|i| of(&fit.snapshots[i].parameters, "hidden1.norm.running_var"));
    assert_eq!(start, [1.0; 64]);
    assert_ne!(middle, end);
    assert_eq!(end, of(fit.model.parameters.values(), "hidden1.norm.running_var"));
    // One step on everything: a tenth of the way from 0 and 1 to the untrained model's mean and (sample's) variance.
    let start = Trainer::new(&config(NORMALISED), "deep", &splits, &Streams::new(2024)).expect("fits").model().clone();
    let pre = start.run(&splits.train).values("hidden1.pre").expect("the name");
    let once = run(&TrainConfig { epochs: 1, batch: training::Batch::Full, ..config(NORMALISED) }, &splits).model;
    let [mean, variance] =
        ["running_mean", "running_var"].map(|n| of(once.parameters.values(), &format!("hidden1.norm.{n}")));
    for (unit, pre) in pre.columns().into_iter().enumerate() {
        let n = pre.len() as f32;
        let expected = pre.sum() / n;
        assert!((mean[unit] - 0.1 * expected).abs() < 1e-6, "{} for {expected}", mean[unit]);
        let expected = pre.iter().map(|v| (v - expected) * (v - expected)).sum::<f32>() / (n - 1.0);
        assert!((variance[unit] - 0.9 - 0.1 * expected).abs() < 1e-6, "{} for {expected}", variance[unit]);
    }
}

#[test]
fn bits_depend_on_the_settings_alone() {
    let splits = spiral();
    let cases = [(DEEP, "\"full\""), (DEEP, "32"), (NORMALISED, "32")];
    for (text, batch) in cases {
        let mut config = config(text);
        config.batch = toml::from_str::<toml::Table>(&format!("b = {batch}")).expect("TOML")["b"]
            .clone()
            .try_into()
            .expect("a batch");
        config.epochs = 20;
        let first = run(&config, &splits);
        everywhere(|kernel, threads| {
            assert!(run(&config, &splits) == first, "{kernel} with {threads} threads, batch {batch}");
        });
        let other = fit(&config, "other", &splits, &Streams::new(2024), &mut |_| Control::Continue).expect("trains");
        assert_ne!(other.model, first.model, "each stage has streams of its own");
    }
}

#[test]
fn one_step_of_a_line_is_the_closed_form() {
    // y = w x + b from w₀, b₀: L = mean (w x + b − t)², so dw = 2 mean((w x + b − t) x), db = 2 mean(w x + b − t).
    let x = Array2::from_shape_vec((4, 1), vec![0.0, 1.0, 2.0, 3.0]).expect("four rows");
    let t = x.mapv(|x| 3.0 * x - 1.0);
    let data = Dataset {
        x: x.into(),
        shape: vec![1],
        y: Targets::Values { values: t, columns: vec!["t".into()] },
        feature_names: vec!["x".into()],
        truth: None,
    };
    let mut c = config(
        "data = \"line\"\nmodel = [{ linear = 1 }]\nloss = \"mean_squared_error\"\noptimizer = { sgd = { lr = 0.1 } }\nepochs = 1",
    );
    let start = Trainer::new(&c, "line", &whole(data.clone()), &Streams::new(1)).expect("fits").model().clone();
    let value = |m: &models::Model, name| f64::from(m.parameters.value(m.parameters.find(name).expect("there"))[0]);
    let (w, b) = (value(&start, "output.weight"), value(&start, "output.bias"));
    let residual = |x: f64| w * x + b - (3.0 * x - 1.0);
    let mean = |f: &dyn Fn(f64) -> f64| (0..4).map(|x| f(f64::from(x))).sum::<f64>() / 4.0;
    let fit1 = run_named(&c, "line", &data, 1);
    assert!((value(&fit1.model, "output.weight") - (w - 0.2 * mean(&|x| residual(x) * x))).abs() < 1e-6);
    assert!((value(&fit1.model, "output.bias") - (b - 0.2 * mean(&residual))).abs() < 1e-6);
    assert!((f64::from(fit1.history.train.loss[0]) - mean(&|x| residual(x) * residual(x))).abs() < 1e-5);
    c.epochs = 500;
    let trained = run_named(&c, "line", &data, 1).model;
    assert!((value(&trained, "output.weight") - 3.0).abs() < 1e-3);
    assert!((value(&trained, "output.bias") + 1.0).abs() < 1e-3);
}

fn run_named(config: &TrainConfig, stage: &str, data: &Dataset, seed: u64) -> Fit {
    fit(config, stage, &whole(data.clone()), &Streams::new(seed), &mut |_| Control::Continue).expect("trains")
}

#[test]
fn split_parts_are_measured() {
    let data = spiral().train;
    let split = SplitConfig { train: Some(0.6), validation: 0.2, test: Some(0.2), stratified: true };
    let splits =
        datasets::split(&data, 0, &split, &mut Streams::new(1).stream("data", Purpose::Split)).expect("splits");
    let fit = run(&config(DEEP), &splits);
    let last = |s: &training::Series| s.accuracy.last().copied().expect("301 entries");
    let names: Vec<&str> = fit.history.splits().map(|(name, _)| name).collect();
    assert_eq!(names, ["train", "validation", "test"]);
    for (name, series) in fit.history.splits() {
        assert_eq!((series.loss.len(), series.accuracy.len()), (301, 301), "{name}");
        assert!(last(series) > 0.9, "{name}: {}", last(series));
    }
    // The last entry of a watched split is the trained model's.
    let test = splits.test.expect("a fifth");
    let y = fit.model.predict(test.x.view()).expect("fits");
    let correct = y
        .rows()
        .into_iter()
        .zip(test.labels().expect("classes"))
        .filter(|(row, label)| tensor::reduce::argmax(row.as_slice().expect("whole rows")) == **label as usize);
    let accuracy = correct.count() as f32 / test.n() as f32;
    assert_eq!(fit.history.test.as_ref().map(last), Some(accuracy));
}

#[test]
fn another_stage_can_start_the_same() {
    let mut config = config(DEEP);
    (config.batch, config.epochs) = (training::Batch::Size(32), 3);
    let (splits, streams) = (spiral(), Streams::new(2024));
    let run = |config: &TrainConfig, stage| {
        fit(config, stage, &splits, &streams, &mut |_| Control::Continue).expect("trains")
    };
    let first = run(&config, "train.first");
    let own = run(&config, "train.second");
    config.same_init_as = Some(registry::TrainRef("first".into()));
    let same = run(&config, "train.second");
    // The same weights, the same batches, and here the same rule: every bit.
    assert!(same == first && own.model != first.model);
    let start =
        |config: &TrainConfig, stage| Trainer::new(config, stage, &splits, &streams).expect("fits").model().clone();
    let weights = start(&config, "train.second");
    config.optimizer = toml::from_str::<toml::Table>("o = { sgd = { lr = 0.5 } }").expect("TOML")["o"]
        .clone()
        .try_into()
        .expect("a rule");
    assert_eq!(start(&config, "train.third"), weights);
    config.same_init_as = None;
    assert_eq!(start(&config, "train.first"), weights);
    assert_ne!(start(&config, "train.second"), weights);
}

#[test]
fn weights_that_models_share_start_alike_whatever_lies_between_them() {
    let of = |model: &str| {
        let rest = "data = \"spiral\"\nloss = \"cross_entropy\"\noptimizer = { adam = { lr = 0.01 } }\nepochs = 3";
        config(&format!("{rest}\nmodel = {model}"))
    };
    let plain = of("[{ linear = 8 }, \"relu\", { linear = 3 }]");
    let mut normal = of("[{ linear = 8 }, \"layer_norm\", \"tanh\", { dropout = 0.1 }, { linear = 3 }]");
    normal.same_init_as = Some(registry::TrainRef("plain".into()));
    let mut problems = registry::Problems::default();
    normal.check_start(&plain, true, &mut problems);
    assert!(problems.is_empty());
    let (splits, streams) = (spiral(), Streams::new(2024));
    let start = |config: &TrainConfig, stage| {
        let trainer = Trainer::new(config, stage, &splits, &streams).expect("fits");
        trainer.model().parameters.values().to_vec()
    };
    let (plain, normal) = (start(&plain, "train.plain"), start(&normal, "train.normal"));
    // 2 × 8 weights and 8 biases, 8 scales of 1 and 8 shifts of 0, then 8 × 3 weights and 3 biases.
    assert_eq!((&normal[..24], &normal[40..]), (&plain[..24], &plain[24..]));
    assert_eq!(normal[24..40], [[1.0; 8], [0.0; 8]].concat());
}

#[test]
fn an_observer_can_stop() {
    let stop = &mut |t: &Trainer| if t.history().epochs() == 7 { Control::Stop } else { Control::Continue };
    let fit = fit(&config(DEEP), "deep", &spiral(), &Streams::new(1), stop).expect("trains");
    assert_eq!(fit.history.epochs(), 7);
}

#[test]
fn snapshots_are_the_models_of_their_epochs() {
    let mut c = config(DEEP);
    c.epochs = 30;
    c.snapshots = Some(training::SnapshotConfig { every: Some(20), epochs: vec![7], most: None });
    let whole = run(&c, &spiral());
    let epochs: Vec<usize> = whole.snapshots.iter().map(|s| s.epoch).collect();
    assert_eq!(epochs, [0, 7, 20, 30]);
    assert_eq!(whole.snapshots[3].parameters, whole.model.parameters.values());
    c.epochs = 7;
    assert_eq!(run(&c, &spiral()).model.parameters.values(), whole.snapshots[1].parameters);
    c.snapshots = None;
    c.epochs = 30;
    let plain = run(&c, &spiral());
    assert!(plain.snapshots.is_empty() && plain.model == whole.model && plain.history == whole.history);
}

#[test]
fn a_run_stops_early_and_leaves_its_best_epoch() {
    let data = spiral().train;
    let split = SplitConfig { train: Some(0.6), validation: 0.2, test: Some(0.2), stratified: true };
    let splits =
        datasets::split(&data, 0, &split, &mut Streams::new(1).stream("data", Purpose::Split)).expect("splits");
    let mut c = config(DEEP);
    c.batch = training::Batch::Size(32);
    c.snapshots = Some(training::SnapshotConfig { every: Some(10), epochs: vec![], most: None });
    c.keep = training::Keep::Best;
    let stopping = "patience = 15\nmin_delta = 0.001\non = \"test\"\nby = \"loss\"";
    c.early_stopping = Some(toml::from_str(stopping).expect("parses"));
    let fit = run(&c, &splits);
    let (epochs, test) = (fit.history.epochs(), &fit.history.test.as_ref().expect("a fifth").loss);
    assert!(epochs < 300, "{epochs}");
    // The kept epoch is the best one, and the model is as it was then.
    let best = (1..=epochs).fold(1, |best, e| if test[e] < test[best] { e } else { best });
    assert_eq!(fit.epoch, best);
    assert!(best < epochs);
    let split = splits.test.as_ref().expect("a fifth");
    let accuracy = fit.model.accuracy(split.x.view(), split.labels().expect("classes")).expect("fits");
    assert_eq!(fit.history.test.as_ref().and_then(|t| t.score(best)?.accuracy), Some(accuracy as f32));
    // Snapshots go on to the end of the run and no further; the same run without any of it is the same, epoch for epoch.
    let kept: Vec<usize> = fit.snapshots.iter().map(|s| s.epoch).collect();
    assert!(kept.windows(2).all(|pair| pair[0] < pair[1]) && kept.last() == Some(&epochs), "{kept:?}");
    (c.keep, c.early_stopping, c.epochs) = (training::Keep::Last, None, epochs);
    let plain = run(&c, &splits);
    assert_eq!((plain.epoch, &plain.history, &plain.snapshots), (epochs, &fit.history, &fit.snapshots));
    assert_ne!(plain.model, fit.model);
    // A split that is not there cannot be followed.
    c.keep = training::Keep::Best;
    let error = Trainer::new(&c, "deep", &spiral(), &Streams::new(1)).map(drop).expect_err("no validation split");
    assert_eq!(error.to_string(), "there is no validation split to follow");
}

#[test]
fn divergence_says_where_and_keeps_the_history() {
    let mut c = config(DEEP);
    c.optimizer = toml::from_str::<toml::Table>("o = { sgd = { lr = 1e6 } }").expect("TOML")["o"]
        .clone()
        .try_into()
        .expect("a rule");
    let error = fit(&c, "deep", &spiral(), &Streams::new(1), &mut |_| Control::Continue).expect_err("far too fast");
    let TrainError::Diverged(d) = error else { panic!("{error}") };
    assert!(matches!(&d.culprit, Culprit::Value(name) if name.starts_with("hidden") || name == "logits"), "{d}");
    assert_eq!(d.history.epochs(), d.epoch);
    assert!(d.epoch > 0 && d.step == d.epoch);
    assert!(d.to_string().starts_with("training diverged: "), "{d}");
    assert_eq!(d.advice()[0], "lower the learning rate: it was 1000000, try 100000");
}

#[test]
fn bad_inputs_are_named() {
    let mut splits = spiral();
    let mut x = (*splits.train.x).clone();
    x[[5, 1]] = f32::NAN;
    splits.train.x = x.into();
    let error = fit(&config(DEEP), "deep", &splits, &Streams::new(1), &mut |_| Control::Continue).expect_err("a NaN");
    assert_eq!(error.to_string(), "training diverged: x first became NaN at epoch 0, step 0");
    let nothing = whole(spiral().train.subset(&[]));
    let error =
        fit(&config(DEEP), "deep", &nothing, &Streams::new(1), &mut |_| Control::Continue).expect_err("no rows");
    assert_eq!(error.to_string(), "there are no samples to train on");
}

#[test]
fn a_finished_model_whose_loss_is_infinite_is_no_success() {
    let mut splits = spiral();
    let mut far = splits.train.clone();
    far.x = Array2::from_elem((far.n(), 2), 1e38_f32).into();
    splits.test = Some(far);
    let mut c = config(DEEP);
    c.epochs = 3;
    let error = fit(&c, "deep", &splits, &Streams::new(1), &mut |_| Control::Continue).expect_err("infinite");
    let told = error.to_string();
    assert!(error.is_divergence() && told.starts_with("the test loss of the trained model is "), "{told}");
    let history = error.history().expect("what there was is kept");
    assert_eq!((history.epochs(), history.train.loss.iter().all(|loss| loss.is_finite())), (3, true));
}
