//! One colour per thing per run.

use std::{collections::BTreeMap, path::Path};

use analysis::{
    Results, Trained, fixture,
    sweep::{Sweep, SweepPoint, SweepRun},
};
use rendering::Color;
use tensor::Streams;

use crate::drawn::{analyse, check_apart, figure, keys, things};

/// Three models of three classes, trained in the order zeta, beta, alpha, which is no other order of theirs; each looked at by
/// itself, and a sweep of its rates.
fn run() -> Results {
    let mut results = Results::new(Streams::new(1));
    results.announce_models(["zeta", "beta", "alpha"].map(String::from));
    let trained = fixture::classifier(&[2], fixture::tanh_layers());
    for name in ["alpha", "beta", "zeta"] {
        results.insert_trained(Trained { name: name.into(), ..trained.clone() });
        let of = format!("model = \"{name}\"");
        analyse(&mut results, &format!("inside-{name}"), "activations", &of);
        analyse(&mut results, &format!("test-{name}"), "classification", &of);
        analyse(&mut results, &format!("norms-{name}"), "gradient_norms", &of);
        results.insert_sweep(Sweep {
            name: format!("rates-{name}"),
            train: name.into(),
            set: "optimizer.adam.lr".into(),
            axis: "rate".into(),
            classifies: true,
            loss_unit: "cross-entropy",
            points: vec![SweepPoint {
                label: "0.1".into(),
                value: Some(0.1),
                parameters: 1,
                runs: vec![SweepRun { validation_loss: Some(0.5), ..SweepRun::default() }],
                ..SweepPoint::default()
            }],
            ..Sweep::default()
        });
    }
    analyse(&mut results, "plane", "decision_regions", "models = [\"alpha\"]");
    analyse(&mut results, "landscape", "loss_landscape", "models = [\"beta\", \"zeta\", \"alpha\"]");
    results
}

#[test]
fn a_thing_has_one_colour_in_every_figure_of_a_run() {
    let results = run();
    let drawn = [
        figure("training_curves", "models = [\"alpha\", \"beta\"]", &results),
        figure("training_curves", "models = [\"beta\", \"zeta\"]", &results),
        figure("activation_drift", "analyses = [\"inside-alpha\", \"inside-zeta\"]", &results),
        figure("activation_drift", "analyses = [\"inside-zeta\"], by_class = true", &results),
        figure("unit_health", "analyses = [\"inside-beta\", \"inside-alpha\"]", &results),
        figure("learning_rates", "sweeps = [\"rates-alpha\", \"rates-beta\"]", &results),
        figure("learning_rates", "sweeps = [\"rates-zeta\"]", &results),
        figure("optimization_trajectories", "analysis = \"landscape\"", &results),
        figure("decision_regions", "analysis = \"plane\"", &results),
        figure("gradient_norms", "analyses = [\"norms-alpha\", \"norms-beta\"]", &results),
        figure("gradient_norms", "analyses = [\"norms-zeta\"]", &results),
    ];
    let mut colours: BTreeMap<String, (Color, usize)> = BTreeMap::new();
    for drawn in &drawn {
        for key in keys(&drawn.0.figure) {
            let color = key.swatch.color();
            let (own, times) = colours.entry(key.label.clone()).or_insert((color, 0));
            assert_eq!(*own, color, "{} in {}", key.label, drawn.0.figure.title);
            *times += 1;
        }
    }
    let of = |thing: &str| colours.get(thing).unwrap_or_else(|| panic!("{thing} in {colours:?}"));
    let models = ["zeta", "beta", "alpha"].map(&of);
    assert_eq!(models.map(|(color, _)| *color), [0, 1, 2].map(rendering::palette::model));
    for thing in ["zeta", "beta", "alpha", "layer 1", "output"] {
        assert!(of(thing).1 > 1, "{thing} is in one figure only");
    }
}

#[test]
fn what_is_of_one_model_and_one_colour_differs_in_stroke_or_shape() {
    let mut results = run();
    analyse(&mut results, "again-zeta", "classification", "model = \"zeta\"");
    analyse(&mut results, "more-zeta", "activations", "model = \"zeta\"");
    for drawn in [
        figure("class_scores", "analyses = [\"test-zeta\", \"again-zeta\"]", &results),
        figure("activation_drift", "analyses = [\"inside-zeta\", \"more-zeta\"]", &results),
        figure("learning_rates", "sweeps = [\"rates-zeta\", \"rates-zeta\"]", &results),
    ] {
        let keys = keys(&drawn.0.figure);
        assert_ne!(keys[0].swatch, keys[1].swatch, "{}", drawn.0.figure.title);
    }
}

#[test]
fn colours_do_not_depend_on_what_else_is_here() {
    let whole = run();
    let mut part = Results::new(Streams::new(1));
    part.announce_models(["zeta", "beta", "alpha"].map(String::from));
    part.insert_trained(Trained { name: "alpha".into(), ..fixture::classifier(&[2], fixture::tanh_layers()) });
    let svg = |results| figure("training_curves", "models = [\"alpha\"]", results).0.figure.to_svg().expect("a figure");
    assert_eq!(svg(&whole), svg(&part));
}

#[test]
fn the_colours_of_every_pinned_figure_are_told_apart() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../golden");
    let mut seen = 0;
    for folder in std::fs::read_dir(golden).expect("pinned figures").map(|entry| entry.expect("an entry").path()) {
        for file in std::fs::read_dir(folder).expect("figures").map(|entry| entry.expect("an entry").path()) {
            if file.extension().is_some_and(|extension| extension == "svg") {
                let svg = std::fs::read_to_string(&file).expect("readable");
                check_apart(&file.display().to_string(), &things(&svg).collect(), &svg);
                seen += 1;
            }
        }
    }
    assert!(seen > 100, "only {seen} figures");
}
