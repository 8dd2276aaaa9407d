//! Removals against removals by hand, and whatever the threads.

use super::*;
use crate::fixture;

fn config(units: &[&str], by: Filling) -> AblationConfig {
    let units = units.iter().map(|u| (*u).to_owned()).collect();
    AblationConfig { model: TrainRef("m".into()), units, by, pairs: true, split: SplitSelector::default() }
}

/// Accuracy of a model of two hidden layers whose units are removed by setting their outgoing weights to zero.
fn without(trained: &crate::Trained, removed: &[(&str, usize)]) -> f64 {
    let mut model = trained.fit.model.clone();
    for (array, unit) in removed {
        let id = model.parameters.find(array).expect("a parameter");
        let width = model.parameters.parameter(id).shape[1];
        model.parameters.value_mut(id)[unit * width..][..width].fill(0.0);
    }
    let data = &trained.data.train;
    model.accuracy(data.x.view(), data.labels().expect("classes")).expect("fits")
}

#[test]
fn removals_are_what_setting_weights_to_zero_gives() {
    // Two units carry three classes: none of them can be spared.
    let layers = || -> Vec<models::Layer> {
        use models::layers::{Flatten, Linear, Relu};
        let (relu, linear) = (|| Relu {}.into(), |units| Linear::new(units).into());
        vec![Flatten {}.into(), linear(5), relu(), linear(2), relu(), linear(3)]
    };
    let trained = fixture::classifier(&[1, 3, 4], layers());
    let found: Ablation = fixture::run(&config(&[], Filling::Zero), trained.clone());
    assert_eq!(found.units.len(), 7);
    assert_eq!(found.whole.0, without(&trained, &[]));
    // What comes out of unit u of the first hidden layer is row u of the second layer's weight.
    let outgoing = |u: usize| if u < 5 { ("hidden2.weight", u) } else { ("output.weight", u - 5) };
    let pairs = found.pairs.as_ref().expect("asked for");
    for i in 0..7 {
        assert_eq!(found.accuracy[i], without(&trained, &[outgoing(i)]), "{i}");
        for j in 0..7 {
            assert_eq!(pairs[[i, j]], without(&trained, &[outgoing(i), outgoing(j)]), "{i} and {j}");
        }
    }
    assert!(found.accuracy.iter().any(|a| *a < found.whole.0), "some removal costs something");
    let order = found.order();
    assert!(order.windows(2).all(|w| found.damage(w[0]) >= found.damage(w[1])));
    let interactions = found.interactions().expect("asked for");
    let (i, j, most) = found.ranked_pairs()[0];
    assert_eq!((found.ranked_pairs().len(), interactions[[j, i]]), (21, most));
    assert!(interactions.iter().all(|v| *v <= most.max(0.0)));
    // Accuracies are sixtieths: the interaction is one too.
    let lost = |a: f64| ((found.whole.0 - a) * 60.0).round();
    let by_hand = lost(pairs[[i, j]]) - lost(found.accuracy[i]) - lost(found.accuracy[j]);
    assert_eq!((most * 60.0).round(), by_hand);
}

#[test]
fn threads_change_nothing_and_other_models_work() {
    let before = tensor::threads::count();
    let run = |threads: usize| {
        tensor::threads::set(threads);
        let layers = fixture::tanh_layers();
        let found: Ablation =
            fixture::run(&config(&["hidden1.post", "x[1]"], Filling::Mean), fixture::classifier(&[2], layers));
        found
    };
    let (one, three) = (run(1), run(3));
    tensor::threads::set(before);
    assert_eq!(one, three);
    let names: Vec<String> = (0..4).map(|u| one.name(u)).collect();
    assert_eq!(names, ["x[1]", "hidden1.post[0]", "hidden1.post[1]", "hidden1.post[2]"]);
    assert!(one.changed.iter().all(|n| *n > 0));
}

#[test]
fn a_bottleneck_is_named() {
    let mut found: Ablation =
        fixture::run(&config(&[], Filling::Zero), fixture::classifier(&[1, 3, 4], fixture::relu_layers()));
    found.whole.1 = Array1::from_vec(vec![0.9, 0.95, 0.2]);
    found.class_accuracy.fill(0.9);
    found.class_accuracy[[7, 1]] = 0.04;
    found.class_accuracy[[3, 2]] = 0.0;
    let [only] = &found.bottlenecks()[..] else { panic!("one unit") };
    assert_eq!((found.name(only.unit), only.class, only.without), ("hidden2.post[1]".into(), 1, 0.04));
    assert_eq!(found.worst(), Some(*only));
}

#[test]
fn units_are_named_once_and_exist() {
    let nodes = [("x", 2), ("hidden1.post", 300), ("logits", 3)].map(|(n, of)| (n.to_owned(), of));
    let of = |texts: &[&str]| groups(&texts.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>(), &nodes);
    let sorted = of(&["hidden1.post[4]", "x"]).expect("fine");
    assert_eq!(sorted.iter().map(Group::name).collect::<Vec<_>>(), ["x", "hidden1.post[4]"]);
    assert_eq!(of(&[]).expect_err("too many"), "expected at most 256 units, found 300; name some of them");
    assert!(of(&["hidden1.post[1]", "hidden1.post[2]"]).expect_err("twice").starts_with("hidden1.post is named twice"));
    let none = groups(&[], &[("x".to_owned(), 2), ("logits".to_owned(), 3)]).expect_err("none");
    assert!(none.starts_with("this model has no hidden layer"), "{none}");
}
