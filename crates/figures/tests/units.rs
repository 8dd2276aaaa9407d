//! What single units do, and what breaks without them.

use std::sync::Arc;

use analysis::{Results, Trained, fixture};
use datasets::{Dataset, Splits, Targets};
use models::{
    Loss,
    layers::{Conv2d, Flatten, Linear, Relu, Sigmoid},
};

use crate::drawn::{Drawn, after, analyse, analysed, figure, model, pictures, solved};

/// Of the solved exclusive or: other is h₁ − 2 h₂ against ½.
fn results(kind: &str, fields: &str) -> Results {
    analysed(fixture::results(solved()), kind, &format!("model = \"m\"{fields}"))
}

/// The same as it was learned, from a layer that passed a tenth of x₁ in both units.
fn learned() -> Trained {
    after(solved(), 5, &[(0, &[0.1, 0.1, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.5, 0.0])])
}

#[test]
fn ablation() {
    // Without h₁ nothing is other; without h₂ the last corner is.
    figure("ablation", "analysis = \"a\"", &results("ablation", ""))
        .titled("hidden1.post[0] is a bottleneck: without it, the accuracy of other falls from 100% to 0.0%")
        .below_title("M, 4 training samples, accuracy 100%")
        .marks(0, ["heatmap"])
        .column("", "unit", ["hidden1.post[0]", "hidden1.post[1]"])
        .column("", "samples.changed", ["3", "1"])
        .column("", "lost", ["0.5", "0.25"])
        .column("", "accuracy.same", ["1", "0.5"])
        .column("", "accuracy.other", ["0", "1"]);
    figure("ablation", "analysis = \"a\", units = 1", &results("ablation", ", units = [\"hidden1.post[1]\"]"))
        .titled("No unit is a bottleneck; hidden1.post[1] costs most, same falls from 100% to 50.0%");
}

#[test]
fn ablation_pairs() {
    // Both cost half, as the first does alone: a quarter less than the sum.
    figure("ablation_pairs", "analysis = \"a\"", &results("ablation", ""))
        .titled("No pair of removals is worse than the sum of the two")
        .marks(0, ["heatmap"])
        .marks(1, ["bars", "label"])
        .column("", "unit", ["hidden1.post[0]"])
        .column("", "other", ["hidden1.post[1]"])
        .column("", "accuracy.without.both", ["0.5"])
        .column("", "interaction", ["-0.25"]);
}

#[test]
fn intervention() {
    let fields = ", units = \"hidden1.post[0]\", change = { ablate = \"zero\" }";
    figure("intervention", "analysis = \"a\"", &results("intervention", fields))
        .titled("With hidden1.post[0] held at zero, accuracy goes from 100% to 50.0%")
        .below_title("2 of 4 training samples get another prediction")
        .panels(4)
        .marks(2, ["heatmap"])
        .marks(3, ["bars"])
        .column("before", "predicted.other", ["0", "2"])
        .column("after", "predicted.other", ["0", "0"])
        .column("scores", "before", ["0.5", "0.5"])
        .column("scores", "after", ["0.5", "-0.5"]);
}

#[test]
fn neuron_confusion() {
    let neuron = results("neuron", ", unit = \"hidden1.post[0]\", scales = [0, 2], steps = 2");
    figure("neuron_confusion", "analysis = \"a\"", &neuron)
        .titled("Without hidden1.post[0], the accuracy of other falls from 100% to 0.0%")
        .panel_titles(2, ["s = 0: 50.0% right"])
        .panel_titles(4, ["s = 2: 75.0% right"])
        .marks(1, ["bars"])
        .column("as_it_is", "predicted.same", ["2", "0"])
        .column("ablated", "predicted.same", ["2", "2"])
        .column("most", "predicted.same", ["1", "0"]);
}

