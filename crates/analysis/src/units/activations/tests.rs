//! Small nets by hand, two models of different kinds, batches against samples, settings that cannot be.

use models::layers::{Linear, Relu, Sigmoid, Tanh};
use training::Snapshot;

use super::*;
use crate::fixture;

fn config() -> ActivationsConfig {
    ActivationsConfig {
        model: TrainRef("m".into()),
        nodes: Vec::new(),
        quantity: Signal::Value,
        on: On::Samples,
        split: SplitSelector::default(),
        first: None,
        random: None,
        epochs: None,
        threshold: 0.95,
        share: 0.95,
    }
}

/// |x1 − x2| by two units, and a third that is always negative before its ReLU.
fn net(classes: bool) -> Trained {
    let hidden = [1.0, -1.0, -1.0, -1.0, 1.0, -1.0, 0.0, 0.0, -1.0];
    let layers = |outputs| vec![Linear::new(3).into(), Relu {}.into(), Linear::new(outputs).into()];
    match classes {
        true => fixture::classified(layers(2), &[&hidden[..], &[0.0, 1.0, 0.0, 1.0, 5.0, 5.0, 0.5, 0.0]].concat()),
        false => fixture::trained(layers(1), &[&hidden[..], &[1.0, 1.0, 5.0, 0.0]].concat()),
    }
}

#[test]
fn units_classes_zeros_and_dead_ones_are_counted() {
    let found: Activations = fixture::run(&config(), net(true));
    assert_eq!((found.samples, found.epochs.as_slice()), (4, &[0][..]));
    assert_eq!(found.classes, ["same", "other"]);
    let names: Vec<&str> = found.nodes.iter().map(|n| n.name.as_str()).collect();
    assert_eq!(names, ["hidden1.pre", "hidden1.post", "logits"]);
    let post = found.node("hidden1.post").expect("there");
    let at = &post.epochs[0];
    // Unit 0 gives 1 at (1, 0) only, unit 1 at (0, 1) only, unit 2 nothing anywhere.
    assert_eq!([0, 1, 2].map(|unit| at.unit(unit, None).mean()), [0.25, 0.25, 0.0]);
    assert_eq!(post.class_means(0), ndarray::array![[0.0, 0.0, 0.0], [0.5, 0.5, 0.0]]);
    assert_eq!(post.unit_means(Some(1)), ndarray::array![[0.5], [0.5], [0.0]]);
    assert_eq!((at.dead(), at.moments(None).zeros(), at.moments(Some(1)).zeros()), (1, 10, 4));
    assert_eq!((post.saturated(0, 0.95), post.saturated(0, 0.75), post.activation), (Some(1), Some(3), true));
    let pre = found.node("hidden1.pre").expect("there");
    // −1 and 1 and 0, each twice for two units, and −1, −2, −2, −3 of the third: mean −8 / 12.
    assert!((pre.epochs[0].moments(None).mean() + 8.0 / 12.0).abs() < 1e-15);
    assert_eq!((pre.saturated(0, 0.95), pre.activation), (None, false));
    let histogram = pre.epochs[0].histogram(None);
    assert_eq!((histogram.edges()[0], histogram.counts().iter().sum::<u64>()), (-3.0, 12));
    assert_eq!(pre.epochs[0].histogram(Some(0)).counts().iter().sum::<u64>(), 6);
}

#[test]
fn a_net_of_numbers_has_one_group() {
    let found: Activations = fixture::run(&config(), net(false));
    assert!(found.classes.is_empty());
    assert_eq!(found.nodes[2].name, "output");
    assert_eq!((found.nodes[2].epochs[0].moments(None).mean(), found.nodes[1].epochs[0].dead()), (0.5, 1));
}

#[test]
fn what_bends_flat_saturates_at_its_ends() {
    // tanh(±4) lies beyond 0.95, tanh(±1) does not; of the sigmoid unit 0 lies near 1 for every sample, unit 1 at a half.
    let layers =
        vec![Linear::new(2).into(), Tanh {}.into(), Linear::new(2).into(), Sigmoid {}.into(), Linear::new(1).into()];
    let first = [0.0, 1.0, 0.0, 0.0, 4.0, 0.0];
    let second = [0.0, 0.0, 0.0, 0.0, 4.0, 0.0];
    let found: Activations =
        fixture::run(&config(), fixture::trained(layers, &[&first[..], &second, &[1.0, 1.0, 0.0]].concat()));
    let saturated = |node: &str| found.node(node).expect("there").saturated(0, 0.95);
    assert_eq!((saturated("hidden1.post"), saturated("hidden2.post"), saturated("output")), (Some(1), Some(1), None));
}

