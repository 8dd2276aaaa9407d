//! Hooks on a run: what they hear is what passes, and listening changes nothing.

use datasets::{Dataset, Splits, Targets};
use ndarray::{Array2, array};
use tensor::random::Streams;
use training::{Control, Fit, Hook, Quantity, SnapshotConfig, TrainConfig, TrainError, Trainer};

use crate::process::everywhere;

/// y = 3x − 1 in one unit, at four places.
fn line() -> Splits {
    let x: Array2<f32> = array![[0.0], [1.0], [2.0], [3.0]];
    let values = x.mapv(|x| 3.0 * x - 1.0);
    let y = Targets::Values { values, columns: vec!["t".into()] };
    let train = Dataset { x: x.into(), shape: vec![1], y, feature_names: vec!["x".into()], truth: None };
    Splits::undivided(train)
}

fn spiral() -> Splits {
    let entry = datasets::REGISTRY.iter().find(|e| e.kind == "spiral").expect("a source");
    let table = toml::de::ValueDeserializer::parse("{ points = 150, classes = 3, noise = 0.2 }").expect("TOML");
    let source = (entry.parse)(table).expect("settings").value;
    let train = source.load(std::path::Path::new("."), &Streams::new(1), "data").expect("loads");
    Splits::undivided(train)
}

const DEEP: &str = "data = \"spiral\"\nmodel = [{ linear = 20 }, \"relu\", { linear = 8 }, \"relu\", { linear = 3 }]\n\
                    loss = \"cross_entropy\"\noptimizer = { adam = { lr = 0.01 } }\nepochs = 6\nbatch = 64";

fn config(text: &str) -> TrainConfig {
    toml::from_str(text).expect("parses")
}

fn run(config: &TrainConfig, splits: &Splits, hooks: &[Hook]) -> Fit {
    let trainer = Trainer::new(config, "t", splits, &Streams::new(1)).expect("fits");
    trainer.with_hooks(hooks).expect("known names").run(&mut |_| Control::Continue).expect("trains")
}

#[test]
fn a_line_is_heard_as_the_closed_form() {
    let config = config(
        "data = \"line\"\nmodel = [{ linear = 1 }]\nloss = \"mean_squared_error\"\noptimizer = { sgd = { lr = 0.1 } }\nepochs = 2",
    );
    let start = Trainer::new(&config, "t", &line(), &Streams::new(1)).expect("fits").model().clone();
    let (w, b) = (f64::from(start.parameters.values()[0]), f64::from(start.parameters.values()[1]));
    let hooks = [
        Hook::new("output", Quantity::Value),
        Hook::new("output", Quantity::Gradient),
        Hook::new("output.weight", Quantity::Gradient),
        Hook::new("output.*", Quantity::Update),
        Hook::new("output.weight", Quantity::Value),
    ];
    let fit = run(&config, &line(), &hooks);
    let first: Vec<_> = fit.recordings.iter().map(|r| &r.epochs[0]).collect();
    let close = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-5, "{found} {expected}");
    // The outputs of the untrained line, w x + b at x = 0, 1, 2, 3.
    close(first[0].all.mean(), 1.5 * w + b);
    close(first[0].all.variance(), 1.25 * w * w);
    // L = mean (y − t)²: ∂L/∂y = (y − t)/2 at each of four places.
    let residuals: Vec<f64> = (0..4).map(f64::from).map(|x| w * x + b - (3.0 * x - 1.0)).collect();
    close(first[1].all.mean(), residuals.iter().sum::<f64>() / 8.0);
    close(first[1].norm(), residuals.iter().map(|r| r * r / 4.0).sum::<f64>().sqrt());
    let dw = residuals.iter().zip(0..).map(|(r, x)| r * f64::from(x)).sum::<f64>() / 2.0;
    let db = residuals.iter().sum::<f64>() / 2.0;
    close(first[2].all.mean(), dw);
    close(first[3].all.mean(), -0.1 * (dw + db) / 2.0);
    close(first[3].norm(), 0.1 * (dw * dw + db * db).sqrt());
    close(first[3].ratio(), 0.1 * (dw * dw + db * db).sqrt() / (w * w + b * b).sqrt());
    close(first[4].all.mean(), w);
    close(fit.recordings[4].epochs[1].all.mean(), w - 0.1 * dw);
}