#[test]
fn neuron_scaling() {
    let neuron = results("neuron", ", unit = \"hidden1.post[0]\", scales = [0, 2], steps = 2");
    figure("neuron_scaling", "analysis = \"a\"", &neuron)
        .titled("Without hidden1.post[0], the accuracy of other falls from 100% to 0.0%")
        .marks(0, ["rule", "line", "line", "line"])
        .marks(1, ["rule", "line", "line"])
        .column("", "scale", ["0", "1", "2"])
        .column("", "accuracy", ["0.5", "1", "0.75"])
        .column("", "accuracy.other", ["0", "1", "1"])
        .column("", "mean.logit.other", ["-0.5", "0.5", "1.5"]);
}

#[test]
fn selectivity() {
    figure("selectivity", "analysis = \"a\"", &results("selectivity", ", k = 1"))
        .titled(
            "In hidden1.post, unit 1 answers most selectively to same (S\u{a0}=\u{a0}1.00); \
             unit 1 spares other most (S\u{a0}=\u{a0}−1.00)",
        )
        .below_title(
            "M, 4 training samples. S is 1 where only this class excites the unit, 0 where it makes no difference, −1 where all but \
             this class do",
        )
        .panels(2)
        .marks(1, ["heatmap"])
        .column("hidden1.post", "class", ["same", "other", "same", "other"])
        .column("hidden1.post", "mean.activation", ["1", "1", "0.5", "0"])
        .column("hidden1.post", "selectivity", ["0", "0", "0.998003992015968", "-0.998003992015968"])
        .column("hidden1.post", "silent", ["no", "no", "no", "no"]);
    // The second unit, which answers to one class alone, turned down to a thousandth: the most selective, and silent.
    let mut quiet = solved();
    for place in [1, 3, 5] {
        quiet.fit.model.parameters.values_mut()[place] *= 0.001;
    }
    let quiet = analysed(fixture::results(quiet), "selectivity", "model = \"m\", k = 1");
    figure("selectivity", "analysis = \"a\"", &quiet)
        .titled("In hidden1.post, unit 0 answers most selectively to other (S\u{a0}=\u{a0}0.00)")
        .says("Hatched units are silent")
        .column("hidden1.post", "silent", ["no", "no", "yes", "yes"]);
}

#[test]
fn unit_cards() {
    let cards = results("unit_cards", ", units = \"hidden1.post\", samples = 2");
    figure("unit_cards", "analysis = \"a\"", &cards)
        .titled("Unit 0 of layer 1 costs most to lose: other falls from 100% to 0.0%")
        .below_title("m, 4 training samples; the unit that costs most to lose is on top")
        .panels(8)
        .marks(2, ["bars"])
        .column("", "unit", ["0", "0", "1", "1"])
        .column("", "class", ["same", "other", "same", "other"])
        .column("", "mean", ["1", "1", "0.5", "0"])
        .column("", "accuracy.without", ["1", "0", "0.5", "1"]);
}

#[test]
fn unit_cards_of_channels() {
    // One channel passes the picture on, of which the logits add up the rows; the other is silent.
    let layers = vec![Conv2d::new(2, 1).into(), Relu {}.into(), Flatten {}.into(), Linear::new(2).into()];
    let rows = [1.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 1.0];
    let parameters = [&[1.0, 0.0, 0.0, 0.0][..], &rows, &[0.0; 10]].concat();
    let results = fixture::results(model(pictures(), Loss::CrossEntropy, layers, &parameters));
    let mut cards = analysed(results, "unit_cards", "model = \"m\", units = \"conv1.post\"");
    analyse(&mut cards, "best", "maximal_input", "model = \"m\", units = \"conv1.pre[0]\"");
    figure("unit_cards", "analysis = \"a\"", &cards)
        .titled("Channel 0 of convolution 1 costs most to lose: bottom falls from 100% to 0.0%")
        .below_title("m, 3 training samples; the channel that costs most to lose is on top")
        .says("1 channel of the 2 channels of conv1.post, those without which m loses most accuracy")
        .says("1 channel gives the same for every sample and has no card.")
        .panels(4)
        .marks(0, ["image", "image", "image"])
        .marks(1, ["image", "image", "image", "line"])
        .column("", "unit", ["0", "0"])
        .column("", "mean", ["0.25", "0.5"]);
    figure("unit_cards", "analysis = \"a\", maximal = \"best\"", &cards)
        .says("Drawn for it: the patch that excites it most at one place")
        .panels(5)
        .panel_titles(2, ["1.0 (data 1.0)"])
        .marks(2, ["image"]);
}