#[test]
fn gradients_are_those_of_each_samples_own_loss() {
    // y = 1·h0 + 1·h1 + 5·h2 is the target on all four, so that nothing pulls; with a bias of 1 the loss (y − t)² has gradient 2.
    let gradient = |bias: f32| -> Activations {
        let mut trained = net(false);
        *trained.fit.model.parameters.values_mut().last_mut().expect("a bias") = bias;
        fixture::run(&ActivationsConfig { quantity: Signal::Gradient, ..config() }, trained)
    };
    assert_eq!(gradient(0.0).node("output").expect("there").epochs[0].moments(None).zeros(), 4);
    let found = gradient(1.0);
    let output = found.node("output").expect("there").epochs[0].moments(None);
    assert_eq!((output.mean(), output.deviation()), (2.0, 0.0));
    // Times the weight; a ReLU hands on only where it is above zero.
    assert_eq!(found.node("hidden1.post").expect("there").epochs[0].unit(2, None).mean(), 10.0);
    assert_eq!(found.node("hidden1.pre").expect("there").epochs[0].unit(0, None).mean(), 0.5);
}

#[test]
fn every_snapshot_is_looked_at_or_those_named() {
    let of = |epochs: Option<SnapshotConfig>| -> Vec<usize> {
        let mut trained = net(true);
        let parameters = trained.fit.model.parameters.values().to_vec();
        trained.fit.snapshots = (0..=4).map(|epoch| Snapshot { epoch, parameters: parameters.clone() }).collect();
        trained.fit.history.train.loss = vec![0.0; 5];
        trained.fit.epoch = 4;
        trained.config.epochs = 4;
        let found: Activations = fixture::run(&ActivationsConfig { epochs, ..config() }, trained);
        assert!(found.nodes.iter().all(|n| n.epochs.len() == found.epochs.len()));
        found.epochs
    };
    assert_eq!(of(None), [0, 1, 2, 3, 4]);
    assert_eq!(of(Some(SnapshotConfig { every: None, epochs: vec![1], most: None })), [1, 4]);
}

#[test]
fn few_samples_are_the_first_or_drawn() {
    let of =
        |first, random| -> Activations { fixture::run(&ActivationsConfig { first, random, ..config() }, net(true)) };
    let first = of(Some(2), None);
    // (0, 0) and (0, 1).
    assert_eq!((first.samples, first.node("hidden1.post").expect("there").epochs[0].unit(1, None).mean()), (2, 0.5));
    let drawn = of(None, Some(3));
    assert_eq!((drawn.samples, drawn.nodes[0].epochs[0].moments(None).count()), (3, 9));
    assert_eq!(drawn, of(None, Some(3)));
}

#[test]
fn batches_are_heard_as_they_pass() {
    // Full batches and no step: what passes is the whole training split, as the samples are.
    let mut trained = net(true);
    trained.config.epochs = 2;
    let heard: Activations = fixture::run(&ActivationsConfig { on: On::Batches, ..config() }, trained);
    assert_eq!((heard.epochs.as_slice(), heard.classes.len(), heard.split), (&[1, 2][..], 0, Split::Train));
    for node in &heard.nodes {
        for activity in &node.epochs {
            let (whole, histogram) = (activity.moments(None), activity.histogram(None));
            assert_eq!((whole.count(), histogram.counts().iter().sum::<u64>()), (4 * node.units as u64, whole.count()));
        }
    }
    let post = heard.node("hidden1.post").expect("there");
    let zeros = post.epochs[0].moments(None).zeros();
    assert_eq!(post.epochs[0].flat.iter().sum::<u64>(), zeros);
    let pulled = ActivationsConfig { on: On::Batches, quantity: Signal::Gradient, ..config() };
    let pulled: Activations = fixture::run(&pulled, net(true));
    assert!(pulled.node("logits").expect("there").epochs[0].moments(None).deviation() > 0.0);
}

#[test]
fn impossible_settings_are_refused() {
    let told = |config: ActivationsConfig| {
        let mut problems = Problems::default();
        config.check(&mut problems);
        config.check_against(&fixture::planned(10), &mut problems);
        problems.into_vec().into_iter().map(|p| format!("{}: {}", p.path, p.message)).collect::<Vec<_>>()
    };
    let bad = ActivationsConfig {
        nodes: vec!["hidden7.post".into()],
        split: Split::Test.into(),
        first: Some(9),
        random: Some(0),
        threshold: 1.5,
        share: 0.0,
        ..config()
    };
    assert_eq!(
        told(bad),
        [
            "threshold: expected a number above 0, at most 1, found 1.5",
            "share: expected a number above 0, at most 1, found 0",
            "random: expected the first samples or random ones, found both",
            "random: expected at least 1 sample, found 0",
            "nodes[0]: m has no node hidden7.post, it has x, output",
            "model: m keeps no parameters of its training",
            "split: the data of m has no test split",
        ]
    );
    let batches = ActivationsConfig {
        on: On::Batches,
        quantity: Signal::Gradient,
        nodes: vec!["x".into()],
        first: Some(3),
        epochs: Some(SnapshotConfig { every: Some(1), epochs: vec![30], most: None }),
        ..config()
    };
    assert_eq!(
        told(batches),
        [
            "first: what passes in batches is the training split, all of it; leave this out or look at samples",
            "nodes[0]: no gradient reaches x; it reaches output",
            "epochs.epochs[0]: epoch 30 is beyond the 10 of the run",
        ]
    );
    let many = ActivationsConfig { first: Some(5), ..config() };
    assert!(told(many).contains(&"first: expected at most the 4 samples there are, found 5".to_owned()));
}