#[test]
fn batches_that_are_left_over_count_too() {
    let config = config(DEEP);
    let unit = Hook { per_unit: true, ..Hook::new("hidden1.post", Quantity::Value) };
    let fit = run(&config, &spiral(), &[unit, Hook::new("x", Quantity::Value)]);
    let [post, x] = &fit.recordings[..] else { panic!("two hooks") };
    assert_eq!(post.epochs.len(), 6);
    for statistics in &post.epochs {
        // 150 samples in batches of 64, 64 and 22.
        assert_eq!((statistics.steps, statistics.all.count()), (3, 150 * 20));
        assert!(statistics.units.iter().all(|u| u.count() == 150) && statistics.units.len() == 20);
        let mean = statistics.units.iter().map(|u| u.mean()).sum::<f64>() / 20.0;
        assert!((mean - statistics.all.mean()).abs() < 1e-12);
        assert!(statistics.min == 0.0 && statistics.all.zero_share() > 0.0);
    }
    // Every epoch sees every sample, in another order.
    let mean = spiral().train.x.iter().map(|v| f64::from(*v)).sum::<f64>() / 300.0;
    assert!(x.epochs.iter().all(|s| (s.all.mean() - mean).abs() < 1e-12));
}

#[test]
fn listening_changes_nothing_and_hears_the_same_bits() {
    let config = config(DEEP);
    let hooks: Vec<Hook> = ["hidden1.pre", "logits", "hidden2.weight", "output.*", "*"]
        .into_iter()
        .flat_map(|name| [Quantity::Value, Quantity::Gradient].map(|q| Hook::new(name, q)))
        .chain([Hook { histogram: true, ..Hook::new("*", Quantity::Update) }])
        .collect();
    let first = run(&config, &spiral(), &hooks);
    let silent = run(&config, &spiral(), &[]);
    assert!(first.model == silent.model && first.history == silent.history && silent.recordings.is_empty());
    everywhere(|kernel, threads| {
        assert!(run(&config, &spiral(), &hooks).recordings == first.recordings, "{kernel} with {threads} threads");
    });
}

#[test]
fn epochs_are_chosen_and_end_with_the_run() {
    let config = config(DEEP);
    let epochs = SnapshotConfig { every: Some(2), epochs: vec![0, 3], most: None };
    let hook = Hook { epochs: Some(epochs), ..Hook::new("logits", Quantity::Value) };
    let heard = |fit: Fit| fit.recordings[0].epochs.iter().map(|s| (s.epoch, s.steps)).collect::<Vec<_>>();
    let every = run(&config, &spiral(), &[Hook::new("logits", Quantity::Value)]);
    let some = run(&config, &spiral(), std::slice::from_ref(&hook));
    assert_eq!(some.recordings[0].epochs[1], every.recordings[0].epochs[2]);
    assert_eq!(heard(some), [(2, 3), (3, 3), (4, 3), (6, 3)]);
    let stop = &mut |t: &Trainer| if t.history().epochs() == 3 { Control::Stop } else { Control::Continue };
    let trainer = Trainer::new(&config, "t", &spiral(), &Streams::new(1)).expect("fits");
    assert_eq!(heard(trainer.with_hooks(&[hook]).expect("known").run(stop).expect("trains")), [(2, 3), (3, 3)]);
}

#[test]
fn an_unknown_name_is_an_error() {
    let trainer = Trainer::new(&config(DEEP), "t", &spiral(), &Streams::new(1)).expect("fits");
    let error = trainer.with_hooks(&[Hook::new("hidden3.pre", Quantity::Value)]).err().expect("no such node");
    assert!(matches!(error, TrainError::Hook(_)), "{error}");
    assert!(error.to_string().starts_with("there is no tensor hidden3.pre, there are x, hidden1.pre, "), "{error}");
}

#[test]
fn states_are_not_heard_among_what_is_trained() {
    let text = DEEP.replacen("\"relu\"", "\"batch_norm\", \"relu\"", 1);
    let hooks = ["hidden1.norm.*", "*"].map(|name| Hook::new(name, Quantity::Update));
    let fit = run(&config(&text), &spiral(), &hooks);
    let heard: Vec<u64> = fit.recordings.iter().map(|r| r.epochs[0].all.count()).collect();
    // Three steps an epoch; a scale and a shift of 20 units.
    assert_eq!(heard, [3 * 40, 3 * fit.model.parameters.len() as u64]);
}