#[test]
fn unit_ranking() {
    figure("unit_ranking", "analysis = \"a\"", &results("unit_ranking", ", k = 1"))
        .titled("On average 0.5 in hidden1.post of the top 1 units of a class are in all three rankings")
        .panels(3)
        .marks(2, ["heatmap"])
        .column("hidden1.post", "mean.logit_gradient", ["0", "1", "0", "-2"])
        .column("hidden1.post", "rank.activation", ["1", "1", "", ""])
        .column("hidden1.post", "rank.loss_gradient", ["", "1", "1", ""])
        .column("hidden1.post", "rank.logit_gradient", ["1", "1", "", ""]);
}

#[test]
fn activation_drift() {
    let mut results = analysed(fixture::results(learned()), "activations", "model = \"m\", nodes = [\"hidden1.post\"]");
    // From 0, 0, 0.1, 0.1 in both units to 0, 1, 1, 2 and 0, 0, 0, 1.
    figure("activation_drift", "analyses = [\"a\"]", &results)
        .titled("M: how each layer drifts over training")
        .says("the spread grows most in layer 1 of m, 14 times")
        .marks(0, ["area", "line"])
        .column("", "epoch", ["0", "5"])
        .column("", "hidden1.post.mean", ["0.05000000074505806", "0.625"]);
    figure("activation_drift", "analyses = [\"a\"], by_class = true", &results)
        .panels(2)
        .titled("M: at the end the mean value in layer 1 is highest for same (0.75) and lowest for other (0.50)")
        .marks(0, ["line", "line"])
        .column("hidden1.post", "same.mean", ["0.05000000074505806", "0.75"])
        .column("hidden1.post", "other.mean", ["0.05000000074505806", "0.5"]);
    analyse(&mut results, "b", "activations", "model = \"m\", nodes = [\"hidden1.post\"], epochs = { every = 5 }");
    figure("activation_drift", "analyses = [\"a\", \"b\"]", &results).panels(2).marks(1, ["line", "line"]);
}

/// Samples of seven classes, one feature each, to which two units answer the more the later their class.
fn seven_classes() -> Trained {
    let data = Dataset {
        x: ndarray::Array2::from_shape_fn((7, 1), |(i, _)| i as f32).into(),
        shape: vec![1],
        y: Targets::Classes { labels: (0..7).collect(), names: (0..7).map(|class| class.to_string()).collect() },
        feature_names: vec!["x".into()],
        truth: None,
    };
    let layers = vec![Linear::new(2).into(), Relu {}.into(), Linear::new(7).into()];
    let logits = [[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [0.0; 7], [0.0, -0.5, -2.0, -4.5, -8.0, -12.5, -18.0]];
    model(data, Loss::CrossEntropy, layers, &[&[1.0, 0.5, 0.0, 0.0], logits.as_flattened()].concat())
}

#[test]
fn of_many_classes_those_of_the_headline_stand_out_and_all_are_named_at_their_ends() {
    let standing_out = |drawn: &Drawn| -> Vec<Vec<String>> {
        let panels = drawn.0.figure.panels.iter();
        let bold = |panel: &rendering::Panel| {
            assert_eq!((panel.ends.len(), panel.marks.iter().flat_map(|mark| mark.keys()).count() < 7), (7, true));
            panel.ends.iter().filter(|end| end.bold).map(|end| end.label.clone()).collect()
        };
        panels.map(bold).collect()
    };
    let results =
        analysed(fixture::results(seven_classes()), "activations", "model = \"m\", nodes = [\"hidden1.post\"]");
    let drift = figure("activation_drift", "analyses = [\"a\"], by_class = true", &results)
        .titled("M: at the end the mean value in layer 1 is highest for class 6 (4.5) and lowest for class 0 (0)")
        .says("Each line is named at its end; those of the headline are thick and in their colours")
        .column("hidden1.post", "6.mean", ["4.5"])
        .column("hidden1.post", "0.mean", ["0"]);
    assert_eq!(standing_out(&drift), [["0", "6"], ["0", "6"]]);
    let fields = "model = \"m\", unit = \"hidden1.post[0]\", scales = [0, 2], steps = 2";
    let results = analysed(fixture::results(seven_classes()), "neuron", fields);
    let scaling = figure("neuron_scaling", "analysis = \"a\"", &results)
        .titled("Without hidden1.post[0], the accuracy of class 1 falls from 100% to 0.0%");
    assert_eq!(standing_out(&scaling), [["1"], ["1"]]);
}

#[test]
fn activation_histograms() {
    let results = analysed(fixture::results(learned()), "activations", "model = \"m\"");
    figure("activation_histograms", "analysis = \"a\"", &results)
        .titled("M: the values in each layer over training")
        .below_title("epochs 0 and 5; 4 training samples")
        .panels(3)
        .panel_titles(1, ["Layer 1: 50.0% zeros at first, 50.0% at last"])
        .marks(1, ["line", "line"]);
    figure("activation_histograms", "analysis = \"a\", class = \"same\", nodes = [\"logits\"], epochs = [5]", &results)
        .below_title("epochs 5; 2 training samples of same")
        .marks(0, ["line"]);
}

#[test]
fn unit_health() {
    let results = analysed(fixture::results(solved()), "activations", "model = \"m\"");
    figure("unit_health", "analyses = [\"a\"]", &results)
        .titled("Dead units at the end: none in m")
        .below_title(
            "4 training samples. Dead: zero on every sample; saturated: on the flat part of the activation on at least 95.0% of them",
        )
        .panels(3)
        .column("", "epoch", ["0"])
        .column("", "hidden1.post.zeros", ["0.5"]);
    let curved = vec![Linear::new(2).into(), Sigmoid {}.into(), Linear::new(2).into()];
    let curved = fixture::classified(curved, solved().fit.model.parameters.values());
    let results = analysed(fixture::results(curved), "activations", "model = \"m\"");
    figure("unit_health", "analyses = [\"a\"]", &results)
        .below_title("4 training samples. Saturated: on the flat part of the activation on at least 95.0% of them")
        .says("no value of these activations is exactly zero, so that no unit can be dead")
        .column("", "hidden1.post.zeros", ["0"]);
    let results = analysed(fixture::results(solved()), "activations", "model = \"m\"");
    figure("unit_health", "analyses = [\"a\"]", &results).says("dead units, which are exactly zero on every sample");
    // A bias of −9 keeps the second unit at zero.
    let mut dead = solved();
    dead.fit.model.parameters.values_mut()[5] = -9.0;
    let results = analysed(fixture::results(dead), "activations", "model = \"m\"");
    figure("unit_health", "analyses = [\"a\"]", &results)
        .titled("Dead units at the end: 1 of 2 in m")
        .marks(1, ["line"])
        .column("", "hidden1.post.dead units", ["1"])
        .column("", "hidden1.post.saturated units", ["1"]);
}

#[test]
fn unit_heatmap() {
    let results = analysed(fixture::results(learned()), "activations", "model = \"m\", nodes = [\"hidden1.post\"]");
    figure("unit_heatmap", "analysis = \"a\"", &results)
        .titled("M: the mean value of every unit over training")
        .marks(0, ["heatmap"])
        .array("hidden1.post", &[2, 2], [0.05, 1.0, 0.05, 0.25]);
    figure("unit_heatmap", "analysis = \"a\", against = \"classes\"", &results)
        .titled("M: which unit answers to which class after 5 epochs")
        .below_title("4 training samples; dark: close to zero")
        .array("hidden1.post", &[2, 2], [1.0, 0.5, 1.0, 0.0]);
    // Before activation there are negative means: on that map white is zero, after it dark.
    let mut dead = solved();
    dead.fit.model.parameters.values_mut()[5] = -9.0;
    let nodes = "model = \"m\", nodes = [\"hidden1.pre\", \"hidden1.post\"]";
    let results = analysed(fixture::results(dead), "activations", nodes);
    figure("unit_heatmap", "analysis = \"a\", against = \"classes\"", &results)
        .below_title("4 training samples; close to zero: white beside red and blue, dark elsewhere");
}

#[test]
fn network() {
    let fields = "model = \"m\", input = [0, 1], snapshots = \"all\"";
    let results = analysed(fixture::results(learned()), "network", fields);
    figure("network", "analysis = \"a\"", &results)
        .titled("M after 5 epochs answers (0, 1) with 0.50 and 1.00")
        .marks(0, ["together", "together"])
        .column("", "layer", ["x", "x", "hidden1", "hidden1", "output", "output"])
        .column("", "z", ["", "", "1", "0", "0.5", "1"])
        .column("", "a", ["0", "1", "1", "0", "0.5", "1"])
        .column("weights", "weight", ["1", "1", "1", "1", "0", "1", "0", "-2"]);
    figure("network", "analysis = \"a\", epoch = 0", &results)
        .titled("M after 0 epochs answers (0, 1) with 0.50 and 0.00");
    figure("network", "analysis = \"a\", animate = {}", &results)
        .frames(["epoch 0", "epoch 5"])
        .moments(["answers (0, 1) with 0.50 and 0.00", "answers (0, 1) with 0.50 and 1.00"]);
    // The corners of the square around the corners: ReLU(x₁ + x₂) and ReLU(x₁ + x₂ − 1) there, in single precision.
    let fields = "model = \"m\", input = [0, 1], resolution = 2";
    let results = analysed(fixture::results(learned()), "network", fields);
    figure("network", "analysis = \"a\"", &results)
        .says("x1 from −0.08 to 1.08 to the right")
        .array("x.map", &[2, 2, 2], [-0.08, 1.08, -0.08, 1.08, -0.08, -0.08, 1.08, 1.08])
        .array("hidden1.map", &[2, 2, 2], [0.0, 1.0, 1.0, 2.16, 0.0, 4.4703484e-8, 0.0, 1.1600001]);
}

#[test]
fn a_class_without_samples_has_no_row_and_the_caption_names_it() {
    let mut trained = seven_classes();
    let mut data = trained.data.train.clone();
    let Targets::Classes { labels, .. } = &mut data.y else { panic!("classes") };
    *labels = vec![0, 1, 2, 3, 4, 4, 6];
    trained.data = Arc::new(Splits::undivided(data));
    let model = "model = \"m\"";
    let unit = format!("{model}, unit = \"hidden1.post[0]\", scales = [0, 2], steps = 2");
    let nodes = format!("{model}, nodes = [\"hidden1.post\"]");
    for (analysis, fields, figures) in [
        ("neuron", unit.as_str(), &["neuron_scaling", "neuron_confusion"][..]),
        ("selectivity", &nodes, &["selectivity"]),
        ("unit_ranking", &nodes, &["unit_ranking"]),
        ("ablation", model, &["ablation"]),
        ("unit_cards", &format!("{model}, units = \"hidden1.post\""), &["unit_cards"]),
        ("activations", &nodes, &["activation_drift", "unit_heatmap"]),
    ] {
        let results = analysed(fixture::results(trained.clone()), analysis, fields);
        for kind in figures {
            let fields = match *kind {
                "activation_drift" => "analyses = [\"a\"], by_class = true",
                "unit_heatmap" => "analysis = \"a\", against = \"classes\"",
                _ => "analysis = \"a\"",
            };
            let drawn = figure(kind, fields, &results).says("There are no training samples of class 5.");
            // Scores and predictions have all classes, and so have the counts of a confusion matrix.
            let all = |head: &str| head.starts_with("mean.logit") || head.starts_with("predicted");
            for table in drawn.0.tables.iter().filter(|_| *kind != "neuron_confusion") {
                for (head, column) in table.columns.iter().filter(|(head, _)| !all(head)) {
                    assert_ne!(head, "accuracy.5", "{kind}");
                    assert_ne!(head, "5.mean", "{kind}");
                    for row in 0..column.len() {
                        assert!(head != "class" || column.cell(row) != "5", "{kind}: row {row} of {head}");
                    }
                }
            }
            assert!(drawn.0.arrays.iter().all(|array| array.values.iter().all(|v| v.is_finite())), "{kind}");
        }
    }
}
